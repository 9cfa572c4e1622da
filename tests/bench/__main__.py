"""`make bench-certificates`: how fast the chains are, as ratios to raw libcrypto in the same run on one pinned core.

It measures and prints; it is no test. `--quick` runs every row once over little, to see that the bench itself works;
`--write FILE` puts the table between the marks `<!-- measured -->` and `<!-- /measured -->` of a document.
"""

import argparse
import io
import json
import multiprocessing
import os
import platform
import random
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import qrcode
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from qrcode.constants import ERROR_CORRECT_Q

from issuer.render.pdf.renderer import Renderer
from issuer.render.qr import encode, render_png
from keys.key_id import key_id
from specs.cwt import encode_claims
from specs.payload import encode_payload
from tests.bench.libcrypto import Libcrypto
from tests.bench.rounds import compare, pin, processor, wall
from tests.bench.subjects import EXPIRES, ISSUED, Chains, photograph

ROOT = Path(__file__).parents[2]
WORKER_PATIENCE = 120
"""Seconds for what takes less than one."""

PEER = ROOT / ".venv" / "peers" / "bin" / "python"


@dataclass(frozen=True)
class Size:
    """How much one turn does, and how many turns."""

    subjects: int = 2000
    rounds: int = 15
    pictures: int = 60
    codes: int = 10
    pdfs: int = 60


QUICK = Size(subjects=40, rounds=1, pictures=2, codes=1, pdfs=2)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    beside: str
    ratio: float | None
    wanted: float | None
    reached: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """What the line shows."""
        reached = self.reached
        if reached is None and self.ratio is not None and self.wanted is not None:
            reached = self.ratio >= self.wanted
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        wanted = "" if self.wanted is None else f"{self.wanted:g}"
        return self.what, self.figure, self.beside, ratio, wanted, {True: "yes", False: "**no**", None: ""}[reached]


def per_second(count: int, duration: float) -> str:
    return f"{count / duration:,.0f}/s"


def chain_rows(chains: Chains, size: Size) -> Iterator[Row]:
    """One core: issuing and verifying beside raw signing and verifying."""
    raw = Libcrypto(chains.private)
    subjects, texts, digests = chains.subjects, chains.texts, chains.digests
    signatures = raw.sign(digests)

    def sign() -> None:
        raw.sign(digests)

    def verify() -> None:
        raw.verify(digests, signatures)

    def both() -> None:
        raw.verify(digests, raw.sign(digests))

    plain = (
        ("issue chain, batch, no self-check", lambda: chains.issue_batch(subjects), sign, "raw sign", 0.60),
        ("issue chain, one at a time, no self-check", lambda: chains.issue_single(subjects), sign, "raw sign", 0.40),
        (
            "issue chain, batch, self-check",
            lambda: chains.issue_batch(subjects, self_check=True),
            both,
            "raw sign + verify",
            0.70,
        ),
        ("verify chain, batch", lambda: chains.verify_batch(texts), verify, "raw verify", 0.72),
        ("verify chain, one at a time", lambda: chains.verify_single(texts), verify, "raw verify", 0.60),
    )
    for what, subject, yardstick, name, wanted in plain:
        result = compare(subject, yardstick, size.rounds)
        beside = f"{name} {per_second(len(subjects), result.yardstick)}"
        yield Row(what, per_second(len(subjects), result.subject), beside, result.ratio, wanted)


def _work(chains: Chains, core: int, orders: Connection) -> None:
    pin(core)
    while (order := orders.recv()) is not None:
        try:
            if order == "issue":
                chains.issue_batch(chains.subjects)
            else:
                chains.verify_batch(chains.texts)
        except BaseException as error:  # noqa: BLE001 - the other side waits for an answer, whatever it is
            orders.send(f"{type(error).__name__}: {error}")
        else:
            orders.send(None)


