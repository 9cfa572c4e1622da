"""Superiors' re-checks: draw a sample, look at each record, say what was found."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from issuer.store.engine import reading
from issuer.store.recheck_store import checks, next_waiting, tallies
from issuer.store.worklist_store import Scope
from issuer.web.history import events
from issuer.web.pieces import changed, me, remember, world
from issuer.web.queue import beside
from issuer.worklist import rechecks

__all__ = ["blueprint"]

blueprint = Blueprint("checks", __name__, url_prefix="/checks")

_SHOWN = 200


@blueprint.get("")
def page() -> str:
    """What was drawn and found in the area; shows nobody's data."""
    engine, _ = world()
    scope = Scope(me().area_code)
    with reading(engine) as connection:
        return render_template(
            "checks.html",
            checks=checks(connection, scope, _SHOWN),
            tallies=tallies(connection, scope),
            largest=rechecks.LARGEST_SAMPLE,
        )


@blueprint.post("/draw")
def draw() -> Response:
    """A new sample."""
    engine, now = world()
    drawn = rechecks.draw_sample(engine, me(), request.form.get("count", 0, type=int), now=now())
    remember("checks.drawn", count=drawn)
    return redirect(url_for("checks.page"))


@blueprint.get("/<token:token>")
def look(token: str) -> str:
    """One record of the sample."""
    engine, now = world()
    check, view = rechecks.look(engine, me(), token, now=now())
    act = view.applied
    return render_template(
        "check.html",
        check=check,
        view=view,
        chosen=beside(view.item, view.chosen) if view.chosen else None,
        corrected=changed(act.changes) if act is not None and act.kind == "fields" else (),
        events=events(view),
        findings=list(rechecks.Finding),
    )


@blueprint.post("/<token:token>")
def found(token: str) -> Response:
    """What the second look found."""
    engine, now = world()
    finding, note = request.form.get("finding", ""), request.form.get("note", "")
    rechecks.record_finding(engine, me(), token, finding, note, now=now())
    remember("checks.recorded")
    with reading(engine) as connection:
        following = next_waiting(connection, Scope(me().area_code))
    return redirect(url_for("checks.look", token=following) if following else url_for("checks.page"))
