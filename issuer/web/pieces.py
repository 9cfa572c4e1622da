"""What templates and pages share: words in the officer's language, dates and clocks as people read them."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

import sqlalchemy as sa
from flask import Flask, current_app, g, request, session, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from issuer.errors import Code
from issuer.link.model import Evidence
from issuer.reading.problems import Problem
from issuer.report import Figure
from issuer.store.area_store import name_of
from issuer.store.engine import reading
from issuer.web.access import ACCESS
from issuer.worklist.attempts import Origin
from issuer.worklist.differences import Piece, differences
from issuer.worklist.evidence import evidence_words
from issuer.worklist.roles import RIGHTS, Officer, Right
from issuer.worklist.words import TEXTS, say
from specs.valuesets import medicinal_products

__all__ = ["CLOCK", "changed", "date_text", "me", "origin", "register", "remember", "t", "world"]

CLOCK = timedelta(hours=48)
"""The term of a report (CV 9458), which the worklist keeps too."""

_token: Callable[[], str] = generate_csrf  # published without types
_VIETNAM = timezone(timedelta(hours=7))
_MARKS = {"mark": "m", "other": "o"}


def world() -> tuple[sa.Engine, Callable[[], datetime]]:
    """The register and the clock that the application was made with."""
    engine, now = current_app.extensions["issuer"]
    return engine, now


def me() -> Officer:
    """Who is asking; a page that is open to nobody else has an officer."""
    officer: Officer = g.officer
    return officer


def origin() -> Origin:
    """Where the request came from: the connection's own word; no header that a client may write is believed."""
    return Origin(request.remote_addr or "", str(request.environ.get("REMOTE_PORT", "")))


def t(key: str, **values: object) -> str:
    """A text in the officer's language."""
    return say(g.language, key, **values)


def remember(key: str, /, about: str = "", **values: object) -> None:
    """A line for the next page: what was just done, and the token of the record to go back to."""
    session["done"] = [key, {name: str(value) for name, value in values.items()}, about]


def date_text(iso: str) -> str:
    """`1990-04-15` as 15/04/1990, `1990-04` as 04/1990, `1990` as it is."""
    return "/".join(reversed(iso.split("-")))


def register(app: Flask) -> None:
    """Give templates their words and helpers."""
    app.jinja_env.globals.update(
        t=t,
        may=_may,
        menu=_menu,
        csrf=_csrf,
        clock=_clock,
        done=_done,
        evidence=_evidence,
        product=_product,
        words_of=_words_of,
        problem_words=_problem_words,
        rivals=_rivals,
        advice=_advice,
        area_name=_area_name,
        with_filters=_with_filters,
    )
    app.jinja_env.filters.update(day=date_text, moment=_moment, marked=_marked, number=_number, share=_share)


def _may(right: str) -> bool:
    return Right(right) in RIGHTS[me().role]


_MENU = (
    ("queue.listed", "nav.queue"),
    ("bulk.classes", "nav.bulk"),
    ("sheets.page", "nav.sheets"),
    ("handovers.page", "nav.handovers"),
    ("checks.page", "nav.checks"),
    ("numbers.page", "nav.numbers"),
)


def _menu() -> Markup:
    """Links to the pages that the officer's role may ask for."""
    here = (request.endpoint or "").partition(".")[0]
    links = []
    for endpoint, key in _MENU:
        if endpoint in current_app.view_functions and me().role in ACCESS.get(endpoint, ()):
            current = here == endpoint.partition(".")[0] or (here == "decide" and endpoint == "queue.listed")
            mark = Markup(' aria-current="page"') if current else ""
            links.append(Markup('<a href="{}"{}>{}</a>').format(url_for(endpoint), mark, t(key)))
    return Markup("").join(links)


def _csrf() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(_token())


def _words_of(code: Code) -> str:
    words: str = code.vi if g.language == "vi" else code.en
    return words[:1].upper() + words[1:]


def _advice(code: Code) -> str:
    """What to do after a refusal, where there is something to do."""
    key = f"advice.{code.name}"
    return t(key) if key in TEXTS else ""


def _problem_words(code: str) -> str:
    known = Problem.__members__.get(code)
    return code if known is None else (known.value.vi if g.language == "vi" else known.value.en)


def _rivals(text: str) -> int:
    try:
        return Evidence.parse(text).rivals + 1
    except ValueError:
        return 0


def changed(changes: str) -> list[tuple[str, tuple[Piece, ...], tuple[Piece, ...]]]:
    """What a correction of facts changes (JSON: field -> before and after), marked."""
    rows = []
    for name, (before, after) in json.loads(changes).items():
        rows.append((name, *differences(_shown(name, before), _shown(name, after))))
    return rows


def _shown(name: str, value: str) -> str:
    if name == "sex":
        return t(f"sex.{value}") if value else ""
    return date_text(value) if name == "birth_date" else value


def _with_filters(filters: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**filters, **changes}.items() if value}


def _number(count: int) -> str:
    """1.234.567 in Vietnamese, 1,234,567 in English."""
    text = f"{count:,}"
    return text.replace(",", ".") if g.language == "vi" else text


def _share(figure: Figure) -> str:
    """A share in percent as the officer's language writes it; a dash where nothing is counted."""
    text = figure.percent or "–"
    return text.replace(".", ",") if g.language == "vi" else text


def _done() -> tuple[str, str, bool]:
    key, values, about = session.pop("done", ("", {}, ""))
    return (t(key, **values) if key else ""), about, key == "login.unsaved"


def _area_name() -> str:
    """The officer's own area in words; its code where no list names it."""
    code = me().area_code
    if not code:
        return t("area.whole")
    engine, _ = world()
    with reading(engine) as connection:
        return name_of(connection, code)


def _evidence(text: str) -> list[tuple[str, bool]]:
    return evidence_words(text, g.language)


def _clock(opened_at: str) -> tuple[str, str]:
    """(words, urgency) of the 48-hour clock: `calm`, `soon` in its last 12 hours, `late`, `very-late` after 2 days."""
    _, now = world()
    left = datetime.fromisoformat(opened_at) + CLOCK - now()
    hours = int(abs(left).total_seconds() // 3600)
    if left > timedelta(0):
        return t("clock.left", hours=hours), "soon" if left < timedelta(hours=12) else "calm"
    if hours < 48:
        return t("clock.over", hours=hours), "late"
    return t("clock.over_days", days=hours // 24), "very-late"


def _product(code: str) -> str:
    known = medicinal_products().get(code)
    return known.words(g.language) if known else code


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(_VIETNAM).strftime("%d/%m/%Y %H:%M")


def _marked(pieces: tuple[Piece, ...]) -> Markup:
    """Pieces as HTML: what differs stands in <mark>."""
    return Markup("").join(
        Markup('<mark class="{}">{}</mark>').format(_MARKS[piece.difference], piece.text)
        if piece.difference in _MARKS
        else piece.text
        for piece in pieces
    )
