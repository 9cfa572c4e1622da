"""The numbers of the officer's area and of what lies right below it, as a page and as CSV. Shows nobody's data."""

import csv
import io

from flask import Blueprint, Response, render_template

from issuer.report import Metric, report
from issuer.store.area_store import name_of
from issuer.store.engine import reading
from issuer.web.pieces import me, world
from issuer.worklist.roles import Role
from issuer.worklist.team_sheet import harmless

__all__ = ["blueprint"]

blueprint = Blueprint("numbers", __name__, url_prefix="/numbers")

_LEVELS = {
    Role.STATION: ("commune", "facility"),
    Role.POLICE: ("commune", "facility"),
    Role.DISTRICT: ("district", "commune"),
    Role.PROVINCE: ("province", "district"),
    Role.MINISTRY: ("nation", "province"),
}
"""The level of a role's own area, and the level below."""


@blueprint.get("")
def page() -> str:
    """The area's eight figures, then a line for everything below."""
    engine, now = world()
    own, below = _LEVELS[me().role]
    whole = report(engine, own, now=now(), area=me().area_code)
    with reading(engine) as connection:
        name = name_of(connection, me().area_code)
    mine = next((line for line in whole if line.code in (me().area_code, "")), None)
    lines = report(engine, below, now=now(), area=me().area_code)
    metrics = list(Metric)
    return render_template(
        "numbers.html",
        name=name,
        mine=mine,
        lines=lines,
        below=below,
        metrics=metrics,
        four=metrics[:4],
        rates=metrics[4:],
    )


@blueprint.get("/csv")
def as_csv() -> Response:
    """Every figure of both levels with numerator and denominator."""
    engine, now = world()
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("level", "code", "name", "metric", "numerator", "denominator"))
    for level in _LEVELS[me().role]:
        for line in report(engine, level, now=now(), area=me().area_code):
            for metric, figure in line.figures.items():
                place = (level, harmless(line.code), harmless(line.name))
                writer.writerow((*place, metric, figure.numerator, figure.denominator))
    return Response(
        stream.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="so-lieu.csv"'},
    )
