"""Certificates into files: a folder of PDFs (or QR pictures) that can be left and taken up again at any moment.

In: pages and a folder. Out: one file a certificate, named by its number, each written whole or not at all (temporary
file, fsync, rename), and counts. A file that already holds what would be written is left alone, its time included.

A journal in the folder remembers which input made which bytes, so that a second run compares digests instead of setting
a million pages again. It only saves time: a lost or torn journal costs a rendering, never a wrong file.
"""

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO

from issuer.errors import Code, IssuerError
from issuer.render.pdf.bulk import render_each
from issuer.render.pdf.page import CertificatePage
from issuer.render.pdf.renderer import design_digest
from issuer.render.qr import render_png, render_svg

JOURNAL: Final = ".rendered"
_OPAQUE: Final = re.compile(r"[0-9A-F]{32}")


class Kind(StrEnum):
    """What is made of a certificate: the page, or its QR symbol alone."""

    PDF = "pdf"
    PNG = "png"
    SVG = "svg"


@dataclass(slots=True)
class Counts:
    """How a run ended; `refused` counts certificates without a file by reason."""

    written: int = 0
    unchanged: int = 0
    refused: Counter[Code] = field(default_factory=Counter)


def file_stem(uvci: str) -> str:
    """The name of a certificate's file: the opaque part of its number, which says nothing of the holder."""
    opaque = uvci.rpartition(":")[2]
    return (opaque if _OPAQUE.fullmatch(opaque) else hashlib.sha256(uvci.encode()).hexdigest()[:32]).lower()


def render_into(
    folder: Path,
    pages: Iterable[CertificatePage],
    kind: Kind = Kind.PDF,
    *,
    processes: int = 1,
    portal: str = "",
    advance: Callable[[int], None] = lambda amount: None,
) -> Counts:
    """Write one file of `kind` for each page; `advance` is told of every certificate dealt with.

    A page that cannot be set is counted and the rest goes on. Raises `IssuerError` OUTPUT_REFUSED when the folder
    cannot be written, or when another run is writing it.
    """
    counts = Counts()
    try:
        with _journal(folder) as (known, log):
            design = design_digest(portal)
            open_jobs: deque[tuple[str, str]] = deque()

            def fresh() -> Iterator[CertificatePage]:
                for page in pages:
                    name, made_from = f"{file_stem(page.uvci)}.{kind}", _digest_of(page, design)
                    if known.get(name, {}).get("from") == made_from and _digest(folder / name) == known[name]["is"]:
                        counts.unchanged += 1
                        advance(1)
                    else:
                        open_jobs.append((name, made_from))
                        yield page

            for outcome in _outcomes(fresh(), kind, processes, portal):
                name, made_from = open_jobs.popleft()
                if isinstance(outcome, IssuerError):
                    counts.refused[outcome.code] += 1
                elif _write(folder / name, outcome):
                    counts.written += 1
                else:
                    counts.unchanged += 1
                if not isinstance(outcome, IssuerError):
                    entry = {"name": name, "from": made_from, "is": hashlib.sha256(outcome).hexdigest()}
                    log.write(json.dumps(entry) + "\n")
                advance(1)
            _sync_folder(folder)
    except OSError as error:
        raise IssuerError(Code.OUTPUT_REFUSED, f"{folder}: {error.strerror}") from error
    return counts


def _outcomes(
    pages: Iterator[CertificatePage], kind: Kind, processes: int, portal: str
) -> Iterator[bytes | IssuerError]:
    if kind is Kind.PDF:
        yield from render_each(pages, processes, portal=portal)
        return
    picture = render_png if kind is Kind.PNG else render_svg
    for page in pages:
        try:
            yield picture(page.hc1_text)
        except IssuerError as refusal:
            yield refusal


def _digest_of(page: CertificatePage, design: str) -> str:
    fields = json.dumps(asdict(page), default=str, sort_keys=True)
    return hashlib.sha256(f"{design}\n{fields}".encode()).hexdigest()


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _write(path: Path, content: bytes) -> bool:
    """Whether `path` had to be written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return True


def _sync_folder(folder: Path) -> None:
    """Make the renames themselves durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _journal(folder: Path) -> Iterator[tuple[dict[str, dict[str, str]], TextIO]]:
    """What earlier runs made, and the file to add to, held by this run alone."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # its files name people; who else may look is set later
    with (folder / JOURNAL).open("a+", encoding="utf-8") as log:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IssuerError(Code.OUTPUT_REFUSED, f"{folder}: another run is writing there") from None
        for leftover in folder.glob(".*.part"):  # of a run that was killed; ours is the only one
            leftover.unlink()
        log.seek(0)
        known = {}
        torn = False
        for line in log:
            torn = not line.endswith("\n")
            try:
                entry = json.loads(line)
                known[entry["name"]] = {"from": entry["from"], "is": entry["is"]}
            except (ValueError, KeyError, TypeError):
                continue  # the line a killed run was writing
        if torn:
            log.write("\n")
        yield known, log
