"""QR symbols: what `specs/certificate.md` asks of an issuer, read back by other programs than the one that wrote."""

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode.util import QRData

from issuer.errors import Code, IssuerError
from issuer.render.qr import MAX_VERSION, QUIET_ZONE, Symbol, _written_by_zxing, encode, render_png, render_svg
from issuer.render.qr_mask import Modules

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
TYPICAL = "HC1:" + "".join(ALPHABET[(i * i + 7 * i) % 45] for i in range(506))  # 510 characters: version 17
HC1_TEXTS = st.text(ALPHABET, min_size=1, max_size=700).map(lambda text: "HC1:" + text)


def read(picture: Image.Image) -> str:
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(found) == 1
    assert found[0].ec_level == "Q"
    return found[0].text


def picture_of(symbol: Symbol, scale: int = 4) -> Image.Image:
    light = np.pad(symbol.modules == 0, QUIET_ZONE, constant_values=True)
    return Image.fromarray((light * 255).astype(np.uint8)).resize(
        (light.shape[0] * scale,) * 2, Image.Resampling.NEAREST
    )


def written_by_another(text: str, mask: int) -> Modules:
    """The symbol as the `qrcode` package writes it: one alphanumeric segment, level Q, this mask."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0, mask_pattern=mask)
    code.add_data(QRData(text, mode=2), optimize=0)
    code.make(fit=True)
    return np.array(code.get_matrix(), dtype=np.uint8)


def penalty(modules: Modules) -> int:
    """ISO/IEC 18004:2015, 7.8.3.1, module by module."""
    rows = ["".join(map(str, row)) for row in modules.tolist()]
    columns = ["".join(map(str, row)) for row in modules.T.tolist()]
    total = 0
    for line in rows + columns:
        total += sum(len(run.group()) - 2 for run in re.finditer("0{5,}|1{5,}", line))
        total += 40 * len(re.findall("(?=10111010000|00001011101)", line))
    n = len(rows)
    for i in range(n - 1):
        for j in range(n - 1):
            total += 3 * (rows[i][j : j + 2] == rows[i + 1][j : j + 2] and rows[i][j] == rows[i][j + 1])
    dark = sum(row.count("1") for row in rows)
    return total + 10 * (abs(100 * dark - 50 * n * n) // (5 * n * n))


@pytest.mark.parametrize("length", [5, 20, 64, 65, 364, 366, 367, 510, 540, 825, 1094])
def test_same_modules_as_another_program_writes(length: int) -> None:
    """Level, mode, segment, error correction and placement at once; lengths around changes of version and of count."""
    text = (TYPICAL + TYPICAL[4:] + TYPICAL[4:])[:length]
    modules = encode(text).modules
    assert any(np.array_equal(modules, written_by_another(text, mask)) for mask in range(8))


@pytest.mark.parametrize("length", [10, 200, 510])
def test_mask_is_the_one_of_least_penalty(length: int) -> None:
    text = TYPICAL[:length]
    penalties = [penalty(written_by_another(text, mask)) for mask in range(8)]
    assert penalty(encode(text).modules) == min(penalties)


@settings(max_examples=60, deadline=None)
@given(HC1_TEXTS)
def test_every_text_reads_back(text: str) -> None:
    assert read(picture_of(encode(text))) == text


@pytest.mark.parametrize("digits", [7, 8, 15, 40, 300])
@pytest.mark.parametrize("before", [0, 500])
def test_a_run_of_digits_stays_in_alphanumeric_mode(before: int, digits: int) -> None:
    """zxing-cpp would put it in a numeric segment, which HCERT does not allow; 7 digits at the end are enough."""
    text = "HC1:" + TYPICAL[4 : 4 + before] + "A" + "7" * digits
    symbol = encode(text)
    assert any(np.array_equal(symbol.modules, written_by_another(text, mask)) for mask in range(8))
    assert read(picture_of(symbol)) == text


def test_the_fault_that_the_read_back_guards_against_is_real() -> None:
    text = "HC1:A" + "7" * 300
    assert _written_by_zxing(text).size < encode(text).size


@pytest.mark.parametrize(
    "text",
    ["", "HC1:", "hc1:ABC", "HC1:abc", "HC2:ABC", "HC1:A\n", "HC1:Đ", "HC1:A_B", "ABC", "HC1:A\x00", "HC1:\uff21"],
)
def test_refuses_what_is_no_certificate_text(text: str) -> None:
    with pytest.raises(IssuerError) as caught:
        encode(text)
    assert caught.value.code is Code.QR_TEXT


@pytest.mark.parametrize("length", [1095, 2420, 2421, 5000])
def test_refuses_what_would_be_too_dense_to_print(length: int) -> None:
    assert encode("HC1:" + "A" * 1090).version == MAX_VERSION
    with pytest.raises(IssuerError) as caught:
        encode("HC1:" + "A" * (length - 4))
    assert caught.value.code is Code.QR_TOO_LONG


def test_refusals_do_not_quote_the_text() -> None:
    with pytest.raises(IssuerError) as caught:
        encode("HC1:nguyễn")
    assert "nguy" not in str(caught.value)


@pytest.mark.parametrize("scale", [1, 3, 6])
def test_png_is_one_bit_with_a_quiet_zone_of_four_modules(scale: int) -> None:
    picture = Image.open(io.BytesIO(render_png(TYPICAL, scale=scale)))
    assert (picture.mode, picture.size) == ("1", ((85 + 8) * scale,) * 2)
    light = np.asarray(picture)
    edge = QUIET_ZONE * scale
    assert light[:edge].all() and light[-edge:].all() and light[:, :edge].all() and light[:, -edge:].all()
    assert np.array_equal(light[edge:-edge:scale, edge:-edge:scale], encode(TYPICAL).modules == 0)
    assert read(picture.convert("L").resize((744, 744), Image.Resampling.NEAREST)) == TYPICAL


def test_png_is_the_same_for_the_same_text() -> None:
    assert render_png(TYPICAL) == render_png(TYPICAL)


def test_svg_draws_exactly_the_modules() -> None:
    root = ET.fromstring(render_svg(TYPICAL))
    background, dark = root.findall("{http://www.w3.org/2000/svg}path")
    assert root.get("viewBox") == "0 0 93 93"
    assert background.get("fill") == "#fff"
    drawn = np.zeros((93, 93), np.uint8)
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", dark.attrib["d"]):
        assert width == back
        drawn[int(y), int(x) : int(x) + int(width)] += 1
    assert np.array_equal(drawn, np.pad(encode(TYPICAL).modules, QUIET_ZONE))


def test_reads_with_a_twelfth_of_the_symbol_lost() -> None:
    """A crease or a stain: level Q restores a quarter of the codewords, here a blot of 25 x 25 of 85 x 85 modules."""
    modules = encode(TYPICAL).modules.copy()
    modules[30:55, 30:55] = 1
    assert read(picture_of(Symbol(modules))) == TYPICAL
