"""Files as they come: encodings, separators, kinds; and files that no one should open."""

import codecs
import hashlib
import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.errors import Code, IssuerError, Where
from issuer.intake import container, sheet_parts
from issuer.intake.container import FileKind, check_container
from issuer.intake.legacy_fonts import FontCode, detect, to_unicode
from issuer.intake.sheet_extent import SheetExtent
from issuer.intake.text_file import read_text_rows
from issuer.simulate.legacy_text import to_legacy
from tests.dose_lists import HEADER, all_outcomes, cleaned, csv_text, row, table, take, xlsx

NAMES = ["Nguyễn Thị Ví Dụ", "Trần Văn Hải", "Đỗ Ước Mơ", "Lê Hoàng Quỳnh", "Phạm Thị Thủy"]
LIST = [HEADER, *(row(Họ_và_tên=name, Mũi_số=at + 1) for at, name in enumerate(NAMES))]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_and_separators(
    sqlite_register: sa.Engine, tmp_path: Path, encoding: str, separator: str
) -> None:
    (tmp_path / "a.csv").write_bytes(csv_text(*LIST, separator=separator).encode(encoding))
    take(sqlite_register, tmp_path / "a.csv")
    cleaned(sqlite_register)
    assert [one["full_name"] for one in table(sqlite_register, "dose")] == NAMES


