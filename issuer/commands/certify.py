"""`certify`: the national signer, on a machine that faces nobody."""

import argparse
import gc
import os
from functools import partial
from pathlib import Path

from issuer.certify.certify import BindingKey, Desk, certify
from issuer.commands.context import Context, Subparsers, print_counts
from issuer.commands.files import add_authority_argument, add_signer_arguments, authorities_of, read_bytes, signer_of
from issuer.config import load_policy
from issuer.store.engine import reading
from issuer.store.record_store import count_people
from keys.certificate_facts import read_certificate
from keys.epoch_keys import EpochKeys, load_device_key
from keys.errors import naming
from keys.secret_files import read_password

__all__ = ["add_parser", "run"]

_GC_EVERY = 200_000  # records are trees, never cycles: at the default of 700 the collector takes a fifth of the time


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("certify", help="sign a certificate for everybody who has become eligible")
    add_signer_arguments(parser)
    parser.add_argument("--epoch-keys", type=Path, metavar="FILE", help="signed bundle of mask keys (ID binding)")
    parser.add_argument("--epoch-anchor", type=Path, metavar="FILE", help="certificate that signed the bundle")
    parser.add_argument("--device-key", type=Path, metavar="FILE", help="this machine's key, which opens the bundle")
    parser.add_argument("--device-password-file", type=Path, metavar="FILE")
    parser.add_argument("--epoch", type=int, metavar="N", help="default: the newest of the bundle")
    add_authority_argument(parser, "who must have issued the heads' certificates; needed; may be repeated")
    parser.add_argument("--config", type=Path, metavar="FILE")
    parser.set_defaults(run=partial(run, parser=parser))


def run(arguments: argparse.Namespace, context: Context, parser: argparse.ArgumentParser) -> int:
    """Certify, and print how many and why not the others."""
    if not arguments.facility_authority:
        parser.error("--facility-authority is needed: without it a row in the database would make a facility head")
    desk = Desk(
        signer=signer_of(arguments, parser),
        binding=_binding(arguments, parser),
        policy=load_policy(arguments.config).certificate,
        actor=context.actor,
        clock=context.now,
        random=os.urandom,
        authorities=authorities_of(arguments.facility_authority),
    )
    gc.freeze()
    gc.set_threshold(_GC_EVERY)
    with reading(context.engine) as connection:
        total = count_people(connection)
    with context.progress("certificates", total) as progress:
        done = certify(context.engine, desk, progress=progress)
    if done.finished or done.withdrawn:
        context.out.write(
            f"of an earlier run: {done.finished:,} reservations signed, "
            f"{done.withdrawn:,} given up because the record changed\n"
        )
    print_counts(
        context.out,
        "people with a linked dose",
        done.people,
        {"certified": done.issued, "certified before": done.before}
        | {f"refused: {reason}": count for reason, count in sorted(done.refused.items())},
    )
    return 0


def _binding(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> BindingKey:
    files = (arguments.epoch_keys, arguments.epoch_anchor, arguments.device_key, arguments.device_password_file)
    if not all(files):
        parser.error("--epoch-keys, --epoch-anchor, --device-key and --device-password-file are needed to bind IDs")
    bundle, anchor, device_key, password = files
    held = load_device_key(device_key, read_password(password))
    with naming(anchor):
        anchored = read_certificate(read_bytes(anchor)).der
    with naming(bundle):
        opened = EpochKeys.open(read_bytes(bundle), anchored, held)
        epoch = arguments.epoch if arguments.epoch is not None else max(opened.keys, default=0)
        return BindingKey(epoch, opened.key(epoch))
