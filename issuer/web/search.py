"""Finding a record of one's own area. What is looked for comes in a form, so that it stands in no URL."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from issuer.web.pieces import me, world
from issuer.worklist import search

__all__ = ["blueprint"]

blueprint = Blueprint("search", __name__, url_prefix="/search")

_LONGEST = 120
_LAST_ROW = 10_000_000


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
    text, file_name = request.form.get("text", "")[:_LONGEST], request.form.get("file", "")[:_LONGEST]
    row_no = min(max(0, request.form.get("row", 0, type=int)), _LAST_ROW)
    answer = search.search(engine, me(), text, file_name, row_no, now=now())
    session.pop("found", None)
    if answer is None or not answer.rows:
        words = "search.unclear" if answer is None else "search.nobody"
        typed = {"text": text, "file": file_name, "row": row_no}
        return render_template("search.html", rows=[], words=words, typed=typed)
    if len(answer.rows) == 1:
        return redirect(url_for("queue.item", token=answer.rows[0].token))
    session["found"], session["found_more"] = [row.token for row in answer.rows], answer.more
    return redirect(url_for("search.page"))
