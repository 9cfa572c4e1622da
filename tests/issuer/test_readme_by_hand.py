"""The section "By hand" of the README: its commands, typed as they stand there, one after the other."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

TYPED = re.compile(r"^\$ python -m issuer (?P<words>.*?)(?:\s{2,}#.*)?$", re.MULTILINE)


def test_commands_of_the_readme_do_what_it_says(root: Path, tmp_path: Path) -> None:
    section = (root / "README.md").read_text(encoding="utf-8").partition("## By hand\n")[2].partition("\n## ")[0]
    typed = [one["words"] for one in TYPED.finditer(section)]
    assert len(typed) >= 14 and typed.pop() == "web"
    (tmp_path / "build").mkdir()
    surroundings = os.environ | {"HOCHIEU_DATABASE": "sqlite:///build/register.sqlite", "PYTHONPATH": str(root)}
    said = {}
    for line in typed:
        words, _, out = line.partition(" > ")
        done = subprocess.run(
            ["sh", "-c", f"{shlex.quote(sys.executable)} -m issuer {words}"],
            cwd=tmp_path,
            env=surroundings,
            input="a first password, long enough\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"
        said[words.split()[0]] = done.stdout
        if out:
            (tmp_path / out.strip()).write_text(done.stdout, encoding="utf-8")
    assert "wrong links: 0;" in said["score"]
    assert list((tmp_path / "build" / "back").glob("*.xlsx"))
    assert said["account"].startswith("account congan: added")
