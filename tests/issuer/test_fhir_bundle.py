"""The profile: what a bundle gives as rows, and every way in which it is refused (specs/fhir.md sections 2 to 5)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.clean.row import RowCleaner
from issuer.errors import Code, IssuerError
from issuer.fhir.bundle import COLUMNS, LAYOUT, read_bundle
from issuer.fhir.profile import CCCD, CMND, EU_PRODUCTS, PASSPORT, VACCINE
from issuer.reading.problems import Group, Problem
from specs.products import products
from tests.fhir_bundles import bundle, cells, data, row_of, uuid
from tests.fhir_cases import BUNDLE_CASES, ENTRY_CASES, TEXT_CASES, BundleCase, EntryCase

CANARY = "Trịnh Ca-na-ri 099999999999"


def changed(value: dict[str, Any], **resources: dict[str, Any]) -> dict[str, Any]:
    """A bundle with elements of its Patient (`patient`) and Immunization (`dose`) changed."""
    value["entry"][0]["resource"].update(resources.get("patient", {}))
    value["entry"][1]["resource"].update(resources.get("dose", {}))
    return value


def one_row(value: dict[str, Any]) -> dict[str, str | int]:
    """The cells of the bundle's one dose."""
    dose = read_bundle(data(value)).entries[1]
    assert dose.problem is None, dose
    return row_of(dose.cells)


@pytest.mark.parametrize("case", ENTRY_CASES, ids=lambda case: case.name)
def test_an_entry_is_refused_with_its_problem_and_place_and_keeps_its_json(case: EntryCase) -> None:
    value = bundle(cells(), cells(id_number="066050000021"))
    case.change(value["entry"][0]["resource"], value["entry"][1]["resource"])
    read = read_bundle(data(value))
    refused, neighbour = read.entries[1], read.entries[3]
    assert (refused.problem, refused.at) == (case.problem, case.at), case.why
    assert neighbour.problem is None
    assert case.problem.group is Group.ENTRY
    assert json.loads(str(refused.cells[-1]))["Immunization"] == value["entry"][1]["resource"]
    assert not any(row_of(refused.cells).values()), "nothing of a refused entry reaches cleaning but the refusal"
    row = RowCleaner(LAYOUT, "2022-06-01", "01001").clean(2, list(refused.cells))
    assert row.dose is None
    assert [(problem, raw) for problem, _, raw in row.problems] == [(case.problem, case.at)]


@pytest.mark.parametrize("case", ENTRY_CASES, ids=lambda case: case.name)
def test_a_transaction_with_it_is_refused(case: EntryCase) -> None:
    value = bundle(cells(), kind="transaction")
    assert not read_bundle(data(value)).is_refused
    case.change(value["entry"][0]["resource"], value["entry"][1]["resource"])
    assert read_bundle(data(value)).is_refused


@pytest.mark.parametrize("case", BUNDLE_CASES, ids=lambda case: case.name)
def test_a_bundle_is_refused_as_a_whole(case: BundleCase) -> None:
    value = bundle(cells())
    case.change(value)
    with pytest.raises(IssuerError) as refused:
        read_bundle(data(value))
    assert refused.value.code is case.code, case.why


@pytest.mark.parametrize(("name", "text", "code"), TEXT_CASES, ids=[case[0] for case in TEXT_CASES])
def test_text_is_refused(name: str, text: bytes, code: Any) -> None:
    with pytest.raises(IssuerError) as refused:
        read_bundle(text)
    assert refused.value.code is code, name


def test_every_problem_of_an_entry_has_a_case() -> None:
    assert {case.problem for case in ENTRY_CASES} == {one for one in Problem if one.group is Group.ENTRY}


def test_sixteen_levels_and_a_backslash_before_u_are_taken() -> None:
    value = changed(bundle(cells()), dose={"note": [{"text": "\\u0000 is written so"}]})
    value["meta"] = [[[[[[[[[[[[[[1]]]]]]]]]]]]]]
    assert read_bundle(data(value)).entries[1].problem is None


@pytest.mark.parametrize("kind", ["batch", "collection", "transaction"])
def test_every_kind_gives_the_same_rows(kind: str) -> None:
    assert one_row(bundle(cells(), kind=kind)) == cells() | {"id_kind": "cccd"}


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2021-08-15", "2021-08-15"),
        ("2021-08-15T16:59:59Z", "2021-08-15"),
        ("2021-08-15T17:00:00Z", "2021-08-16"),
        ("2021-08-15T00:30:00+07:00", "2021-08-15"),
        ("2021-08-15T23:30:00.123-05:00", "2021-08-16"),
        ("2021-12-31T20:00:00Z", "2022-01-01"),
        ("2021-08", "2021-08"),
        ("2021", "2021"),
        ("9999-12-31T23:59:59Z", "9999-12-31"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01"),
    ],
)
def test_the_day_is_the_day_in_vietnam(sent: str, day: str) -> None:
    assert one_row(changed(bundle(cells()), dose={"occurrenceDateTime": sent}))["vaccinated_on"] == day


