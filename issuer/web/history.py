"""What was done to a record as a list to read, the newest first: corrections, police-signed lists, re-checks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from issuer.store.correction_store import Correction
from issuer.store.police_store import ListCorrection
from issuer.store.recheck_store import Checked
from issuer.web.pieces import changed, t
from issuer.worklist.differences import Piece
from issuer.worklist.item import View

__all__ = ["Event", "events"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, of which kind (a class of the style sheet), in words.

    `note` and `changes` may hold people's data.
    """

    at: str
    kind: str
    words: str
    note: str = field(default="", repr=False)
    changes: Sequence[tuple[str, tuple[Piece, ...], tuple[Piece, ...]]] = field(default=(), repr=False)


def events(view: View) -> list[Event]:
    """Every event of a record."""
    found = [event for one in view.history for event in _of_correction(one)]
    found += [event for one in view.lists for event in _of_list(one)]
    found += [_of_check(one) for one in view.checks]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _of_correction(one: Correction) -> Iterator[Event]:
    """The last step first, since steps may share a moment."""
    if one.ended_at:
        reason = t(f"reject.{one.reason}") if one.state == "undone" and one.reason else ""
        yield Event(one.ended_at, one.state, t(f"history.{one.state}", who=one.ender), reason)
    rejected = one.state == "rejected"
    if one.decided_at:
        note = ": ".join(filter(None, (t(f"reject.{one.reason}") if rejected else "", one.note if rejected else "")))
        kind = "rejected" if rejected else "applied"
        yield Event(one.decided_at, kind, t(f"history.{kind}", who=one.decider), note)
    what = f"{t(f'history.kind.{one.kind}')}, {t(f'history.source.{one.source}')}"
    words = f"{t('history.proposed', who=one.proposer)}: {what}"
    aside = one.kind == "aside"
    note = "" if not aside or one.state == "undone" else ": ".join(filter(None, (t(f"aside.{one.reason}"), one.note)))
    yield Event(one.proposed_at, "proposed", words, note, changed(one.changes) if one.kind == "fields" else ())


def _of_check(one: Checked) -> Event:
    kind = {"right": "applied", "wrong": "rejected"}.get(one.result, "proposed")
    words = f"{t('history.checked', who=one.checked_by)}: {t(f'finding.{one.result}')}"
    return Event(one.checked_at, kind, words, one.note)


def _of_list(one: ListCorrection) -> Iterator[Event]:
    """LISTED is the record itself; reviewed and signed stand with what was applied, as they come on one paper."""
    yield Event(
        one.applied_at,
        "applied",
        t("history.list", number=one.list_id, row=one.row_no, who=one.taken_by),
        t(f"class.{one.link_class}") if one.link_class else t("done.later"),
        changed(one.changes),
    )
    yield Event(one.confirmed_at, "proposed", t("history.list_signed", number=one.list_id), one.list_name)
