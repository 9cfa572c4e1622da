"""`fhir-api`: doses of hospital systems as FHIR bundles, over HTTP."""

import argparse
import json
import logging

from issuer.commands.context import Context, Subparsers

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("fhir-api", help="take in FHIR R4 bundles of hospital systems over HTTP")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8081, help="(8081); 0: any free one")
    parser.add_argument("--threads", type=int, default=4, metavar="N", help="requests at once (4)")
    parser.add_argument(
        "--behind-tls", action="store_true", help="needed to listen beyond this machine: a proxy does TLS"
    )
    parser.add_argument("--print-openapi", action="store_true", help="print the OpenAPI description and end")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Serve until interrupted, or print the description."""
    from issuer.fhir.openapi import document

    if arguments.print_openapi:
        context.out.write(json.dumps(document(), ensure_ascii=False, indent=2) + "\n")
        return 0
    from waitress.server import create_server  # only here: the other commands need no web server

    from issuer.commands.web import is_this_machine
    from issuer.fhir.json_text import MAX_BYTES
    from issuer.web.fhir_api import create_app

    if not is_this_machine(arguments.host) and not arguments.behind_tls:
        context.err.write("fhir-api: personal data must not leave this machine without TLS: --behind-tls\n")
        return 2
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    server = create_server(
        create_app(context.engine, now=context.now),
        host=arguments.host,
        port=arguments.port,
        threads=arguments.threads,
        ident="",
        max_request_body_size=2 * MAX_BYTES,  # the application refuses more than MAX_BYTES in its own words
        clear_untrusted_proxy_headers=True,
    )
    port = getattr(server, "effective_port", arguments.port)  # a name of several addresses has no single one
    context.out.write(f"http://{arguments.host}:{port}/fhir/R4\n")
    context.out.flush()
    server.run()
    return 0
