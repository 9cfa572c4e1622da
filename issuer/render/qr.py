"""A signed certificate's text as a QR symbol: modules, PNG or SVG.

In: the HC1 text. Out: a symbol in one alphanumeric segment at error correction level Q, as `specs/certificate.md`
demands of issuers, with a quiet zone of four modules. Refused: a text outside the alphanumeric set, or too long to
print at a readable module size.

zxing-cpp writes the symbol and this module picks the mask, reads level, mode and length back from the modules
themselves and never trusts the writer's word: zxing-cpp silently ignores options it does not know, and it mixes
numeric segments in where that saves space. Such a text (a few in a million) is written by `qrcode` instead, which
can be told the mode. Why so: specs/decisions/0005-qr-writer.md.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import zxingcpp
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode
from qrcode.util import QRData

from issuer.errors import Code, IssuerError
from issuer.render.qr_mask import Modules, best_mask

QUIET_ZONE: Final = 4
"""Light modules on every side (ISO/IEC 18004, 5.3.8)."""

MAX_VERSION: Final = 26
"""121 modules: at 57 mm still 0.47 mm a module. Holds 1,094 characters at level Q; ours are about 500, PS256's 830."""

_TEXT: Final = re.compile(r"HC1:[0-9A-Z $%*+\-./:]+")
_LEVEL_Q: Final = 0b11
_ALPHANUMERIC: Final = 2
_BLOCKS_Q: Final = (1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34)
"""Error correction blocks of versions 1 to 26 at level Q (ISO/IEC 18004, table 9)."""


@dataclass(frozen=True, slots=True, repr=False)
class Symbol:
    """A QR symbol without its quiet zone."""

    modules: Modules

    @property
    def size(self) -> int:
        """Modules on a side."""
        return int(self.modules.shape[0])

    @property
    def version(self) -> int:
        """1 to 40."""
        return (self.size - 17) // 4


def encode(text: str) -> Symbol:
    """The symbol of `text`. Raises `IssuerError`: QR_TEXT, QR_TOO_LONG or QR_SYMBOL."""
    if not _TEXT.fullmatch(text):
        raise IssuerError(Code.QR_TEXT, f"{len(text)} characters")
    symbol = _written_by_zxing(text)
    if _header(symbol) != (_LEVEL_Q, _ALPHANUMERIC, len(text)):
        symbol = _written_by_qrcode(text)
    if _header(symbol) != (_LEVEL_Q, _ALPHANUMERIC, len(text)):
        raise IssuerError(Code.QR_SYMBOL, f"version {symbol.version}, {len(text)} characters")
    return symbol


def render_png(text: str, *, scale: int = 6) -> bytes:
    """The symbol of `text` with its quiet zone as a 1-bit PNG, `scale` pixels a module. Raises `IssuerError`."""
    light = np.pad(encode(text).modules == 0, QUIET_ZONE, constant_values=True)
    side = light.shape[0] * scale
    packed = np.packbits(np.repeat(light, scale, axis=1), axis=1)
    # Each line of a module but the first is stored as "same as above" (filter 2 over zeros).
    lines = np.zeros((side, 1 + packed.shape[1]), np.uint8)
    lines[:, 0] = 2
    lines[::scale, 0] = 0
    lines[::scale, 1:] = packed
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    )


def render_svg(text: str) -> bytes:
    """The symbol of `text` with its quiet zone as SVG, one unit a module, no size of its own. Raises `IssuerError`."""
    return svg_of(encode(text))


def svg_of(symbol: Symbol) -> bytes:
    """`symbol` with its quiet zone: one white square, one black path, so that no renderer shows seams."""
    padded = np.pad(symbol.modules, QUIET_ZONE).astype(np.int8)
    side = padded.shape[0]
    edges = np.diff(padded, axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    runs = zip(rows.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True)
    path = "".join([f"M{x + 1} {y}h{n}v1h-{n}z" for y, x, n in runs])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    ).encode()


def _written_by_zxing(text: str) -> Symbol:
    modules = _zxing(text, mask=0)
    differences = _mask_differences(modules.shape[0])
    mask = best_mask(modules, differences)
    return Symbol(modules ^ ((differences >> np.uint8(mask)) & np.uint8(1)))


def _zxing(text: str, *, mask: int) -> Modules:
    try:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q", data_mask=mask)
    except (ValueError, RuntimeError) as error:
        raise IssuerError(Code.QR_TOO_LONG, f"{len(text)} characters") from error
    modules = _modules_of(barcode)
    if modules.shape[0] > 17 + 4 * MAX_VERSION:
        raise IssuerError(Code.QR_TOO_LONG, f"{len(text)} characters, {modules.shape[0]} modules")
    return modules


def _modules_of(barcode: zxingcpp.Barcode) -> Modules:
    dark: Modules = np.equal(np.asarray(barcode.to_image(scale=1, add_quiet_zones=False)), 0).astype(np.uint8)
    return dark


@lru_cache(maxsize=40)
def _mask_differences(size: int) -> Modules:
    """Bit k tells where mask k differs from mask 0, format information included: the same for every text of a size."""
    version = (size - 17) // 4
    options = {"ec_level": "Q", "version": version}
    probes = [
        _modules_of(zxingcpp.create_barcode("HC1:", zxingcpp.BarcodeFormat.QRCode, data_mask=mask, **options))
        for mask in range(8)
    ]
    differences = np.zeros_like(probes[0])
    for mask, probe in enumerate(probes):
        differences |= (probe ^ probes[0]) << np.uint8(mask)
    return differences


def _written_by_qrcode(text: str) -> Symbol:
    code: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(QRData(text, mode=_ALPHANUMERIC), optimize=0)
    code.make(fit=True)
    return Symbol(np.array(code.get_matrix(), dtype=np.uint8))


def _header(symbol: Symbol) -> tuple[int, int, int]:
    """Level bits, mode and character count of the first segment, read from the modules as a reader would."""
    m, n = symbol.modules, symbol.size
    level = (int(m[8, 0]) << 1 | int(m[8, 1])) ^ 0b10
    mask = (int(m[8, 2]) << 2 | int(m[8, 3]) << 1 | int(m[8, 4])) ^ 0b101
    blocks = _BLOCKS_Q[symbol.version - 1]
    width = 9 if symbol.version < 10 else 11
    bits = 0
    for k in range(4 + width):
        # Codewords of the blocks are interleaved: the second of the first block stands behind the first of all.
        pair, within = divmod(k % 8 + 8 * blocks * (k // 8), 2 * (n - 9))
        row = 9 + within // 2 if pair % 2 else n - 1 - within // 2
        column = n - 1 - 2 * pair - within % 2
        bits = bits << 1 | int(m[row, column]) ^ _mask_bit(mask, row, column)
    return level, bits >> width, bits & ((1 << width) - 1)


def _mask_bit(mask: int, i: int, j: int) -> int:
    """Whether `mask` inverts the module of row `i` and column `j` (ISO/IEC 18004, table 10)."""
    remainder = (
        (i + j) % 2,
        i % 2,
        j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3,
        (i * j % 2 + i * j % 3) % 2,
        ((i + j) % 2 + i * j % 3) % 2,
    )[mask]
    return int(remainder == 0)
