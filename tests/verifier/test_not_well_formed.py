"""CBOR that is not well formed: RFC 8949 appendix F by kind, and every truncation of a well-formed item. All refused,
as the payload, the protected header and the unprotected header of an envelope."""

from itertools import chain

import cbor2
import pytest

from specs import cbor
from specs.errors import WireError
from specs.verdicts import MEANINGS, Outcome, Step
from tests.faults import DCC, NOW, Recipe, trust
from verifier.check import check
from verifier.request import Request

END_IN_HEAD = [f"{major << 5 | info:02x}{'00' * (size - 1)}"
               for major in range(7) for info, size in ((24, 1), (25, 2), (26, 4), (27, 8))]  # fmt: skip
END_IN_SIMPLE = ["f8", "f900", "fa0000", "fb000000"]
SHORT_STRINGS = ["41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00", "7b7fffffffffffffff010203"]
SHORT_CONTAINERS = ["81", "818181818181", "8200", "a1", "a20102", "a100", "a2000000", "9a00010000", "ba00010000"]
TAGS_OF_NOTHING = ["c0", "c1", "d800", "d83d", "d9d9f7"]
RESERVED_INFO = [f"{major << 5 | info:02x}" for major in range(8) for info in (28, 29, 30)]
RESERVED_SIMPLE = [f"f8{value:02x}" for value in (0x00, 0x01, 0x18, 0x1F)]
INDEFINITE_STRINGS = ["5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff", "5fe0ff", "7f4100ff",
                      "5f5f4100ffff", "7f7f6100ffff"]  # fmt: skip
BREAKS = ["ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff", "9f81ff", "9f829f819f9fffffffff"]
ODD_MAPS = ["bf00ff", "bf000000ff"]
INDEFINITE_NUMBERS = ["1f", "3f", "df"]
OPEN_ENDED = ["9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff", "9f819f819f9fffffff",
              "5f", "7f", "5f4100", "7f6100"]  # fmt: skip
ITEM = cbor2.dumps({1: "VN", 4: 1_800_000_000, 6: 1_700_000_000, -260: {1: DCC}})
TRUNCATED = [ITEM[:length].hex() for length in range(1, len(ITEM), 4)]

NOT_WELL_FORMED = list(dict.fromkeys(chain(
    END_IN_HEAD, END_IN_SIMPLE, SHORT_STRINGS, SHORT_CONTAINERS, TAGS_OF_NOTHING, RESERVED_INFO, RESERVED_SIMPLE,
    INDEFINITE_STRINGS, BREAKS, ODD_MAPS, INDEFINITE_NUMBERS, OPEN_ENDED, TRUNCATED,
)))  # fmt: skip


def test_there_are_enough() -> None:
    assert len(NOT_WELL_FORMED) >= 120


@pytest.mark.parametrize("item", NOT_WELL_FORMED)
def test_refused(item: str) -> None:
    data = bytes.fromhex(item)
    with pytest.raises(WireError) as refusal:
        cbor.decode(data, tags=cbor.DATE_TAGS)
    assert MEANINGS[refusal.value.reason].step is Step.CBOR
    for recipe, step in (
        (Recipe(payload=data), Step.CBOR),
        (Recipe(protected=data), Step.COSE),
        (Recipe(unprotected=b"\xa1\x04" + data), Step.COSE),
        (Recipe(claims={-260: {1: DCC}}, unprotected=data), Step.COSE),
    ):
        verdict = check(Request(text=recipe.certificate(), at=NOW), trust(), now=NOW)
        assert verdict.outcome is Outcome.INVALID
        assert MEANINGS[verdict.reasons[0]].step is step
