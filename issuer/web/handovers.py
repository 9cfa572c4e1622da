"""Signed hand-over lists: make one, see whether it is signed, read it as CSV or PDF."""

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from issuer.store.area_store import name_of
from issuer.store.engine import reading
from issuer.store.handover_store import handovers, waiting
from issuer.store.worklist_store import Scope
from issuer.web.pieces import me, remember, world
from issuer.worklist import handover
from issuer.worklist.handover_pdf import handover_pdf

__all__ = ["blueprint"]

blueprint = Blueprint("handovers", __name__, url_prefix="/handovers")

_SHOWN = 50


@blueprint.get("")
def page() -> str:
    """The lists of the area; shows nobody's data."""
    engine, _ = world()
    with reading(engine) as connection:
        lists = handovers(connection, Scope(me().area_code), _SHOWN)
        unlisted = waiting(connection, me().area_code)
    return render_template("handovers.html", lists=lists, unlisted=unlisted)


@blueprint.post("/make")
def make() -> AnyResponse:
    """The police freeze what they confirmed since the last list."""
    engine, now = world()
    handover.make(engine, me(), now=now())
    remember("handovers.made")
    return redirect(url_for("handovers.page"))


@blueprint.post("/<token:token>/csv")
def as_csv(token: str) -> Response:
    """The archived bytes, as signed."""
    engine, now = world()
    found = handover.read(engine, me(), token, now=now())
    return _file(found.content, "text/csv; charset=utf-8", f"{token}.csv")


@blueprint.post("/<token:token>/pdf")
def as_pdf(token: str) -> Response:
    """The same list to read and to file."""
    engine, now = world()
    found = handover.read(engine, me(), token, now=now())
    with reading(engine) as connection:
        commune = name_of(connection, found.commune_code)
    return _file(handover_pdf(found, commune), "application/pdf", f"{token}.pdf")


def _file(data: bytes, kind: str, name: str) -> Response:
    return Response(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
