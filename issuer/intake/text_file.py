"""A .csv or .txt list: its encoding and separator found, its records with the number of the line they begin on."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from issuer.errors import Code, IssuerError, Where
from issuer.intake.container import MAX_COLUMNS
from issuer.intake.headers import find_header
from issuer.intake.legacy_fonts import FontCode, detect, odd_words, to_unicode
from issuer.intake.syllables import share_of_syllables
from specs.names import compose

__all__ = ["detect_encoding", "read_text_rows"]

_SAMPLE = 1 << 18
_SEPARATORS = (",", ";", "\t", "|")
_ENOUGH = 0.8
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_text_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number (from 1) and cells of every record that is not blank.

    Raises IssuerError, also for a quotation mark that opens a cell and swallows the rows below (RFC 4180, 2.5).
    """
    where = Where(path.name)
    encoding = detect_encoding(path)
    line = 1
    try:
        with path.open(encoding=encoding, newline="") as stream:
            separator, width = _separator(stream.read(_SAMPLE))
            stream.seek(0)
            lines = _Lines(stream)
            reader = csv.reader(lines, delimiter=separator)
            for cells in reader:
                # a record that only the end of the file ended stands in a quotation mark that is still open
                if lines.ended or (reader.line_num > line and _swallows(cells, separator, width)):
                    raise IssuerError(
                        Code.FILE_UNREADABLE, 'a quotation mark (") that is not closed', Where(path.name, row=line)
                    )
                if len(cells) > MAX_COLUMNS:
                    raise IssuerError(
                        Code.SHEET_TOO_WIDE, f"{len(cells)} columns, limit {MAX_COLUMNS}", Where(path.name, row=line)
                    )
                if any(cells) and not (line == 1 and cells[0][:4].lower() == "sep="):
                    yield line, cells
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise IssuerError(Code.TEXT_ENCODING, f"not {encoding}", where) from error
    except csv.Error as error:
        told = f"a cell of more than {csv.field_size_limit():,} signs" if "field limit" in str(error) else str(error)
        raise IssuerError(Code.FILE_UNREADABLE, told, Where(path.name, row=line)) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", where) from error


def detect_encoding(path: Path) -> str:
    """Python's name of the encoding: UTF-8, UTF-16, Windows-1258, or latin-1 for the bytes of TCVN3 and VNI.

    Windows-1252 has some Vietnamese letters; a list exported in it, the others lost, is read to be mended.

    Raises IssuerError (TEXT_ENCODING) when none of them gives Vietnamese words.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
        if sample.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if sample.count(0) > len(sample) // 5:
            return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        stream.seek(0)
        if _is_utf8(stream):
            return "utf-8"
    as_windows = share_of_syllables(odd_words([compose(sample.decode("cp1258", "replace"))]))
    as_bytes = sample.decode("latin-1")
    code = detect(as_bytes.splitlines())
    as_font = share_of_syllables({to_unicode(word, code) for word in odd_words([as_bytes])})
    if code is not FontCode.UNICODE and as_font >= as_windows:
        return "latin-1"
    as_western = share_of_syllables(odd_words([sample.decode("cp1252", "replace")]))
    if max(as_windows, as_western) >= _ENOUGH:
        return "cp1258" if as_windows >= as_western else "cp1252"
    raise IssuerError(Code.TEXT_ENCODING, "neither UTF-8, UTF-16, Windows-1258, TCVN3 nor VNI", Where(path.name))


def _is_utf8(stream: io.BufferedReader) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class _Lines:
    """The lines of a stream, and whether the end of it was met."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self._stream
        self.ended = True


def _swallows(cells: list[str], separator: str, width: int) -> bool:
    """Whether a record of several lines has so many separators that each of its lines was a row of its own.

    An address of two lines holds a few commas; a row that a cell swallowed, as many as the header. Three quarters of
    them are enough, for rows whose last cells were left out.
    """
    further = sum(sum(map(bool, map(str.strip, _LINE_END.split(cell)))) - 1 for cell in cells if _LINE_END.search(cell))
    separators = sum(cell.count(separator) for cell in cells) + len(cells) - 1
    return further > 0 and 4 * (separators - width + 1) >= 3 * (width - 1) * further


def _separator(sample: str) -> tuple[str, int]:
    """The separator under which the header names the most fields, and the header's width; a comma without a header."""
    lines = sample.splitlines(keepends=True)[:60]
    code = detect(lines)
    best = (0, ",", 0)
    for separator in _SEPARATORS:
        try:
            readings = [list(csv.reader(lines, delimiter=separator))]
            if code is not FontCode.UNICODE:
                readings.append(list(csv.reader((to_unicode(line, code) for line in lines), delimiter=separator)))
        except csv.Error:  # whoever reads the records tells in which
            continue
        header = find_header(*readings)
        if header is not None and header.count > best[0]:
            best = (header.count, separator, len(readings[0][header.first]))
    return best[1:]
