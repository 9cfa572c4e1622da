"""An officer's own account: role and area, language, where it is signed in, and who tried to sign in."""

from flask import Blueprint, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from issuer.web.pieces import me, remember, world
from issuer.worklist.own_account import end_other_sessions, own_account

__all__ = ["blueprint"]

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def page() -> str:
    """The account; shows nobody else's data."""
    engine, _ = world()
    return render_template("account.html", own=own_account(engine, me(), session["token"]))


@blueprint.post("/end-others")
def end_others() -> Response:
    """Sign out everywhere else."""
    engine, now = world()
    remember("account.ended", count=end_other_sessions(engine, me(), session["token"], now=now()))
    return redirect(url_for("account.page"))
