"""Is this file what its name says, and safe to open? Judged from its bytes before any spreadsheet library sees it.

Refused: another kind than the extension tells, macros, passwords, XML entities, and containers or sheets that would
grow far beyond what a dose list needs. Limits are generous for a million rows and small for an attacker.
"""

import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from issuer.errors import Code, IssuerError, Where
from issuer.intake.sheet_extent import MAX_COLUMNS, MAX_ROWS, SheetExtent
from issuer.intake.sheet_parts import check_shared_text, check_sheets
from issuer.intake.xls_text import check_xls_text
from issuer.regular_file import regular_size

__all__ = ["MAX_COLUMNS", "MAX_FILE", "MAX_ROWS", "FileKind", "check_container"]

MAX_FILE = 512 << 20
_MAX_XLS = 128 << 20
_MAX_INFLATED = 4 << 30
"""Bytes of all parts together: a full sheet of a million rows and thirty columns stays below 2 GiB."""
_MAX_RATIO = 200
"""Inflated to stored size, once a part is over a megabyte: sheets reach about 30, a bomb 1,000."""
_MAX_PARTS = 2_000
_PIECE = 1 << 20
_OVERLAP = 64

_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MACROS = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
"""Types by which a workbook declares its macros, whatever the part that holds them is called."""


class FileKind(StrEnum):
    """The kinds of file that are taken."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


def check_container(path: Path) -> FileKind:
    """The kind of the file at `path`, which is safe to open as that kind. Raises IssuerError."""
    where = Where(path.name)
    size = regular_size(path, MAX_FILE)
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", where) from error
    if size == 0:
        raise IssuerError(Code.FILE_EMPTY, where=where)
    extension = path.suffix.lower().lstrip(".")
    if extension in ("xlsm", "xltm", "xlam", "xlsb"):
        raise IssuerError(Code.FILE_MACROS, f".{extension}", where)
    if extension not in ("xlsx", "xls", "csv", "txt", "tsv"):
        raise IssuerError(Code.FILE_KIND_UNKNOWN, f".{extension}", where)
    kind = FileKind.CSV if extension in ("csv", "txt", "tsv") else FileKind(extension)
    found = _sniff(head)
    if found == "ole" and kind is FileKind.XLSX and _names_stream(path, "EncryptedPackage"):
        raise IssuerError(Code.FILE_ENCRYPTED, where=where)
    expected = {FileKind.XLSX: "zip", FileKind.XLS: "ole", FileKind.CSV: "text"}[kind]
    if found != expected:
        raise IssuerError(Code.FILE_WRONG_EXTENSION, f".{extension}, but the content is {_WORDS[found]}", where)
    if kind is FileKind.XLSX:
        _check_zip(path, where)
    elif kind is FileKind.XLS:
        _check_ole(path, size, where)
    return kind


_WORDS = {
    "zip": "a ZIP container (.xlsx?)",
    "ole": "an old Office document (.xls?)",
    "pdf": "a PDF document",
    "html": "a web page",
    "xml": "an XML document",
    "text": "plain text (.csv?)",
    "binary": "no text",
}


def _sniff(head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if head.startswith(b"%PDF"):
        return "pdf"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")):
        return "html"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in head.lower() else "xml"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or max(head[::2].count(0), head[1::2].count(0)) > len(head) // 4:
        return "text"  # UTF-16
    return "binary" if b"\0" in head else "text"


def _names_stream(path: Path, name: str) -> bool:
    needle = name.encode("utf-16-le")
    with path.open("rb") as stream:
        tail = b""
        while piece := stream.read(_PIECE):
            if needle in tail + piece:
                return True
            tail = piece[-len(needle) :]
    return False


def _check_ole(path: Path, size: int, where: Where) -> None:
    if size > _MAX_XLS:
        raise IssuerError(Code.FILE_TOO_LARGE, f"{size >> 20} MiB, limit {_MAX_XLS >> 20} MiB for .xls", where)
    if _names_stream(path, "EncryptedPackage"):
        raise IssuerError(Code.FILE_ENCRYPTED, where=where)
    if _names_stream(path, "_VBA_PROJECT"):
        raise IssuerError(Code.FILE_MACROS, ".xls with a VBA project", where)
    check_xls_text(path, where)


def _check_zip(path: Path, where: Where) -> None:
    try:
        with zipfile.ZipFile(path) as container:
            parts = container.infolist()
            if len(parts) > _MAX_PARTS:
                raise IssuerError(Code.FILE_BOMB, f"{len(parts)} parts", where)
            names = {_name(part) for part in parts}
            if len(names) != len(parts):
                raise IssuerError(Code.FILE_UNREADABLE, "two parts of one name", where)
            if any("vbaproject" in name or name.startswith(("xl/macrosheets/", "xl/activex/")) for name in names):
                raise IssuerError(Code.FILE_MACROS, "a macro project inside", where)
            if "xl/workbook.xml" not in names:
                raise IssuerError(Code.FILE_WRONG_EXTENSION, ".xlsx, but no workbook inside", where)
            total = cells = 0
            for part in parts:
                if part.flag_bits & 1:
                    raise IssuerError(Code.FILE_ENCRYPTED, where=where)
                inflated, told = _check_part(container, part, total, where)
                total, cells = total + inflated, cells + told
            check_sheets(container, where)
            check_shared_text(container, where, cells)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise IssuerError(Code.FILE_UNREADABLE, "a damaged container", where) from error


def _check_part(container: zipfile.ZipFile, part: zipfile.ZipInfo, total: int, where: Where) -> tuple[int, int]:
    """Bytes of the part, and the cells in it if it is a sheet; `total`: bytes of the parts before."""
    name = _name(part)
    # whatever its ending: the workbook's relations choose the part, and the reader of rows asks for this folder alone
    sheet = SheetExtent(where) if "worksheets/" in name and not name.endswith("/") else None
    is_xml = sheet is not None or name.endswith((".xml", ".rels", ".vml"))
    declares = name == "[content_types].xml" or name.endswith(".rels")
    inflated = 0
    tail = b""
    with container.open(part) as stream:
        while piece := stream.read(_PIECE):
            inflated += len(piece)
            if total + inflated > _MAX_INFLATED:
                raise IssuerError(Code.FILE_BOMB, f"more than {_MAX_INFLATED >> 30} GiB inside", where)
            if inflated > _PIECE and inflated > _MAX_RATIO * max(part.compress_size, 1):
                raise IssuerError(Code.FILE_BOMB, f"grows more than {_MAX_RATIO} times", where)
            if not is_xml:
                continue
            window = tail + piece
            if _ENTITY.search(window) or (b"<\0!\0D\0" in window or b"<\0!\0E\0" in window or b"\0<\0!\0D" in window):
                raise IssuerError(Code.FILE_ACTIVE_XML, where=where)
            if declares and _MACROS.search(window.replace(b"\0", b"")):
                raise IssuerError(Code.FILE_MACROS, "a macro project declared", where)
            if sheet is not None:
                sheet.feed(piece)
            tail = window[-_OVERLAP:]
    if sheet is not None:
        sheet.feed(b"", final=True)
    return inflated, sheet.cells if sheet is not None else 0


def _name(part: zipfile.ZipInfo) -> str:
    """The part's name as readers compare it: some take a backslash for a slash."""
    return part.filename.replace("\\", "/").lower()
