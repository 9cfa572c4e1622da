"""The benchmark itself works: every row is measured. How fast is not a test's business."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.linkers import PEER, Firsts, Truth


def test_every_row_is_measured(root: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    for what in (
        "issue chain, batch, self-check",
        "verify chain, one at a time",
        "JPEG",
        "QR code",
        "PDF",
        "certificate",
    ):
        assert f"| {what}" in result.stdout, what


def test_the_register_is_measured_step_by_step(root: Path, tmp_path: Path) -> None:
    document = tmp_path / "measured.md"
    document.write_text("before\n<!-- register -->\nold\n<!-- /register -->\nafter\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "tests.bench.register",
        "--sizes",
        "300",
        "--on",
        "SQLite",
        "--write",
        str(document),
    ]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- register -->\nMeasured on ")
    assert text.endswith("<!-- /register -->\nafter\n")
    for what in ("people load", "intake", "clean", "link", "of it the comparison", "outcomes", "people delta"):
        assert f"\n| {what} | " in text, what
    assert "| 300 rows, SQLite | 0 | 100.00 % |" in text
    assert "?" not in text


def test_both_linkers_are_measured(root: Path, tmp_path: Path) -> None:
    if not PEER.exists() or subprocess.run([PEER, "-c", "import splink"], capture_output=True, check=False).returncode:
        pytest.skip("Splink is not installed: make bench-linkers")
    document = tmp_path / "measured.md"
    document.write_text("before\n<!-- linkers -->\nold\n<!-- /linkers -->\nafter\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.bench.linkers", "--size", "500", "--pairs", "1e5", "--write", str(document)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- linkers -->\nMeasured on ")
    assert text.endswith("<!-- /linkers -->\nafter\n")
    for mix in ("national mix", "spoiled twice"):
        assert re.search(rf"^{mix}: 4\d\d doses, of 4\d\d the person is in the register\.$", text, re.MULTILINE), mix
        assert f"\n| {mix}: every dose compared" in text, mix
    by_rule = r"^\| linked by the rule .* \| ([1-9][0-9]*) right, 0 wrong \| \1 right, 0 wrong \|$"
    assert len(re.findall(by_rule, text, re.MULTILINE)) == 2


def test_a_linker_is_judged_by_its_first_candidate_and_a_tie_has_none() -> None:
    truth = Truth({1: 10, 2: 20, 3: 30, 4: None, 5: 50}, {})
    candidates = {1: [(9.0, 10), (1.0, 11)], 2: [(8.0, 21), (7.0, 20)], 3: [(7.0, 30), (7.0, 31)], 4: [(2.0, 40)]}
    firsts = Firsts.of(candidates, truth, truth.people)
    assert firsts.firsts == [(9.0, True), (8.0, False), (2.0, False)]
    assert firsts.counts() == (1, 2)
    assert firsts.counts(8.5) == (1, 0)
    assert firsts.as_many(2) == 8.0
    assert firsts.without_wrong() == 1
