"""The benchmark itself works: every row is measured. How fast is not a test's business."""

import subprocess
import sys
from pathlib import Path


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
