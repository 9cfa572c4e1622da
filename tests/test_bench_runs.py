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
