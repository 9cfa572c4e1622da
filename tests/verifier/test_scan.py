"""Pictures to text: formats, turned and bent pictures, several codes, and pictures that nobody should decode."""

import io
import itertools
import random
import struct
import zlib
from collections.abc import Callable

import pytest
import qrcode
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from specs.verdicts import Outcome, Reason, Step, StepResult
from tests.faults import NOW, Recipe, trust
from verifier import scan
from verifier.check import check
from verifier.errors import VerifierError
from verifier.request import Request
from verifier.scan import MAX_FILE, MAX_PIXELS, MAX_WORK, read

Format = zxingcpp.BarcodeFormat
TEXT = Recipe().certificate()
OTHER = Recipe(claims={4: 1_800_000_000}).certificate()
ID_CARD = "001190000017||Nguyễn Thị Ví Dụ|15041990|Nữ|Hà Nội|25052021"


def code(text: str = TEXT, symbology: Format = Format.QRCode, scale: int = 4) -> Image.Image:
    extra = {"ec_level": "Q"} if symbology is Format.QRCode else {}
    image = zxingcpp.create_barcode(text, symbology, **extra).to_image(scale=scale)
    height, width = image.shape
    return ImageOps.expand(Image.frombytes("L", (width, height), bytes(image)), 20, 255)


