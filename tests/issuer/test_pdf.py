"""The certificate's page, read by other programs: poppler for text and pixels, zxing-cpp for the code."""

import datetime as dt
import re
import subprocess
import unicodedata
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from issuer.errors import Code, IssuerError
from issuer.render.pdf.bulk import CHUNK, render_each, render_pdfs
from issuer.render.pdf.page import MAX_DOSES, CertificatePage, Words, code_words, date_words, local_day, local_minute
from issuer.render.pdf.renderer import Renderer
from specs import valuesets
from tests.issuer.pages import HC1_TEXT, ISSUED, page

VIETNAMESE = "".join(
    letter
    for point in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA))
    if unicodedata.name(letter := chr(point)).startswith("LATIN") and letter not in "×÷"
)
LONG_NAME = "Công Tằng Tôn Nữ Thị Nguyễn Hoàng Bảo Trân Ngọc Phương Quỳnh Khánh Huyền Mỹ Hạnh"
SEVEN = tuple(f"2021-{month:02}-28" for month in range(6, 13))
MARKUP = (
    "( ) \\ endstream endobj #[x] *b* _i_ $x$ {{ 7*7 }} <b> `c` @d // e /* f */ = g + h ~ % \\u{41} \"q\" 'r' -- ..."
)

pytestmark = pytest.mark.usefixtures("poppler")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def text_of(pdf: bytes, tmp_path: Path) -> list[str]:
    """The lines of the page in the order of its content."""
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\f", "").splitlines()


def about(pdf: bytes, tmp_path: Path, program: str) -> str:
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf)
    return subprocess.run([program, path], capture_output=True, check=True, text=True).stdout


def picture_of(pdf: bytes, tmp_path: Path, dpi: int) -> Image.Image:
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", path, tmp_path / "page"], check=True)
    return Image.open(tmp_path / "page.pgm").convert("L")


def codes_in(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


def pages_in(pdf: bytes, tmp_path: Path) -> int:
    return int(re.findall(r"Pages:\s+(\d+)", about(pdf, tmp_path, "pdfinfo"))[0])


# ---- what stands on it ----


def test_every_field_reads_as_it_was_given(renderer: Renderer, tmp_path: Path) -> None:
    lines = text_of(renderer.pdf(page()), tmp_path)
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "HỘ CHIẾU VẮC XIN",
        "VACCINATION CERTIFICATE",
        "Nguyễn Thị Thuý Hằng",
        "NGUYEN THI THUY HANG",
        "09/10/1983",
        "09 Oct 1983",
        "Việt Nam",
        "Viet Nam",
        "COVID-19",
        "2",
        "03/08/2021, 28/10/2021",
        "03 Aug 2021, 28 Oct 2021",
        "2/2",
        "Vắc xin mRNA phòng COVID-19",
        "mRNA COVID-19 vaccine",
        "Comirnaty (Pfizer BioNTech)",
        "Biontech Manufacturing GmbH",
        "URN:UVCI:01:VN:9A1B7C40E2D54F6CA8E1D03B5C7F2A96",
        "Cục Y tế dự phòng",
        "14/04/2022",
        "08:30 ngày 14/04/2023",
    ):
        assert expected in lines
    whole = " ".join(lines)
    for label in (
        "1 Họ và tên Full name",
        "2 Ngày tháng năm sinh Date of birth",
        "3 Quốc tịch Nationality",
        "4 Bệnh dịch mà chứng nhận nhắm tới Disease targeted",
        "5 Số mũi tiêm đã nhận Doses received",
        "6 Ngày tiêm Date of vaccination",
        "7 Liều số Dose number",
        "8 Vắc xin Vaccine",
        "9 Sản phẩm vắc xin Vaccine product",
        "10 Nhà cung cấp hoặc sản xuất vắc xin Vaccine supplier or manufacturer",
        "11 Mã số của chứng nhận Certificate number (UVCI)",
    ):
        assert label in whole


