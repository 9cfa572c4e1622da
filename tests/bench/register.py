"""`make bench-register`: the register of a make-believe country, step by step, on SQLite and on PostgreSQL.

Every step is the command line that people type, in a process of its own: people load, intake, clean, link, outcomes,
then a day's changes of 1 % of the register re-checked, and the outcomes scored against the truth. It measures and
prints; it is no test. `--province` is the one of the issue: 1.2 million people, 2.8 million doses. `--write FILE` puts
the tables between the marks `<!-- register -->` and `<!-- /register -->` of a document (`--marks` names others).
"""

import argparse
import json
import os
import platform
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from tests import postgresql

ROOT = Path(__file__).parents[2]
PROVINCE = (1_200_000, 2_800_000)
SIZES = (10_000, 100_000, 1_000_000)
STEPS = ("people load", "intake", "clean", "link", "outcomes", "people delta")
TO_THE_LINK = STEPS[:4]
SAMPLED_EVERY = 0.25
"""Seconds between looks at the memory of the database's server; the client's own peak is exact."""

SERVER_FLAGS = (
    "-c listen_addresses='' -c shared_buffers=256MB -c work_mem=64MB -c maintenance_work_mem=128MB"
    " -c max_wal_size=4GB -c max_connections=20"
)
"""A server that survives a power cut, as our SQLite does."""

WANTED_SECONDS = {"link": 60.0, "comparison": 8.0, "people delta": 60.0}
"""Of one million doses against one million people."""
PROVINCE_SECONDS, PROVINCE_GIB = 15 * 60, 4


@dataclass(frozen=True)
class Step:
    """One step: its rows, wall and processor seconds (the server's included), MiB at its peak (the server's beside)."""

    name: str
    rows: int
    seconds: float
    processor: float
    client: int
    server: int
    said: str = ""

    def cell(self) -> str:
        """What the table shows."""
        memory = f"{self.client}" + (f" + {self.server}" if self.server else "")
        return f"{self.seconds:,.1f} s ({self.processor:,.1f} s), {self.rows / self.seconds:,.0f}/s, {memory} MiB"


@dataclass(frozen=True)
class Run:
    """All steps over one country on one database; `said` is what `score` printed before and after the day's changes."""

    people: int
    doses: int
    database: str
    steps: dict[str, Step]
    said: tuple[str, str]

    @property
    def comparison(self) -> float | None:
        """Seconds that `link` tells of its comparison."""
        found = re.search(r"([0-9.,]+) comparing", self.steps["link"].said)
        return float(found[1].replace(",", "")) if found else None

    @property
    def seconds(self) -> float:
        """From the extract to the stored links."""
        return sum(self.steps[name].seconds for name in TO_THE_LINK)

    @property
    def processor(self) -> float:
        """Of these, seconds of processor."""
        return sum(self.steps[name].processor for name in TO_THE_LINK)

    @property
    def mebibytes(self) -> int:
        """The peak of any step, client and server together."""
        return max(step.client + step.server for step in self.steps.values())


class Server:
    """What a server's processes use while a step runs: processor time, and the peak of their proportional memory."""

    def __init__(self, root: int | None) -> None:
        self._root, self._peak, self._stop = root, 0, threading.Event()
        self._before = _processor(root) if root is not None else 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Server":
        if self._root is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._root is not None:
            self._thread.join()

    @property
    def mebibytes(self) -> int:
        """The highest sum seen."""
        return self._peak // 1024

    @property
    def processor(self) -> float:
        """Seconds so far."""
        return _processor(self._root) - self._before if self._root is not None else 0.0

    def _look(self) -> None:
        while not self._stop.wait(SAMPLED_EVERY):
            self._peak = max(self._peak, sum(map(_proportional, _family(self._root or 0))))


def _family(root: int) -> Iterator[int]:
    """The process and its children (a server's are direct children)."""
    yield root
    try:
        yield from map(int, Path(f"/proc/{root}/task/{root}/children").read_text().split())
    except OSError:
        return


