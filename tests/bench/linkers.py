"""`make bench-linkers`: our linking and Splink's over the same cleaned doses, both scored against the truth.

One simulated country goes through load, intake and clean. What linking then reads is handed to Splink as it is, so that
cleaning is not what is compared; Splink has an environment of its own (requirements/peers.txt). It measures and prints;
it is no test. Two mixes: the national one, and one in which every dose is spoiled in two fields more (`spoiled`).
`--write FILE` puts the tables between the marks `<!-- linkers -->` and `<!-- /linkers -->` of a document.
"""

import argparse
import csv
import json
import math
import os
import re
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from issuer.link.copy_register import copy_register
from issuer.link.duckdb_engine import DuckDbEngine
from issuer.link.statements import statements
from issuer.link.weights import shipped_weights
from issuer.store.engine import open_database, reading
from issuer.store.outcome_store import outcomes
from tests.bench import spoiled
from tests.bench.register import ROOT, empty_file, log, machine, markdown, run_issuer

PEER = ROOT / ".venv" / "peers" / "bin" / "python"
MIXES = ("national mix", "spoiled twice")
SURE = (0.99, 0.999, 0.9999)
"""Match probabilities from which somebody might let a score link by itself."""
LEAST_BITS = -10.0
"""Candidates with odds below one to a thousand are no proposals, whoever weighs them."""
TIE = 0.01
"""Bits; two candidates nearer than that fit equally well, and neither is the first."""

_HANDED_OVER = (
    "unique_id", "name_key", "name_fold", "name_i_y", "birth", "birth_other", "sex", "number", "numbers", "lost_end",
    "day", "death",
)  # fmt: skip
_DOSES = """
SELECT d.dose_id, d.name_key, d.name_fold, merge_i_y(d.name_key),
  CASE WHEN d.birth_date = '' THEN d.birth_date_other ELSE d.birth_date END, d.birth_date_other, d.sex,
  r.main, r.readings, r.lost_end, d.vaccinated_on, ''
FROM doses d LEFT JOIN (
  SELECT dose_id, min(value) FILTER (kind = 'main') AS main, min(value) FILTER (kind = 'start') AS lost_end,
    string_agg(value, ';') FILTER (kind <> 'start') AS readings
  FROM readings GROUP BY dose_id
) r ON r.dose_id = d.dose_id"""
_PEOPLE = """
SELECT p.person_id, p.name_key, p.name_fold, merge_i_y(p.name_key), p.birth_date, '', p.sex, p.national_id,
  concat_ws(';', p.national_id, o.numbers), '', '', p.death_date
FROM people p
LEFT JOIN (SELECT person_id, string_agg(value, ';') AS numbers FROM old_numbers GROUP BY person_id) o
  ON o.person_id = p.person_id"""
_SPOILED_DOSES = """
SELECT d.* REPLACE (s.name_key AS name_key, s.name_fold AS name_fold, s.birth_date AS birth_date,
  '' AS birth_date_other, s.id_kind AS id_kind, s.id_number AS id_number)
FROM all_doses d JOIN spoiled s ON s.dose_id = d.dose_id WHERE d.is_foreign = 0"""
_SPOILED_READINGS = "SELECT dose_id, 'main' AS kind, id_number AS value FROM doses WHERE id_number <> ''"
_RANKED = "SELECT dose_id, person_id, weight FROM ranked ORDER BY dose_id, place"
_PERSONS = "SELECT national_id, person_id FROM person"
_FOREIGN = "SELECT dose_id FROM dose WHERE is_foreign = 1"

Candidates = Mapping[int, Sequence[tuple[float, int]]]
"""By dose: (bits, person), best first; 0 bits are even odds."""