@pytest.mark.parametrize("start", range(0, len(VIETNAMESE), 40))
def test_every_letter_of_vietnamese_and_of_latin_europe_reads_back(
    start: int, renderer: Renderer, tmp_path: Path
) -> None:
    """Đ, Ơ, Ư and U+1EA0 to U+1EF9 among them, as text in both weights, from the page's own fonts."""
    letters = VIETNAMESE[start : start + 40]
    pdf = renderer.pdf(page(full_name=letters, latin_name=letters))
    assert text_of(pdf, tmp_path).count(letters) == 2
    fonts = about(pdf, tmp_path, "pdffonts").splitlines()[2:]
    assert {re.split(r"[+ ]", line)[1] for line in fonts} == {"NotoSans-Bold", "NotoSans-Regular", "NotoSerif-Bold"}
    assert all(re.search(r"yes yes yes", line) for line in fonts)  # embedded, subset, with a map to Unicode


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Thưr", id="one word (Ba Na)"),
        pytest.param("H'Hen Niê", id="typewriter apostrophe (Ê Đê)"),
        pytest.param("H’Hen Niê", id="printer's apostrophe"),
        pytest.param("Hʼ Bia Êban", id="modifier letter apostrophe"),
        pytest.param("Bh'riu Liếc", id="Cơ Tu"),
        pytest.param("Nguyễn-Müller Zoë Ñandú Łukasz", id="foreign letters, hyphen"),
        pytest.param(unicodedata.normalize("NFD", "Nguyễn Thế Ẳ Ặ"), id="decomposed marks"),
        pytest.param(MARKUP[:100], id="markup, part 1"),
        pytest.param(MARKUP[40:], id="markup, part 2"),
        pytest.param("Robert'); DROP TABLE person;--", id="SQL"),
        pytest.param("=HYPERLINK(1) +1 -1 @SUM", id="formula"),
        pytest.param("fi fl ffi ff AVATAR", id="ligatures and kerning"),
    ],
)
def test_names_come_out_as_they_went_in(name: str, renderer: Renderer, tmp_path: Path) -> None:
    lines = text_of(renderer.pdf(page(full_name=name, latin_name="")), tmp_path)
    end = lines.index("2 Ngày tháng năm sinh")
    shown = " ".join(lines[lines.index("Full name") + 1 : end])
    assert unicodedata.normalize("NFC", shown) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("field", [each.name for each in fields(CertificatePage)])
def test_no_field_is_read_as_markup(field: str, renderer: Renderer, tmp_path: Path) -> None:
    given = MARKUP[:60]
    value: Any = {"dose_dates": (given,), "issued": None, "expires": None, "hc1_text": None}.get(field, given)
    if value is None:
        return
    if isinstance(getattr(page(), field), Words):
        value = Words(given, given)
    shown = "".join(text_of(renderer.pdf(page(**{field: value})), tmp_path))
    assert given.replace(" ", "") in shown.replace(" ", "")


def test_nothing_like_an_identity_number_is_on_the_page(renderer: Renderer, tmp_path: Path) -> None:
    """Design section 8: no field takes one, and no other text happens to look like one."""
    assert not re.search(r"\d{9,}", " ".join(text_of(renderer.pdf(page()), tmp_path)))
    assert not any(part == "id" for each in fields(CertificatePage) for part in each.name.split("_"))