def file_of(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def beside(*images: Image.Image) -> Image.Image:
    page = Image.new("L", (sum(image.width for image in images), max(image.height for image in images)), 255)
    left = 0
    for image in images:
        page.paste(image, (left, 0))
        left += image.width
    return page


def transparent(image: Image.Image) -> Image.Image:
    """Black modules on nothing at all."""
    paper = Image.new("RGBA", image.size, (0, 0, 0, 0))
    paper.paste((0, 0, 0, 255), mask=ImageOps.invert(image))
    return paper


def sixteen_bits(image: Image.Image) -> Image.Image:
    return Image.frombytes("I;16", image.size, b"".join(struct.pack("<H", value * 257) for value in image.tobytes()))


def rotated(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
             5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
             8: Image.Transpose.ROTATE_270}  # fmt: skip
    image = code()
    return file_of(image if orientation == 1 else image.transpose(turns[orientation]), "JPEG", exif=exif)


READ: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: file_of(code()),
    "PNG of one bit": lambda: file_of(code().convert("1")),
    "PNG with a palette": lambda: file_of(code().convert("P")),
    "PNG, transparent": lambda: file_of(transparent(code())),
    "PNG of sixteen bits": lambda: file_of(sixteen_bits(code())),
    "JPEG": lambda: file_of(code(), "JPEG"),
    "JPEG in colour": lambda: file_of(code().convert("RGB"), "JPEG"),
    "JPEG in CMYK": lambda: file_of(code().convert("RGB").convert("CMYK"), "JPEG"),
    "JPEG, poor": lambda: file_of(code(scale=6), "JPEG", quality=20),
    "WebP": lambda: file_of(code(), "WEBP"),
    "GIF": lambda: file_of(code(), "GIF"),
    "BMP": lambda: file_of(code(), "BMP"),
    "a large photograph": lambda: file_of(
        ImageOps.pad(code(scale=16), (4000, 3000), color=200), "JPEG"),
    "a large screenshot": lambda: file_of(ImageOps.pad(code(scale=10), (3000, 3000), color=200)),
    "Aztec": lambda: file_of(code(symbology=Format.Aztec)),
    "white on black": lambda: file_of(ImageOps.invert(code())),
    "turned by 30 degrees": lambda: file_of(code(scale=6).rotate(30, expand=True, fillcolor=255)),
    "blurred": lambda: file_of(code(scale=6).filter(ImageFilter.GaussianBlur(3))),
    "low contrast": lambda: file_of(code().point(lambda value: 118 + value // 20)),
    "small, blurred": lambda: file_of(code(scale=3).filter(ImageFilter.GaussianBlur(1.5)).rotate(7, fillcolor=255)),
    "the same code twice": lambda: file_of(beside(code(), code())),
    "beside an ID card": lambda: file_of(beside(code(ID_CARD), code())),
    "beside a URL": lambda: file_of(beside(code("https://example.org/"), code())),
    **{f"EXIF orientation {number}": lambda number=number: rotated(number) for number in range(1, 9)},
}  # fmt: skip


@pytest.mark.parametrize("make", READ.values(), ids=READ.keys())
def test_read(make: Callable[[], bytes]) -> None:
    assert read(make()) == TEXT


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header alone claims this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


REFUSED: dict[str, tuple[Callable[[], bytes], Reason]] = {
    "nothing": (lambda: b"", Reason.IMAGE_UNREADABLE),
    "no picture": (lambda: b"HC1:" * 100, Reason.IMAGE_UNREADABLE),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Reason.IMAGE_UNREADABLE),
    "an SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', Reason.IMAGE_UNREADABLE),
    "a TIFF, which is not asked for": (lambda: file_of(code(), "TIFF"), Reason.IMAGE_UNREADABLE),
    "an EPS, which starts a program": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", Reason.IMAGE_UNREADABLE),
    "a PNG cut off": (lambda: file_of(code())[:400], Reason.IMAGE_UNREADABLE),
    "a JPEG cut off": (lambda: file_of(code(), "JPEG")[:3000], Reason.IMAGE_UNREADABLE),
    "above the pixel limit": (lambda: png_of_size(MAX_PIXELS // 1000 + 1, 1000), Reason.IMAGE_TOO_LARGE),
    "a decompression bomb": (lambda: png_of_size(65535, 65535), Reason.IMAGE_TOO_LARGE),
    "a bomb of four billion lines": (lambda: png_of_size(2**31 - 1, 2**31 - 1), Reason.IMAGE_TOO_LARGE),
    "a file above the limit": (lambda: bytes(MAX_FILE + 1), Reason.IMAGE_TOO_LARGE),
    "a white page": (lambda: file_of(Image.new("L", (400, 400), 255)), Reason.IMAGE_NO_CODE),
    "one pixel": (lambda: file_of(Image.new("L", (1, 1), 0)), Reason.IMAGE_NO_CODE),
    "half a code": (lambda: file_of(code().crop((0, 0, 200, 400))), Reason.IMAGE_NO_CODE),
    "a bar code of another kind": (
        lambda: file_of(code("HC1:ABC", Format.Code128)),
        Reason.IMAGE_NO_CODE,
    ),
    "two certificates": (lambda: file_of(beside(code(), code(OTHER))), Reason.IMAGE_SEVERAL_CODES),
}  # fmt: skip


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_refused(make: Callable[[], bytes], reason: Reason) -> None:
    with pytest.raises(VerifierError) as refusal:
        read(make())
    assert refusal.value.reason is reason


def noise(width: int, height: int) -> Image.Image:
    """Grey noise, the same every time: no code, and nothing that a reader could pass over quickly."""
    return Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height))


@pytest.mark.parametrize("size", [(7000, 7000), (3999, 3999), (45_000, 1_100), (1300, 1300)])
def test_attack_noise_that_keeps_the_reader_busy(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    """However large the picture, the attempts have a few times MAX_WORK pixels in all, and none has more."""
    looked_at: list[int] = []

    def counting(grey: Image.Image, inverted_too: bool) -> list[str]:
        looked_at.append(grey.width * grey.height)
        return codes(grey, inverted_too)

    codes = scan._codes
    monkeypatch.setattr(scan, "_codes", counting)
    tile = noise(500, 500)
    picture = Image.new("L", size)
    for left, top in itertools.product(range(0, size[0], 500), range(0, size[1], 500)):
        picture.paste(tile, (left, top))
    with pytest.raises(VerifierError) as refusal:
        read(file_of(picture, "JPEG", quality=30))
    assert refusal.value.reason is Reason.IMAGE_NO_CODE
    assert max(looked_at) <= MAX_WORK * 1.1
    assert len(looked_at) <= 6


@pytest.mark.parametrize("share", [4, 6])
def test_small_code_on_the_largest_photograph(share: int) -> None:
    """A telephone held too far away: the code is a fourth or a sixth of the side of 49 million pixels."""
    side = 7000 // share
    page = Image.new("L", (7000, 7000), 190)
    page.paste(code(scale=20).resize((side, side), Image.Resampling.BICUBIC), (4000, 900))
    assert read(file_of(page.filter(ImageFilter.GaussianBlur(1)), "JPEG")) == TEXT


def test_a_picture_to_its_verdict() -> None:
    verdict = check(Request(image=file_of(code()), at=NOW), trust(), now=NOW)
    assert (verdict.outcome, verdict.text) == (Outcome.VALID, TEXT)
    assert verdict.steps[Step.IMAGE] is StepResult.PASS


def test_a_picture_of_something_else_is_not_a_certificate() -> None:
    verdict = check(Request(image=file_of(code(ID_CARD)), at=NOW), trust(), now=NOW)
    assert (verdict.outcome, verdict.reasons[0], verdict.text) == (Outcome.INVALID, Reason.PREFIX_MISSING, ID_CARD)


def test_no_code_is_nobodys_fault() -> None:
    verdict = check(Request(image=file_of(Image.new("L", (400, 400), 255))), trust(), now=NOW)
    assert (verdict.outcome, verdict.text) == (Outcome.CANNOT_TELL, None)
    assert set(list(verdict.steps.values())[1:]) == {StepResult.SKIPPED}


def test_a_code_in_byte_mode_is_read() -> None:
    """HCERT Q2: an issuer never prints it, a reader reads it."""
    writer = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q)
    writer.add_data(qrcode.util.QRData(TEXT.encode(), mode=qrcode.util.MODE_8BIT_BYTE))
    buffer = io.BytesIO()
    writer.make_image().save(buffer)
    assert read(buffer.getvalue()) == TEXT
