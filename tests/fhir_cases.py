"""Bundles with one fault each: name, why it is there, how the right bundle is changed, what it is refused with.

`at` is the place that the refusal names. The right bundle has a Patient (entry 0) and an Immunization (entry 1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from issuer.errors import Code
from issuer.fhir.profile import CCCD, FACILITY, NATIONALITY, VACCINE
from issuer.reading.problems import Problem
from tests.fhir_bundles import FACILITY_CODE, uuid

Json = dict[str, Any]


@dataclass(frozen=True)
class EntryCase:
    """A change that refuses the dose of a batch and nothing else."""

    name: str
    why: str
    change: Callable[[Json, Json], object]
    problem: Problem
    at: str


@dataclass(frozen=True)
class BundleCase:
    """A change that refuses the whole bundle."""

    name: str
    why: str
    change: Callable[[Json], object]
    code: Code


def _set(**what: Any) -> Callable[[Json, Json], object]:
    return lambda patient, dose: dose.update(what)


def _person(**what: Any) -> Callable[[Json, Json], object]:
    return lambda patient, dose: patient.update(what)


_M, _MOD = Problem.ENTRY_MALFORMED, Problem.ENTRY_MODIFIED
_P, _D = "Bundle.entry[0].resource", "Bundle.entry[1].resource"
_CODE = {"system": VACCINE, "code": "astrazeneca"}
_WHERE = {"system": FACILITY, "value": FACILITY_CODE}

ENTRY_CASES = (
    EntryCase("not_done", "a dose that was refused or postponed",
        _set(status="not-done"), Problem.ENTRY_NOT_GIVEN, f"{_D}.status"),
    EntryCase("in_error", "withdrawn by its sender",
        _set(status="entered-in-error"), Problem.ENTRY_IN_ERROR, f"{_D}.status"),
    EntryCase("status_unknown", "no code of R4", _set(status="Completed"), _M, f"{_D}.status"),
    EntryCase("status_absent", "a modifier element that must be there",
        lambda p, d: d.pop("status"), _M, f"{_D}.status"),
    EntryCase("subpotent", "not a full dose", _set(isSubpotent=True), _MOD, f"{_D}.isSubpotent"),
    EntryCase("second_hand", "told, not given",
        _set(primarySource=False), Problem.ENTRY_SECOND_HAND, f"{_D}.primarySource"),
    EntryCase("flag_as_text", "a boolean is no text", _set(primarySource="false"), _M, f"{_D}.primarySource"),
    EntryCase("misspelt", "a lost lot if it were ignored", lambda p, d: d.update(lotNumer=d.pop("lotNumber")), _M, _D),
    EntryCase("modifier", "FHIR: who does not know it must not read on",
        _set(modifierExtension=[{"url": "urn:x"}]), _MOD, f"{_D}.modifierExtension"),
    EntryCase("rules", "rules that nobody here knows", _set(implicitRules="urn:x"), _MOD, f"{_D}.implicitRules"),
    EntryCase("inner_modifier", "deep inside counts too",
        _set(protocolApplied=[{"doseNumberPositiveInt": 1, "modifierExtension": [{"url": "urn:x"}]}]),
        _MOD, f"{_D}.protocolApplied[0].modifierExtension"),
    EntryCase("contained", "a person inside the dose is a second truth",
        _set(contained=[{"resourceType": "Patient"}]), _M, _D),
    EntryCase("occurrence_text", "`last summer` is no date",
        lambda p, d: d.update(occurrenceString=d.pop("occurrenceDateTime")), _M, _D),
    EntryCase("no_such_day", "30 February", _set(occurrenceDateTime="2021-02-30"), _M, f"{_D}.occurrenceDateTime"),
    EntryCase("day_of_the_country", "FHIR dates are ISO 8601",
        _set(occurrenceDateTime="15/08/2021"), _M, f"{_D}.occurrenceDateTime"),
    EntryCase("no_zone", "a time without its zone is of an unknown day",
        _set(occurrenceDateTime="2021-08-15T23:30:00"), _M, f"{_D}.occurrenceDateTime"),
    EntryCase("hour_25", "no such hour",
        _set(occurrenceDateTime="2021-08-15T25:00:00Z"), _M, f"{_D}.occurrenceDateTime"),
    EntryCase("other_digits", "Arabic-Indic digits",
        _set(occurrenceDateTime="٢٠٢١-٠٨-١٥"), _M, f"{_D}.occurrenceDateTime"),
    EntryCase("newline_behind", "a regular expression's $ is not the end",
        _set(occurrenceDateTime="2021-08-15\n"), _M, f"{_D}.occurrenceDateTime"),
    EntryCase("dose_zero", "positiveInt",
        _set(protocolApplied=[{"doseNumberPositiveInt": 0}]), _M, f"{_D}.protocolApplied[0].doseNumberPositiveInt"),
    EntryCase("dose_true", "in Python True is 1",
        _set(protocolApplied=[{"doseNumberPositiveInt": True}]), _M, f"{_D}.protocolApplied[0].doseNumberPositiveInt"),
    EntryCase("dose_decimal", "1.0 is no integer",
        _set(protocolApplied=[{"doseNumberPositiveInt": 1.0}]), _M, f"{_D}.protocolApplied[0].doseNumberPositiveInt"),
    EntryCase("dose_text", "doseNumberString is not in the profile",
        _set(protocolApplied=[{"doseNumberString": "1"}]), _M, f"{_D}.protocolApplied[0]"),
    EntryCase("two_protocols", "which number is it?",
        _set(protocolApplied=[{"doseNumberPositiveInt": 1}, {"doseNumberPositiveInt": 2}]),
        _M, f"{_D}.protocolApplied"),
    EntryCase("no_list", "a list is a list even of one",
        _set(protocolApplied={"doseNumberPositiveInt": 1}), _M, f"{_D}.protocolApplied"),
    EntryCase("lot_number", "text is text", _set(lotNumber=7), _M, f"{_D}.lotNumber"),
    EntryCase("lot_null", "no null in FHIR", _set(lotNumber=None), _M, f"{_D}.lotNumber"),
    EntryCase("lot_blank", "no empty text in FHIR", _set(lotNumber="  "), _M, f"{_D}.lotNumber"),
    EntryCase("lot_endless", "more than anybody prints", _set(lotNumber="A" * 1_001), _M, f"{_D}.lotNumber"),
    EntryCase("two_vaccines", "two products",
        _set(vaccineCode={"coding": [_CODE, _CODE | {"code": "spikevax"}]}),
        Problem.ENTRY_CONFLICT, f"{_D}.vaccineCode"),
    EntryCase("coding_no_list", "wrong type", _set(vaccineCode={"coding": _CODE}), _M, f"{_D}.vaccineCode.coding"),
    EntryCase("no_facility", "whose dose is it?", lambda p, d: d.pop("location"), Problem.ENTRY_FACILITY, _D),
    EntryCase("foreign_system", "a code of another system is no code of ours",
        _set(location={"identifier": {"system": "urn:x", "value": FACILITY_CODE}}), Problem.ENTRY_FACILITY, _D),
    EntryCase("two_facilities", "location and performer disagree",
        _set(performer=[{"actor": {"identifier": _WHERE | {"value": "01002"}}}]), Problem.ENTRY_CONFLICT, _D),
    EntryCase("location_is_patient", "of another type",
        _set(location={"reference": uuid(0)}), Problem.ENTRY_REFERENCE, f"{_D}.location"),
    EntryCase("no_patient", "nobody's dose", lambda p, d: d.pop("patient"), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("logical_patient", "a number alone is no person",
        _set(patient={"identifier": {"system": CCCD, "value": "001190000017"}}),
        Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("patient_not_sent", "not in the bundle",
        _set(patient={"reference": "Patient/404"}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("patient_elsewhere", "never fetched",
        _set(patient={"reference": "http://169.254.169.254/Patient/1"}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("patient_contained", "#p", _set(patient={"reference": "#p"}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("patient_is_dose", "itself",
        _set(patient={"reference": uuid(1)}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("patient_version", "a version of a record",
        _set(patient={"reference": f"{uuid(0)}/_history/1"}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("type_disagrees", "said to be a Group",
        _set(patient={"reference": uuid(0), "type": "Group"}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("path_for_reference", "a path of files",
        _set(patient={"reference": "../../etc/passwd"}), Problem.ENTRY_REFERENCE, f"{_D}.patient"),
    EntryCase("reference_list", "wrong type", _set(patient=[{"reference": uuid(0)}]), _M, f"{_D}.patient"),
    EntryCase("name_in_parts", "order unknown: never put together",
        _person(name=[{"family": "Nguyễn", "given": ["Thị", "Ví Dụ"]}]), Problem.ENTRY_NAME_TEXT, f"{_P}.name"),
    EntryCase("two_names", "which one is on the card?",
        _person(name=[{"text": "Lê Thị Một"}, {"text": "Lê Thị Hai"}]), Problem.ENTRY_NAME_TEXT, f"{_P}.name"),
    EntryCase("old_name", "not the name any more",
        _person(name=[{"use": "old", "text": "Lê Thị Một"}]), Problem.ENTRY_NAME_TEXT, f"{_P}.name"),
    EntryCase("name_no_list", "wrong type", _person(name={"text": "Lê Thị Một"}), _M, f"{_P}.name"),
    EntryCase("merged_patient", "replaced by another record",
        _person(link=[{"type": "replaced-by"}]), _MOD, f"{_P}.link"),
    EntryCase("inactive_patient", "stands for nobody", _person(active=False), _MOD, f"{_P}.active"),
    EntryCase("birth_not_iso", "FHIR dates are ISO 8601", _person(birthDate="15/04/1990"), _M, f"{_P}.birthDate"),
    EntryCase("birth_no_such_day", "31 April", _person(birthDate="1990-04-31"), _M, f"{_P}.birthDate"),
    EntryCase("birth_year_0", "no year 0", _person(birthDate="0000"), _M, f"{_P}.birthDate"),
    EntryCase("birth_number", "a year as a number", _person(birthDate=1990), _M, f"{_P}.birthDate"),
    EntryCase("gender_local", "a code, no word", _person(gender="Nữ"), _M, f"{_P}.gender"),
    EntryCase("identifier_number", "leading zeros are lost in numbers",
        _person(identifier=[{"system": CCCD, "value": 1190000017}]), _M, f"{_P}.identifier[0].value"),
    EntryCase("photo", "nobody asked for a face", _person(photo=[{"data": "AAAA"}]), _M, _P),
    EntryCase("extension_no_list", "wrong type", _person(extension={"url": NATIONALITY}), _M, f"{_P}.extension"),
    EntryCase("nationality_shape", "wrong type inside a known extension",
        _person(extension=[{"url": NATIONALITY, "extension": "VN"}]), _M, f"{_P}.extension[0].extension"),
)  # fmt: skip

BUNDLE_CASES = (
    BundleCase("no_type", "which rules hold?", lambda b: b.pop("type"), Code.BUNDLE_MALFORMED),
    BundleCase("history", "not something that is sent", lambda b: b.update(type="history"), Code.BUNDLE_MALFORMED),
    BundleCase("type_list", "wrong type", lambda b: b.update(type=["batch"]), Code.BUNDLE_MALFORMED),
    BundleCase("other_resource", "a Patient alone", lambda b: b.update(resourceType="Patient"), Code.BUNDLE_MALFORMED),
    BundleCase("no_entries", "nothing in it", lambda b: b.update(entry=[]), Code.BUNDLE_MALFORMED),
    BundleCase("entries_object", "wrong type", lambda b: b.update(entry={"0": b["entry"][0]}), Code.BUNDLE_MALFORMED),
    BundleCase("entry_text", "wrong type", lambda b: b["entry"].append("x"), Code.BUNDLE_MALFORMED),
    BundleCase("no_dose", "nothing to take in", lambda b: b["entry"].pop(1), Code.BUNDLE_MALFORMED),
    BundleCase("no_resource", "an entry of nothing", lambda b: b["entry"][1].pop("resource"), Code.BUNDLE_MALFORMED),
    BundleCase("kind_list", "wrong type",
        lambda b: b["entry"][0]["resource"].update(resourceType=["Patient"]), Code.BUNDLE_MALFORMED),
    BundleCase("no_request", "a batch says what to do", lambda b: b["entry"][1].pop("request"), Code.BUNDLE_MALFORMED),
    BundleCase("delete", "doses are never deleted",
        lambda b: b["entry"][1]["request"].update(method="DELETE"), Code.BUNDLE_MALFORMED),
    BundleCase("put", "nor overwritten",
        lambda b: b["entry"][1]["request"].update(method="PUT"), Code.BUNDLE_MALFORMED),
    BundleCase("other_url", "not what the resource is",
        lambda b: b["entry"][1]["request"].update(url="Patient"), Code.BUNDLE_MALFORMED),
    BundleCase("full_url_twice", "which one does a reference mean?",
        lambda b: b["entry"][1].update(fullUrl=uuid(0)), Code.BUNDLE_MALFORMED),
    BundleCase("full_url_number", "wrong type", lambda b: b["entry"][1].update(fullUrl=7), Code.BUNDLE_MALFORMED),
    BundleCase("unknown_element", "of the bundle", lambda b: b.update(entries=[]), Code.BUNDLE_MALFORMED),
    BundleCase("rules", "rules that nobody here knows",
        lambda b: b.update(implicitRules="urn:x"), Code.BUNDLE_MALFORMED),
    BundleCase("request_in_collection", "bdl-3", lambda b: b.update(type="collection"), Code.BUNDLE_MALFORMED),
    BundleCase("too_many", "one entry above the limit",
        lambda b: b.update(entry=[b["entry"][0]] * 2_001), Code.BUNDLE_TOO_LARGE),
    BundleCase("too_deep", "17 levels",
        lambda b: b.update(meta=[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]), Code.BUNDLE_TOO_DEEP),
)  # fmt: skip

_RIGHT = b'{"resourceType":"Bundle","type":"batch","entry":[]}'
TEXT_CASES = (
    ("empty", b"", Code.BUNDLE_NOT_JSON),
    ("not_json", b"<Bundle/>", Code.BUNDLE_NOT_JSON),
    ("number", b"7", Code.BUNDLE_MALFORMED),
    ("null", b"null", Code.BUNDLE_MALFORMED),
    ("list", b"[]", Code.BUNDLE_MALFORMED),
    ("something_behind", _RIGHT + b"{}", Code.BUNDLE_NOT_JSON),
    ("cut_off", _RIGHT[:-1], Code.BUNDLE_NOT_JSON),
    ("byte_order_mark", b"\xef\xbb\xbf" + _RIGHT, Code.BUNDLE_NOT_JSON),
    ("utf_16", _RIGHT.decode().encode("utf-16"), Code.BUNDLE_NOT_JSON),
    ("latin_1", b'{"a":"\xe9"}', Code.BUNDLE_NOT_JSON),
    ("name_twice", b'{"type":"batch","type":"transaction"}', Code.BUNDLE_NOT_JSON),
    ("name_twice_escaped", b'{"type":"batch","\\u0074ype":"transaction"}', Code.BUNDLE_NOT_JSON),
    ("nan", b'{"a":NaN}', Code.BUNDLE_NOT_JSON),
    ("infinity", b'{"a":-Infinity}', Code.BUNDLE_NOT_JSON),
    ("huge_exponent", b'{"a":1e999}', Code.BUNDLE_NOT_JSON),
    ("huge_number", b'{"a":' + b"9" * 5_000 + b"}", Code.BUNDLE_NOT_JSON),
    ("nul", b'{"a":"x\\u0000"}', Code.BUNDLE_NOT_JSON),
    ("escape_sequence", b'{"a":"\\u001b[2J"}', Code.BUNDLE_NOT_JSON),
    ("control_in_name", b'{"\\u0007":1}', Code.BUNDLE_NOT_JSON),
    ("lone_surrogate", b'{"a":"\\ud800"}', Code.BUNDLE_NOT_JSON),
    ("raw_newline", b'{"a":"x\ny"}', Code.BUNDLE_NOT_JSON),
    ("deep_lists", b"[" * 1_000_000, Code.BUNDLE_TOO_DEEP),
    ("deep_objects", b'{"a":' * 300_000, Code.BUNDLE_TOO_DEEP),
    ("deep_but_whole", b"[" * 17 + b"]" * 17, Code.BUNDLE_TOO_DEEP),
    ("too_large", b" " * (2 * 1024 * 1024 + 1), Code.BUNDLE_TOO_LARGE),
)