# ---- what must not break it ----


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"full_name": LONG_NAME[:80], "latin_name": LONG_NAME.upper()[:80]}, id="80 characters"),
        pytest.param({"full_name": f"{LONG_NAME[:80]} {LONG_NAME[:80]}"}, id="161 characters"),
        pytest.param({"full_name": "W" * 80, "latin_name": "W" * 80}, id="80 characters without a blank"),
        pytest.param({"dose_dates": SEVEN, "doses_received": "7", "dose_number": "7/7"}, id="seven doses"),
        pytest.param({"dose_dates": (SEVEN * 2)[:MAX_DOSES]}, id="as many doses as it takes"),
        pytest.param({"dose_dates": ()}, id="no date"),
        pytest.param({"birth_date": "1938"}, id="year of birth only"),
        pytest.param({"birth_date": ""}, id="no birth date"),
        pytest.param({"uvci": "URN:UVCI:01:VN:" + "A" * 65}, id="number of 80 characters"),
        pytest.param({"hc1_text": "HC1:A"}, id="version 1"),
        pytest.param({"hc1_text": "HC1:" + "A" * 1090}, id="version 26"),
        pytest.param(
            {
                "full_name": LONG_NAME[:80],
                "latin_name": LONG_NAME.upper()[:80],
                "dose_dates": SEVEN,
                "nationality": Words(
                    "Nam Georgia và Quần đảo Nam Sandwich", "South Georgia and South Sandwich Islands"
                ),
                "vaccine": max(
                    (code_words(valuesets.prophylaxis(), code) for code in valuesets.prophylaxis()),
                    key=lambda words: len(words.vi),
                ),
                "product": Words("P" * 40 + " " + "p" * 39, "Q" * 40 + " " + "q" * 39),
                "manufacturer": Words("M" * 40 + " " + "m" * 39, "N" * 40 + " " + "n" * 39),
                "issuer": Words(
                    "Trung tâm Kiểm soát bệnh tật tỉnh Bà Rịa - Vũng Tàu, Sở Y tế", "Provincial Centre " * 4
                ),
                "uvci": "URN:UVCI:01:VN:" + "A" * 65,
            },
            id="everything long at once",
        ),
    ],
)
def test_extremes_fit_on_one_page_and_scan(changes: dict[str, Any], renderer: Renderer, tmp_path: Path) -> None:
    given = page(**changes)
    pdf = renderer.pdf(given)
    assert pages_in(pdf, tmp_path) == 1
    picture = picture_of(pdf, tmp_path, 150)
    assert codes_in(picture) == [given.hc1_text]
    margin = round(10 / 25.4 * 150)  # nothing runs off the paper or into what a printer cannot reach
    pixels = np.asarray(picture)
    for edge in (pixels[:margin], pixels[-margin:], pixels[:, :margin], pixels[:, -margin:]):
        assert (edge == 255).all()


def test_what_cannot_fit_is_refused(renderer: Renderer) -> None:
    wide = Words("W" * 80, "W" * 79)
    changes = dict.fromkeys(("nationality", "disease", "vaccine", "product", "manufacturer", "issuer"), wide)
    with pytest.raises(IssuerError) as caught:
        renderer.pdf(page(full_name="W" * 161, latin_name="W" * 161, **changes))
    assert caught.value.code is Code.PAGE_FULL


def test_a_letter_without_a_font_is_refused_without_being_quoted(renderer: Renderer) -> None:
    """Never an empty box in somebody's name."""
    with pytest.raises(IssuerError) as caught:
        renderer.pdf(page(full_name="張偉"))
    assert caught.value.code is Code.PAGE_LETTER
    assert "張" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"full_name": "a" * 162}, Code.PAGE_FIELD_TOO_LONG),
        ({"vaccine": Words("a", "a" * 81)}, Code.PAGE_FIELD_TOO_LONG),
        ({"dose_dates": ("2021-01-01",) * (MAX_DOSES + 1)}, Code.PAGE_TOO_MANY_DOSES),
        ({"dose_dates": ("a" * 81,)}, Code.PAGE_FIELD_TOO_LONG),
        ({"issued": dt.datetime(2022, 1, 1)}, Code.PAGE_TIME_WITHOUT_ZONE),  # noqa: DTZ001
        ({"expires": dt.datetime(2022, 1, 1)}, Code.PAGE_TIME_WITHOUT_ZONE),  # noqa: DTZ001
    ],
)
def test_a_page_that_could_not_be_set_cannot_be_made(changes: dict[str, Any], code: Code) -> None:
    with pytest.raises(IssuerError) as caught:
        page(**changes)
    assert caught.value.code is code


