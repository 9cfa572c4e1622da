"""Coverage-guided fuzzing of everything between a code's text and its verdict, with atheris.

    pip install atheris
    python tests/fuzz/fuzz_decode.py -max_len=1200 -runs=10000000 corpus/

The first byte of an input says at which layer the rest enters. What counts as a find is any exception at all, and any
input that is called valid though nobody signed it.
"""

import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

try:
    import atheris
except ImportError:
    raise SystemExit("atheris is not installed: pip install atheris") from None

with atheris.instrument_imports(include=["specs", "verifier"]):
    from specs.verdicts import Outcome
    from tests.faults import NOW, Recipe, b45encode, trust
    from verifier.check import check
    from verifier.request import Request

TRUST = trust()
SIGNED = check(Request(text=Recipe().certificate(), at=NOW), TRUST, now=NOW).certificate
LAYERS = (
    lambda data: data.decode("utf-8", "surrogateescape"),
    lambda data: "HC1:" + data.decode("latin-1"),
    lambda data: "HC1:" + b45encode(data),
    lambda data: "HC1:" + b45encode(zlib.compress(data, 0)),
    lambda data: Recipe(payload=data, signature=lambda _: bytes(64)).certificate(),
)


def test_one_input(data: bytes) -> None:
    """What atheris calls: one input, at the layer that its first byte names."""
    if not data:
        return
    text = LAYERS[data[0] % len(LAYERS)](data[1:])
    verdict = check(Request(text=text, at=NOW), TRUST, now=NOW)
    if verdict.outcome is Outcome.VALID and verdict.certificate != SIGNED:
        raise AssertionError("accepted what nobody signed")


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
