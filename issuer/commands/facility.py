"""`facility add`, `end`, `api-key`, `api-keys`, `end-api-key`: which there are, who signs and sends for them."""

import argparse
import secrets
from datetime import datetime
from pathlib import Path

from issuer import api_keys
from issuer.audit import append
from issuer.commands.context import Context, Subparsers
from issuer.commands.files import public_of
from issuer.errors import Code, IssuerError, Where
from issuer.store import attestation_store
from issuer.store.engine import writing
from keys.certificates import facility_of
from keys.errors import naming

__all__ = ["add_parser", "run"]

_MOST_DAYS = 3 * 365


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("facility", help="facilities and their heads")
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="register a facility, or its next head; said again it changes nothing")
    add.add_argument("--code", required=True, help="as in the dose lists")
    add.add_argument("--name", required=True)
    add.add_argument("--commune", default="", metavar="CODE")
    add.add_argument("--head-certificate", type=Path, metavar="FILE", help="who may sign its doses from now on")
    add.add_argument("--since", type=datetime.fromisoformat, metavar="ISO-8601", help="entitled earlier than now")
    end = actions.add_parser("end", help="a head may sign no longer; what was signed before stands")
    end.add_argument("--code", required=True)
    end.add_argument("--head-certificate", type=Path, required=True, metavar="FILE")
    parser.set_defaults(run=run)
    key = actions.add_parser("api-key", help="a key with which its system sends FHIR bundles; shown this once")
    key.add_argument("--code", required=True)
    key.add_argument("--label", default="", metavar="TEXT", help="which system will hold it")
    key.add_argument("--days", type=_days, default=api_keys.DEFAULT_DAYS, metavar="N", help="valid for (365)")
    key.set_defaults(run=_api_key)
    key_list = actions.add_parser("api-keys", help="the names of its keys, until when they are valid, which ended")
    key_list.add_argument("--code", required=True)
    key_list.set_defaults(run=_api_keys)
    end_key = actions.add_parser("end-api-key", help="the key is refused from now on")
    end_key.add_argument("--code", required=True)
    end_key.add_argument("--key", required=True, metavar="NAME", help="the 16 characters after hcvx.")
    end_key.set_defaults(run=_end_api_key)


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"1 to {_MOST_DAYS}")
    return days


def _api_key(arguments: argparse.Namespace, context: Context) -> int:
    key = api_keys.new_key(
        context.engine,
        arguments.code,
        arguments.label,
        now=context.now(),
        days=arguments.days,
        actor=context.actor,
        token_hex=secrets.token_hex,
        token_urlsafe=secrets.token_urlsafe,
    )
    context.out.write(f"{key}\n")
    return 0


def _api_keys(arguments: argparse.Namespace, context: Context) -> int:
    for key in api_keys.keys(context.engine, arguments.code):
        state = f"ended {key.ended_at[:10]}" if key.ended_at else f"valid until {key.expires_at[:10]}"
        context.out.write(f"{key.key_id}  {state}  {key.label}\n")
    return 0


def _end_api_key(arguments: argparse.Namespace, context: Context) -> int:
    ended = api_keys.end_key(context.engine, arguments.code, arguments.key, now=context.now(), actor=context.actor)
    context.out.write(f"key {arguments.key}: {'ended' if ended else 'no such key in use'}\n")
    return 0 if ended else 1


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Register, or end."""
    file = arguments.head_certificate
    public = None
    if file:
        with naming(file):
            public = public_of(file)
            named = facility_of(public.der)
        if named != arguments.code:
            raise IssuerError(Code.HEAD_CERTIFICATE, f"it is for {named}", Where(str(file)))
    now = context.now()
    with writing(context.engine) as connection:
        if arguments.action == "end":
            number = attestation_store.facility_id(connection, arguments.code)
            if number is None:
                raise IssuerError(Code.FACILITY_UNKNOWN, arguments.code)
            assert public is not None, "argparse requires the certificate"  # noqa: S101
            changed = attestation_store.end_head(connection, number, public.kid, int(now.timestamp()))
            action, did = "facility.end", "head may no longer sign" if changed else "was no longer entitled"
        else:
            number, changed = attestation_store.add_facility(
                connection, arguments.code, arguments.name, arguments.commune
            )
            did = "new" if changed else "known"
            if public is not None:
                since = int((arguments.since or now).timestamp())
                head = attestation_store.add_head(connection, number, public.kid, public.der, since)
                changed = changed or head
                did += f", head {public.kid.hex()} {'may sign from now on' if head else 'was registered before'}"
            action = "facility.add"
        if changed:
            append(
                connection,
                now=now,
                actor=context.actor,
                action=action,
                object=f"facility {arguments.code}",
                reason=f"head kid {public.kid.hex()}" if public else "without a head",
            )
    context.out.write(f"facility {arguments.code}: {did}\n")
    return 0