def test_repr_tells_nothing_of_the_holder() -> None:
    shown = repr(page())
    for personal in ("Nguyễn", "NGUYEN", "1983", "2021-08-03", "9A1B", "HC1:"):
        assert personal not in shown


# ---- the code on paper ----


@pytest.mark.parametrize("dpi", [96, 150, 203, 300, 600])
def test_code_reads_at_every_resolution(dpi: int, renderer: Renderer, tmp_path: Path) -> None:
    assert codes_in(picture_of(renderer.pdf(page()), tmp_path, dpi)) == [HC1_TEXT]


def test_code_is_large_square_and_away_from_the_edges(renderer: Renderer, tmp_path: Path) -> None:
    found = zxingcpp.read_barcode(picture_of(renderer.pdf(page()), tmp_path, 300))
    assert found is not None
    corners = found.position
    width = corners.top_right.x - corners.top_left.x
    height = corners.bottom_left.y - corners.top_left.y
    assert abs(width - height) <= 2
    assert abs(width - 85 * 8) <= 3  # eight dots of a 300 dpi printer a module
    assert 40 <= width / 300 * 25.4 <= 60
    assert corners.top_left.y > 300 * 20 / 25.4
    assert 2480 - corners.top_right.x > 300 * 20 / 25.4


@pytest.mark.parametrize("length", [300, 364, 510, 540, 825, 1094])
def test_modules_are_whole_dots_of_a_300_dpi_printer(length: int, renderer: Renderer, tmp_path: Path) -> None:
    text = ("HC1:" + HC1_TEXT[4:] * 3)[:length]
    pdf = renderer.pdf(page(hc1_text=text))
    found = zxingcpp.read_barcode(picture_of(pdf, tmp_path, 300))
    assert found is not None
    modules = (
        np.asarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q").to_image()).shape[0] - 8
    )
    width = (found.position.top_right.x - found.position.top_left.x) / 300 * 25.4
    assert 40 <= width <= 60
    dots = width / 25.4 * 300 / modules
    assert abs(dots - round(dots)) < 0.05


@pytest.mark.parametrize(
    ("name", "shrink", "spread", "turn", "blur", "seen_dpi"),
    [
        ("printer shrinks to 96 %", 0.96, 0, 0.0, 0.0, 150),
        ("fax-like toner, black and white only", 1.0, 3, 0.0, 0.6, 200),
        ("phone held at an angle", 1.0, 0, 4.0, 0.8, 130),
        ("96 %, toner spread, angle and blur together", 0.96, 3, 3.0, 0.9, 150),
        ("a copy of half the size", 0.5, 0, 0.0, 0.5, 300),
    ],
)
def test_code_reads_from_paper(
    name: str, shrink: float, spread: int, turn: float, blur: float, seen_dpi: int, renderer: Renderer, tmp_path: Path
) -> None:
    sheet = picture_of(renderer.pdf(page()), tmp_path, 600).point(lambda level: 255 if level > 128 else 0)
    if spread:
        sheet = sheet.filter(ImageFilter.MinFilter(spread))
    scale = shrink * seen_dpi / 600
    size = (round(sheet.width * scale), round(sheet.height * scale))
    seen = sheet.resize(size, Image.Resampling.BOX).rotate(turn, Image.Resampling.BICUBIC, fillcolor=255)
    assert codes_in(seen.filter(ImageFilter.GaussianBlur(blur))) == [HC1_TEXT]


def test_page_is_legible_without_colour(renderer: Renderer, tmp_path: Path) -> None:
    """Nothing is said by colour alone: after a black-and-white print every text has pixels left."""
    pixels = np.asarray(picture_of(renderer.pdf(page()), tmp_path, 150))
    marked, dark = (pixels < 0xB0).any(axis=1), (pixels < 0x80).any(axis=1)
    assert dark[marked].mean() > 0.97


# ---- the file ----