def _processor(root: int) -> float:
    """Seconds of processor that the process, its children and those that have ended have used."""
    ticks = 0
    for process in _family(root):
        try:
            values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, values[11 : 15 if process == root else 13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _proportional(process: int) -> int:
    """KiB of a process, its part of what is shared; 0 for one that has just ended or that we may not look at."""
    try:
        found = re.search(r"^Pss:\s+([0-9]+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


@contextmanager
def _server() -> Iterator[Callable[..., str] | None]:
    """A way to new PostgreSQL databases, or None where PostgreSQL is not installed."""
    programs = postgresql.programs()
    if programs is None:
        yield None
        return
    with postgresql.server(programs, SERVER_FLAGS) as new_database:
        yield new_database


def _server_process(url: str) -> int | None:
    if not url.startswith("postgresql"):
        return None
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid', 0, 20)").fetchone()
    return int(str(row[0]).split("\n", 1)[0]) if row else None


def run_issuer(url: str, *arguments: str | Path, out: Path) -> tuple[float, resource.struct_rusage]:
    """Run `python -m issuer`, output into a file: wall seconds, and what it used. Ends the bench if it fails."""
    command = [sys.executable, "-m", "issuer", "--database", url, *map(str, arguments)]
    with out.open("wb") as stream:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"issuer {arguments[0]} ended with {process.returncode}: {out.read_text()[-500:]}")
    return seconds, used


def _country(folder: Path, people: int, doses: int) -> Path:
    """A simulated country, made unless it is there; with a day's changes, of which none are asked of the province."""
    country = folder / f"country-{people}-{doses}"
    if not country.exists():
        log(f"simulating {people:,} people, {doses:,} dose rows")
        days = "0" if (people, doses) == PROVINCE else "1"
        size = ("--people", str(people), "--rows", str(doses), "--delta-days", days)
        run_issuer("sqlite://", "simulate", country, *size, out=folder / "simulate.txt")
    return country


def measure(folder: Path, country: Path, people: int, doses: int, database: str, url: str) -> Run:
    """Every step over the country, into an empty register at `url`."""
    server = _server_process(url)
    said, outcomes = folder / "said.txt", folder / "outcomes.csv"
    steps: dict[str, Step] = {}

    def step(name: str, rows: int, *arguments: str | Path, out: Path = said) -> None:
        with Server(server) as beside:
            seconds, used = run_issuer(url, *name.split(), *arguments, out=out)
        told = said.read_text(encoding="utf-8") if out == said else ""
        processor = used.ru_utime + used.ru_stime + beside.processor
        steps[name] = Step(name, rows, seconds, processor, used.ru_maxrss // 1024, beside.mebibytes, told)
        log(f"{database}, {doses:,} rows: {name} {steps[name].cell()}")

    def score(*arguments: str) -> str:
        run_issuer("sqlite://", "score", country / "truth.csv", outcomes, *arguments, out=said)
        return said.read_text(encoding="utf-8")

    step("people load", people, country / "people.csv")
    step("intake", doses, *sorted((country / "doses").iterdir()))
    step("clean", doses)
    step("link", doses)
    step("outcomes", doses, out=outcomes)
    before = score()
    changes = sorted((country / "deltas").iterdir())
    if not changes:
        return Run(people, doses, database, steps, (before, ""))
    step("people delta", sum(len(path.read_text().splitlines()) - 1 for path in changes), *changes)
    run_issuer(url, "outcomes", out=outcomes)
    return Run(people, doses, database, steps, (before, score("--after-deltas")))


def empty_file(folder: Path) -> str:
    """The URL of a SQLite register that is not there yet."""
    for path in folder.glob("register.sqlite*"):
        path.unlink()
    return f"sqlite:///{folder / 'register.sqlite'}"


def _kept_or_measured(
    folder: Path, people: int, doses: int, database: str, kept: bool, new_url: Callable[[], str]
) -> list[Run]:
    """What the folder holds of an earlier run, if that is asked for; else a new run, which the folder then holds."""
    file = folder / f"measured-{people}-{doses}-{database}.json"
    if kept:
        if not file.exists():
            return []
        held = json.loads(file.read_text(encoding="utf-8"))
        return [Run(**held | {"steps": {name: Step(**step) for name, step in held["steps"].items()}})]
    run = measure(folder, _country(folder, people, doses), people, doses, database, new_url())
    file.write_text(json.dumps(asdict(run)), encoding="utf-8")
    return [run]


def step_table(runs: list[Run]) -> str:
    """How long each step takes as the country grows, one column a size."""
    head = [f"{run.people:,} people, {run.doses:,} rows" for run in runs]
    lines = [[name, *(run.steps[name].cell() if name in run.steps else "" for run in runs)] for name in STEPS]
    compared = [f"{run.comparison:,.1f} s" if run.comparison is not None else "" for run in runs]
    lines.insert(STEPS.index("link") + 1, ["of it the comparison", *compared])
    both = [sum(run.steps[name].processor for name in ("intake", "clean")) / run.doses for run in runs]
    lines.append(["intake and clean, processor time a row", *(f"{1e6 * one:,.0f} \N{MICRO SIGN}s" for one in both)])
    lines.append(
        [
            "load to link",
            *(f"{run.seconds:,.0f} s ({run.processor:,.0f} s), at most {run.mebibytes:,} MiB" for run in runs),
        ]
    )
    return markdown([["step", *head], *lines])


_SCORES = {
    "wrong links": r"wrong links: ([0-9,]+)",
    "resolved or proposed first": r"\((\d+\.\d+ %)\)",
    "queue": r"queue: ([0-9,]+)",
    "queue / floor": r"floor [0-9,]+ \(([0-9.]+)",
    "raw comparison / queue": r"leave [0-9,]+ \(([0-9.]+)",
    "rows lost + repeated + unknown": r"not accounted for: ([0-9,]+) without .*, ([0-9,]+) with .*, ([0-9,]+) outcomes",
}


def score_table(runs: list[Run]) -> str:
    """What `score` says of each run, before and after the day's changes."""
    lines = [["run", *_SCORES]]
    for run in runs:
        for said, when in zip(filter(None, run.said), ("", ", after the day's changes"), strict=False):
            found = [re.search(pattern, said) for pattern in _SCORES.values()]
            lines.append(
                [
                    f"{run.doses:,} rows, {run.database}{when}",
                    *(" + ".join(one.groups()) if one else "?" for one in found),
                ]
            )
    return markdown(lines)


def limit_table(runs: list[Run]) -> str:
    """Measured beside wanted, for the runs that the wanted figures are about."""
    lines = [["what", "measured", "wanted", "reached"]]
    for run in runs:
        name = f"{run.doses:,} doses, {run.people:,} people, {run.database}"
        if (run.people, run.doses) == PROVINCE:
            took, used = run.seconds, run.mebibytes / 1024
            lines.append(
                [f"{name}: load to link", f"{took:,.0f} s", f"{PROVINCE_SECONDS} s", _yes(took, PROVINCE_SECONDS)]
            )
            lines.append([f"{name}: memory", f"{used:.2f} GiB", f"{PROVINCE_GIB} GiB", _yes(used, PROVINCE_GIB)])
        elif run.doses == run.people == SIZES[-1]:
            took_by = {name: step.seconds for name, step in run.steps.items()} | {"comparison": run.comparison}
            for what, wanted in WANTED_SECONDS.items():
                took_or_none = took_by[what]
                if took_or_none is not None:
                    cells = [f"{took_or_none:,.1f} s", f"{wanted:g} s", _yes(took_or_none, wanted)]
                    lines.append([f"{name}: {what}", *cells])
    return markdown(lines) if len(lines) > 1 else ""


def _yes(measured: float, wanted: float) -> str:
    return "yes" if measured <= wanted else "**no**"


def markdown(lines: list[list[str]]) -> str:
    head, *rest = lines
    return "".join("| " + " | ".join(line) + " |\n" for line in (head, ["---"] * len(head), *rest)) + "\n"


def machine() -> str:
    """What the figures were taken on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    programs = postgresql.programs()
    version = (
        subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if programs
        else "no PostgreSQL"
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB; Python {platform.python_version()}; "
        f"SQLite {sqlite3.sqlite_version}; {version}, client and server on one machine; {time.strftime('%Y-%m-%d')}"
    )


def report(runs: list[Run]) -> str:
    """The whole text."""
    meaning = "Seconds by the clock (in brackets: of processor), rows a second, memory of the command + of the server."
    parts = [f"Measured on {machine()}. {meaning}\n\n", limit_table(runs)]
    for database in dict.fromkeys(run.database for run in runs):
        parts += [f"{database}:\n\n", step_table([run for run in runs if run.database == database])]
    return "".join([*parts, score_table(runs)])


def log(line: str) -> None:
    """Tell how far it is; the tables alone go to standard output."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.register", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(SIZES), metavar="N", help="people, and as many doses"
    )
    parser.add_argument("--province", action="store_true", help="1.2 million people, 2.8 million doses instead")
    parser.add_argument("--on", choices=["SQLite", "PostgreSQL"], help="one database alone")
    parser.add_argument("--folder", type=Path, help="where countries and registers are kept (a temporary folder)")
    parser.add_argument("--kept", action="store_true", help="print again what the folder holds of earlier runs")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this document as well")
    parser.add_argument("--marks", default="register", metavar="NAME", help="the marks in the document (register)")
    arguments = parser.parse_args()
    countries = [PROVINCE] if arguments.province else [(size, size) for size in arguments.sizes]
    runs: list[Run] = []
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hochieu-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        new_database = stack.enter_context(_server()) if arguments.on != "SQLite" else None
        if new_database is None and arguments.on != "SQLite":
            log("PostgreSQL is not installed: SQLite alone is measured")
        for people, doses in countries:
            if arguments.on != "PostgreSQL":
                runs += _kept_or_measured(folder, people, doses, "SQLite", arguments.kept, lambda: empty_file(folder))
            if new_database is not None:
                runs += _kept_or_measured(folder, people, doses, "PostgreSQL", arguments.kept, new_database)
    if not runs:
        raise SystemExit("nothing was measured")
    text = report(runs)
    print(text)
    if arguments.write:
        document = arguments.write.read_text(encoding="utf-8")
        marks = re.compile(rf"(<!-- {arguments.marks} -->\n).*?(<!-- /{arguments.marks} -->)", re.DOTALL)
        arguments.write.write_text(marks.sub(lambda m: m[1] + text + m[2], document), encoding="utf-8")


if __name__ == "__main__":
    main()
