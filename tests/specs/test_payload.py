"""The payload we issue: deterministic, valid under the schema, and nothing that cannot be encoded can be made."""

import datetime as dt
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import cbor2
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.payload import DccPayload, PersonName, Vaccination, encode_payload
from specs.uvci import is_ours, uvci

DOSE = Vaccination(
    disease="840539006",
    prophylaxis="1119349007",
    product="EU/1/20/1528",
    manufacturer="ORG-100030215",
    dose_number=2,
    total_doses=2,
    date=dt.date(2021, 11, 5),
    country="VN",
    issuer="MOH",
    uvci=uvci(bytes(range(16))),
)
NAME = PersonName("Nguyễn", "Thị Ví Dụ", "NGUYEN", "THI<VI<DU")
PAYLOAD = DccPayload(NAME, "1990-04-15", DOSE)

letters = st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo")), min_size=1, max_size=80)


def test_as_it_stands_on_the_wire() -> None:
    written = encode_payload(PAYLOAD)
    assert cbor2.dumps(cbor2.loads(written), canonical=True) == written
    assert cbor2.loads(written) == {
        "ver": "1.3.0",
        "dob": "1990-04-15",
        "nam": {"fn": "Nguyễn", "gn": "Thị Ví Dụ", "fnt": "NGUYEN", "gnt": "THI<VI<DU"},
        "v": [
            {
                "ci": "URN:UVCI:01:VN:000102030405060708090A0B0C0D0E0F",
                "co": "VN",
                "dn": 2,
                "dt": "2021-11-05",
                "is": "MOH",
                "ma": "ORG-100030215",
                "mp": "EU/1/20/1528",
                "sd": 2,
                "tg": "840539006",
                "vp": "1119349007",
            }
        ],
    }


def test_a_one_word_name_stands_in_the_family_name_alone() -> None:
    written = cbor2.loads(encode_payload(replace(PAYLOAD, name=PersonName("Thưr", None, "THUR", None))))
    assert written["nam"] == {"fn": "Thưr", "fnt": "THUR"}


@pytest.mark.parametrize("birth_date", ["1950", "1950-02", "2020-02-29", "1900-01-01", "2099-12-31"])
def test_birth_dates_as_precise_as_they_are_known(birth_date: str) -> None:
    assert cbor2.loads(encode_payload(replace(PAYLOAD, birth_date=birth_date)))["dob"] == birth_date


@pytest.mark.parametrize(
    "birth_date",
    [
        "",
        "50",
        "1950-13",
        "1950-00",
        "2021-02-29",
        "2021-2-3",
        "1950-01-01T00:00",
        "1899-12-31",
        "1950-1",
        "19５0",
        " 1950",
    ],
)
def test_birth_dates_that_do_not_exist(birth_date: str) -> None:
    with pytest.raises(ValueError, match="birth date"):
        replace(PAYLOAD, birth_date=birth_date)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(("", "B", "A", "B"), id="empty"),
        pytest.param(("A" * 81, "B", "A", "B"), id="81 characters"),
        pytest.param(("Nguye\u0302\u0303n", "B", "NGUYEN", "B"), id="NFD"),
        pytest.param(("A\u202eB", "B", "A", "B"), id="a right-to-left override"),
        pytest.param(("A\u200bB", "B", "A", "B"), id="a zero-width space"),
        pytest.param(("A\nB", "B", "A", "B"), id="a line break"),
        pytest.param((" A", "B", "A", "B"), id="a blank in front"),
        pytest.param(("A", "B", "Nguyen", "B"), id="lower case where ICAO letters stand"),
        pytest.param(("A", "B", "NGUYỄN", "B"), id="marks where ICAO letters stand"),
        pytest.param(("A", "B", "A", None), id="given names in one form only"),
        pytest.param(("A", None, "A", "B"), id="given names in the other form only"),
    ],
)
def test_names_that_cannot_be_issued(name: tuple[str, str | None, str, str | None]) -> None:
    with pytest.raises(ValueError, match="name"):
        PersonName(*name)


@pytest.mark.parametrize(
    "change",
    [
        {"dose_number": 0},
        {"total_doses": 0},
        {"country": "VNM"},
        {"uvci": "URN:UVCI:01:VN:abc"},
        {"product": ""},
        {"issuer": "x" * 81},
    ],
    ids=str,
)
def test_doses_that_cannot_be_issued(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        replace(DOSE, **change)  # type: ignore[arg-type]


def test_no_personal_data_in_the_repr() -> None:
    assert "Nguyễn" not in repr(PAYLOAD)
    assert "1990" not in repr(PAYLOAD)


@given(st.binary(min_size=16, max_size=16))
def test_a_uvci_is_ours_and_says_nothing_but_its_random_bytes(random: bytes) -> None:
    identifier = uvci(random)
    assert is_ours(identifier)
    assert bytes.fromhex(identifier.rpartition(":")[2]) == random


@given(
    family=letters,
    given_names=st.none() | letters,
    dose=st.builds(
        replace,
        st.just(DOSE),
        dose_number=st.integers(1, 9),
        total_doses=st.integers(1, 9),
        date=st.dates(dt.date(2021, 1, 1), dt.date(2030, 1, 1)),
    ),
)
def test_whatever_can_be_made_reads_back_as_it_was(family: str, given_names: str | None, dose: Vaccination) -> None:
    family = unicodedata.normalize("NFC", family)[:80]
    given_names = given_names and unicodedata.normalize("NFC", given_names)[:80]
    name = PersonName(family, given_names, "FAMILY", None if given_names is None else "GIVEN")
    read = cbor2.loads(encode_payload(DccPayload(name, "1990", dose)))
    assert (read["nam"]["fn"], read["nam"].get("gn")) == (family, given_names)
    assert (read["v"][0]["dn"], read["v"][0]["sd"], read["v"][0]["dt"]) == (
        dose.dose_number,
        dose.total_doses,
        dose.date.isoformat(),
    )


@pytest.mark.parametrize("version", ["1.3.0", "1.3.1", "1.3.2", "1.3.3"])
def test_valid_under_the_published_schemas(vectors: Path, version: str) -> None:
    schema = json.loads((vectors / "dcc-schema" / f"{version}.json").read_text())
    for payload in (PAYLOAD, replace(PAYLOAD, name=PersonName("Thưr", None, "THUR", None), birth_date="1950")):
        jsonschema.validate(cbor2.loads(encode_payload(payload)), schema)