def two_process_rows(chains: Chains, size: Size) -> Iterator[Row]:
    """Two processes on two cores beside one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        yield Row("two processes", "one core only", "", None, None)
        return
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe() for _ in range(2)]
    workers = [
        context.Process(target=_work, args=(chains, core, pipe[1]), daemon=True)
        for core, pipe in zip(cores, pipes, strict=False)
    ]
    for worker in workers:
        worker.start()
    ends = [pipe[0] for pipe in pipes]

    def run(order: str, count: int) -> None:
        for end in ends[:count]:
            end.send(order)
        for end in ends[:count]:
            if not end.poll(WORKER_PATIENCE):
                raise SystemExit("a worker does not answer")
            if fault := end.recv():
                raise SystemExit(fault)

    for order, wanted in (("issue", 1.7), ("verify", 1.8)):
        # two processes do twice the work, so twice the ratio of the times is the gain
        result = compare(lambda: run(order, 2), lambda: run(order, 1), size.rounds, wall)  # noqa: B023 - called at once
        count = len(chains.subjects)
        figure, beside = per_second(2 * count, result.subject), f"one process {per_second(count, result.yardstick)}"
        yield Row(f"{order} chain, batch, two processes", figure, beside, 2 * result.ratio, wanted)
    for end in ends:
        end.send(None)
    for worker in workers:
        worker.join()


def picture_row(chains: Chains, size: Size) -> Row:
    """A photograph to a verdict."""
    chance = random.Random(720)
    pictures = [photograph(text, chance) for text in chains.texts[: size.pictures]]
    chains.check_picture(pictures[0])
    times = sorted(wall(lambda: chains.check_picture(picture)) for picture in pictures)  # noqa: B023
    p50, p95 = 1000 * statistics.median(times), 1000 * times[int(0.95 * (len(times) - 1))]
    return Row("JPEG 1280x720 to verdict", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms", "p50 of 12 ms", None, None, p50 <= 12)


def qr_row(chains: Chains, size: Size) -> Row:
    """QR symbols as PNG."""
    texts = chains.texts[: size.codes]

    def theirs() -> None:
        for text in texts:
            code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q)
            code.add_data(text)
            code.make(fit=True)
            code.make_image().save(io.BytesIO())

    result = compare(lambda: [render_png(text) for text in texts], theirs, min(size.rounds, 5))
    beside = f"package qrcode {per_second(len(texts), result.yardstick)}"
    return Row("QR code as PNG", per_second(len(texts), result.subject), beside, result.ratio, 20)


def pdf_row(chains: Chains, size: Size) -> Row:
    """Pages of A4, tagged and archival."""
    pages, renderer = chains.pages()[: size.pdfs], Renderer()
    renderer.pdf(pages[0])
    rate = statistics.median(
        len(pages) / processor(lambda: [renderer.pdf(page) for page in pages]) for _ in range(min(size.rounds, 5))
    )
    return Row("PDF page, tagged and archival", f"{rate:.0f}/s", "80/s a core", None, None, rate >= 80)


def peer_rows(chains: Chains, size: Size) -> Iterator[Row]:
    """python-cwt in its own environment, turn by turn with us."""
    if not PEER.exists():
        yield Row("python-cwt", "not installed: run `make bench-certificates`", "", None, None)
        return
    key = load_der_private_key(chains.private, None)
    given = {
        "private": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "kid": key_id(chains.certificate).hex(),
        "payloads": [
            encode_claims("VN", ISSUED, EXPIRES, encode_payload(s.payload), s.national).hex() for s in chains.subjects
        ],
    }
    script = Path(__file__).with_name("peer_cwt.py")
    with subprocess.Popen([PEER, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        to_peer, from_peer = peer.stdin, peer.stdout
        assert to_peer is not None
        assert from_peer is not None

        def ask(line: str) -> str:
            to_peer.write(line + "\n")
            to_peer.flush()
            return from_peer.readline()

        version = json.loads(ask(json.dumps(given)))["version"]
        count = len(chains.subjects)
        work = (
            ("issue", lambda: chains.issue_single(chains.subjects)),
            ("verify", lambda: chains.verify_single(chains.texts)),
        )
        for order, ours in work:
            result = compare(ours, lambda: ask(f"{order} {count}"), min(size.rounds, 7), wall)  # noqa: B023 - called at once
            beside = f"python-cwt {version} {per_second(count, result.yardstick)}"
            what = f"{order} chain, one at a time"
            yield Row(what, per_second(count, result.subject), beside, result.ratio, None)
        to_peer.close()


def size_row(chains: Chains) -> Row:
    """How large a typical certificate is."""
    characters = statistics.median(len(text) for text in chains.texts)
    versions = sorted(encode(text).version for text in chains.texts[:: max(1, len(chains.texts) // 100)])
    largest = versions[-1]
    figure = f"{characters:.0f} characters, QR version {statistics.median(versions):.0f} (largest {largest}), level Q"
    return Row("certificate, one dose, median", figure, "540 characters, version 18", None, None, characters <= 540)


def machine(raw: Libcrypto) -> str:
    """What the figures were taken on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}; cryptography on "
        f"{backend.openssl_version_text()}; raw: {raw.version}; processor time on one pinned core; "
        f"{time.strftime('%Y-%m-%d')}"
    )


def table(rows: list[Row]) -> str:
    """Markdown."""
    head = ("what", "measured", "beside", "ratio", "wanted", "reached")
    lines = (head, ("---",) * len(head), *(row.cells() for row in rows))
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every row once over little: proves nothing but itself")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this document as well")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else Size()
    chains = Chains(size.subjects)
    rows = list(two_process_rows(chains, size))  # before pinning: two cores
    pin(min(os.sched_getaffinity(0)))
    rows = [*chain_rows(chains, size), *rows, picture_row(chains, size), qr_row(chains, size), pdf_row(chains, size)]
    rows += [*peer_rows(chains, size), size_row(chains)]
    text = f"Measured on {machine(Libcrypto(chains.private))}.\n\n{table(rows)}"
    print(text)
    if arguments.write:
        document = arguments.write.read_text(encoding="utf-8")
        marks = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)
        arguments.write.write_text(marks.sub(lambda m: m[1] + text + m[2], document), encoding="utf-8")


if __name__ == "__main__":
    main()
