"""Sheets for hamlet teams: download, upload, and what came in."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from issuer.errors import Code, IssuerError
from issuer.store.engine import reading
from issuer.store.queue_store import WORK_CLASSES
from issuer.store.sheet_store import received
from issuer.store.worklist_store import Filters, Scope
from issuer.web.pieces import me, world
from issuer.worklist.team_sheet import take_sheet, write_sheet

__all__ = ["blueprint"]

blueprint = Blueprint("sheets", __name__, url_prefix="/sheets")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 20


@blueprint.get("")
def page() -> str:
    """Both forms and the latest sheets."""
    return _page()


@blueprint.post("/out")
def out() -> Response:
    """The sheet; a form and no link, since it is a look at many people's data."""
    engine, now = world()
    link_class = request.form.get("class", "")
    filters = Filters(link_class=link_class if link_class in WORK_CLASSES else "")
    data = write_sheet(engine, me(), filters, now=now())
    name = f"ra-soat-{me().area_code or 'ca-nuoc'}-{now():%Y%m%d}.xlsx"
    return Response(data, mimetype=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.post("/in")
def returned() -> str:
    """A sheet that came back."""
    engine, now = world()
    sent = request.files.get("sheet")
    if sent is None or not sent.filename:
        raise IssuerError(Code.TEAM_SHEET_REFUSED, "no file")
    name = "".join(filter(str.isprintable, sent.filename.replace("\\", "/").rpartition("/")[2]))[:120]
    with tempfile.TemporaryDirectory(prefix="hochieu-sheet-") as folder:  # only its owner may look inside
        path = Path(folder) / f"sheet{Path(name).suffix.lower() if Path(name).suffix.lower() == '.xlsx' else '.bin'}"
        sent.save(path)
        taken = take_sheet(engine, me(), path, name, now=now())
    return _page(taken=taken, name=name)


def _page(**more: object) -> str:
    engine, _ = world()
    with reading(engine) as connection:
        sheets = received(connection, Scope(me().area_code), _SHOWN)
    return render_template("sheets.html", sheets=sheets, classes=WORK_CLASSES, **more)
