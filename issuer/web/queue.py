"""The queue and one record of it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from issuer.audit import timestamp
from issuer.store.queue_store import SAFE_CLASSES, WORK_CLASSES
from issuer.store.worklist_store import Candidate, Filters, Item
from issuer.web.history import events
from issuer.web.pieces import CLOCK, changed, date_text, me, t, world
from issuer.worklist import item as one_item
from issuer.worklist.corrections import AsideReason, RejectReason
from issuer.worklist.differences import Piece, differences
from issuer.worklist.item import View
from issuer.worklist.queue import PAGE, listed_page
from issuer.worklist.roles import Role

__all__ = ["asked_filters", "beside", "blueprint", "filter_arguments", "item_page", "steps"]

blueprint = Blueprint("queue", __name__)

STATES = ("open", "proposed", "aside", "closed")
_FIRST_STATE = {Role.STATION: "open", Role.POLICE: "proposed"}
_LAST_PAGE = 2_000


@blueprint.get("/")
def home() -> Response:
    """Where an officer's work begins."""
    return redirect(url_for("queue.listed", state=_FIRST_STATE.get(me().role)))


@blueprint.get("/queue")
def listed() -> str:
    """A page of the queue; its audit line is written before it is shown."""
    engine, now = world()
    filters = asked_filters()
    number = request.args.get("page", 1, type=int)
    if not 1 <= number <= _LAST_PAGE:
        abort(404)
    page = listed_page(engine, me(), filters, number, late_before=timestamp(now() - CLOCK), now=now())
    return render_template(
        "queue.html",
        page=page,
        number=number,
        page_size=PAGE,
        filters=filter_arguments(),
        states=STATES,
        classes=WORK_CLASSES,
    )


@blueprint.get("/items/<token:token>")
def item(token: str) -> str:
    """One record beside the people proposed."""
    return item_page(token)


def item_page(token: str, **more: object) -> str:
    """The page of a record; `more` tells of a form that was sent and refused."""
    engine, now = world()
    found, before, after = one_item.show(engine, me(), token, asked_filters(), now=now())
    act = found.waiting or found.applied
    corrected = changed(act.changes) if act is not None and act.kind == "fields" else ()
    return render_template(
        "item.html",
        view=found,
        item=found.item,
        steps=steps(found),
        events=events(found),
        people=[(one, beside(found.item, one)) for one in found.candidates],
        chosen=beside(found.item, found.chosen) if found.chosen else None,
        corrected=corrected,
        foreseen=_foreseen(found),
        before=before,
        after=after,
        filters=filter_arguments(),
        aside_reasons=list(AsideReason),
        reject_reasons=list(RejectReason),
        **{"typed": {}, **more},
    )


def steps(found: View) -> list[tuple[str, bool]]:
    """The stations of a record on its way (CV 2262), each with whether it was reached."""
    applied = found.applied
    settled = applied is not None and applied.kind != "aside"
    matched = settled and applied is not None and applied.link_class in ("matched", "duplicate")
    return [
        ("listed", True),
        ("reviewed", found.waiting is not None or applied is not None),
        ("confirmed", applied is not None),
        ("applied", settled),
        ("rematched", matched),
        ("signed", applied is not None and applied.handover_id is not None),
    ]


def filter_arguments() -> dict[str, str]:
    """The filters asked for, as a URL carries them; what is not of the closed lists is dropped."""
    wanted = {
        "state": request.args.get("state", "") if request.args.get("state", "") in STATES else "",
        "class": request.args.get("class", "") if request.args.get("class", "") in WORK_CLASSES else "",
        "safe": request.args.get("safe", "") if request.args.get("safe", "") in SAFE_CLASSES else "",
        "late": "1" if request.args.get("late") == "1" else "",
    }
    return {name: value for name, value in wanted.items() if value}


def asked_filters() -> Filters:
    """The filters asked for, as the store takes them."""
    _, now = world()
    asked: Mapping[str, str] = filter_arguments()
    late = timestamp(now() - CLOCK) if "late" in asked else ""
    return Filters(asked.get("state", ""), asked.get("class", ""), asked.get("safe", ""), late)


def beside(item: Item, person: Candidate) -> list[tuple[str, tuple[Piece, ...], tuple[Piece, ...], bool]]:
    """Field, pieces of the dose's fact, pieces of the person's, and whether they are the same."""
    pairs: list[tuple[str, Any, Any]] = [
        ("full_name", item.full_name, person.full_name),
        ("birth_date", date_text(item.birth_date), date_text(person.birth_date)),
        ("sex", _sex(item.sex), _sex(person.sex)),
        ("id_number", item.id_number, person.national_id),
    ]
    rows = []
    for name, ours, theirs in pairs:
        left, right = differences(ours, theirs)
        same = all(piece.difference == "same" for piece in (*left, *right)) and bool(left) and bool(right)
        rows.append((name, left, right, same))
    return rows


def _foreseen(found: View) -> list[tuple[str, tuple[Piece, ...], tuple[Piece, ...], bool]]:
    """The waiting facts beside the person whom they would meet."""
    if found.foreseen is None or found.waiting is None:
        return []
    changes = json.loads(found.waiting.changes)
    return beside(replace(found.item, **{name: after for name, (_, after) in changes.items()}), found.foreseen)


def _sex(code: str) -> str:
    return t(f"sex.{code}") if code else ""
