"""The claims: strict on the way out, tolerant of real issuers on the way in, and the national claim."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs import cwt
from specs.errors import WireError
from specs.id_binding import Binding
from specs.national_claim import HCERT_KEY, STATUS_INDEX_LIMIT, NationalClaim
from specs.verdicts import Reason

IAT, EXP = 1_640_000_000, 1_671_536_000
NATIONAL = NationalClaim(Binding(1, 3, 0xABC), 70_000)
DCC = {"ver": "1.3.0"}


def claims(**changes: object) -> bytes:
    """The claims map as a foreign issuer might write it: label `c4` is claim 4, `None` leaves it out."""
    base: dict[int, object] = {1: "AT", 4: EXP, 6: IAT, -260: {1: DCC}}
    for name, value in changes.items():
        base[-260 if name == "hcert" else int(name.removeprefix("c"))] = value
    return cbor2.dumps({label: value for label, value in base.items() if value is not None})


def test_what_we_write_is_deterministic_and_read_back() -> None:
    written = cwt.encode_claims("VN", IAT, EXP, cbor2.dumps(DCC), NATIONAL)
    assert cbor2.dumps(cbor2.loads(written), canonical=True) == written
    assert cwt.decode_claims(written) == cwt.Claims("VN", IAT, EXP, DCC, NATIONAL.to_bytes())


def test_the_national_claim_takes_eight_bytes_in_all() -> None:
    written = cwt.encode_claims("VN", IAT, EXP, cbor2.dumps(DCC), NATIONAL)
    without = cbor2.dumps({1: "VN", 4: EXP, 6: IAT, -260: {1: DCC}}, canonical=True)
    assert len(written) - len(without) == 8


TOLERATED = {
    "whole floats (Hungary)": claims(c4=float(EXP), c6=float(IAT)),
    "tag 1 around the times": claims(c4=cbor2.CBORTag(1, EXP), c6=cbor2.CBORTag(1, float(IAT))),
    "an issuer that is a sentence": claims(c1="Ministry of Something"),
    "no issuer": claims(c1=None),
    "unknown claims": claims(c7=b"id", c2="subject"),
    "unknown keys in hcert": claims(hcert={1: DCC, 5: "vhlink:/", -6: {}}),
}


@pytest.mark.parametrize("payload", TOLERATED.values(), ids=TOLERATED.keys())
def test_tolerated(payload: bytes) -> None:
    read = cwt.decode_claims(payload)
    assert (read.issued_at, read.expires_at, read.dcc, read.national) == (IAT, EXP, DCC, None)


MALFORMED = {
    "no map": cbor2.dumps([1]),
    "no hcert": claims(hcert=None),
    "an empty hcert": claims(hcert={}),
    "an hcert that is a list": claims(hcert=[DCC]),
    "a DCC that is a text": claims(hcert={1: "DCC"}),
    "an issuer that is a number": claims(c1=84),
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed(payload: bytes) -> None:
    with pytest.raises(WireError) as refusal:
        cwt.decode_claims(payload)
    assert refusal.value.reason is Reason.CLAIMS_MALFORMED


NO_TIMES = {
    "absent": None,
    "a fraction": EXP + 0.5,
    "infinite": float("inf"),
    "not a number": float("nan"),
    "true": True,
    "a text": str(EXP),
    "negative": -1,
    "the year 2242": 1 << 33,
    "after the year 9999, which no datetime holds": 253_402_300_800,
}


@pytest.mark.parametrize("value", NO_TIMES.values(), ids=NO_TIMES.keys())
def test_what_is_no_time_is_left_for_the_step_that_checks_times(value: object) -> None:
    assert cwt.decode_claims(claims(c4=value)).expires_at is None
    assert cwt.decode_claims(claims(c6=value)).issued_at is None


@pytest.mark.parametrize("key", [3, 4, 5, -6, HCERT_KEY])
def test_a_certificate_of_another_kind_is_not_supported_rather_than_forged(key: int) -> None:
    with pytest.raises(WireError) as refusal:
        cwt.decode_claims(claims(hcert={key: {"n": "name"}}))
    assert refusal.value.reason is Reason.NOT_SUPPORTED


@pytest.mark.parametrize("value", [b"", bytes(5), bytes(7), "123456", [1], None])
def test_a_national_claim_of_another_form_is_malformed_in_ours_and_nobodys_business_elsewhere(value: object) -> None:
    hcert = {1: DCC, HCERT_KEY: value}
    with pytest.raises(WireError) as refusal:
        cwt.decode_claims(claims(c1="VN", hcert=hcert))
    assert refusal.value.reason is Reason.CLAIMS_MALFORMED
    assert cwt.decode_claims(claims(c1="AT", hcert=hcert)).national is None


@given(st.integers(0, 15), st.integers(0, 255), st.integers(0, 4095), st.integers(0, STATUS_INDEX_LIMIT - 1))
def test_the_national_claim_round_trip(version: int, epoch: int, tag: int, index: int) -> None:
    claim = NationalClaim(Binding(version, epoch, tag), index)
    assert NationalClaim.from_claim(claim.to_bytes()) == claim
