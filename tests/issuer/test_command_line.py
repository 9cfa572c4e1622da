"""The command line as a whole: which commands there are, and what a process loads for one of them."""

import argparse
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from issuer import commands
from issuer.__main__ import parser
from issuer.commands import COMMANDS

HEAVY = {
    "PIL": "pictures",
    "argon2": "passwords of the console",
    "duckdb": "linking",
    "flask": "the web",
    "openpyxl": "spreadsheets",
    "python_calamine": "spreadsheets",
    "typst": "pages",
    "waitress": "the web",
    "zxingcpp": "QR pictures",
}
"""Packages that no process with a signing key has any use for."""

LOADED = """
import json, sys
from issuer.__main__ import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(root: Path, *words: str) -> set[str]:
    """What a process has loaded that was given these words."""
    done = subprocess.run([sys.executable, "-c", LOADED, *words], cwd=root, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("command", ["certify", "attest", "facility", "audit", "certificate", "export"])
def test_the_certificate_path_loads_no_code_that_it_does_not_need(root: Path, command: str) -> None:
    loaded = loaded_by(root, command, "--help")
    assert f"issuer.commands.{command}" in loaded
    assert loaded & HEAVY.keys() == set()
    heavy = ("issuer.render.pdf", "issuer.web", "issuer.link", "issuer.intake")
    assert not any(name.startswith(heavy) for name in loaded)


def test_help_loads_no_command(root: Path) -> None:
    loaded = loaded_by(root, "--help")
    assert {name for name in loaded if name.startswith("issuer.commands.")} == {"issuer.commands.context"}


def test_a_command_that_refuses_nothing_reads_no_words(root: Path) -> None:
    assert "tomllib" not in loaded_by(root, "audit", "--help")


def test_a_heavy_package_is_seen_where_it_is_loaded(root: Path) -> None:
    assert "duckdb" in loaded_by(root, "link", "--help")


class Lines:
    """Stands where argparse would, and keeps what each module says of itself."""

    def __init__(self) -> None:
        self.lines: dict[str, str] = {}

    def add_parser(self, name: str, *, help: str, **_: Any) -> argparse.ArgumentParser:
        self.lines[name] = help
        return argparse.ArgumentParser()


def test_every_command_is_listed_with_the_words_of_its_module() -> None:
    said = Lines()
    for found in pkgutil.iter_modules(commands.__path__):
        module = importlib.import_module(f"issuer.commands.{found.name}")
        if hasattr(module, "add_parser"):
            module.add_parser(said)
    assert said.lines == dict(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args([command, "--help"])
    assert caught.value.code == 0
    assert f"python -m issuer {command}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["certif"], ["context"], ["files"], ["__init__"], ["../certify"], [""]])
def test_no_other_word_is_a_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(words)
    assert caught.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
