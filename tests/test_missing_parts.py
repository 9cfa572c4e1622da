"""A test that lacks a Debian package is skipped and listed; where nothing may be missing, the run fails."""

import subprocess
import sys
from pathlib import Path

import pytest


def run_pytest(root: Path, folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """The real conftest beside one test that asks for SoftHSM, with nothing on the PATH."""
    (folder / "conftest.py").write_bytes((root / "tests" / "conftest.py").read_bytes())
    (folder / "test_one.py").write_text("def test_one(poppler: None) -> None: ...\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments]
    environment = {"PATH": path or str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", [(), ("--numprocesses=1",)], ids=["one process", "a worker"])
def test_missing_package_is_listed_and_passes(root: Path, tmp_path: Path, workers: tuple[str, ...]) -> None:
    result = run_pytest(root, tmp_path, *workers)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 x missing part: poppler-utils" in result.stdout
    assert "1 skipped" in result.stdout


@pytest.mark.parametrize("workers", [(), ("--numprocesses=1",)], ids=["one process", "a worker"])
def test_missing_package_fails_where_nothing_may_be_missing(
    root: Path, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    result = run_pytest(root, tmp_path, "--no-missing-parts", *workers)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout + result.stderr
    assert "1 x missing part: poppler-utils" in result.stdout


def test_every_part_named_in_a_skip_is_a_package_that_make_test_installs(root: Path) -> None:
    listed = {
        line.split("#")[0].strip()
        for line in (root / "tests" / "debian-packages.txt").read_text(encoding="utf-8").splitlines()
    } - {""}
    named = {
        part.split('"')[0]
        for path in (root / "tests").rglob("conftest.py")
        for part in path.read_text(encoding="utf-8").split('f"{MISSING_PART}')[1:]
    }
    assert named == listed
