"""Signing in and out, changing the password, choosing the language."""

import re
import secrets

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from issuer.errors import Code, IssuerError
from issuer.web.pieces import me, remember, world
from issuer.worklist import accounts
from issuer.worklist.words import LANGUAGES

__all__ = ["blueprint"]

blueprint = Blueprint("sign_in", __name__)

_OWN_PATH = re.compile(r"(/[a-z0-9_-]+)+(\?[a-z0-9_=&-]*)?")
"""Paths of our own pages; browsers read blanks, tabs and backslashes in ways that lead elsewhere."""


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response | str | tuple[str, int]:
    """The form, and a new session for who fills it in rightly; nothing of an earlier session lives on."""
    if request.method == "GET":
        return redirect(url_for("queue.home")) if g.officer else render_template("login.html")
    engine, now = world()
    token = secrets.token_urlsafe(32)
    address = request.remote_addr or ""  # the connection's own; no header that a client may write is believed
    port = str(request.environ.get("REMOTE_PORT", ""))
    name, word = request.form.get("login", ""), request.form.get("password", "")
    try:
        accounts.log_in(
            engine,
            name,
            word,
            address,
            token,
            now=now(),
            port=port,
            code="".join(request.form.get("code", "").split()),
            second_key=current_app.extensions["second_key"],
        )
    except IssuerError as error:
        if error.code not in (Code.LOGIN_WAIT, Code.LOGIN_REFUSED):
            raise
        status = 429 if error.code is Code.LOGIN_WAIT else 401
        return render_template("login.html", refusal=error.code), status
    _begin(token)
    return redirect(url_for("queue.home"))


@blueprint.post("/logout")
def logout() -> Response:
    """End the session here and in the register."""
    engine, _ = world()
    accounts.log_out(engine, session.get("token", ""))
    language = g.language
    session.clear()
    session["language"] = language
    return redirect(url_for("sign_in.login"))


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Response | str | tuple[str, int]:
    """Change one's password; every other session of the account ends."""
    if request.method == "GET":
        return render_template("password.html")
    engine, now = world()
    token = secrets.token_urlsafe(32)
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        accounts.change_password(engine, me(), old, new, token, now=now())
    except IssuerError as error:
        return render_template("password.html", refusal=error.code), 400
    _begin(token)
    remember("password.done")
    return redirect(url_for("queue.home"))


@blueprint.post("/language")
def language() -> Response:
    """The other language, from here on."""
    session["language"] = LANGUAGES[1 - LANGUAGES.index(g.language)]
    back = request.form.get("back", "")
    return redirect(back if _OWN_PATH.fullmatch(back) else url_for("queue.home"))


def _begin(token: str) -> None:
    """A session that shares nothing with the one before but the language."""
    language = g.language
    session.clear()
    session["token"] = token
    session["language"] = language
