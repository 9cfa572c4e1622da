"""Finding a record of one's own area. What is looked for comes in a form, so that it stands in no URL."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from issuer.web.pieces import me, world
from issuer.worklist import search

__all__ = ["blueprint"]

blueprint = Blueprint("search", __name__, url_prefix="/search")

_LONGEST = 120


@blueprint.get("")
def page() -> str:
    """The form, and the records of the last question, whose references the session keeps for the way back."""
    engine, now = world()
    tokens = session.get("found", [])
    rows = search.found_again(engine, me(), tokens, now=now()) if tokens else []
    return render_template("search.html", rows=rows, more=session.get("found_more", False), typed={})


@blueprint.post("")
def ask() -> Response | str:
    """Look, and show the answer at an address of its own; a single record at once."""
    engine, now = world()
    typed = {name: request.form.get(name, "")[:_LONGEST] for name in ("text", "file", "row")}
    answer = search.search(engine, me(), typed["text"], typed["file"], typed["row"], now=now())
    session.pop("found", None)
    if isinstance(answer, search.Unclear):
        return render_template("search.html", rows=[], words=f"search.unclear.{answer}", typed=typed)
    if not answer.rows:
        return render_template("search.html", rows=[], words="search.nobody", typed=typed)
    if len(answer.rows) == 1:
        return redirect(url_for("queue.item", token=answer.rows[0].token))
    session["found"], session["found_more"] = [row.token for row in answer.rows], answer.more
    return redirect(url_for("search.page"))
