"""`web`: the console in a browser."""

import argparse
import ipaddress
import logging
import os
import secrets
from pathlib import Path
from typing import Any

from issuer.commands.context import Context, Subparsers
from issuer.errors import Code, IssuerError, Where
from issuer.worklist.queue import open_records
from issuer.worklist.roles import Role

__all__ = ["add_parser", "is_this_machine", "proxy_settings", "run"]

_SECRET_BYTES = 32
_FROM_PROXY = {"x-forwarded-for", "x-forwarded-proto"}


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("web", help="the console for health stations, police and those above them")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="(8080)")
    parser.add_argument("--threads", type=int, default=8, metavar="N", help="requests at once (8)")
    parser.add_argument(
        "--secret-file",
        type=Path,
        default=Path("hochieu-web.secret"),
        metavar="FILE",
        help="signs cookies; made if it is not there; shared by all processes of one console",
    )
    parser.add_argument(
        "--behind-tls", action="store_true", help="needed to listen beyond this machine: a proxy does TLS"
    )
    parser.add_argument(
        "--second-factor",
        nargs="+",
        default=(),
        choices=[role.value for role in Role],
        metavar="ROLE",
        help="roles that work only with a second factor; everybody may have one",
    )
    parser.add_argument(
        "--proxy",
        metavar="ADDRESS",
        help="of the proxy before the console: it alone is believed about where a request came from",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Bring the queue up to date and serve until interrupted."""
    from waitress import serve  # only here: the other commands need no web server

    from issuer.web.app import create_app

    if not is_this_machine(arguments.host) and not arguments.behind_tls:
        context.err.write("web: personal data must not leave this machine without TLS: --behind-tls\n")
        return 2
    secret = read_secret(arguments.secret_file)
    found = open_records(context.engine, now=context.now())
    context.out.write(f"records opened: {found.opened:,}, settled meanwhile: {found.closed:,}\n")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    roles = frozenset(map(Role, arguments.second_factor))
    app = create_app(context.engine, now=context.now, secret=secret, second_factor=roles)
    context.out.write(f"http://{arguments.host}:{arguments.port}/\n")
    context.out.flush()
    serve(
        app,
        host=arguments.host,
        port=arguments.port,
        threads=arguments.threads,
        ident="",
        **proxy_settings(arguments.proxy),
    )
    return 0


def proxy_settings(proxy: str | None) -> dict[str, Any]:
    """How the server learns where a request came from; headers that anybody can write are dropped.

    Behind a proxy all officers would share its address, and its count of wrong passwords: one guesser would lock out
    a whole country, and the log would say nothing. The proxy's own last word of X-Forwarded-For is the officer's.
    """
    known = {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": _FROM_PROXY} if proxy else {}
    return {"clear_untrusted_proxy_headers": True, **known}


def read_secret(path: Path) -> bytes:
    """The secret of a file that only its owner may read, made if it is not there. Raises IssuerError."""
    if not path.exists():
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
                stream.write(secrets.token_bytes(_SECRET_BYTES))
        except FileExistsError:
            pass  # another process of the console was quicker; its secret is ours
        except OSError as error:
            raise IssuerError(Code.OUTPUT_REFUSED, error.strerror or "", Where(str(path))) from error
    secret = path.read_bytes()
    if len(secret) < _SECRET_BYTES or path.stat().st_mode & 0o077:
        raise IssuerError(
            Code.FILE_UNREADABLE, "a secret has 32 bytes or more and is its owner's alone", Where(str(path))
        )
    return secret


def is_this_machine(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
