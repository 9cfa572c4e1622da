"""The numbers of the officer's area and of what lies right below it, as a page and as CSV. Shows nobody's data."""

import csv
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app, render_template

from issuer.audit import timestamp
from issuer.formulas import harmless
from issuer.report import Line, Metric, report
from issuer.store.area_store import name_of
from issuer.store.engine import reading
from issuer.web.pieces import me, world
from issuer.worklist.roles import Role

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


_TIMES_ITS_COST = 20
_LONGEST = timedelta(hours=1)


@dataclass(slots=True)
class _Kept:
    """Lines of a level and area as they were counted at `at`; good until `until`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    lines: Sequence[Line] = ()
    at: datetime | None = None
    until: datetime | None = None


def _lines(level: str) -> tuple[Sequence[Line], datetime]:
    """The lines of a level inside the officer's area, and when they were counted.

    Counting a commune takes no time, counting a nation minutes: what was counted is kept twenty times as long as it
    took, an hour at most, and nobody counts what somebody else is counting. So looking costs the register little.
    """
    engine, now = world()
    kept: _Kept = current_app.extensions.setdefault("figures", {}).setdefault((level, me().area_code), _Kept())
    with kept.lock:
        asked = now()
        if kept.at is None or kept.until is None or kept.until <= asked:
            kept.lines = report(engine, level, now=asked, area=me().area_code)
            kept.at, took = asked, now() - asked
            kept.until = asked + took + min(took * _TIMES_ITS_COST, _LONGEST)
        return kept.lines, kept.at


@blueprint.get("")
def page() -> str:
    """The area's eight figures, then a line for everything below."""
    engine, _ = world()
    own, below = _LEVELS[me().role]
    whole, at = _lines(own)
    with reading(engine) as connection:
        name = name_of(connection, me().area_code)
    mine = next((line for line in whole if line.code in (me().area_code, "")), None)
    lines, _ = _lines(below)
    metrics = list(Metric)
    return render_template(
        "numbers.html",
        name=name,
        mine=mine,
        at=timestamp(at),
        lines=lines,
        below=below,
        metrics=metrics,
        four=metrics[:4],
        rates=metrics[4:],
    )


@blueprint.get("/csv")
def as_csv() -> Response:
    """Every figure of both levels with numerator and denominator."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("level", "code", "name", "metric", "numerator", "denominator"))
    for level in _LEVELS[me().role]:
        for line in _lines(level)[0]:
            for metric, figure in line.figures.items():
                place = (level, harmless(line.code), harmless(line.name))
                writer.writerow((*place, metric, figure.numerator, figure.denominator))
    return Response(
        stream.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="so-lieu.csv"'},
    )
