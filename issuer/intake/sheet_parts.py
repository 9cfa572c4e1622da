"""Which part of an .xlsx holds which sheet (ECMA-376 part 1, 12.3.23 and 18.2.19), and text that cells share.

Cells name a text of the shared table by its number, so a small file can tell one long text a million times; and two
sheets that name one part tell its rows twice. A reader of rows gives every cell its own copy.
"""

import posixpath
import re
import zipfile
from array import array
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from issuer.errors import Code, IssuerError, Where

__all__ = ["check_shared_text", "check_sheets", "sheet_parts"]

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_STRINGS: Final = "xl/sharedstrings.xml"
_MAX_INDEX: Final = 8 << 20
"""Bytes of the list of sheets: that of 2,000 sheets takes a few hundred thousand."""
_MAX_TEXT: Final = 2 << 30
"""Bytes of text in all cells together."""
_PIECE: Final = 1 << 20
_DECLARATION: Final = re.compile(rb"\A\s*(?:\xef\xbb\xbf)?<\?xml[^<>]*\?>")
_HIDES: Final = re.compile(rb"<[!?]")
"""CDATA, a comment or an instruction may tell an end that is none."""
_END_OF_TEXT: Final = re.compile(rb"</(?:[\w.-]+:)?si\s*>")


def sheet_parts(container: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Name and part of every sheet, in order. The container check must have let no XML with entities pass."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(container.read(_RELATIONS))  # noqa: S314
    }
    found = []
    for element in ElementTree.fromstring(container.read(_WORKBOOK)).iter():  # noqa: S314
        if element.tag.rpartition("}")[2] == "sheet":
            target = next((targets.get(value) for key, value in element.items() if key.endswith("}id")), None)
            if target:
                part = posixpath.normpath(posixpath.join("/xl", target.replace("\\", "/"))).lstrip("/")
                found.append((element.get("name", ""), part))
    return found


def check_sheets(container: zipfile.ZipFile, where: Where) -> None:
    """Raise IssuerError (FILE_UNREADABLE) if two sheets share a name or a part; a damaged list is the reader's."""
    try:
        if max(container.getinfo(name).file_size for name in (_WORKBOOK, _RELATIONS)) > _MAX_INDEX:
            raise IssuerError(Code.FILE_BOMB, "an endless list of sheets", where)
        found = sheet_parts(container)
    except (KeyError, ElementTree.ParseError):
        return
    for what, told in (("name", [name for name, _ in found]), ("part", [part.lower() for _, part in found])):
        if len(set(told)) < len(told):
            raise IssuerError(Code.FILE_UNREADABLE, f"two sheets of one {what}", where)


def check_shared_text(container: zipfile.ZipFile, where: Where, cells: int) -> None:
    """Raise IssuerError (FILE_BOMB) if the texts that `cells` cells share would grow beyond the limit."""
    strings = [part for part in container.infolist() if _name(part) == _STRINGS]
    if not strings or _longest(container, strings[0]) * cells <= _MAX_TEXT:
        return
    shared = _Shared(where)
    shared.read(container, strings[0])
    for part in container.infolist():
        if "worksheets/" in _name(part):
            shared.read(container, part)


def _name(part: zipfile.ZipInfo) -> str:
    return part.filename.replace("\\", "/").lower()


def _longest(container: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """An upper bound for the bytes of the longest shared text, found without parsing where nothing can hide an end."""
    longest = begun = 0
    last = b""
    with container.open(part) as stream:
        piece = _DECLARATION.sub(b"", stream.read(_PIECE), count=1)
        while piece:
            if _HIDES.search(last + piece):
                return _MAX_TEXT
            texts = _END_OF_TEXT.split(piece)
            longest = max(longest, begun + len(texts[0]), *map(len, texts))
            begun = len(texts[-1]) + (begun if len(texts) == 1 else 0)
            last = piece[-1:]
            piece = stream.read(_PIECE)
    return longest


class _Shared:
    """Adds up the text of the cells: first the table of texts is read, then every sheet."""

    def __init__(self, where: Where) -> None:
        self._lengths = array("Q")
        self._where = where
        self._total = 0
        self._index = ""
        self._reads_text = self._shares = False

    def read(self, container: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Read the table of texts, or a sheet."""
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True
        try:
            with container.open(part) as stream:
                while piece := stream.read(_PIECE):
                    parser.Parse(piece, False)
                parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise IssuerError(Code.FILE_UNREADABLE, "a damaged part", self._where) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "si":
            self._lengths.append(0)
            self._reads_text = True
        elif kind == "c":
            self._shares = attributes.get("t") == "s"
        elif kind == "v":
            self._index = ""

    def _text(self, text: str) -> None:
        if self._reads_text:
            self._lengths[-1] += len(text.encode())
        elif self._shares:
            self._index = (self._index + text)[:12]

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        if kind == "si":
            self._reads_text = False
        elif kind == "v" and self._shares:
            index = self._index.strip()
            if index.isdecimal() and int(index) < len(self._lengths):
                self._total += self._lengths[int(index)]
                if self._total > _MAX_TEXT:
                    raise IssuerError(
                        Code.FILE_BOMB, f"more than {_MAX_TEXT >> 30} GiB of text in its cells", self._where
                    )
