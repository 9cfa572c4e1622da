"""`link`: find the person of every cleaned dose."""

import argparse

from issuer.clean.schedule import check_schedules
from issuer.commands.context import Context, Subparsers, print_counts
from issuer.link.run import link_doses

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("link", help="find the person of every cleaned dose; re-check what changed")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads of the comparison (2)")
    parser.add_argument(
        "--memory", default="2GB", metavar="SIZE", help="memory of the comparison (2GB); then it spills"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Link and print the classes."""
    with context.progress("doses") as progress:
        linked = link_doses(
            context.engine,
            now=context.now(),
            actor=context.actor,
            threads=arguments.threads,
            memory=arguments.memory,
            progress=progress,
        )
    print_counts(context.out, "doses linked", linked.looked_at, {one.value: n for one, n in linked.classes.items()})
    context.out.write(f"stored anew or changed: {linked.stored:,}\n")
    context.out.write("seconds: {:.1f} reading, {:.1f} comparing, {:.1f} storing\n".format(*linked.seconds))
    with context.progress("people") as progress:
        found = check_schedules(context.engine, progress=progress)
    if found:
        print_counts(context.out, "problems of schedule told", sum(found.values()), found)
    return 0
