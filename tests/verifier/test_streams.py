"""Standard streams that are closed, full or gone: never a traceback, and never an exit code that is a verdict."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import Recipe
from verifier.__main__ import main

TEXT = Recipe().certificate()
LINES = json.dumps({"id": 1, "text": TEXT}).encode() + b"\n"
FULL = Path("/dev/full")


def shell(root: Path, redirection: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """`python -m verifier ARGUMENTS` with the shell's redirection."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "verifier", *arguments]
    return subprocess.run(command, cwd=root, input=stdin, capture_output=True, check=False)


REFUSED = {
    "one code to a full disk": ("> /dev/full", ("check", TEXT)),
    "JSON to a full disk": ("> /dev/full", ("check", TEXT, "--json")),
    "a stream to a full disk": ("> /dev/full", ("check", "--jsonl")),
    "the help to a full disk": ("> /dev/full", ("check", "--help")),
}


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize(("redirection", "arguments"), REFUSED.values(), ids=REFUSED.keys())
def test_attack_full_disk_looks_like_a_verdict(root: Path, redirection: str, arguments: tuple[str, ...]) -> None:
    done = shell(root, redirection, *arguments, stdin=LINES)
    assert done.returncode == 3
    assert done.stderr.startswith(b"OUTPUT_REFUSED: ")
    assert done.stderr.count(b"\n") == 1
    assert b"(None)" not in done.stderr


CLOSED = {
    "one code, no output": (">&-", ("check", TEXT)),
    "a stream, no output": (">&-", ("check", "--jsonl")),
    "a stream, no input": ("<&-", ("check", "--jsonl")),
    "a card, no input": ("<&-", ("check", TEXT, "--card", "-")),
}


@pytest.mark.parametrize(("redirection", "arguments"), CLOSED.values(), ids=CLOSED.keys())
def test_attack_closed_stream_looks_like_a_verdict(root: Path, redirection: str, arguments: tuple[str, ...]) -> None:
    done = shell(root, redirection, *arguments, stdin=LINES)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"USAGE: ")
    assert done.stderr.count(b"\n") == 1


def test_errors_that_nobody_reads_change_nothing(root: Path) -> None:
    assert shell(root, "2>&-", "check", "--nothing").returncode == 3
    assert shell(root, ">&- 2>&-", "check", TEXT).returncode == 3


@pytest.mark.parametrize("arguments", [("check", TEXT, "--json"), ("check", "--jsonl")])
def test_attack_reader_that_went_away_leaves_a_verdict_behind(root: Path, arguments: tuple[str, ...]) -> None:
    """Quiet, as every filter is; but not 0, which would say that the certificate was valid."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "verifier", *arguments]
        done = subprocess.run(command, cwd=root, input=LINES * 500, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (3, b"")


def test_ctrl_c_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Interrupted(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Interrupted()))
    assert main(["check", "--jsonl"]) == 130
    assert capsys.readouterr() == ("", "")


def test_input_that_breaks_off_is_told_from_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Broken()))
    with pytest.raises(SystemExit) as stop:
        main(["check", "--jsonl"])
    assert stop.value.code == 3
    assert capsys.readouterr().err.startswith("FILE_UNREADABLE: Input/output error (standard input): ")