@dataclass(frozen=True)
class Truth:
    """By dose: the true person, None if the register does not know them; and the classes of error in the row."""

    people: Mapping[int, int | None]
    classes: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class Linked:
    """What the two make of one mix: the links of our rule, the candidates of both, and their seconds of comparison.

    `shown_from`: bits from which on linking proposes a candidate.
    """

    mix: str
    conclusive: Mapping[int, int]
    ours: Candidates
    splink: Candidates
    shown_from: float
    our_seconds: float
    splink_seconds: Mapping[str, float]
    splink_mebibytes: int
    versions: Mapping[str, str]


def truth_of(register: sa.Engine, file: Path) -> Truth:
    """Of every dose that linking sees."""
    with file.open(encoding="utf-8", newline="") as stream:
        lines = {(line["file"], line["sheet"], line["row"]): line for line in csv.DictReader(stream)}
    people: dict[int, int | None] = {}
    classes: dict[int, tuple[str, ...]] = {}
    with reading(register) as connection:
        numbers = {row.national_id: row.person_id for row in connection.execute(sa.text(_PERSONS))}
        foreign = set(connection.scalars(sa.text(_FOREIGN)))
        for one in outcomes(connection):
            if one.fate == "stored" and one.row_id not in foreign:
                line = lines[one.file, one.sheet, str(one.row)]
                people[one.row_id] = numbers.get(line["so_dinh_danh"])
                classes[one.row_id] = tuple(line["error_classes"].split(";")) if line["error_classes"] else ("clean",)
    return Truth(people, classes)


def link_both(register: sa.Engine, folder: Path, mix: str, pairs: float) -> Linked:
    """Compare every dose with us, with and without the rule, then with Splink."""
    with DuckDbEngine(folder) as duck:
        copy_register(register, duck, folder, ())
        if mix == MIXES[0]:
            duck.make("doses", "SELECT * FROM all_doses WHERE is_foreign = 0")
        else:
            _write(folder / "spoiled.csv", spoiled.spoil(duck))
            duck.load("spoiled", spoiled.COLUMNS, folder / "spoiled.csv")
            duck.make("doses", _SPOILED_DOSES)
            duck.drop("readings")
            duck.make("readings", _SPOILED_READINGS)
        for table, select in (("doses", _DOSES), ("people", _PEOPLE)):
            _write(folder / f"{table}.csv", [_HANDED_OVER, *(row for chunk in duck.rows(select) for row in chunk)])
        weights, start = shipped_weights(), time.perf_counter()
        for table, select in statements(weights):
            duck.make(table, "SELECT * FROM doses" if table == "rest" else select)  # the rule's as well
        our_seconds = time.perf_counter() - start
        conclusive = dict(pair for chunk in duck.rows("SELECT dose_id, person_id FROM conclusive") for pair in chunk)
        people = next(iter(duck.rows("SELECT COUNT(*) FROM people")))[0][0]
        ours = _candidates(
            (dose, person, weight / 100 - math.log2(people))
            for chunk in duck.rows(_RANKED)
            for dose, person, weight in chunk
        )
    shown_from = weights.proposed_from / 100 - math.log2(people)
    log(f"{mix}: ours {our_seconds:.1f} s")
    told, mebibytes = _splink(folder, pairs)
    log(f"{mix}: Splink {told['seconds']}, {mebibytes} MiB")
    with (folder / "splink.csv").open(encoding="utf-8", newline="") as stream:
        splink = _candidates((int(dose), int(person), float(bits)) for dose, person, bits in csv.reader(stream))
    return Linked(mix, conclusive, ours, splink, shown_from, our_seconds, told["seconds"], mebibytes, told["versions"])


def _splink(folder: Path, pairs: float) -> tuple[dict[str, Any], int]:
    script = Path(__file__).with_name("peer_splink.py")
    with (folder / "told.json").open("wb") as stream:
        process = subprocess.Popen([PEER, script, folder, str(pairs)], stdout=stream)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"Splink ended with {process.returncode}")
    told: dict[str, Any] = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return told, used.ru_maxrss // 1024


def _write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _candidates(rows: Iterable[tuple[int, int, float]]) -> Candidates:
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for dose, person, bits in rows:
        if bits >= LEAST_BITS:
            found[dose].append((bits, person))
    return found