def test_windows_1258(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    pieces = {"\u0323": b"\xf2", "\u0301": b"\xec", "\u0300": b"\xcc", "\u0303": b"\xde", "\u0309": b"\xd2"}
    import unicodedata

    out = b""
    for sign in csv_text(*LIST):
        try:
            out += sign.encode("cp1258")
        except UnicodeEncodeError:
            decomposed = unicodedata.normalize("NFD", sign)
            tone = next(mark for mark in decomposed if mark in pieces)
            out += unicodedata.normalize("NFC", decomposed.replace(tone, "")).encode("cp1258") + pieces[tone]
    (tmp_path / "a.csv").write_bytes(out)
    take(sqlite_register, tmp_path / "a.csv")
    cleaned(sqlite_register)
    assert [one["full_name"] for one in table(sqlite_register, "dose")] == NAMES


def test_windows_1252_has_some_vietnamese_letters(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    """What an export in it lost are question marks: the rows are stored, and told."""
    names = ["Lê Bình", "Hà Thị Vân", "Lò Thanh Hòa", "Trần Văn Ðức"]
    text = csv_text(HEADER, *(row(Họ_và_tên=name) for name in names))
    (tmp_path / "a.csv").write_bytes(text.replace("Họ và tên", "Ho va ten").encode("cp1252", "replace"))
    take(sqlite_register, tmp_path / "a.csv")
    cleaned(sqlite_register)
    kept = [one["full_name"] for one in table(sqlite_register, "dose")]
    assert kept == ["Lê Bình", "Hà Th? Vân", "Lò Thanh Hòa", "Tr?n V?n Đ?c"]
    signs = {one.row for one in all_outcomes(sqlite_register) if "NAME_SIGNS" in one.problems}
    assert signs == {3, 5}


def test_a_cell_without_an_end_is_told_in_its_row(tmp_path: Path) -> None:
    lines = [csv_text(HEADER, row()), '1,"', "x" * 200_000, '"\n']
    (tmp_path / "a.csv").write_text("".join(lines), encoding="utf-8")
    with pytest.raises(IssuerError, match="131,072 signs") as caught:
        list(read_text_rows(tmp_path / "a.csv"))
    assert (caught.value.code, caught.value.where.row) == (Code.FILE_UNREADABLE, 3)


@pytest.mark.parametrize("code", [FontCode.TCVN3, FontCode.VNI])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_old_fonts_of_a_whole_file(sqlite_register: sa.Engine, tmp_path: Path, code: FontCode, kind: str) -> None:
    coded = [[to_legacy(cell, code.value) if isinstance(cell, str) else cell for cell in cells] for cells in LIST]
    if kind == "csv":
        path = tmp_path / "a.csv"
        path.write_bytes(csv_text(*coded).encode("latin-1"))
    else:
        path = xlsx(tmp_path / "a.xlsx", coded)
    take(sqlite_register, path)
    cleaned(sqlite_register)
    assert [one["full_name"] for one in table(sqlite_register, "dose")] == NAMES
    assert {one["rule"] for one in table(sqlite_register, "repair")} == {code.value.upper()}


@pytest.mark.parametrize("code", [FontCode.TCVN3, FontCode.VNI])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_rows_in_an_old_font_under_a_header_in_unicode(
    sqlite_register: sa.Engine, tmp_path: Path, code: FontCode, kind: str
) -> None:
    # the form was sent out in Unicode, the rows were pasted from an old list: the header is read as it stands
    coded = [[to_legacy(cell, code.value) if isinstance(cell, str) else cell for cell in cells] for cells in LIST[1:]]
    sheet = [HEADER, *coded[:3], HEADER, *coded[3:]]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_text(csv_text(*sheet, separator=";"), encoding="utf-8")
    else:
        xlsx(path, sheet)
    take(sqlite_register, path)
    cleaned(sqlite_register)
    doses = table(sqlite_register, "dose")
    assert [one["full_name"] for one in doses] == NAMES
    assert {one["sex"] for one in doses} == {table(sqlite_register, "dose")[0]["sex"]} != {""}
    assert [one.problems for one in all_outcomes(sqlite_register) if one.fate == "rejected"] == [("SHEET_HEADER",)] * 2


def test_one_odd_name_does_not_make_an_old_font() -> None:
    assert detect([*NAMES, "José Núñez", "François Müller"]) is FontCode.UNICODE
    assert detect(["NguyÔn", *NAMES]) is FontCode.UNICODE
    assert detect([]) is FontCode.UNICODE


@pytest.mark.parametrize("code", [FontCode.TCVN3, FontCode.VNI])
def test_dates_in_words_are_in_the_old_font_too(sqlite_register: sa.Engine, tmp_path: Path, code: FontCode) -> None:
    days = {"Ngày_sinh": "ngày 15 tháng 4 năm 1990", "Ngày_tiêm": "ngày 16 tháng 8 năm 2021"}
    rows = [row(Họ_và_tên=name, Mũi_số=at + 1, **days) for at, name in enumerate(NAMES)]
    coded = [[to_legacy(cell, code.value) if isinstance(cell, str) else cell for cell in cells] for cells in rows]
    take(sqlite_register, xlsx(tmp_path / "a.xlsx", [HEADER, *coded]))
    cleaned(sqlite_register)
    doses = table(sqlite_register, "dose")
    assert {(one["birth_date"], one["vaccinated_on"]) for one in doses} == {("1990-04-15", "2021-08-16")}
    repaired = [one for one in table(sqlite_register, "repair") if one["field"] == "birth_date"]
    assert {(one["rule"], one["after"]) for one in repaired} >= {(code.value.upper(), "ngày 15 tháng 4 năm 1990")}


def test_capitals_of_tcvn3_stay_capitals() -> None:
    assert to_unicode("NGUYÔN V¡N ¸NH", FontCode.TCVN3) == "NGUYỄN VĂN ÁNH"


def _zip(path: Path, *more: tuple[str, bytes], without: str = "", change: tuple[str, bytes] | None = None) -> Path:
    """A right workbook with parts added, left out or replaced."""
    source = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(list(HEADER))
    book.active.append(row())
    book.save(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != without:
                new.writestr(name, change[1] if change and change[0] == name else old.read(name))
        for name, data in more:
            new.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def _sheet(rows: bytes) -> bytes:
    return HEAD + rows + TAIL


def _cell(reference: bytes) -> bytes:
    number = reference.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return HEAD + b'<row r="' + number + b'"><c r="' + reference + b'"><v>1</v></c></row>' + TAIL


HOSTILE = [
    ("empty", "a.csv", b"", Code.FILE_EMPTY),
    ("pdf_as_csv", "a.csv", b"%PDF-1.7 ...", Code.FILE_WRONG_EXTENSION),
    ("html_as_xls", "a.xls", b"<html><table><tr><td>1</td></tr></table></html>", Code.FILE_WRONG_EXTENSION),
    ("csv_as_xlsx", "a.xlsx", b"a,b,c\n1,2,3\n", Code.FILE_WRONG_EXTENSION),
    ("zip_as_csv", "a.csv", b"PK\x03\x04" + bytes(60), Code.FILE_WRONG_EXTENSION),
    ("xlsx_as_xls", "a.xls", b"PK\x03\x04" + bytes(60), Code.FILE_WRONG_EXTENSION),
    ("binary_as_csv", "a.csv", bytes(range(256)) * 8, Code.FILE_WRONG_EXTENSION),
    ("macro_extension", "a.xlsm", b"PK\x03\x04", Code.FILE_MACROS),
    ("unknown_extension", "a.docx", b"PK\x03\x04", Code.FILE_KIND_UNKNOWN),
    ("no_extension", "a", b"x", Code.FILE_KIND_UNKNOWN),
    ("truncated_zip", "a.xlsx", b"PK\x03\x04" + bytes(200), Code.FILE_UNREADABLE),
    ("not_vietnamese_bytes", "a.csv", b"H\xf8 t\xean;ng\xe0y\n" * 9 + bytes(range(0x80, 0x100)), Code.TEXT_ENCODING),
    ("no_header", "a.csv", b"1,2,3\n4,5,6\n", Code.HEADER_MISSING),
    ("only_blank", "a.csv", b"\n\n,,\n", Code.FILE_EMPTY),
    ("wide_csv", "a.csv", ",".join(["x"] * 600).encode(), Code.SHEET_TOO_WIDE),
    ("endless_cell", "a.csv", csv_text(HEADER).encode() + b'"' + b"x" * 200_000, Code.FILE_UNREADABLE),
    (
        "password",
        "a.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        Code.FILE_ENCRYPTED,
    ),
    ("macros_xls", "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), Code.FILE_MACROS),
    ("damaged_xls", "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), Code.FILE_UNREADABLE),
]


@pytest.mark.parametrize(("name", "file", "data", "code"), HOSTILE, ids=[one[0] for one in HOSTILE])
def test_a_file_that_is_not_what_it_should_be_leaves_nothing(
    sqlite_register: sa.Engine, tmp_path: Path, name: str, file: str, data: bytes, code: Code
) -> None:
    (tmp_path / file).write_bytes(data)
    with pytest.raises(IssuerError) as caught:
        take(sqlite_register, tmp_path / file)
    assert caught.value.code is code
    assert file in str(caught.value) and code.do_en in str(caught.value)
    for empty in ("source_file", "source_sheet", "source_row", "audit_entry"):
        assert table(sqlite_register, empty) == []


XXE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
XXE_UTF16 = codecs.BOM_UTF16_LE + '<!DOCTYPE a [<!ENTITY x "y">]>'.encode("utf-16-le")
ENDLESS = b"".join(hashlib.sha256(b"%d" % at).hexdigest().encode() for at in range(200_000))


def _types(part: bytes, kind: bytes) -> tuple[str, bytes]:
    """The list of types, with one of a part."""
    space = b"http://schemas.openxmlformats.org/package/2006/content-types"
    override = b'<Override PartName="%s" ContentType="%s"/>' % (part, kind)
    return "[Content_Types].xml", b'<Types xmlns="%s">%s</Types>' % (space, override)


CONTAINERS = [
    ("macros", {"more": (("xl/vbaProject.bin", b"x"),)}, Code.FILE_MACROS),
    ("macros_under_another_name", {"more": (("xl/x.dat", b"x"),), "change": _types(
        b"/xl/x.dat", b"application/vnd.ms-office.vbaProject")}, Code.FILE_MACROS),
    ("xlsm_under_another_ending", {"change": _types(
        b"/xl/workbook.xml", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")}, Code.FILE_MACROS),
    ("activex", {"more": (("xl/activeX/activeX1.xml", b"<a/>"),)}, Code.FILE_MACROS),
    ("xxe", {"change": (SHEET, XXE + _cell(b"A1"))}, Code.FILE_ACTIVE_XML),
    ("xxe_utf16", {"change": (SHEET, XXE_UTF16)}, Code.FILE_ACTIVE_XML),
    ("entities_in_styles", {"change": ("xl/styles.xml", XXE + b"<styleSheet/>")}, Code.FILE_ACTIVE_XML),
    ("bomb", {"change": (SHEET, HEAD + b" " * (40 << 20) + TAIL)}, Code.FILE_BOMB),
    ("many_parts", {"more": tuple((f"xl/{at}.bin", b"") for at in range(2_100))}, Code.FILE_BOMB),
    ("last_column_of_excel", {"change": (SHEET, _cell(b"XFD1"))}, Code.SHEET_TOO_WIDE),
    ("ten_million_columns", {"change": (SHEET, _cell(b"UVXFQ1"))}, Code.SHEET_TOO_WIDE),
    ("one_far_cell", {"change": (SHEET, _cell(b"SA1048576"))}, Code.SHEET_TOO_WIDE),
    ("row_beyond_excel", {"change": (SHEET, _cell(b"A99999999"))}, Code.SHEET_TOO_LONG),
    ("row_far_from_its_name", {"change": (SHEET, _sheet(
        b'<row><c s="0" t="n" cm="0" vm="0" ph="0000000000000000000000000000000" r="ZZZZZZ3"><v>1</v></c></row>'
    ))}, Code.SHEET_TOO_WIDE),
    ("single_quotes", {"change": (SHEET, _sheet(b"<row><c t='n' r='ZZZZZZ3'><v>1</v></c></row>"))},
     Code.SHEET_TOO_WIDE),
    ("single_quotes_far", {"change": (SHEET, _sheet(b"<row r='1048576'><c r='SZ1048576'><v>1</v></c></row>"))},
     Code.SHEET_TOO_WIDE),
    ("white_space_in_tags", {"change": (SHEET, _sheet(b"<row\n><c\n r\n=\n'AAA1'\n/></row>"))}, Code.SHEET_TOO_WIDE),
    ("prefixed", {"change": (SHEET, b"<x:worksheet xmlns:x='y'><x:row><x:c r='ZZZZZZ3'/></x:row></x:worksheet>")},
     Code.SHEET_TOO_WIDE),
    ("far_row_of_a_cell_alone", {"change": (SHEET, _sheet(b"<row r='1'><c r='A4294967297'/></row>"))},
     Code.SHEET_TOO_LONG),
    ("endless_row_number", {"change": (SHEET, _sheet(b"<row r='" + b"9" * 9000 + b"'/>"))}, Code.SHEET_TOO_LONG),
    ("row_after_the_last", {"change": (SHEET, _sheet(b"<row r='1048576'/><row><c/></row>"))}, Code.SHEET_TOO_LONG),
    ("cells_without_reference", {"change": (SHEET, _sheet(b"<row>" + b"<c/>" * 513 + b"</row>"))},
     Code.SHEET_TOO_WIDE),
    ("after_a_far_cell", {"change": (SHEET, _sheet(b"<row><c r='SR1'/><c/></row>"))}, Code.SHEET_TOO_WIDE),
    ("far_corners", {"change": (SHEET, _sheet(b"<row><c r='SR1'/></row><row r='900000'><c/></row>"))},
     Code.SHEET_TOO_WIDE),
    ("two_cells_span_millions", {"change": (SHEET, _sheet(b"<row><c r='Z1'/></row><row r='1048576'><c/></row>"))},
     Code.SHEET_TOO_WIDE),
    ("row_nought", {"change": (SHEET, _sheet(b"<row r='0'><c/></row>"))}, Code.FILE_UNREADABLE),
    ("no_reference_at_all", {"change": (SHEET, _sheet(b"<row><c r='$A$1'/></row>"))}, Code.FILE_UNREADABLE),
    ("endless_tag", {"change": (SHEET, _sheet(b"<row a='" + ENDLESS + b"'/>"))},
     Code.FILE_UNREADABLE),
    ("sheet_in_utf_16", {"change": (SHEET, codecs.BOM_UTF16_LE + _cell(b"A1").decode().encode("utf-16-le"))},
     Code.FILE_UNREADABLE),
    ("other_encoding", {"change": (SHEET, b"<?xml version='1.0' encoding='cp037'?>" + b"\x4c" * 9)},
     Code.FILE_UNREADABLE),
    ("other_ending", {"more": (("xl/worksheets/sheet2.bin", _cell(b"ZZZZZZ3")),)}, Code.SHEET_TOO_WIDE),
    ("backslashes", {"more": (("xl\\worksheets\\sheet2.xml", _cell(b"ZZZZZZ3")),)}, Code.SHEET_TOO_WIDE),
    ("no_workbook", {"without": "xl/workbook.xml"}, Code.FILE_WRONG_EXTENSION),
    ("damaged_sheet", {"change": (SHEET, HEAD + b"<row><c r=")}, Code.FILE_UNREADABLE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "how", "code"), CONTAINERS, ids=[one[0] for one in CONTAINERS])
def test_a_container_that_would_harm_is_refused_before_it_is_opened(
    tmp_path: Path, name: str, how: dict[str, object], code: Code
) -> None:
    how = dict(how)
    more = how.pop("more", ())
    path = _zip(tmp_path / "a.xlsx", *more, **how)  # type: ignore[arg-type, misc]
    with pytest.raises(IssuerError) as caught:
        check_container(path)  # alone: a reader of rows that opened some of these would take all memory there is
    assert caught.value.code is code


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_is_refused_before_it_is_opened(sqlite_register: sa.Engine, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    if kind == "pipe":
        os.mkfifo(path)  # nobody writes into it: opening it would wait for ever
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")  # never ends
    for open_it in (lambda: take(sqlite_register, path), lambda: check_container(path)):
        with pytest.raises(IssuerError) as caught:
            open_it()
        assert caught.value.code is Code.FILE_KIND_UNKNOWN


SHARED = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>'
LONG = "".join(hashlib.sha256(b"%d" % at).hexdigest() for at in range(500))


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        LONG.replace("a", "a<!--</si>-->"),
        LONG.replace("a", "<![CDATA[</si>]]>"),
        LONG.replace("a", "a<?b </si>?>"),
        LONG[:9] + "</t></r>".join(f"<r><t>{LONG[at : at + 99]}" for at in range(0, 32_000, 99)) + "</t></r>",
    ],
)
def test_one_long_text_in_every_cell_is_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A few hundred kilobytes of file, and every cell is given its own copy of the text."""
    monkeypatch.setattr(sheet_parts, "_MAX_TEXT", 300 * 32_000)
    for count, refused in ((200, False), (400, True)):
        rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (at, at) for at in range(1, count + 1))
        strings = ("xl/sharedStrings.xml", SHARED.format(text).encode())
        path = _zip(tmp_path / "a.xlsx", strings, change=(SHEET, _sheet(rows)))
        if refused:
            with pytest.raises(IssuerError) as caught:
                check_container(path)
            assert caught.value.code is Code.FILE_BOMB
        else:
            assert check_container(path) is FileKind.XLSX


@pytest.mark.parametrize(("names", "targets"), [("ST", (1, 1)), ("SS", (1, 2))])
def test_two_sheets_of_one_part_or_of_one_name_refuse_the_file(
    tmp_path: Path, names: str, targets: tuple[int, int]
) -> None:
    """The rows of one sheet would be read twice, and of two sheets of one name the first only."""
    space = "http://schemas.openxmlformats.org"
    sheets = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names))
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{space}/officeDocument/2006/relationships/worksheet" '
        f'Target="/xl/worksheets/sheet{target}.xml"/>'
        for at, target in enumerate(targets)
    )
    path = _zip(
        tmp_path / "a.xlsx",
        ("xl/worksheets/sheet2.xml", _cell(b"A1")),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{space}/officeDocument/2006/relationships">'
            f"<sheets>{sheets}</sheets></workbook>".encode(),
        ),
        change=(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships">{relations}</Relationships>'.encode(),
        ),
        without="xl/workbook.xml",
    )
    with pytest.raises(IssuerError) as caught:
        check_container(path)
    assert caught.value.code is Code.FILE_UNREADABLE
    assert "two sheets of one" in str(caught.value)


def test_a_right_workbook_is_taken(tmp_path: Path) -> None:
    assert check_container(_zip(tmp_path / "a.XLSX")) is FileKind.XLSX
    folders = (("xl/worksheets/", b""), ("xl/worksheets/_rels/sheet1.xml.rels", b"<Relationships/>"))
    assert check_container(_zip(tmp_path / "b.xlsx", *folders)) is FileKind.XLSX


def test_the_extent_of_a_sheet_is_told_however_its_cells_are_named() -> None:
    extent = SheetExtent(Where("a.xlsx"))
    body = _sheet(b"<row r='3'><c/><c r='C3'/><c/></row><row r='900'/><row r='5'><c r='b007'/></row><row><c/></row>")
    for at in range(len(body)):
        extent.feed(body[at : at + 1])
    extent.feed(b"", final=True)
    assert (extent.last_row, extent.last_column, extent.cells) == (8, 4, 5)


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_FILE", 10)
    (tmp_path / "a.csv").write_text(csv_text(*LIST), encoding="utf-8")
    with pytest.raises(IssuerError) as caught:
        check_container(tmp_path / "a.csv")
    assert caught.value.code is Code.FILE_TOO_LARGE


def test_a_sheet_without_a_header_is_kept_and_told(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    take(sqlite_register, xlsx(tmp_path / "a.xlsx", [["AZ", "AstraZeneca"]], LIST, names=["Danh mục", "Tiêm"]))
    cleaned(sqlite_register)
    found = all_outcomes(sqlite_register)
    assert [(one.sheet, one.fate) for one in found[:3]] == [
        ("Danh mục", "rejected"),
        ("Tiêm", "rejected"),
        ("Tiêm", "stored"),
    ]
    assert found[0].problems == ("SHEET_NO_HEADER",)


def test_the_command_line_refuses_one_file_and_takes_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sqlite_url: str
) -> None:
    good = xlsx(tmp_path / "good.xlsx", LIST)
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    assert (
        main(["--database", sqlite_url, "intake", str(good), str(tmp_path / "bad.xlsx"), str(tmp_path / "none.csv")])
        == 1
    )
    out, err = capsys.readouterr()
    assert "1 taken in" in out and "2 refused" in out
    assert err.splitlines()[0].startswith("FILE_WRONG_EXTENSION: ") and "(bad.xlsx)" in err
    assert err.splitlines()[1].startswith("FILE_MISSING: ")


LOTS = [HEADER, *(row(Số_lô=f"AB{at}") for at in range(1, 9))]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ((("AB3", '"AB3'),), 4),
        ((("AB8", '"AB8'),), 9),
        ((("AB3", '"AB3'), ("AB7", '"AB7')), 4),
        ((("AB3", '"AB3'), ("AB4", '"AB4')), 4),
        ((("AB3", '"AB3'), ("AB4", 'AB4"')), 4),
        ((("AB3", '"AB3'), ("AB4", '""AB4"')), 4),
        ((("Mã cơ sở", '"Mã cơ sở'),), 1),
    ],
    ids=["one", "in_the_last_row", "two_far", "two_in_a_row", "opened_and_closed", "two_marks", "in_the_header"],
)
def test_a_quote_that_swallows_rows_refuses_the_file_and_names_the_line(
    sqlite_register: sa.Engine, tmp_path: Path, separator: str, changes: tuple[tuple[str, str], ...], line: int
) -> None:
    text = csv_text(*LOTS, separator=separator)
    for old, new in changes:
        text = text.replace(old, new)
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    with pytest.raises(IssuerError) as caught:
        take(sqlite_register, tmp_path / "a.csv")
    assert (caught.value.code, caught.value.where.row) == (Code.FILE_UNREADABLE, line)
    assert table(sqlite_register, "source_row") == []


def test_quoted_cells_of_several_lines_stay_what_they_are(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    rows = [[*cells, "Số 12, ngõ 3, tổ 4,\nphường Cống Vị,\r\n\nHà Nội"] for cells in LOTS[1:]]
    rows[-1][-1] = 'Nhà "Hai Tầng",\n'
    (tmp_path / "a.csv").write_text(csv_text([*HEADER, "Địa chỉ"], *rows), encoding="utf-8", newline="")
    assert take(sqlite_register, tmp_path / "a.csv").rows == 9


def test_a_file_name_that_is_no_text_is_kept_in_a_form_that_can_be_shown(
    sqlite_register: sa.Engine, tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xffd.csv"))
    path.write_text(csv_text(*LIST), encoding="utf-8")
    assert take(sqlite_register, path).name == take(sqlite_register, path).name == "b\\xffd.csv"
    assert [one["name"] for one in table(sqlite_register, "source_file")] == ["b\\xffd.csv"]
    path.write_text("no list", encoding="utf-8")
    assert main(["--database", sqlite_url, "intake", str(path)]) == 1
    capsys.readouterr().err.encode("utf-8")
