"""The application: who is asking, what they may, which headers every answer carries, and errors as pages.

Nothing of the outside world is reached for: register, clock and secret are arguments. No personal data is logged: an
unforeseen error is one line with its kind, its page and an incident number.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as AnyResponse

from issuer.audit import append
from issuer.errors import Code, IssuerError
from issuer.store.engine import writing
from issuer.web import account, bulk, checks, decide, figures, handovers, pieces, queue, search, sheets, sign_in
from issuer.web.access import ACCESS, ANYBODY, WITHOUT_CHANGE, WITHOUT_SECOND
from issuer.web.way_back import forget_session, keep_way_back
from issuer.worklist.accounts import officer_of
from issuer.worklist.roles import Role
from issuer.worklist.second_factor import key_of
from issuer.worklist.words import LANGUAGES

__all__ = ["create_app"]

_PAGES = (sign_in, account, queue, search, decide, bulk, sheets, handovers, checks, figures)
_LARGEST_UPLOAD = 8 * 1024 * 1024
_LARGEST_FORM = 64 * 1024
"""Everything but a sheet: the longest list under one gesture has 40 references."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
_STATUS = {
    Code.WORK_NOT_FOUND: 404,
    Code.WORK_NOT_ALLOWED: 403,
    Code.WORK_TWO_PEOPLE: 403,
    Code.WORK_CHANGED: 409,
    Code.WORK_STATE: 409,
    Code.WORK_CERTIFIED: 409,
    Code.LOGIN_WAIT: 429,
    Code.DATABASE_BUSY: 503,
    Code.DATABASE_FULL: 503,
    Code.DATABASE_FAILED: 500,
}


class _Token(BaseConverter):
    """A random reference in a URL: 32 hexadecimal digits and nothing else."""

    regex = "[0-9a-f]{32}"


_log = logging.getLogger("issuer.web")


def create_app(
    engine: sa.Engine,
    *,
    now: Callable[[], datetime],
    secret: bytes,
    second_factor: frozenset[Role] = frozenset(),
) -> Flask:
    """The console over a register; `secret` (32 bytes or more, shared by its processes) signs cookies and forms.

    Roles in `second_factor` do nothing before they have one.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="__Host-hochieu",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=_LARGEST_UPLOAD,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, which ends by itself
    )
    app.extensions["issuer"] = (engine, now)
    app.extensions["second_key"] = key_of(secret)
    app.extensions["second_factor"] = second_factor
    app.url_map.converters["token"] = _Token
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_who)
    CSRFProtect(app)
    app.after_request(_headers)
    pieces.register(app)
    for page in _PAGES:
        app.register_blueprint(page.blueprint)
    app.register_error_handler(IssuerError, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)
    return app


def _who() -> AnyResponse | tuple[str, int] | None:
    """Before every request: language, officer, and whether the role may ask for this page."""
    g.language = session.get("language", LANGUAGES[0])
    g.officer = None
    engine, now = pieces.world()
    endpoint = request.endpoint or ""
    token = session.get("token")
    if token and endpoint != "static":
        g.officer = officer_of(engine, token, now=now())
        if g.officer is None:
            forget_session()
            pieces.remember("login.ended")
    if g.officer is None and endpoint and endpoint not in ANYBODY:
        return _to_sign_in(endpoint)
    if endpoint != "sheets.returned":
        request.max_content_length = _LARGEST_FORM
    if any("\0" in text for _, text in request.form.items(multi=True)):
        abort(400)  # no officer types it, and a database refuses to keep it
    if endpoint in ANYBODY or not endpoint:
        return None
    if g.officer.must_change and endpoint not in WITHOUT_CHANGE:
        return redirect(url_for("sign_in.password"))
    missing = g.officer.role in current_app.extensions["second_factor"] and not g.officer.has_second
    if missing and endpoint not in WITHOUT_SECOND:
        return redirect(url_for("account.second"))
    if g.officer.role not in ACCESS.get(endpoint, frozenset()):
        with writing(engine) as connection:
            append(connection, now=now(), actor=g.officer.actor, action="web.denied", object=endpoint, reason="role")
        return render_template("error.html", code="403"), 403
    return None


def _to_sign_in(endpoint: str) -> AnyResponse:
    """To the form, which knows the way back; what was sent is not kept, and that is said."""
    keep_way_back()
    if request.method == "POST" and endpoint != "sign_in.logout":
        pieces.remember("login.unsaved")
    return redirect(url_for("sign_in.login"))


def _headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: IssuerError) -> tuple[str, int]:
    status = _STATUS.get(error.code, 400)
    if status >= 500:
        _log.error("%s on %s", error.code.name, request.endpoint)
    about = (request.view_args or {}).get("token", "") if request.blueprint == "decide" else ""
    known = error.code is not Code.WORK_NOT_FOUND
    page = render_template(
        "error.html", refusal=error.code, detail=error.detail, code=str(status), about=about if known else ""
    )
    return page, status


def _stale(error: CSRFError) -> tuple[str, int]:
    return render_template("error.html", key="error.csrf", code="400"), 400


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    known = str(error.code) if error.code in (400, 403, 404, 413) else "400"
    return render_template("error.html", code=known), error.code


def _failed(error: Exception) -> tuple[str, int]:
    """Anything unforeseen: the message of an exception may hold somebody's data, so it is neither shown nor logged."""
    incident = secrets.token_hex(4)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else "?"
    _log.error("incident %s: %s at %s on %s", incident, type(error).__name__, place, request.endpoint)
    return render_template("error.html", incident=incident, code="500"), 500
