"""An officer's own account: role and area, language, where it is signed in, and who tried to sign in."""

import re
import secrets
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from qrcode.main import QRCode
from werkzeug.wrappers import Response

from issuer.errors import Code, IssuerError
from issuer.web.pieces import me, origin, remember, world
from issuer.worklist.own_account import end_other_sessions, own_account
from issuer.worklist.second_factor import RANDOM_BYTES, begin, confirm

__all__ = ["blueprint"]

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def page() -> str:
    """The account; shows nobody else's data."""
    engine, _ = world()
    return render_template("account.html", own=own_account(engine, me(), session["token"]))


@blueprint.get("/second")
def second() -> str:
    """Whether there is a second factor, and the way to one."""
    return render_template("second.html")


@blueprint.post("/second")
def second_begin() -> str | tuple[str, int]:
    """A new secret for who knows the password, shown this once as QR and as text."""
    engine, now = world()
    key, random = current_app.extensions["second_key"], secrets.token_bytes(RANDOM_BYTES)
    try:
        uri = begin(engine, me(), key, random, request.form.get("password", ""), origin(), now=now())
    except IssuerError as error:
        if error.code not in (Code.LOGIN_REFUSED, Code.LOGIN_WAIT):
            raise
        status = 429 if error.code is Code.LOGIN_WAIT else 400
        return render_template("second.html", refusal=error.code), status
    shown = parse_qs(urlsplit(uri).query)["secret"][0]
    return render_template("second.html", path=_qr(uri), shown=" ".join(re.findall(".{1,4}", shown)))


@blueprint.post("/second/confirm")
def second_confirm() -> Response | tuple[str, int]:
    """The first code from the phone puts it in force."""
    engine, now = world()
    code = "".join(request.form.get("code", "").split())
    try:
        confirm(engine, me(), current_app.extensions["second_key"], code, now=now())
    except IssuerError as error:
        if error.code is not Code.LOGIN_REFUSED:
            raise
        return render_template("second.html", wrong=True), 400
    remember("second.done")
    return redirect(url_for("account.page"))


def _qr(text: str) -> tuple[int, str]:
    """Size and dark squares of a QR symbol with its quiet zone, as the path of an SVG."""
    symbol = QRCode(border=4)
    symbol.add_data(text)
    symbol.make()
    rows = symbol.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return len(rows), "".join(dark)


@blueprint.post("/end-others")
def end_others() -> Response:
    """Sign out everywhere else."""
    engine, now = world()
    remember("account.ended", count=end_other_sessions(engine, me(), session["token"], now=now()))
    return redirect(url_for("account.page"))
