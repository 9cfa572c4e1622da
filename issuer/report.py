"""The numbers of every level: đúng, đủ, sạch, sống, and the four rates of the Thái Nguyên report.

Each figure is a numerator over a denominator (both shown, the share computed, never stored), for a facility, commune,
district, province or the nation. `specs/worklist.md`, section 8, says what each counts. Only numbers: nobody's data.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from issuer.audit import append
from issuer.errors import Code, IssuerError, Where
from issuer.store import report_store
from issuer.store.engine import reading, writing
from issuer.store.report_store import LEVELS
from issuer.store.worklist_store import Scope

__all__ = ["LEVELS", "Figure", "Line", "Metric", "load_figures", "report"]


class Metric(StrEnum):
    """What is counted, in the order of the page: the four metrics, then the four rates."""

    CORRECT = "correct"
    COMPLETE = "complete"
    CLEAN = "clean"
    LIVE = "live"
    ENTERED = "entered"
    SIGNED = "signed"
    REPORTS = "reports"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Figure:
    """A numerator over a denominator; no share where nothing is counted."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1, or above where more was entered than reported; None over a denominator of 0."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def percent(self) -> str:
        """The share with one digit behind the point, cut and never rounded up to a whole that it is not; or empty."""
        if not self.denominator:
            return ""
        tenths = self.numerator * 1000 // self.denominator
        return f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True, slots=True)
class Line:
    """All figures of one facility or area; `waiting_hours` is the median age of what waits for people."""

    level: str
    code: str
    name: str
    figures: dict[Metric, Figure]
    waiting: int
    waiting_hours: float | None


def report(engine: sa.Engine, level: str, *, now: datetime, area: str = "") -> list[Line]:
    """The lines of a level inside an area (empty: the whole country), by code. Raises ValueError for no level."""
    if level not in LEVELS:
        raise ValueError(f"one of {', '.join(LEVELS)}")
    scope = Scope(area)
    with reading(engine) as connection:
        doses = report_store.doses(connection, level, scope)
        records = report_store.records(connection, level, scope)
        items = report_store.items(connection, level, scope)
        told = report_store.reported(connection, level, scope)
        ages = report_store.waiting_ages(connection, level, scope)
        names = report_store.names(connection, level, scope)
    lines = []
    for code in sorted({*doses, *records, *items, *told, *names}):
        counted = {**doses.get(code, {}), **records.get(code, {}), **items.get(code, {}), **told.get(code, {})}
        times, waiting = ages.get(code, ([], 0))
        lines.append(Line(level, code, names.get(code, ""), _figures(counted), waiting, _median_hours(times, now)))
    return lines


def _figures(counted: dict[str, int]) -> dict[Metric, Figure]:
    def over(numerator: str, denominator: str) -> Figure:
        return Figure(counted.get(numerator, 0), counted.get(denominator, 0))

    return {
        Metric.CORRECT: over("verified", "sent"),
        Metric.COMPLETE: over("complete", "entered"),
        Metric.CLEAN: over("clean", "records"),
        Metric.LIVE: over("current", "linked"),
        Metric.ENTERED: over("entered_where_given_is_known", "doses_given"),
        Metric.SIGNED: over("signed", "entered"),
        Metric.REPORTS: over("reports_resolved", "reports_received"),
        Metric.VERIFIED: over("confirmed", "listed"),
    }


def _median_hours(times: Sequence[str], now: datetime) -> float | None:
    if not times:
        return None
    ages = [(now - datetime.fromisoformat(time)).total_seconds() / 3600 for time in times]
    return round(sum(ages) / len(ages), 1)


_KINDS = ("doses_given", "reports_received", "reports_resolved")


def load_figures(engine: sa.Engine, path: Path, *, now: datetime, actor: str) -> int:
    """Keep figures that facilities reported, from CSV with `ma_co_so, loai, gia_tri, ngay`; returns how many.

    Raises IssuerError before anything is stored.
    """
    rows: list[tuple[str, str, int, str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            for row in reader:
                try:
                    code, kind, value = row["ma_co_so"].strip(), row["loai"].strip(), int(row["gia_tri"])
                    as_of = date.fromisoformat(row["ngay"].strip()).isoformat()
                except (KeyError, ValueError, AttributeError) as error:
                    raise IssuerError(Code.FIGURE_ROW, "", Where(path.name, row=reader.line_num)) from error
                if kind not in _KINDS or value < 0 or not code:
                    raise IssuerError(Code.FIGURE_ROW, "", Where(path.name, row=reader.line_num))
                rows.append((code, kind, value, as_of))
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(path.name)) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IssuerError(Code.FILE_UNREADABLE, "", Where(path.name)) from error
    with writing(engine) as connection:
        report_store.store_figures(connection, rows)
        append(
            connection,
            now=now,
            actor=actor,
            action="report.figures",
            object=f"file {path.name}",
            reason=f"{len(rows)} figures",
        )
    return len(rows)