@pytest.mark.parametrize("key", sorted(products()))
def test_every_product_by_its_key_and_by_its_certificate_code(key: str) -> None:
    assert one_row(bundle(cells(vaccine=key)))["vaccine"] == key
    code = products()[key].medicinal_product
    for system in sorted(EU_PRODUCTS) if code else ():
        coding = [{"system": "http://hl7.org/fhir/sid/cvx", "code": "210"}, {"system": system, "code": code}]
        sent = changed(bundle(cells()), dose={"vaccineCode": {"coding": coding}})
        assert one_row(sent)["vaccine"] == key


@pytest.mark.parametrize(
    ("coding", "problem"),
    [
        ([{"system": "http://hl7.org/fhir/sid/cvx", "code": "210"}], Problem.VACCINE_UNKNOWN),
        ([{"system": "http://snomed.info/sct", "code": "1119305005"}], Problem.VACCINE_UNKNOWN),
        ([{"system": VACCINE, "code": "AstraZeneca"}], Problem.VACCINE_UNKNOWN),
        ([{"code": "astrazeneca"}], Problem.VACCINE_UNKNOWN),
        ([{"system": "astra", "code": "zeneca"}], Problem.VACCINE_UNKNOWN),
        ([{"system": VACCINE, "code": "nanocovax"}], Problem.VACCINE_NOT_CERTIFIABLE),
    ],
)
def test_another_vaccine_code_is_a_problem_of_cleaning_that_blocks(coding: Any, problem: Problem) -> None:
    read = read_bundle(data(changed(bundle(cells()), dose={"vaccineCode": {"coding": coding, "text": "AstraZeneca"}})))
    row = RowCleaner(LAYOUT, "2022-06-01", "01001").clean(2, list(read.entries[1].cells))
    assert [found for found, _, _ in row.problems] == [problem]
    assert row.dose is not None
    assert row.dose.is_blocked


@pytest.mark.parametrize(
    ("identifiers", "kind", "number"),
    [
        ([(CMND, "012345678"), (CCCD, "001190000017"), (PASSPORT, "C1234567")], "cccd", "001190000017"),
        ([(PASSPORT, "C1234567"), (CMND, "012345678")], "cmnd", "012345678"),
        ([("urn:hospital", "001190000017"), (PASSPORT, "C1234567")], "passport", "C1234567"),
        ([("urn:hospital", "001190000017")], "", ""),
        ([(CCCD, "001190000017"), (CCCD, "001190000017")], "cccd", "001190000017"),
        ([(CCCD, "001190000017"), (CCCD, "001190000018")], "cccd", "001190000017/001190000018"),
        ([], "", ""),
    ],
)
def test_which_number_is_taken(identifiers: list[tuple[str, str]], kind: str, number: str) -> None:
    listed = [{"system": system, "value": value} for system, value in identifiers]
    value = bundle(cells())
    value["entry"][0]["resource"].pop("identifier")
    row = one_row(changed(value, patient={"identifier": listed} if listed else {}))
    assert (row["id_kind"], row["id_number"]) == (kind, number)


def test_an_old_number_only_where_there_is_no_other() -> None:
    old, new = {"use": "old", "system": CCCD, "value": "001190000018"}, {"system": CCCD, "value": "001190000017"}
    assert one_row(changed(bundle(cells()), patient={"identifier": [old, new]}))["id_number"] == "001190000017"
    assert one_row(changed(bundle(cells()), patient={"identifier": [old]}))["id_number"] == "001190000018"


def test_a_passport_of_digits_alone_is_not_read_as_an_identity_card() -> None:
    number = [{"system": PASSPORT, "value": "512345678"}]
    read = read_bundle(data(changed(bundle(cells()), patient={"identifier": number})))
    row = RowCleaner(LAYOUT, "2022-06-01", "01001").clean(2, list(read.entries[1].cells))
    assert row.dose is not None
    assert (row.dose.id_kind, row.dose.id_number) == ("passport", "512345678")


@pytest.mark.parametrize(
    "names",
    [
        [{"use": "nickname", "text": "Tí"}, {"text": "Nguyễn Thị Ví Dụ"}],
        [{"text": "Dụ Nguyễn"}, {"use": "official", "text": "Nguyễn Thị Ví Dụ", "family": "Dụ", "given": ["X"]}],
        [{"use": "usual", "text": "Nguyễn Thị Ví Dụ"}, {"use": "old", "text": "Trần Thị Cũ"}],
        [{"text": "Nguyễn Thị Ví Dụ"}, {"text": "Nguyễn Thị Ví Dụ"}],
    ],
)
def test_the_name_is_the_text_as_it_stands(names: Any) -> None:
    assert one_row(changed(bundle(cells()), patient={"name": names}))["full_name"] == "Nguyễn Thị Ví Dụ"


