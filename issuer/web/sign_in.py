"""Signing in and out, changing the password, choosing the language."""

import secrets

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from issuer.errors import Code, IssuerError
from issuer.web.pieces import me, origin, remember, world
from issuer.web.way_back import begin_session, is_own_path, way_back
from issuer.worklist import accounts
from issuer.worklist.words import LANGUAGES

__all__ = ["blueprint"]

blueprint = Blueprint("sign_in", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response | str | tuple[str, int]:
    """The form, and a new session for who fills it in rightly; nothing of an earlier session lives on."""
    if request.method == "GET":
        return redirect(url_for("queue.home")) if g.officer else render_template("login.html")
    engine, now = world()
    token = secrets.token_urlsafe(32)
    name, word = request.form.get("login", ""), request.form.get("password", "")
    try:
        officer = accounts.log_in(
            engine,
            name,
            word,
            origin(),
            token,
            now=now(),
            code="".join(request.form.get("code", "").split()),
            second_key=current_app.extensions["second_key"],
        )
    except IssuerError as error:
        if error.code not in (Code.LOGIN_WAIT, Code.LOGIN_REFUSED):
            raise
        status = 429 if error.code is Code.LOGIN_WAIT else 401
        return render_template("login.html", refusal=error.code), status
    following = way_back(officer)
    begin_session(token, officer.account_id)
    return redirect(following)


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
        accounts.change_password(engine, me(), old, new, token, origin(), now=now())
    except IssuerError as error:
        status = 429 if error.code is Code.LOGIN_WAIT else 400
        return render_template("password.html", refusal=error.code), status
    begin_session(token, me().account_id)
    remember("password.done")
    return redirect(url_for("queue.home"))


@blueprint.post("/language")
def language() -> Response:
    """The other language, from here on."""
    session["language"] = LANGUAGES[1 - LANGUAGES.index(g.language)]
    back = request.form.get("back", "")
    return redirect(back if is_own_path(back) else url_for("queue.home"))
