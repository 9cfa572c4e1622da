"""Row -> bundle -> row: nothing is lost, re-ordered or repaired on the way, and cleaning sees the same cells."""

import json

from hypothesis import given
from hypothesis import strategies as st

from issuer.fhir.bundle import KINDS, read_bundle
from specs.products import products
from tests.fhir_bundles import bundle, cells, data, patient, row_of, system_of

# letters, marks (also loose ones, as in NFD), digits, blanks and punctuation of any script; no controls, no surrogates
_TEXT = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=60).filter(str.strip)
_DAY = st.dates().map(str)
_DATE = _DAY | _DAY.map(lambda day: day[:7]) | _DAY.map(lambda day: day[:4])
_DIGITS = st.sampled_from("0123456789")
_NUMBER = (
    st.text(_DIGITS, min_size=12, max_size=12)
    | st.text(_DIGITS, min_size=9, max_size=9)
    | st.from_regex(r"[A-Z][0-9]{7}", fullmatch=True)
    | st.just("")
)
_ROW = st.fixed_dictionaries(
    {
        "full_name": _TEXT | st.just(""),
        "id_number": _NUMBER,
        "birth_date": _DATE | st.just(""),
        "sex": st.sampled_from(["male", "female", "other", ""]),
        "phone": _TEXT | st.just(""),
        "nationality": st.sampled_from(["", "VN", "DE", "LAO"]),
        "commune": _TEXT | st.just(""),
        "address": _TEXT | st.just(""),
        "vaccinated_on": _DATE | st.just(""),
        "vaccine": st.sampled_from([*products(), ""]),
        "dose_number": st.integers(1, 2**31 - 1) | st.just(""),
        "dose_role": _TEXT | st.just(""),
        "lot": _TEXT | st.just(""),
        "facility_name": _TEXT | st.just(""),
        "facility_code": _TEXT,
    }
)
_KIND = {"urn:ho-chieu-vac-xin:id:cccd": "cccd", "urn:ho-chieu-vac-xin:id:cmnd": "cmnd"}


def id_kind(number: object) -> str:
    return _KIND.get(system_of(str(number)), "passport") if number else ""


@given(rows=st.lists(_ROW, min_size=1, max_size=4), kind=st.sampled_from(KINDS), spaced=st.booleans())
def test_rows_come_back_as_they_went(rows: list[dict[str, str | int]], kind: str, spaced: bool) -> None:
    sent = bundle(*rows, kind=kind)
    text = json.dumps(sent, ensure_ascii=True, indent=3).encode() if spaced else data(sent)
    read = read_bundle(text)
    assert [row_of(entry.cells) for entry in read.doses] == [
        row | {"id_kind": id_kind(row["id_number"])} for row in rows
    ]
    assert [entry.number for entry in read.doses] == [2 * at + 2 for at in range(len(rows))]
    for at, entry in enumerate(read.doses):
        kept = json.loads(str(entry.cells[-1]))
        assert kept == {"Immunization": sent["entry"][2 * at + 1]["resource"], "Patient": patient(rows[at])}


@given(name=_TEXT)
def test_a_name_is_never_changed(name: str) -> None:
    assert row_of(read_bundle(data(bundle(cells(full_name=name)))).doses[0].cells)["full_name"] == name
