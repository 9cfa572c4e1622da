"""The FHIR API on a port of this machine, as a hospital's system meets it: real HTTP, a real server."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from typing import Any

import sqlalchemy as sa
from waitress import wasyncore
from waitress.server import create_server

from issuer.fhir.json_text import MAX_BYTES
from issuer.web.fhir_api import create_app


@dataclass
class Reply:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[list[str]]:
        """The codes of each entry's issues; of an OperationOutcome those of its issues."""
        outcomes = [self.json] if "issue" in self.json else [e["response"]["outcome"] for e in self.json["entry"]]
        return [[issue["details"]["coding"][0]["code"] for issue in one["issue"]] for one in outcomes]


@dataclass
class Api:
    """A running API."""

    port: int
    key: str = ""

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, key: str | None = None, **headers: str
    ) -> Reply:
        """One request, with the API's own key unless another (or an empty one, for none) is told."""
        key = self.key if key is None else key
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            named["Authorization"] = f"Bearer {key}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def post(self, value: Any, *, key: str | None = None, **headers: str) -> Reply:
        """Send a bundle: JSON, or bytes as they are."""
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        return self.ask("POST", "/fhir/R4", body, key=key, **({"Content_Type": "application/fhir+json"} | headers))


@contextlib.contextmanager
def serving(engine: sa.Engine, now: Callable[[], datetime]) -> Iterator[Api]:
    """The API over a register, until the block ends."""
    sockets: dict[int, Any] = {}
    server = create_server(
        create_app(engine, now=now),
        host="127.0.0.1",
        port=0,
        threads=2,
        ident="",
        max_request_body_size=2 * MAX_BYTES,
        map=sockets,
    )
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield Api(int(server.effective_port))
    finally:
        stopping.set()
        thread.join()
