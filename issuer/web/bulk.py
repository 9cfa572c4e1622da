"""Records of one safe class together: read the list, leave out what looks wrong, one gesture for the rest."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from issuer.web.pieces import me, remember, world
from issuer.web.queue import beside
from issuer.worklist import bulk

__all__ = ["blueprint"]

blueprint = Blueprint("bulk", __name__, url_prefix="/bulk")


@blueprint.get("")
def classes() -> str:
    """The safe classes with what waits for this officer in each."""
    engine, _ = world()
    return render_template("bulk.html", counts=bulk.safe_counts(engine, me()))


@blueprint.get("/<safe_class>")
def listed(safe_class: str) -> str:
    """The next records of a class."""
    engine, now = world()
    page = bulk.show_bulk(engine, me(), safe_class, now=now())
    rows = [(one, beside(one.item, one.candidates[0])) for one in page.views]
    return render_template("bulk_class.html", safe_class=safe_class, rows=rows, total=page.total)


@blueprint.post("/<safe_class>/propose")
def propose(safe_class: str) -> Response:
    """The station puts forward what it left ticked."""
    return _decided(safe_class, bulk.propose_bulk, "bulk.proposed")


@blueprint.post("/<safe_class>/approve")
def approve(safe_class: str) -> Response:
    """The police confirm what they left ticked."""
    return _decided(safe_class, bulk.approve_bulk, "bulk.approved")


def _decided(safe_class: str, act: bulk.Gesture, key: str) -> Response:
    engine, now = world()
    sealed = dict(one.partition(":")[::2] for one in request.form.getlist("take"))
    done = act(engine, me(), safe_class, sealed, now=now())
    remember(key, count=done.done, left=done.left_out)
    return redirect(url_for("bulk.listed", safe_class=safe_class))
