"""The way back to where an officer was when the session had ended.

It is kept in the signed cookie and stands in no URL, so that nobody else chooses it, and leads to pages of the console
alone: never to a form's own address, which cannot be asked for, nor to a file.
"""

import re

from flask import current_app, g, request, session, url_for
from werkzeug.exceptions import HTTPException

from issuer.web.access import ACCESS
from issuer.worklist.roles import Officer

__all__ = ["begin_session", "forget_session", "is_own_path", "keep_way_back", "way_back"]

_LONGEST = 300
"""Characters; a cookie holds 4 KiB, and a longer one is dropped."""
_OWN_PATH = re.compile(r"(/[a-z0-9_-]+)+(\?[a-z0-9_=&-]*)?")
"""Paths of our own pages; browsers read blanks, tabs and backslashes in ways that lead elsewhere."""
_FILES = frozenset({"numbers.as_csv"})


def is_own_path(text: str) -> bool:
    """Whether a path, with its query, is one that a page of the console can have."""
    return len(text) <= _LONGEST and _OWN_PATH.fullmatch(text) is not None


def begin_session(token: str, account_id: int) -> None:
    """A session that shares nothing with the one before but the language."""
    session.clear()
    session.update(token=token, account=account_id, language=g.language)


def forget_session() -> None:
    """The session has ended; what stays is the language, and whose it was."""
    account_id = session.get("account")
    session.clear()
    session["language"] = g.language
    if account_id is not None:
        session["account"] = account_id


def keep_way_back() -> None:
    """Before an officer is sent to the sign-in form: the page asked for, or the one above the form that was sent."""
    path = _page_at_or_above(request.path)
    with_query = f"{path}?{request.query_string.decode('latin-1')}".removesuffix("?")
    session["back"] = with_query if is_own_path(with_query) else path


def way_back(officer: Officer) -> str:
    """Where to go after signing in: back, unless the page was another officer's."""
    is_ones_own = session.get("account", officer.account_id) == officer.account_id
    return (session.get("back") if is_ones_own else "") or url_for("queue.home")


def _page_at_or_above(path: str) -> str:
    pages = current_app.url_map.bind("")
    while path:
        try:
            endpoint, _ = pages.match(path, method="GET")
        except HTTPException:  # no page, or one for forms only
            endpoint = ""
        if endpoint in ACCESS and endpoint not in _FILES and is_own_path(path):
            return path
        path = path.rpartition("/")[0]
    return ""
