"""`score TRUTH OUTCOMES`: compare the outcomes of a make-believe country with its truth."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from issuer.commands.context import Context, Subparsers

if TYPE_CHECKING:
    from issuer.simulate.score import Score

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "score", help="compare outcomes with the truth of `simulate`; exit 1 on a wrong link or a row not accounted for"
    )
    parser.add_argument("truth", type=Path, metavar="TRUTH", help="truth.csv of the simulated country")
    parser.add_argument("outcomes", type=Path, metavar="OUTCOMES", help="what `outcomes --format csv` printed")
    parser.add_argument("--after-deltas", action="store_true", help="the register's delta files were loaded")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the comparison."""
    from issuer.simulate.score import score  # here, not above: loading DuckDB would slow every other subcommand

    result = score(arguments.truth, arguments.outcomes, after_deltas=arguments.after_deltas)
    print_score(context.out, result)
    return 0 if result.whole else 1


def print_score(out: TextIO, result: "Score") -> None:
    """The table by class of error, then the totals."""
    width = max([len("error class"), *(len(one.name) for one in result.classes)])
    headers = ("rows", "right", "wrong", "unresolved", "first proposal")
    lines = [(one.name, one.rows, one.right, one.wrong, one.unresolved, one.first) for one in result.classes]
    out.write(f"{'error class':<{width}}" + "".join(f"{header:>16}" for header in headers) + "\n")
    for name, *counts in [*lines, ("all rows", result.rows, result.right, result.wrong, result.unresolved)]:
        out.write(f"{name:<{width}}" + "".join(f"{count:>16,}" for count in counts) + "\n")
    out.write(
        f"\nwrong links: {result.wrong - result.merged:,}; called a duplicate and is none: {result.merged:,}; "
        f"linked rightly though the row does not prove it: {result.unproven:,}\n"
        f"not accounted for: {result.missing:,} without an outcome, {result.repeated:,} with several, "
        f"{result.unknown:,} outcomes of no such row\n"
        f"resolved, or true person proposed first: {result.resolved:,} of {result.known:,} "
        f"whose person is in the register ({_share(result.resolved, result.known)})\n"
        f"queue: {result.queue:,} rows; floor {result.floor:,} ({_times(result.queue, result.floor)}); "
        f"exact comparison of the raw fields would leave {result.raw_queue:,} "
        f"({_times(result.raw_queue, result.queue, ' the queue')})\n"
        f"rejected dose rows: {result.rejected:,}\n"
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "none"


def _times(part: int, whole: int, of: str = "") -> str:
    return f"{part / whole:.2f} times{of}" if whole else "none"
