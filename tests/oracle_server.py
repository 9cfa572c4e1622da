"""A reference server of the remote oracle (specs/oracle.md) on loopback, which can be told to fail.

It knows a few people, answers each batch once and keeps what it answered, and counts what it was asked. `failures` says
what becomes of the next requests: each takes one of `Fail` from the front, and none left means that all goes well.
"""

import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from issuer.oracle.contract import CONTRACT, MAX_ROWS
from specs.names import lossless_key

Facts = tuple[str, str, str, str]
"""so_dinh_danh, ho_ten, ngay_sinh, gioi_tinh."""


class Fail(Enum):
    """What goes wrong with one request."""

    ERROR_500 = auto()
    BUSY = auto()
    BUSY_LONG = auto()
    SILENT = auto()
    CUT = auto()
    CUT_AFTER_ANSWERING = auto()
    DENIED = auto()
    REFUSED = auto()
    REDIRECT = auto()
    NOT_JSON = auto()
    OTHER_BATCH = auto()
    ROW_MISSING = auto()
    ROW_TWICE = auto()
    WORD_FOR_TRUE = auto()
    ONE_FOR_TRUE = auto()
    TOO_LARGE = auto()


@dataclass
class Oracle:
    """The state of the server, for tests to set and look at."""

    people: set[Facts]
    failures: list[Fail] = field(default_factory=list)
    answered: dict[str, tuple[bytes, Response]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    asked: Counter[Facts] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def says(self, row: dict[str, str]) -> bool:
        """Whether the four are those of one person, names compared losslessly."""
        name = lossless_key(row["ho_ten"])
        return any(
            (number, lossless_key(known), born, sex) == (row["so_dinh_danh"], name, row["ngay_sinh"], row["gioi_tinh"])
            for number, known, born, sex in self.people
        )


def application(oracle: Oracle) -> Flask:
    """The server as a Flask application."""
    app = Flask("oracle")

    @app.put("/v1/batches/<batch_id>")
    def batch(batch_id: str) -> Response:
        oracle.requests.append(batch_id)
        oracle.paths.append(request.full_path)
        body = request.get_data()  # before anything is answered: a client may not read while it still sends
        fail = oracle.failures.pop(0) if oracle.failures else None
        early = _early(oracle, fail)
        if early is not None:
            return early
        if batch_id in oracle.answered:
            before, answer = oracle.answered[batch_id]
            if before != body:
                return _error(409, "OTHER_CONTENT")
            return _cut(answer.get_data()) if fail is Fail.CUT_AFTER_ANSWERING else answer
        asked = json.loads(body)
        if asked["contract"] != CONTRACT or asked["batch"] != batch_id or not 0 < len(asked["rows"]) <= MAX_ROWS:
            return _error(400, "MALFORMED")
        rows = []
        for row in asked["rows"]:
            oracle.asked[row["so_dinh_danh"], row["ho_ten"], row["ngay_sinh"], row["gioi_tinh"]] += 1
            rows.append({"row": row["row"], "dung": oracle.says(row)})
        answer = jsonify({"batch": batch_id, "rows": _spoilt(rows, fail)})
        if fail is Fail.OTHER_BATCH:
            return jsonify({"batch": "0" * 32, "rows": rows})
        if fail not in (Fail.ROW_MISSING, Fail.ROW_TWICE, Fail.WORD_FOR_TRUE, Fail.ONE_FOR_TRUE):
            oracle.answered[batch_id] = body, answer
        if fail is Fail.CUT_AFTER_ANSWERING:
            return _cut(answer.get_data())
        return answer

    return app


def _early(oracle: Oracle, fail: Fail | None) -> Response | None:
    match fail:
        case Fail.ERROR_500:
            return _error(500, "UNAVAILABLE")
        case Fail.BUSY | Fail.BUSY_LONG:
            answer = _error(429, "TOO_MANY")
            answer.headers["Retry-After"] = "30" if fail is Fail.BUSY else "86400"
            return answer
        case Fail.SILENT:
            oracle.release.wait()
            return _error(503, "UNAVAILABLE")
        case Fail.CUT:
            return _cut(b'{"batch": "", "rows": [{"row": 1, "du')
        case Fail.DENIED:
            return _error(403, "DENIED")
        case Fail.REFUSED:
            return _error(400, "MALFORMED")
        case Fail.REDIRECT:
            return Response(status=307, headers={"Location": oracle.url + "/elsewhere"})
        case Fail.NOT_JSON:
            return Response("<html>", status=200)
        case Fail.TOO_LARGE:
            return Response(b" " * 1_000_000, status=200)
    return None


def _spoilt(rows: list[dict[str, object]], fail: Fail | None) -> list[dict[str, object]]:
    match fail:
        case Fail.ROW_MISSING:
            return rows[1:]
        case Fail.ROW_TWICE:
            return [*rows, rows[0]]
        case Fail.WORD_FOR_TRUE:
            return [{"row": row["row"], "dung": "true"} for row in rows]
        case Fail.ONE_FOR_TRUE:
            return [{"row": row["row"], "dung": 1} for row in rows]
    return rows


def _error(status: int, code: str) -> Response:
    return Response(json.dumps({"error": code}), status=status, mimetype="application/json")


def _cut(body: bytes) -> Response:
    """More is announced than comes before the connection ends."""
    answer = Response(body[: len(body) // 2], status=200, mimetype="application/json")
    answer.headers["Content-Length"] = str(len(body))
    return answer


@contextmanager
def serving(people: Iterable[Facts], tls: ssl.SSLContext | None = None) -> Iterator[Oracle]:
    """A running server; it ends with the block."""
    oracle = Oracle(set(people))
    server = make_server("127.0.0.1", 0, application(oracle), threaded=True, ssl_context=tls)
    server.daemon_threads = True
    oracle.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield oracle
    finally:
        oracle.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