def test_what_is_missing_goes_to_cleaning() -> None:
    value = bundle(cells())
    patient, dose = value["entry"][0]["resource"], value["entry"][1]["resource"]
    for name in ("name", "birthDate", "gender"):
        patient.pop(name)
    for name in ("occurrenceDateTime", "vaccineCode", "lotNumber", "protocolApplied"):
        dose.pop(name)
    read = read_bundle(data(value))
    row = RowCleaner(LAYOUT, "2022-06-01", "01001").clean(2, list(read.entries[1].cells))
    assert {problem.name for problem, _, _ in row.problems} == {
        *("NAME_MISSING", "BIRTH_MISSING", "SEX_MISSING", "DOSE_DATE_MISSING"),
        *("VACCINE_MISSING", "LOT_MISSING", "DOSE_NUMBER_MISSING"),
    }


def test_two_patients_of_one_id_make_a_relative_reference_ambiguous() -> None:
    value = bundle(cells(), cells())
    for at in (0, 2):
        value["entry"][at]["resource"]["id"] = "7"
    value["entry"][1]["resource"]["patient"] = {"reference": "Patient/7"}
    assert read_bundle(data(value)).entries[1].problem is Problem.ENTRY_REFERENCE


def test_a_relative_reference_keeps_to_the_server_of_its_entry() -> None:
    value = bundle(cells(), cells(full_name="H'Hen Niê", id_number="066050000021"))
    for at, url in enumerate(("https://a.example/Patient/7", "https://a.example/Immunization/1")):
        value["entry"][at]["fullUrl"] = url
    for at, url in enumerate(("https://b.example/Patient/7", "https://b.example/Immunization/1"), 2):
        value["entry"][at]["fullUrl"] = url
        value["entry"][at - 2]["resource"]["id"] = value["entry"][at]["resource"]["id"] = "7"
    for at in (1, 3):
        value["entry"][at]["resource"]["patient"] = {"reference": "Patient/7"}
    rows = [row_of(entry.cells)["full_name"] for entry in read_bundle(data(value)).doses]
    assert rows == ["Nguyễn Thị Ví Dụ", "H'Hen Niê"]


def test_one_large_patient_of_many_doses_does_not_multiply_in_the_register() -> None:
    value = bundle(*(cells(dose_number=at + 1) for at in range(9)))
    value["entry"][0]["resource"]["text"] = {"status": "additional", "div": "x" * 1_000_000}
    for at in range(1, 18, 2):
        value["entry"][at]["resource"]["patient"] = {"reference": uuid(0)}
    with pytest.raises(IssuerError) as refused:
        read_bundle(data(value))
    assert refused.value.code is Code.BUNDLE_TOO_LARGE
    value["entry"][17]["resource"]["patient"] = {"reference": uuid(2)}
    assert len(read_bundle(data(value)).doses) == 9


def test_other_resources_are_refused_and_unused_patients_told() -> None:
    value = bundle(cells())
    for kind in ("Observation", "Patient"):
        resource = {"resourceType": kind}
        value["entry"].append({"resource": resource, "request": {"method": "POST", "url": kind}})
    observation, patient = read_bundle(data(value)).entries[2:]
    assert (observation.problem, observation.cells) == (Problem.ENTRY_MALFORMED, ())
    assert (patient.problem, patient.is_used) == (None, False)


@pytest.mark.parametrize("case", [*ENTRY_CASES, *BUNDLE_CASES], ids=lambda case: case.name)
def test_no_refusal_repeats_what_was_sent(case: EntryCase | BundleCase) -> None:
    value = bundle(cells(full_name=CANARY, lot=CANARY, address=CANARY))
    value["entry"][0]["resource"][CANARY] = CANARY
    value["entry"][1]["resource"]["patient"] = {"reference": uuid(0)}
    if isinstance(case, EntryCase):
        case.change(value["entry"][0]["resource"], value["entry"][1]["resource"])
        told = "".join(entry.at + repr(entry) for entry in read_bundle(data(value)).entries)
    else:
        case.change(value)
        with pytest.raises(IssuerError) as refused:
            read_bundle(data(value))
        told = str(refused.value)
    assert "Ca-na-ri" not in told
    assert "099999999999" not in told


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_PLACES = [
    *(("Patient", name) for name in "name identifier telecom gender birthDate address extension active link".split()),
    *(("Immunization", name) for name in "status vaccineCode patient occurrenceDateTime location".split()),
    *(("Immunization", name) for name in "performer protocolApplied lotNumber isSubpotent primarySource".split()),
    *(("Bundle", name) for name in ("type", "entry", "resourceType", "meta")),
]


@given(place=st.sampled_from(_PLACES), value=_JSON)
def test_any_json_anywhere_is_read_or_refused(place: tuple[str, str], value: Any) -> None:
    sent = bundle(cells())
    resources = {one["resource"]["resourceType"]: one["resource"] for one in sent["entry"]} | {"Bundle": sent}
    resources[place[0]][place[1]] = value
    try:
        read = read_bundle(data(sent))
    except IssuerError:
        return
    for dose in read.doses:
        assert len(dose.cells) == len(COLUMNS) + 1
        RowCleaner(LAYOUT, "2022-06-01", "01001").clean(dose.number, list(dose.cells))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with pytest.raises(IssuerError):
        read_bundle(text)