@dataclass(frozen=True)
class Firsts:
    """The first candidates of some doses: (bits, whether it is the true person), best first. Ties have no first."""

    firsts: Sequence[tuple[float, bool]]

    @classmethod
    def of(cls, candidates: Candidates, truth: Truth, doses: Iterable[int], apart: float = TIE) -> "Firsts":
        """Judge the first candidate of every dose; the next must be so many bits away."""
        firsts = []
        for dose in doses:
            best = candidates.get(dose, ())
            if best and not (len(best) > 1 and best[0][0] - best[1][0] < apart):
                firsts.append((best[0][0], best[0][1] == truth.people[dose]))
        return cls(sorted(firsts, reverse=True))

    def counts(self, least: float = -math.inf) -> tuple[int, int]:
        """(right, wrong) of those with at least so many bits."""
        right = [is_true for bits, is_true in self.firsts if bits >= least]
        return sum(right), len(right) - sum(right)

    def as_many(self, links: int) -> float:
        """The bits from which on a score links as many doses, or the fewest more."""
        return self.firsts[min(links, len(self.firsts)) - 1][0] if links and self.firsts else math.inf

    def without_wrong(self) -> int:
        """How many could be linked with no wrong one among them, if somebody knew where to stop."""
        worst = max((bits for bits, is_true in self.firsts if not is_true), default=-math.inf)
        return sum(bits > worst for bits, _ in self.firsts)


def mix_table(linked: Linked, truth: Truth) -> str:
    """Ours and Splink's over one mix: as ranking behind the rule, and as a score that links by itself."""
    every, rule = sorted(truth.people), linked.conclusive
    rest = [dose for dose in every if dose not in rule]
    both = (linked.ours, linked.splink)
    whole = [Firsts.of(candidates, truth, every) for candidates in both]
    left = [Firsts.of(candidates, truth, rest) for candidates in both]
    shown = Firsts.of(linked.ours, truth, rest, shipped_weights().as_well / 100)
    wrong = sum(person != truth.people[dose] for dose, person in rule.items())
    links = f"{len(rule) - wrong:,} right, {wrong:,} wrong"
    lines = [
        ["", "our weights", "Splink"],
        ["linked by the rule of linking.md, before either", links, links],
        [f"the other {len(rest):,}: first candidate", *map(_counts, left)],
        ["of these by the thresholds of linking.md", _counts(shown, linked.shown_from), ""],
        ["a score that links as many as the rule", *(_counts(one, one.as_many(len(rule))) for one in whole)],
    ]
    for sure in SURE:
        least = math.log2(sure / (1 - sure))
        lines.append([f"a score that links from a probability of {sure}", *(_counts(one, least) for one in whole)])
    best = (one.without_wrong() for one in whole)
    lines.append(
        ["the most that a score links with none wrong", *(f"{one:,} ({one / len(every):.2%})" for one in best)]
    )
    known = sum(person is not None for person in truth.people.values())
    return f"{linked.mix}: {len(every):,} doses, of {known:,} the person is in the register.\n\n{markdown(lines)}"


def _counts(firsts: Firsts, least: float = -math.inf) -> str:
    right, wrong = firsts.counts(least)
    return f"{right:,} right, {wrong:,} wrong"


