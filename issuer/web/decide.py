"""What officers decide: every page here is a form that was sent, answered by the next record."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from issuer.errors import Code, IssuerError
from issuer.web.pieces import me, remember, t, world
from issuer.web.queue import asked_filters, filter_arguments, item_page
from issuer.worklist import corrections
from issuer.worklist.mend import FIELDS
from issuer.worklist.next_item import next_token

__all__ = ["blueprint"]

blueprint = Blueprint("decide", __name__, url_prefix="/items/<token:token>")


def _done(token: str, key: str, **values: object) -> Response:
    """Back to the next record of the queue as it was filtered, or to the queue when none is left."""
    remember(key, token, **values)
    engine, _ = world()
    following = next_token(engine, me(), asked_filters(), token)
    if following is None:
        return redirect(url_for("queue.listed", **filter_arguments()))  # type: ignore[arg-type]  # texts only
    return redirect(url_for("queue.item", token=following, **filter_arguments()))  # type: ignore[arg-type]


def _seal() -> str:
    return request.form.get("seal", "")


@blueprint.post("/propose")
def propose(token: str) -> Response:
    """The station: this candidate it is."""
    engine, now = world()
    corrections.propose_person(engine, me(), token, request.form.get("rank", 0, type=int), _seal(), now=now())
    return _done(token, "done.proposed")


@blueprint.post("/correct")
def correct(token: str) -> Response | tuple[str, int]:
    """The station: the paper shows other facts. What cannot be taken comes back as it was typed, with the reason."""
    engine, now = world()
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        corrections.propose_fields(engine, me(), token, typed, _seal(), now=now())
    except IssuerError as error:
        if error.code is not Code.CORRECTION_REFUSED:
            raise
        field = error.detail if error.detail in FIELDS else ""
        detail = t(f"field.{field}") if field else t("do.nothing_typed")
        return item_page(token, typed=typed, field=field, refusal=error.code, detail=detail), 400
    return _done(token, "done.proposed")


@blueprint.post("/aside")
def aside(token: str) -> Response:
    """The station: it cannot be settled here."""
    engine, now = world()
    reason, note = request.form.get("reason", ""), request.form.get("note", "")
    corrections.propose_aside(engine, me(), token, reason, note, _seal(), now=now())
    return _done(token, "done.proposed")


@blueprint.post("/withdraw")
def withdraw(token: str) -> Response:
    """The station takes its proposal back."""
    engine, now = world()
    corrections.withdraw(engine, me(), token, _seal(), now=now())
    remember("done.withdrawn")
    return redirect(url_for("queue.item", token=token, **filter_arguments()))  # type: ignore[arg-type]


@blueprint.post("/approve")
def approve(token: str) -> Response:
    """The police: so it is."""
    engine, now = world()
    became = corrections.approve(engine, me(), token, _seal(), now=now())
    if became == "aside":
        return _done(token, "done.aside")
    return _done(token, "done.approved", result=t(f"class.{became}") if became else t("done.later"))


@blueprint.post("/reject")
def reject(token: str) -> Response:
    """The police: not so."""
    engine, now = world()
    reason, note = request.form.get("reason", ""), request.form.get("note", "")
    corrections.reject(engine, me(), token, reason, note, _seal(), now=now())
    return _done(token, "done.rejected")


@blueprint.post("/undo")
def undo(token: str) -> Response:
    """The police take an approval back."""
    engine, now = world()
    corrections.undo(engine, me(), token, request.form.get("reason", ""), _seal(), now=now())
    remember("done.undone")
    return redirect(url_for("queue.item", token=token, **filter_arguments()))  # type: ignore[arg-type]
