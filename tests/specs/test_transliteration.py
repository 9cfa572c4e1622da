"""ICAO 9303 letters and the split of a name."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.transliteration import TransliterationError, join_name, split_name, transliterate

VIETNAMESE = "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY"
ACCENTED = sorted(
    {
        unicodedata.normalize("NFC", v + t)
        for v in "AĂÂEÊIOÔƠUƯY"
        for t in ("\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
    }
    | set("ĂÂĐÊÔƠƯ")
)


def test_every_accented_vietnamese_capital_is_known() -> None:
    assert len(ACCENTED) == 67
    for letter in ACCENTED:
        base = "D" if letter == "Đ" else unicodedata.normalize("NFD", letter)[0]
        assert transliterate(letter) == base
        assert transliterate(letter.lower()) == base
        assert transliterate(unicodedata.normalize("NFD", letter)) == base


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nguyễn", "NGUYEN"),
        ("Bảo Duy", "BAO<DUY"),
        ("Đỗ Ước", "DO<UOC"),
        ("\u00d0ặng", "DANG"),
        ("H'Hen Niê", "HHEN<NIE"),
        ("H\u2019Hen", "HHEN"),
        ("d'Červenková Panklová", "DCERVENKOVA<PANKLOVA"),
        ("Nguyễn-Phước", "NGUYEN<PHUOC"),
        ("  Lê   Văn ", "LE<VAN"),
        ("Müller", "MUELLER"),
        ("Bjørn Åse", "BJOERN<AASE"),
        ("Ñandú", "NANDU"),
        ("Weiß", "WEISS"),
        ("Łukasz Œuvre Þór", "LUKASZ<OEUVRE<THOR"),
        ("Nguyễn Văn A.", "NGUYEN<VAN<A"),
    ],
)
def test_names_in_passport_letters(name: str, letters: str) -> None:
    assert transliterate(name) == letters


@pytest.mark.parametrize("name", ["Lê Văn 2", "王", "Иван", "Lê*An"])
def test_a_sign_without_a_letter_is_refused_without_telling_the_name(name: str) -> None:
    with pytest.raises(TransliterationError) as caught:
        transliterate(name)
    assert name not in str(caught.value)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_the_result_always_fits_the_schema(text: str) -> None:
    try:
        letters = transliterate(text)
    except TransliterationError:
        return
    assert re.fullmatch(r"[A-Z<]*", letters)
    assert "<<" not in letters and not letters.startswith("<") and not letters.endswith("<")


@pytest.mark.parametrize(
    ("name", "fn", "gn", "why"),
    [
        ("Nguyễn Thị Ví Dụ", "Nguyễn", "Thị Ví Dụ", "first word"),
        ("Thưr", "Thưr", "", "one word: fnt must exist in every schema version"),
        ("Âu Dương Minh", "Âu Dương", "Minh", "listed compound"),
        ("TÔN NỮ Thị A", "TÔN NỮ", "Thị A", "compound in capitals"),
        ("Âu Dương", "Âu", "Dương", "two words are no compound and a given name"),
        ("H'Hen Niê", "Niê", "H'Hen", "Ê Đê: clan last"),
        ("H\u2019Hen Niê", "Niê", "H'Hen", "typographic apostrophe"),
        ("Y Thông Niê", "Niê", "Y Thông", "Ê Đê man"),
        ("Y Thông Niê Kdăm", "Niê Kdăm", "Y Thông", "clan of two words"),
        ("H Linh Mlô", "Mlô", "H Linh", "Mnông woman"),
        ("Y Vân", "Y Vân", "", "no clan told"),
        ("Giàng A Páo", "Giàng", "A Páo", "Mông"),
        ("Ksor H'Bia", "Ksor", "H'Bia", "Gia Rai: family first"),
        ("Hồ Văn Y", "Hồ", "Văn Y", "Y as a given name"),
    ],
)
def test_family_and_given_name(name: str, fn: str, gn: str, why: str) -> None:
    split = split_name(name)
    assert (split.fn, split.gn) == (fn, gn), why


def test_an_operator_decides() -> None:
    assert (split_name("Yang Danh", family="Danh").fn, split_name("Yang Danh", family="Yang").gn) == ("Danh", "Danh")
    with pytest.raises(ValueError, match="neither begins nor ends"):
        split_name("Yang Danh", family="Lê")


def test_a_split_shows_nobody() -> None:
    assert "Thị" not in repr(split_name("Nguyễn Thị Ví Dụ"))


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ví Dụ",
        "Y Thông Niê",
        "H'Hen Niê",
        "H' Hen Niê Kdăm",
        "Thưr",
        "Nguyễn Y Vân",
        "Lê H Linh",
        "Tôn Nữ Hoa",
    ],
)
def test_a_name_is_shown_in_the_order_in_which_it_is_written(name: str) -> None:
    split = split_name(name)
    assert join_name(split.fn, split.gn) == name