def class_table(linked: Linked, truth: Truth) -> str:
    """The classes of error in which one finds more people than the other, of the doses that the rule leaves."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for dose, person in truth.people.items():
        if person is not None and dose not in linked.conclusive:
            right = (Firsts.of(candidates, truth, [dose]).counts()[0] for candidates in (linked.ours, linked.splink))
            counted = (1, *right)
            for name in truth.classes[dose]:
                found[name] = [one + more for one, more in zip(found[name], counted, strict=True)]
    lines = [
        [name, *(f"{one:,}" for one in counts)] for name, counts in sorted(found.items()) if counts[1] != counts[2]
    ]
    if not lines:
        return "Both find as many people first in every class of error.\n\n"
    head = [f"{linked.mix}: what is wrong", "doses that the rule leaves", "found first by our weights", "by Splink"]
    return markdown([head, *lines])


def cost_table(linked: Sequence[Linked], link: str, estimate: str) -> str:
    """Seconds and memory, of one run on one machine."""
    lines = [["", "ours", "Splink"], ["the command `link`, rule and rest, from the register and back", link, ""]]
    for one in linked:
        both = (one.our_seconds, one.splink_seconds["comparing"])
        lines.append([f"{one.mix}: every dose compared, no rule first", *(f"{seconds:.1f} s" for seconds in both)])
    training = [f"{one.splink_seconds['training']:.1f} s, {one.splink_mebibytes:,} MiB" for one in linked]
    return markdown([*lines, ["the weights found from data (ours: `link --estimate`)", estimate, "; ".join(training)]])


def measure(folder: Path, size: int, seed: int, pairs: float) -> str:
    """The whole text."""
    country, said = folder / f"country-{size}-{seed}", folder / "said.txt"
    if not country.exists():
        log(f"simulating {size:,} people, {size:,} dose rows")
        options = ("--people", str(size), "--rows", str(size), "--seed", str(seed))
        run_issuer("sqlite://", "simulate", country, *options, out=said)
    url = empty_file(folder)
    run_issuer(url, "people", "load", country / "people.csv", out=said)
    run_issuer(url, "intake", *sorted((country / "doses").iterdir()), out=said)
    run_issuer(url, "clean", out=said)
    seconds, used = run_issuer(url, "link", out=said)
    compared = re.search(r"([0-9.,]+) comparing", said.read_text(encoding="utf-8"))
    link = f"{seconds:.1f} s ({compared[1] if compared else '?'} s comparing), {used.ru_maxrss // 1024:,} MiB"
    seconds, used = run_issuer(url, "link", "--estimate", out=said)
    estimate = f"{seconds:.1f} s, {used.ru_maxrss // 1024:,} MiB"
    register = open_database(url)
    truth = truth_of(register, country / "truth.csv")
    linked = [link_both(register, folder, mix, pairs) for mix in MIXES]
    register.dispose()
    versions = ", ".join(f"{name} {version}" for name, version in linked[0].versions.items())
    head = (
        f"Measured on {machine()}. {versions}, two threads for both; {size:,} people and dose rows, seed {seed};"
        f" u from {pairs:,.0f} pairs.\n\n"
    )
    spoilt = {dose: (" and ".join(spoiled.spoilt_fields(dose)),) for dose in truth.people}
    classes = dict(zip(MIXES, (truth.classes, spoilt), strict=True))
    tables = (mix_table(one, truth) + class_table(one, replace(truth, classes=classes[one.mix])) for one in linked)
    return "".join([head, *tables, cost_table(linked, link, estimate)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.linkers", description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, metavar="N", help="people, and as many dose rows (100000)")
    parser.add_argument("--seed", type=int, default=8, metavar="N", help="of the country (8)")
    parser.add_argument("--pairs", type=float, default=1e7, metavar="N", help="from which Splink finds u (1e7)")
    parser.add_argument("--folder", type=Path, help="where country and register are kept (a temporary folder)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this document as well")
    arguments = parser.parse_args()
    if not PEER.exists():
        raise SystemExit("Splink is not installed: run `make bench-linkers`")
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hochieu-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        text = measure(folder, arguments.size, arguments.seed, arguments.pairs)
    print(text)
    if arguments.write:
        document = arguments.write.read_text(encoding="utf-8")
        marks = re.compile(r"(<!-- linkers -->\n).*?(<!-- /linkers -->)", re.DOTALL)
        arguments.write.write_text(marks.sub(lambda m: m[1] + text + m[2], document), encoding="utf-8")


if __name__ == "__main__":
    main()
