"""Documents that say what the code does not do fail here."""

import re
import shlex
from pathlib import Path

import pytest

from specs import verdicts
from tests.documents import HELP, MADE, ROOT, as_made, console_lines, documents, help_of, help_words, same_help

DOCUMENTS = documents()
PACKAGES = ("specs", "keys", "issuer", "verifier")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(path: Path) -> list[str]:
    return list(console_lines(path.read_text(encoding="utf-8")))


PYTHON_COMMANDS = sorted(
    {
        (name(path), command)
        for path in DOCUMENTS
        for line in commands(path)
        for command in re.split(r"\s*(?:\||&&|;)\s*", line)
        if command.startswith("python -m ") and command.split()[2].split(".")[0] in PACKAGES
    }
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_made_parts_are_as_the_code_makes_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for match in MADE.finditer(text):
        assert match[0] == as_made(match[0]), f"{match['name']}: run `make examples`"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_help_texts_are_what_the_commands_reply(path: Path) -> None:
    for match in HELP.finditer(path.read_text(encoding="utf-8")):
        assert same_help(match["body"], help_of(help_words(match["command"])).stdout), "run `make examples`"


@pytest.mark.parametrize(("document", "command"), PYTHON_COMMANDS)
def test_commands_that_documents_name_exist_with_their_options(document: str, command: str) -> None:
    words = shlex.split(command)[2:]
    given = [word for word in words if word.startswith("--") and word != "--"]
    # the longest run of leading words that is a command: `keys trust-list build FILE` is tried from the right
    plain = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)] if words else []
    leading = next((n for n, word in enumerate(words) if word not in plain), len(words))
    for count in range(leading, 0, -1):
        reply = help_of(tuple(words[:count]))
        if reply.returncode == 0:
            break
    else:
        pytest.fail(f"{document}: no such command: {command}")
    for option in given:
        flag = option.split("=")[0]
        assert re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", reply.stdout), f"{flag} is no option"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_make_targets_that_a_document_names_exist(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)`", text)) | {
        line.split()[1] for line in commands(path) if re.match(r"make [a-z]", line)
    }
    assert named <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_and_paths_in_a_document_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), f"link to {target}"
    for quoted in re.findall(
        r"`((?:specs|keys|issuer|verifier|tests|tools|requirements)/[\w./-]+\.(?:py|md|json|txt))`", text
    ):
        assert (ROOT / quoted).exists(), quoted


def test_every_reason_has_words_in_both_languages_and_every_word_a_reason() -> None:
    assert set(verdicts.MEANINGS) == set(verdicts.Reason)
    for meaning in verdicts.MEANINGS.values():
        assert meaning.vi.strip()
        assert meaning.en.strip()


def test_verdicts_document_prints_the_whole_list() -> None:
    text = (ROOT / "specs" / "verdicts.md").read_text(encoding="utf-8")
    assert {match["name"] for match in MADE.finditer(text)} == {"outcomes", "steps", "reasons"}


def test_documents_name_no_machine_of_ours() -> None:
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(?:work|tmp|root|home)/", text), name(path)


def test_the_index_of_the_specifications_names_every_one() -> None:
    index = (ROOT / "specs" / "README.md").read_text(encoding="utf-8")
    there = {path.name for path in (ROOT / "specs").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == there
