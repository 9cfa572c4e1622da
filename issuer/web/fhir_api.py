"""The FHIR API for hospital systems: POST /fhir/R4, GET /fhir/R4/metadata, GET /openapi.json (specs/fhir.md section 6).

An application of its own, in a process of its own: it can take doses in and say what became of them, nothing else. Who
is not known writes nothing and is not read further than the headers. Every refusal is an OperationOutcome; neither
replies nor logs hold personal data.
"""

import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from issuer.api_keys import TooManyRequestsError, admit, sender_of
from issuer.errors import Code, IssuerError
from issuer.fhir.answer import http_outcome, refusal_outcome, reply, transaction_outcome
from issuer.fhir.capability import STATEMENT
from issuer.fhir.json_text import MAX_BYTES
from issuer.fhir.openapi import document
from issuer.fhir.take import take_bundle

__all__ = ["MEDIA_TYPES", "REFUSALS", "create_app"]

MEDIA_TYPES = ("application/fhir+json", "application/json")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
REFUSALS = {
    Code.BUNDLE_NOT_JSON: 400,
    Code.BUNDLE_TOO_DEEP: 400,
    Code.API_KEY_REFUSED: 401,
    Code.BUNDLE_OTHER_FACILITY: 403,
    Code.BUNDLE_TOO_LARGE: 413,
    Code.BUNDLE_MALFORMED: 422,
    Code.BUNDLE_REFUSED: 422,
    Code.API_WAIT: 429,
    Code.DATABASE_BUSY: 503,
    Code.DATABASE_FULL: 503,
}
"""Every code with which a request is refused, and its status."""
_RETRY_SECONDS = 30
_log = logging.getLogger("issuer.fhir_api")


def create_app(engine: sa.Engine, *, now: Callable[[], datetime]) -> Flask:
    """The API over a register; `now` gives aware times."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.url_map.strict_slashes = False

    @app.post("/fhir/R4")
    def take() -> Response:
        at = now()
        sender = sender_of(engine, request.headers.get("Authorization", ""), now=at)
        admit(engine, sender, now=at)
        parameters = request.mimetype_params
        if (
            request.mimetype not in MEDIA_TYPES
            or parameters.get("charset", "utf-8").lower() != "utf-8"
            or parameters.get("fhirversion", "4.0") != "4.0"
        ):
            words = f"send {' or '.join(MEDIA_TYPES)} of FHIR 4.0 in UTF-8"
            return _json(415, http_outcome(415, words, "not-supported"))
        if request.accept_mimetypes and request.accept_mimetypes.best_match(MEDIA_TYPES) is None:
            return _json(406, http_outcome(406, "the reply is application/fhir+json", "not-supported"))
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return _json(415, http_outcome(415, "send the body without Content-Encoding", "not-supported"))
        taken = take_bundle(
            engine,
            request.get_data(cache=False),
            now=at,
            actor=sender.actor,
            facility_code=sender.facility_code,
        )
        if taken.bundle.is_refused:
            return _json(422, transaction_outcome(taken.bundle))
        fates = {number: (row.fate, row.problems) for number, row in taken.rows.items()}
        return _json(200, reply(taken.bundle, taken.file, fates, already=taken.already))

    @app.get("/fhir/R4/metadata")
    def metadata() -> Response:
        return _json(200, STATEMENT)

    @app.get("/openapi.json")
    def description() -> Response:
        return _json(200, document(), "application/json")

    app.register_error_handler(IssuerError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)
    app.after_request(_with_headers)
    return app


def _json(status: int, value: Any, media_type: str = MEDIA_TYPES[0]) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type=f"{media_type}; charset=utf-8")


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _refused(error: IssuerError) -> Response:
    if error.code not in REFUSALS:
        return _failed(error)
    response = _json(REFUSALS[error.code], refusal_outcome(error.code, error.detail))
    if error.code is Code.API_KEY_REFUSED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="fhir"'
    if isinstance(error, TooManyRequestsError):
        response.headers["Retry-After"] = str(error.seconds)
    elif response.status_code == 503:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, RequestEntityTooLarge):
        return _refused(IssuerError(Code.BUNDLE_TOO_LARGE, f"limit {MAX_BYTES} bytes"))
    kinds = {404: "not-found", 405: "not-supported", 415: "not-supported"}
    response = _json(error.code, http_outcome(error.code, error.name, kinds.get(error.code, "invalid")))
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    """Anything unforeseen: the message of an exception may hold somebody's data, so it is neither sent nor logged."""
    incident = secrets.token_hex(4)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else "?"
    kind = error.code.name if isinstance(error, IssuerError) else type(error).__name__
    _log.error("incident %s: %s at %s", incident, kind, place)
    return _json(500, http_outcome(500, f"a fault of ours, incident {incident}", "exception"))
