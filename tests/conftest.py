"""What every test may ask for, and what becomes of a test whose Debian package or vectors are missing."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
VECTORS = Path(os.environ.get("HOCHIEU_VECTORS", ROOT.parent / "shared" / "vectors"))
NO_VECTORS = "../shared/vectors not present"
MISSING_PART = "missing part: "

# Times differ from machine to machine, so no test has a deadline; the same run tries the same examples everywhere.
hypothesis.settings.register_profile("default", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=20_000, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-missing-parts", action="store_true", help="a test skipped for want of a part is a failure")
    parser.addoption("--fuzz", action="store_true", help="many more examples, and other ones every time")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("fuzz" if config.getoption("--fuzz") else "default")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of third-party test vectors, or a skip that says what is missing."""
    if not VECTORS.is_dir():
        pytest.skip(NO_VECTORS)
    return VECTORS


@pytest.fixture(scope="session")
def softhsm() -> Path:
    """The PKCS#11 module of SoftHSM2; `softhsm2-util` stands on the PATH."""
    module = next(
        (path for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib") for path in _modules(Path(folder))), None
    )
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip(f"{MISSING_PART}softhsm2")
    return module


def _modules(folder: Path) -> Iterator[Path]:
    yield from folder.glob("softhsm/libsofthsm2.so")
    yield from folder.glob("*/softhsm/libsofthsm2.so")


@pytest.fixture(scope="session")
def poppler() -> None:
    """`pdftotext`, `pdftoppm`, `pdffonts` and `pdfinfo` stand on the PATH."""
    if any(shutil.which(name) is None for name in ("pdftotext", "pdftoppm", "pdffonts", "pdfinfo")):
        pytest.skip(f"{MISSING_PART}poppler-utils")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser; playwright's own download is not needed."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip(f"{MISSING_PART}chromium")
    return Path(found)


@pytest.fixture(scope="session")
def openssl() -> str:
    """The program that others make and read key files with."""
    found = shutil.which("openssl")
    if found is None:
        pytest.skip(f"{MISSING_PART}openssl")
    return found


@pytest.fixture(scope="session")
def java() -> None:
    """A Java that runs, for Spark."""
    found = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else shutil.which("java")
    if found is None or subprocess.run([found, "-version"], capture_output=True, check=False).returncode:
        pytest.skip(f"{MISSING_PART}default-jre-headless")


def _skips(config: pytest.Config) -> dict[str, int]:
    """Reason -> how many tests it skipped, over all workers."""
    counts: dict[str, int] = {}
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for report in reporter.stats.get("skipped", ()) if reporter else ():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def _missing(config: pytest.Config) -> dict[str, int]:
    """The skips that a complete machine would not have."""
    return {
        reason: count
        for reason, count in _skips(config).items()
        if reason.startswith(MISSING_PART) or (reason == NO_VECTORS and VECTORS.is_dir())
    }


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--no-missing-parts") and _missing(session.config) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if skipped := _skips(config):
        terminalreporter.section("tests skipped, and why")
        for reason, count in sorted(skipped.items()):
            terminalreporter.line(f"{count:4} x {reason}")
