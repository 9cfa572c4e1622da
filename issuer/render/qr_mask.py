"""Which of the eight data masks a QR symbol gets: the one of least penalty (ISO/IEC 18004:2015, 7.8.3).

The symbol comes in under mask 0 and goes out under the best mask. All eight candidates are scored at once: each
module is one byte, bit k of it is the module under mask k, so a rule costs a few byte operations instead of eight
passes. That is where the time of a QR writer goes; see specs/decisions/0005-qr-writer.md.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Modules = NDArray[np.uint8]
"""Square matrix, one module an item: 1 dark, 0 light."""

ADJACENT: Final = 3  # N1, and 1 more for each module past five of one colour
BLOCK: Final = 3  # N2
FINDER_LIKE: Final = 40  # N3
BALANCE: Final = 10  # N4, for each full 5 % away from half dark

_BITS: Final = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.int64)


def best_mask(unmasked: Modules, differences: Modules) -> int:
    """The mask (0 to 7) with the least penalty; the lowest number among equals.

    `unmasked` is the symbol under mask 0; bit k of `differences` tells where mask k differs from mask 0.
    """
    candidates = np.where(unmasked != 0, np.uint8(0xFF), np.uint8(0)) ^ differences
    penalty = _runs(candidates) + _runs(candidates.T) + BLOCK * _count(_blocks(candidates))
    penalty += FINDER_LIKE * (_count(_finders(candidates)) + _count(_finders(candidates.T)))
    penalty += BALANCE * _imbalance(candidates)
    return int(np.argmin(penalty))


def _count(flags: Modules) -> NDArray[np.int64]:
    """How many items have bit k set, for each k."""
    return np.bincount(flags.ravel(), minlength=256).astype(np.int64) @ _BITS


def _runs(c: Modules) -> NDArray[np.int64]:
    """N1 along rows: a run of n >= 5 costs n - 2, which is (n - 4 windows of five) + 2."""
    same = ~(c[:, 1:] ^ c[:, :-1])
    five = same[:, 3:] & same[:, 2:-1] & same[:, 1:-2] & same[:, :-3]
    starts = five.copy()
    starts[:, 1:] &= ~five[:, :-1]
    return _count(five) + (ADJACENT - 1) * _count(starts)


def _blocks(c: Modules) -> Modules:
    """N2: 2 x 2 modules of one colour."""
    a, b, d, e = c[:-1, :-1], c[:-1, 1:], c[1:, :-1], c[1:, 1:]
    return (a & b & d & e) | ~(a | b | d | e)


def _finders(c: Modules) -> Modules:
    """N3 along rows: dark-light-dark-dark-dark-light-dark with four light modules before or behind it."""
    n = c.shape[1] - 10
    w = [c[:, i : i + n] for i in range(11)]
    ahead = ~(w[0] | w[1] | w[2] | w[3] | w[5] | w[9]) & w[4] & w[6] & w[7] & w[8] & w[10]
    behind = ~(w[10] | w[9] | w[8] | w[7] | w[5] | w[1]) & w[6] & w[4] & w[3] & w[2] & w[0]
    # the two cannot both hold at one place: w[0] is light in the one and dark in the other
    return ahead | behind


def _imbalance(c: Modules) -> NDArray[np.int64]:
    """N4: full steps of 5 % between the share of dark modules and one half."""
    return np.abs(2 * _count(c) - c.size) * 10 // c.size