def test_same_page_same_bytes_in_any_process(renderer: Renderer) -> None:
    pages = [page(full_name=f"Nguyễn Văn {number}") for number in "ABC"]
    here = [renderer.pdf(each) for each in pages]
    assert here == [Renderer().pdf(each) for each in pages]
    assert here == list(render_pdfs(pages, 2))


def test_dates_of_the_file_are_those_of_the_certificate(renderer: Renderer) -> None:
    assert set(re.findall(rb"D:\d{14}Z?", renderer.pdf(page()))) == {b"D:20220414013000Z"}


def test_claims_both_standards_and_is_tagged(renderer: Renderer, tmp_path: Path) -> None:
    pdf = renderer.pdf(page())
    shown = about(pdf, tmp_path, "pdfinfo")
    assert re.search(r"Tagged:\s+yes", shown)
    assert re.search(r"Page size:.*A4", shown)
    assert re.search(r"JavaScript:\s+no", shown)
    assert re.search(rb"pdfaid:part>2<.*pdfaid:conformance>A<", pdf, re.DOTALL)
    assert re.search(rb"pdfuaid:part>1<", pdf)


def test_metadata_do_not_name_the_holder(renderer: Renderer, tmp_path: Path) -> None:
    assert "Hằng" not in about(renderer.pdf(page()), tmp_path, "pdfinfo")


def test_portal_address_is_shown_where_there_is_one(tmp_path: Path) -> None:
    lines = " ".join(text_of(Renderer(portal="chungnhan.example").pdf(page()), tmp_path))
    assert lines.count("chungnhan.example") == 4


# ---- many ----


def test_bulk_keeps_order_and_reports_each_refusal_alone() -> None:
    names = ["A", "張", *"BCDEFGHIJKLMNOPQRSTUVW", "偉"]
    outcomes = list(render_each((page(full_name=name) for name in names), 2))
    refused = [index for index, outcome in enumerate(outcomes) if isinstance(outcome, IssuerError)]
    assert refused == [1, len(names) - 1]
    renderer = Renderer()
    assert outcomes[2] == renderer.pdf(page(full_name="B"))
    assert outcomes[-2] == renderer.pdf(page(full_name="W"))


def test_bulk_reads_only_a_little_ahead() -> None:
    taken = 0

    def endless() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield page()

    stream = render_pdfs(endless(), 1)
    next(stream)
    assert taken <= CHUNK


def test_bulk_raises_the_first_refusal() -> None:
    with pytest.raises(IssuerError) as caught:
        list(render_pdfs([page(), page(full_name="張")], 1))
    assert caught.value.code is Code.PAGE_LETTER


# ---- words ----


@pytest.mark.parametrize(
    ("iso", "vi", "en"),
    [
        ("1983-10-09", "09/10/1983", "09 Oct 1983"),
        ("1983-10", "10/1983", "Oct 1983"),
        ("1938", "1938", "1938"),
        ("", "Không rõ", "Unknown"),
        ("1983-13-01", "1983-13-01", "1983-13-01"),
        ("khoảng 1940", "khoảng 1940", "khoảng 1940"),
        ("１９８３", "１９８３", "１９８３"),
    ],
)
def test_dates_in_words(iso: str, vi: str, en: str) -> None:
    assert date_words(iso) == Words(vi, en)


def test_instants_are_shown_in_vietnamese_time() -> None:
    late = dt.datetime(2022, 4, 14, 18, 0, tzinfo=dt.UTC)
    assert local_day(late) == Words("15/04/2022", "15 Apr 2022")
    assert local_minute(late) == Words("01:00 ngày 15/04/2022", "15 Apr 2022 01:00 (UTC+7)")
    assert local_day(ISSUED).vi == "14/04/2022"


def test_codes_become_words_and_unknown_codes_are_refused() -> None:
    assert code_words(valuesets.diseases(), valuesets.COVID_19) == Words("COVID-19", "COVID-19")
    with pytest.raises(IssuerError) as caught:
        code_words(valuesets.medicinal_products(), "EU/9/99/9999")
    assert caught.value.code is Code.PAGE_CODE_UNKNOWN
