"""What became of a bundle -> the FHIR resources of the reply: one OperationOutcome an entry, never a word of the data.

An issue holds a code of a closed list (issuer/errors.py or specs/record-problems.md), its words in English and
Vietnamese, and the element's place; not a value of the bundle, nor a name of an element that the profile does not have.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from issuer.errors import Code
from issuer.fhir.bundle import Bundle, Entry
from issuer.fhir.profile import FATE, PROBLEM, REFUSAL
from issuer.reading.problems import Problem

__all__ = ["NOT_USED", "TAKEN", "http_outcome", "refusal_outcome", "reply", "transaction_outcome"]

TAKEN, NOT_USED = "TAKEN", "NOT_USED"
_FATES = {
    "": (TAKEN, "taken in; waits to be cleaned", "đã nhận; chờ làm sạch"),
    "stored": ("STORED", "stored as a dose", "đã lưu thành mũi tiêm"),
    "duplicate": ("DUPLICATE", "repeats a dose that was stored before", "trùng với mũi tiêm đã lưu"),
    "rejected": ("REJECTED", "kept, but it is no dose", "đã giữ lại nhưng không phải mũi tiêm"),
}
_ISSUE_TYPES = {
    Code.BUNDLE_NOT_JSON: "structure",
    Code.BUNDLE_TOO_LARGE: "too-long",
    Code.BUNDLE_TOO_DEEP: "too-costly",
    Code.BUNDLE_MALFORMED: "invalid",
    Code.BUNDLE_OTHER_FACILITY: "forbidden",
    Code.BUNDLE_REFUSED: "processing",
    Code.API_KEY_REFUSED: "login",
    Code.API_WAIT: "throttled",
    Code.DATABASE_BUSY: "transient",
    Code.DATABASE_FULL: "transient",
}


def reply(bundle: Bundle, file: str, fates: Mapping[int, tuple[str, tuple[Problem, ...]]], *, already: bool) -> Any:
    """The response Bundle: for each entry in order its status and outcome. `fates`: entry number -> fate, problems."""
    return {
        "resourceType": "Bundle",
        "type": "transaction-response" if bundle.kind == "transaction" else "batch-response",
        "identifier": {"system": "urn:ho-chieu-vac-xin:file", "value": file},
        "entry": [_entry(entry, fates.get(entry.number), already) for entry in bundle.entries],
    }


def transaction_outcome(bundle: Bundle) -> Any:
    """The OperationOutcome of a transaction of which nothing was taken."""
    issues = [_refusal(entry) for entry in bundle.entries if entry.problem is not None]
    return _outcome([_refused(Code.BUNDLE_REFUSED, ""), *issues])


def refusal_outcome(code: Code, detail: str) -> Any:
    """The OperationOutcome of a request that is refused as a whole."""
    return _outcome([_refused(code, detail)])


def http_outcome(status: int, words: str, issue_type: str) -> Any:
    """The OperationOutcome of what HTTP itself refuses (no such page, method, media type) or of a fault of ours."""
    return _outcome([_issue("error", issue_type, REFUSAL, f"HTTP_{status}", words)])


def _entry(entry: Entry, fate: tuple[str, tuple[Problem, ...]] | None, already: bool) -> Any:
    if entry.problem is not None:
        return _response("422 Unprocessable Content", [_refusal(entry)])
    issues = []
    if fate is not None:
        code, en, vi = _FATES[fate[0]]
        issues.append(_issue("information", "informational", FATE, code, f"{en} / {vi}"))
        issues += [_problem(problem, entry) for problem in fate[1]]
    elif not entry.is_used:
        words = "no Immunization refers to it; it was not kept / không có mũi tiêm nào dùng đến"
        issues.append(_issue("warning", "informational", FATE, NOT_USED, words))
    else:
        words = "read together with the doses that refer to it / đã đọc cùng mũi tiêm"
        issues.append(_issue("information", "informational", FATE, TAKEN, words))
    return _response("200 OK" if already or fate is None else "201 Created", issues)


def _response(status: str, issues: list[Any]) -> Any:
    return {"response": {"status": status, "outcome": _outcome(issues)}}


def _refusal(entry: Entry) -> Any:
    assert entry.problem is not None, "the caller asked"  # noqa: S101
    issue = _problem(entry.problem, entry)
    return issue | {"severity": "error", "expression": [entry.at]}


def _problem(problem: Problem, entry: Entry) -> Any:
    facts = problem.value
    kind = "required" if problem.name.endswith("_MISSING") else "business-rule"
    if problem.name.startswith("ENTRY_"):
        kind = "not-found" if problem is Problem.ENTRY_REFERENCE else "invalid"
    issue = _issue("warning", kind, PROBLEM, problem.name, f"{facts.en} / {facts.vi}")
    blocks = "blocks a certificate" if problem.blocks else "does not block a certificate"
    issue["diagnostics"] = f"{facts.en}: {blocks}; mended by: {facts.fixed_by.value}"
    issue["expression"] = [f"Bundle.entry[{entry.number - 1}].resource"]
    return issue


def _refused(code: Code, detail: str) -> Any:
    issue = _issue("error", _ISSUE_TYPES.get(code, "processing"), REFUSAL, code.name, f"{code.en} / {code.vi}")
    issue["diagnostics"] = f"{code.en}{f': {detail}' if detail else ''}: {code.do_en} / {code.do_vi}"
    return issue


def _issue(severity: str, kind: str, system: str, code: str, words: str) -> dict[str, Any]:
    return {
        "severity": severity,
        "code": kind,
        "details": {"coding": [{"system": system, "code": code}], "text": words},
    }


def _outcome(issues: Iterable[Any]) -> Any:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}
