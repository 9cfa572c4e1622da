"""`report`: đúng, đủ, sạch, sống and the four rates, for any level."""

import argparse
import csv
from pathlib import Path

from issuer.commands.context import Context, Subparsers
from issuer.formulas import harmless
from issuer.report import LEVELS, Figure, Line, Metric, load_figures, report

__all__ = ["add_parser", "run"]

_WORDS = {
    Metric.CORRECT: "đúng: persons verified / sent",
    Metric.COMPLETE: "đủ: records with every field / records",
    Metric.CLEAN: "sạch: records without fault or repeat / records",
    Metric.LIVE: "sống: links that saw the register's last change / links",
    Metric.ENTERED: "doses entered / given",
    Metric.SIGNED: "doses signed by facilities / entered",
    Metric.REPORTS: "citizen reports resolved / received",
    Metric.VERIFIED: "records verified by police / listed",
}


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("report", help="the numbers of every level: đúng, đủ, sạch, sống, and four rates")
    parser.add_argument("--level", choices=LEVELS, default="nation", help="(nation)")
    parser.add_argument("--area", default="", metavar="CODE", help="only inside this province, district or commune")
    parser.add_argument("--csv", action="store_true", help="every figure with numerator and denominator, one a line")
    parser.add_argument(
        "--figures", type=Path, metavar="FILE", help="first keep reported figures: ma_co_so, loai, gia_tri, ngay"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the lines of the level."""
    now = context.now()
    if arguments.figures:
        kept = load_figures(context.engine, arguments.figures, now=now, actor=context.actor)
        context.err.write(f"figures kept: {kept:,}\n")
    lines = report(context.engine, arguments.level, now=now, area=arguments.area)
    if arguments.csv:
        writer = csv.writer(context.out, lineterminator="\n")
        writer.writerow(("level", "code", "name", "metric", "numerator", "denominator"))
        for line in lines:
            for metric, figure in line.figures.items():
                place = (line.level, harmless(line.code), harmless(line.name))
                writer.writerow((*place, metric, figure.numerator, figure.denominator))
        return 0
    for line in lines:
        _print(context, line)
    if not lines:
        context.out.write(f"no {arguments.level} of the lists of areas and facilities lies in {arguments.area}\n")
    return 0


def _print(context: Context, line: Line) -> None:
    title = " ".join(filter(None, (line.level, line.code, line.name)))
    if not line.waiting and not any(figure.denominator for figure in line.figures.values()):
        context.out.write(f"{title}: nothing so far\n")
        return
    context.out.write(f"{title}\n")
    for metric, figure in line.figures.items():
        context.out.write(
            f"  {_share(figure):>7}  {figure.numerator:>11,} / {figure.denominator:>11,}  {_WORDS[metric]}\n"
        )
    if line.waiting_hours is not None:
        context.out.write(f"  {line.waiting:,} records wait for people, median {line.waiting_hours:,.1f} hours\n")


def _share(figure: Figure) -> str:
    return figure.percent or "-"
