"""From a picture to the text of the code on it (`certificate.md` section 4, step 1).

In: the bytes of a PNG, JPEG, WebP, GIF or BMP file. Out: the text of its QR or Aztec code, as read. VerifierError:
files of other kinds, pictures above the pixel limit, pictures without a code, and pictures with two different
certificates on them. This is the only module that touches pixels; nothing here is trusted yet.
"""

import math
from collections.abc import Iterator
from io import BytesIO

import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from specs.text import PREFIX
from specs.verdicts import Reason, Step
from verifier.errors import VerifierError

MAX_FILE = 20 * 1024 * 1024
"""Bytes. A 50-megapixel telephone photograph has about 12 million."""

MAX_PIXELS = 50_000_000
"""The largest telephone camera in common use; checked on the header, before any pixel is decoded."""

MAX_WORK = 16_000_000
"""Pixels that any one attempt looks at: a whole photograph of 4000 x 4000, or what a smaller one is enlarged to."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""What telephones, scanners and screenshots write; every further decoder is a further door."""

# With every format on, zxing-cpp has read a page with a QR code as Codabar; some issuers print Aztec.
_SYMBOLOGIES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec])
_WORKING_SIDE = 2000  # pixels: a code that fills a third of them still has 7 pixels a module
_ENLARGED_SIDE = 1300  # pixels: three times as much is what a second of patience allows


def read(picture: bytes) -> str:
    """Return the text of the code on `picture`, preferring a certificate to any other code beside it.

    Raises:
        VerifierError: IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_NO_CODE or IMAGE_SEVERAL_CODES.
    """
    texts = list(dict.fromkeys(_texts(picture)))
    certificates = [text for text in texts if text.strip().startswith(PREFIX)]
    if len(certificates) > 1:
        raise VerifierError(Step.IMAGE, Reason.IMAGE_SEVERAL_CODES, f"{len(certificates)} different certificates")
    if certificates:
        return certificates[0]
    if not texts:
        raise VerifierError(Step.IMAGE, Reason.IMAGE_NO_CODE, "neither a QR nor an Aztec code")
    return texts[0]


def _texts(picture: bytes) -> list[str]:
    if len(picture) > MAX_FILE:
        raise VerifierError(Step.IMAGE, Reason.IMAGE_TOO_LARGE, f"{len(picture)} bytes")
    try:
        for attempt, inverted_too in _attempts(picture):
            if texts := _codes(attempt, inverted_too):
                return texts
    except VerifierError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise VerifierError(Step.IMAGE, Reason.IMAGE_TOO_LARGE, "far above the pixel limit") from error
    except Exception as error:  # Pillow's decoders answer damaged files with almost every builtin exception
        raise VerifierError(Step.IMAGE, Reason.IMAGE_UNREADABLE, type(error).__name__) from error
    return []


def _attempts(picture: bytes) -> Iterator[tuple[Image.Image, bool]]:
    """The picture as it is, then ever more work on it: most pictures never see the second form.

    White on black is rare, and looking for it takes as long as everything else: only from the second time on.
    """
    first = _grey(picture, _WORKING_SIDE)
    yield first, False
    yield _at_most_max_work(_grey(picture, None)), True
    # In the order of what each still found among 432 blurred, turned, pale and noisy codes that the first form lost.
    yield _sharpened(_enlarged(ImageOps.autocontrast(first, cutoff=2), 2), radius=6), True
    if max(first.size) <= _ENLARGED_SIDE:
        yield _sharpened(_enlarged(first, 3), radius=8), True
    yield _enlarged(first, 2), True
    yield ImageOps.expand(first, border=32, fill=255), True  # a code cut out without its quiet zone


def _grey(picture: bytes, side: int | None) -> Image.Image:
    """The picture in grey, its longer side at most about `side` pixels; JPEG skips the rest while decoding."""
    opened = Image.open(BytesIO(picture), formats=FORMATS)
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise VerifierError(Step.IMAGE, Reason.IMAGE_TOO_LARGE, f"{width} x {height} pixels")
    shrink = 1.0 if side is None else max(1.0, max(width, height) / side)
    opened.draft("L", (int(width / shrink), int(height / shrink)))
    image: Image.Image = opened
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256)  # sixteen bits to eight: convert() would only clip
    if image.has_transparency_data:
        image = _on_white_paper(image)
    grey = ImageOps.exif_transpose(image.convert("L"))
    left_over = int(max(grey.size) // side) if side else 1
    return grey.reduce(left_over) if left_over > 1 else grey


def _on_white_paper(image: Image.Image) -> Image.Image:
    """Grey and opaque, in a fourth of the memory that compositing in colour takes."""
    coloured = image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
    paper = Image.new("L", image.size, 255)
    paper.paste(coloured.convert("L"), mask=coloured.getchannel("A"))
    paper.info.update(image.info)  # where a PNG keeps its orientation
    return paper


def _at_most_max_work(grey: Image.Image) -> Image.Image:
    return _scaled(grey, 1.0, Image.Resampling.HAMMING)


def _enlarged(grey: Image.Image, times: int) -> Image.Image:
    return _scaled(grey, times, Image.Resampling.BICUBIC)


def _scaled(grey: Image.Image, times: float, by: Image.Resampling) -> Image.Image:
    """`times` the size, or the largest that MAX_WORK allows."""
    times = min(times, math.sqrt(MAX_WORK / (grey.width * grey.height)))
    if times == 1.0:
        return grey
    return grey.resize((max(1, int(grey.width * times)), max(1, int(grey.height * times))), by)


def _sharpened(grey: Image.Image, radius: float) -> Image.Image:
    return grey.filter(ImageFilter.UnsharpMask(radius=radius, percent=275, threshold=0))


def _codes(grey: Image.Image, inverted_too: bool) -> list[str]:
    pixels = memoryview(grey.tobytes()).cast("B", shape=(grey.height, grey.width))
    codes = zxingcpp.read_barcodes(pixels, formats=_SYMBOLOGIES, try_invert=inverted_too)
    return [code.text for code in codes if code.text]
