"""The parts of our documents that code can make, and the claims in them that code can check.

A made part stands between `<!-- made: NAME -->` and `<!-- /made -->`; `make examples` writes it, a test compares it.
A help text stands in a console block whose one command ends in `--help`, with the reply beneath.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from specs.verdicts import MEANINGS, Outcome, Reason, Step, StepResult

ROOT = Path(__file__).parents[1]
MADE = re.compile(r"(<!-- made: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- /made -->)", re.DOTALL)
HELP = re.compile(r"(```console\n\$ (?P<command>python -m [^\n]*--help)\n)(?P<body>.*?)(```)", re.DOTALL)
COMMAND = re.compile(r"^\$ (.*?)(?:\s+#.*)?$", re.MULTILINE)


def documents() -> list[Path]:
    """Every Markdown file of the project."""

    def ours(path: Path) -> bool:
        folders = path.relative_to(ROOT).parts[:-1]
        return not any(folder.startswith(".") or folder in {"build", "dist"} for folder in folders)

    return sorted(filter(ours, ROOT.rglob("*.md")))


def console_lines(text: str) -> Iterator[str]:
    """Every command that a console block of a document tells the reader to type, continued lines joined."""
    for block in re.findall(r"```(?:console|sh|bash)\n(.*?)```", text, re.DOTALL):
        yield from COMMAND.findall(block.replace("\\\n", " "))


@cache
def help_of(words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """What `python -m WORDS... --help` replies on a terminal of 100 columns without colour."""
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", *words, "--help"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def help_words(command: str) -> tuple[str, ...]:
    """The words between `python -m` and `--help`."""
    return tuple(shlex.split(command)[2:-1])


def same_help(one: str, other: str) -> bool:
    """Equal but for layout: Python 3.13 writes `-o, --output FILE` where 3.11 writes `-o FILE, --output FILE`."""

    def plain(text: str) -> str:
        return " ".join(re.sub(r"(-\w) (\S+), (--\S+) \2", r"\1, \3 \2", text).split())

    return plain(one) == plain(other)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    return "".join("| " + " | ".join(row) + " |\n" for row in (head, ("---",) * len(head), *rows))


def reasons() -> str:
    """Every reason code: step, effect, words on the screen."""
    rows = [
        (f"`{r.value}`", f"`{m.step.value}`" if m.step else "", f"`{m.effect.value}`", m.vi, m.en)
        for r in Reason
        for m in (MEANINGS[r],)
    ]
    return table(("code", "step", "effect", "Tiếng Việt", "English"), rows)


def steps() -> str:
    """The steps in their order."""
    return " ".join(f"`{step.value}`" for step in Step) + "\n"


def outcomes() -> str:
    """The verdicts, and the results of a step."""
    verdicts = ", ".join(f"`{o.value}`" for o in Outcome)
    results = ", ".join(f"`{r.value}`" for r in StepResult)
    return f"Verdicts: {verdicts}. Results of a step: {results}.\n"


def record_problems() -> str:
    """Every problem that cleaning can find in a row."""
    from issuer.reading.problems import Problem

    rows = []
    for problem in Problem:
        facts = problem.value
        blocks = "yes" if facts.blocks else "no"
        words = (facts.vi, facts.en, facts.example)
        rows.append((f"`{problem.name}`", facts.group.value, blocks, facts.fixed_by.value, *words))
    return table(("code", "about", "blocks", "who mends it", "Tiếng Việt", "English", "example"), rows)


def fhir_refusals() -> str:
    """Every code with which the FHIR API refuses a request, with its HTTP status."""
    from issuer.web.fhir_api import REFUSALS

    rows = [
        (f"`{code.name}`", str(status), code.vi, code.do_vi, code.en, code.do_en) for code, status in REFUSALS.items()
    ]
    return table(("code", "HTTP", "Tiếng Việt", "việc cần làm", "English", "what to do"), rows)


def police_refusals() -> str:
    """Why a row of a police list is refused."""
    from issuer.police.refusal import Refusal

    return table(("code", "Tiếng Việt", "English"), [(f"`{one.name}`", one.vi, one.en) for one in Refusal])


MAKERS: Mapping[str, Callable[[], str]] = {
    "reasons": reasons,
    "steps": steps,
    "outcomes": outcomes,
    "record-problems": record_problems,
    "fhir-refusals": fhir_refusals,
    "police-refusals": police_refusals,
}


def as_made(text: str) -> str:
    """The document with every made part and every help text as the code makes it now."""

    def help_text(match: re.Match[str]) -> str:
        made = help_of(help_words(match["command"])).stdout
        return match[0] if same_help(made, match["body"]) else match[1] + made + match[4]

    text = MADE.sub(lambda match: match[1] + MAKERS[match["name"]]() + match[4], text)
    return HELP.sub(help_text, text)


if __name__ == "__main__":
    for path in documents():
        before = path.read_text(encoding="utf-8")
        if (after := as_made(before)) != before:
            path.write_text(after, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")
