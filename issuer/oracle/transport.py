"""HTTP to the oracle: one PUT a batch, no redirect, no proxy, no ID number in the URL; TLS but on loopback."""

import http.client
import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from issuer.errors import Code, IssuerError
from issuer.oracle.contract import Failure, UnansweredError

__all__ = ["HttpTransport", "Reply", "Transport"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, the header Retry-After (empty: none), and the body."""

    status: int
    retry_after: str
    body: bytes = field(repr=False)


class Transport(Protocol):
    """How a batch reaches the oracle."""

    def put(self, batch_id: str, body: bytes, max_answer: int) -> Reply:
        """Send a batch and return the reply, of at most `max_answer` bytes. Raises UnansweredError."""


class HttpTransport:
    """The oracle at a URL such as `https://oracle.example/v1`; `timeout` in seconds, for every wait of a connection."""

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None, timeout: float = 60.0) -> None:
        """Raises IssuerError (ORACLE_URL) for anything but https, or http on loopback."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise IssuerError(Code.ORACLE_URL, "not a URL") from error
        plain = parts.scheme == "http" and _is_loopback(host)
        if not host or not (plain or parts.scheme == "https") or parts.username or parts.query or parts.fragment:
            raise IssuerError(Code.ORACLE_URL)
        self._host, self._port, self._path = host, port, parts.path.rstrip("/")
        self._tls = None if plain else tls or ssl.create_default_context()
        self._timeout = timeout

    def put(self, batch_id: str, body: bytes, max_answer: int) -> Reply:
        """Send a batch over a connection of its own."""
        connection = self._connection()
        try:
            headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
            connection.request("PUT", f"{self._path}/batches/{batch_id}", body, headers)
            with connection.getresponse() as response:
                answer = response.read(max_answer + 1)
                if len(answer) > max_answer:
                    raise UnansweredError(Failure.BAD_ANSWER, "larger than an answer may be")
                if response.length:  # read(n) tells nothing of a body that ends early
                    raise UnansweredError(Failure.CUT)
                return Reply(response.status, response.headers.get("Retry-After", ""), answer)
        except TimeoutError as error:
            raise UnansweredError(Failure.TIMEOUT) from error
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise UnansweredError(Failure.CUT, type(error).__name__) from error
        except ssl.SSLError as error:
            raise UnansweredError(Failure.DENIED, error.reason or "TLS") from error
        except (OSError, http.client.HTTPException) as error:
            raise UnansweredError(Failure.CUT, type(error).__name__) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
