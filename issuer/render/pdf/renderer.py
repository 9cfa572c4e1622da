"""Certificate pages to PDF: A4, tagged (PDF/UA-1), archival (PDF/A-2a), the same bytes for the same page.

typst refuses to export what breaks either standard as far as it checks; no outside validator has seen the result.
The creation date is the certificate's, so the clock, the machine and the process leave no trace in the bytes.
"""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import typst

from issuer.errors import Code, IssuerError
from issuer.render.pdf.page import CertificatePage, Words, date_words, local_day, local_minute
from issuer.render.qr import QUIET_ZONE, Symbol, encode, svg_of

_FOLDER: Final = Path(__file__).parent
_FONTS: Final = _FOLDER.parents[1] / "fonts"
_DOT: Final = 72 / 300
"""Points in a dot of a 300 dpi printer: a whole number of them a module keeps every module exactly square there."""

_CODE_WIDTH: Final = 64 / 25.4 * 72
"""Points; at most 64 mm with the quiet zone, so 50 to 55 mm of modules for our texts: read from worn paper as well."""

_SCALES: Final = (1.0, 0.92, 0.84, 0.76, 0.68)
"""Sizes of the fields, tried in turn until everything stands on one page. Nearly every page takes the first."""

_ONE_PAGE: Final = b"/Type/Pages/Count 1/"
"""How typst writes a page tree of one page; asking inside the template would cost a second layout, 2 ms."""


class Renderer:
    """Sets pages; keep one, since it holds the fonts and the parsed template. Not for use by two threads at once.

    `portal`: the address where a citizen verifies, downloads and reports, printed when it is not empty.
    """

    def __init__(self, *, portal: str = "") -> None:
        self._portal = portal
        self._compiler = typst.Compiler(
            str(_FOLDER / "certificate.typ"), root=str(_FOLDER), font_paths=[str(_FONTS)], ignore_system_fonts=True
        )

    def pdf(self, page: CertificatePage) -> bytes:
        """The page as PDF bytes. Raises `IssuerError`: PAGE_LETTER, PAGE_FULL, or what `qr.encode` raises."""
        data = _display(page, encode(page.hc1_text)) | {"portal": self._portal}
        for scale in _SCALES:
            made = self._compile(data | {"scale": scale}, int(page.issued.timestamp()))
            if _ONE_PAGE in made:
                return made
        raise IssuerError(Code.PAGE_FULL)

    def _compile(self, data: dict[str, object], created: int) -> bytes:
        try:
            made = self._compiler.compile(
                format="pdf",
                sys_inputs={"page": json.dumps(data, ensure_ascii=False)},
                pdf_standards=["ua-1", "a-2a"],
                timestamp=created,
            )
        except typst.TypstError:
            # No `from error`: the message quotes the text that cannot be set, which may be a person's name.
            raise IssuerError(Code.PAGE_LETTER) from None
        if not isinstance(made, bytes):  # a list, one item a page, is what picture formats give
            raise IssuerError(Code.PAGE_FULL)
        return made


@cache
def design_digest(portal: str = "") -> str:
    """What, besides the page, the bytes depend on: template, fonts, program versions and the portal's address."""
    seen = hashlib.sha256(f"{version('typst')} {version('zxing-cpp')} {portal}".encode())
    for path in (_FOLDER / "certificate.typ", *sorted(_FONTS.glob("*.ttf"))):
        seen.update(path.read_bytes())
    return seen.hexdigest()


def _display(page: CertificatePage, symbol: Symbol) -> dict[str, object]:
    """What the template needs, as JSON values."""
    side = symbol.size + 2 * QUIET_ZONE
    return {
        "full_name": page.full_name,
        "latin_name": page.latin_name,
        "birth_date": _pair(date_words(page.birth_date)),
        "nationality": _pair(page.nationality),
        "disease": _pair(page.disease),
        "doses_received": page.doses_received,
        "dose_dates": [_pair(date_words(day)) for day in page.dose_dates],
        "dose_number": page.dose_number,
        "vaccine": _pair(page.vaccine),
        "product": _pair(page.product),
        "manufacturer": _pair(page.manufacturer),
        "uvci": page.uvci,
        "issuer": _pair(page.issuer),
        "issued": _pair(local_day(page.issued)),
        "expires": _pair(local_minute(page.expires)),
        "qr": svg_of(symbol).decode(),
        "qr_width": side * (_CODE_WIDTH // (side * _DOT) * _DOT),
    }


def _pair(words: Words) -> dict[str, str]:
    return {"vi": words.vi, "en": words.en}
