"""What a refusal says: in Vietnamese and in English, what is wrong and what to do, in one line."""

import re
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.__main__ import main
from issuer.errors import Code, IssuerError, Where

ROOT = Path(__file__).parents[2]
WORDS = tomllib.loads((ROOT / "issuer" / "refusals.toml").read_text(encoding="utf-8"))
LITERAL = re.compile(r"--[a-z]+|\w+/[\w.]+|[A-Za-z]+_\w+|\.[a-z]+\b|\d[\d-]*|\b[A-Z][A-Z0-9-]+\b")
"""What stands in advice as it is typed or found: options, files, settings, extensions, figures, names of standards."""


def test_every_code_has_words_and_all_words_are_of_a_code() -> None:
    assert list(WORDS) == [code.name for code in Code]


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_a_refusal_says_in_both_languages_what_is_wrong_and_what_to_do(code: Code) -> None:
    assert WORDS[code.name] == {"vi": code.vi, "en": code.en, "do_vi": code.do_vi, "do_en": code.do_en}
    for text in (code.vi, code.en, code.do_vi, code.do_en):
        assert text == text.strip() != ""
        assert text.isprintable(), "one line"
        assert len(text) <= 120
        assert not text.endswith(".")
        assert unicodedata.is_normalized("NFC", text)
    assert code.en.isascii()
    assert re.search("[à-ỹ]", code.vi)
    assert re.search("[à-ỹ]", code.do_vi)
    assert len({code.vi, code.en, code.do_vi, code.do_en}) == 4


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_advice_names_the_same_options_files_and_figures_in_both_languages(code: Code) -> None:
    assert set(LITERAL.findall(code.do_en)) <= set(LITERAL.findall(code.do_vi))


def test_no_two_codes_say_the_same() -> None:
    for language in ("vi", "en"):
        assert len({words[language] for words in WORDS.values()}) == len(Code)


@pytest.mark.parametrize(
    ("where", "vietnamese", "english"),
    [
        (Where(), "", ""),
        (Where("a.csv"), " (a.csv)", " (a.csv)"),
        (Where("a.csv", row=3), " (a.csv, dòng 3)", " (a.csv, row 3)"),
        (
            Where("a.xlsx", "Tháng 8", 7, "C"),
            " (a.xlsx, trang Tháng 8, dòng 7, cột C)",
            " (a.xlsx, sheet Tháng 8, row 7, column C)",
        ),
    ],
)
def test_the_line_tells_what_happened_where_and_what_to_do(where: Where, vietnamese: str, english: str) -> None:
    error = IssuerError(Code.SHEET_TOO_WIDE, "300 > 256", where)
    assert error.words("vi") == (
        f"SHEET_TOO_WIDE: trang tính quá nhiều cột: 300 > 256{vietnamese}: "
        "xóa những gì nằm bên phải danh sách rồi lưu lại"
    )
    assert (
        error.words("en")
        == str(error)
        == (
            f"SHEET_TOO_WIDE: the sheet is wider than the limit: 300 > 256{english}: "
            "delete what is to the right of the list and save again"
        )
    )


Said = Callable[..., str]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command that is refused writes to stderr, in an empty folder with a register of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOCHIEU_LANGUAGE", raising=False)

    def run(*words: str) -> str:
        assert main(words) == 1
        return capsys.readouterr().err

    return run


VIETNAMESE = "FILE_MISSING: không có tệp này (people.csv): kiểm tra lại đường dẫn\n"
ENGLISH = "FILE_MISSING: there is no such file (people.csv): check the path\n"
LOAD = ("people", "load", "people.csv")


def test_refusals_are_in_english_unless_somebody_asks(said: Said) -> None:
    assert said(*LOAD) == ENGLISH


@pytest.mark.parametrize("line", [("--language", "vi", *LOAD), (*LOAD, "--language", "vi")])
def test_the_option_asks_before_the_command_or_after_it(said: Said, line: tuple[str, ...]) -> None:
    assert said(*line) == VIETNAMESE


def test_the_environment_asks_and_the_option_decides(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOCHIEU_LANGUAGE", "vi")
    assert said(*LOAD) == VIETNAMESE
    assert said(*LOAD, "--language", "en") == ENGLISH
    monkeypatch.setenv("HOCHIEU_LANGUAGE", "")
    assert said(*LOAD) == ENGLISH


@pytest.mark.parametrize("language", ["fr", "VI", "vi_VN.UTF-8"])
def test_another_language_is_a_wrong_use_and_nothing_is_done(
    said: Said, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOCHIEU_LANGUAGE", language)
    for line in (LOAD, (*LOAD, "--language", language)):
        with pytest.raises(SystemExit) as caught:
            main(line)
        assert caught.value.code == 2
    assert list(tmp_path.iterdir()) == []


def test_every_file_that_intake_refuses_is_told_in_the_language(said: Said) -> None:
    Path("a.xlsx").write_bytes(b"no workbook")
    lines = said("intake", "--language", "vi", "a.xlsx", "b.csv").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["FILE_WRONG_EXTENSION", "FILE_MISSING"]
    assert lines[0].endswith("(a.xlsx): đặt lại đúng đuôi tệp, hoặc lưu lại thành .xlsx hay .csv")
    assert lines[1].endswith("không có tệp này (b.csv): kiểm tra lại đường dẫn")


def test_a_database_that_fails_is_told_in_the_language(said: Said) -> None:
    Path("a.sqlite").write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    line = said("--database", "sqlite:///a.sqlite", "--language", "vi", "audit", "check")
    assert line.startswith("DATABASE_REFUSED: không mở được cơ sở dữ liệu")
    assert line.endswith(": kiểm tra --database hoặc HOCHIEU_DATABASE và quyền truy cập\n")
    assert line.count("\n") == 1
