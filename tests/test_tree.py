"""What must never lie in the tree: a private key, a folder of somebody's machine, somebody else's test vectors."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# the words of a PEM frame, put together so that this file does not hold one
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*" + rb"PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}")
MACHINE_FOLDER = re.compile(rb"(?<![\w.<}/])/(?:home|root|work|Users)/\w")


def tracked() -> list[Path]:
    """Every file under version control; of a copy without it, everything that is no product."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    hidden = {".venv", "build", "dist", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)]


FILES = tracked()


def test_no_private_key_lies_in_the_tree() -> None:
    assert not [path for path in FILES if PRIVATE_KEY.search(path.read_bytes())]


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert not [path for path in FILES if path != Path(__file__) and MACHINE_FOLDER.search(path.read_bytes())]


def test_no_file_is_a_copy_of_somebody_elses_vectors(vectors: Path) -> None:
    theirs = {
        hashlib.sha256(path.read_bytes()).digest()
        for path in vectors.rglob("*")
        if path.is_file() and not path.name.startswith(("LICENSE", "NOTICE"))  # Apache-2.0 is ours as well
    }
    assert not [path for path in FILES if hashlib.sha256(path.read_bytes()).digest() in theirs]


@pytest.mark.parametrize("name", ["LICENSE", "README.md", "CHANGELOG.md", "Makefile", ".ci/run", "pyproject.toml"])
def test_what_a_newcomer_looks_for_is_there(name: str) -> None:
    assert (ROOT / name).is_file()
