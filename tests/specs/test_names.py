"""The folding ladder: what one name may look like, and what must stay apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.names import (
    NameStep,
    agreement,
    compose,
    fold,
    lossless_key,
    merge_i_y,
    one_apostrophe,
    one_blank,
    one_d,
    order_key,
    place_tones,
)

SAME = [
    ("Nguyễn Văn Hải", unicodedata.normalize("NFD", "Nguyễn Văn Hải"), NameStep.EXACT, "decomposed, as macOS types"),
    ("Nguyễn", "Nguye\u0303\u0302n", NameStep.EXACT, "the tone typed before the circumflex"),
    ("Hòa", "Hoà", NameStep.TONE_PLACEMENT, "new and old placement"),
    ("Thúy", "Thuý", NameStep.TONE_PLACEMENT, "uy"),
    ("Khỏe", "Khoẻ", NameStep.TONE_PLACEMENT, "oe"),
    ("Quý", "Qúy", NameStep.TONE_PLACEMENT, "u belongs to q"),
    ("Già", "Gìa", NameStep.TONE_PLACEMENT, "i belongs to g"),
    ("Hoàng", "Hòang", NameStep.TONE_PLACEMENT, "closed syllable"),
    ("Y-Thúy", "Y-Thuý", NameStep.TONE_PLACEMENT, "syllables joined by a hyphen"),
    ("Hòa-Bình", "Hoà-Bình", NameStep.TONE_PLACEMENT, "a tone in each part"),
    ("LÊ THỊ HÒA", "Lê Thị Hoà", NameStep.CASE_AND_BLANKS, "capitals and placement together"),
    ("Lê Thị Hòa", " Lê\u00a0 Thị  Hòa ", NameStep.CASE_AND_BLANKS, "no-break and double blanks"),
    ("Lê Thị Hòa", "Lê Thị\u200b Hòa", NameStep.CASE_AND_BLANKS, "an invisible sign"),
    ("Đặng", "\u00d0ặng", NameStep.CASE_AND_BLANKS, "the Icelandic letter"),
    ("H'Hen", "H\u2019Hen", NameStep.CASE_AND_BLANKS, "typographic apostrophe"),
    ("Bh'riu", "Bh\u02bcriu", NameStep.CASE_AND_BLANKS, "modifier apostrophe"),
    ("Quý", "Quí", NameStep.I_AND_Y, "i for y"),
    ("Mỹ", "Mĩ", NameStep.I_AND_Y, "i for y"),
    ("Mỹ-Lan", "Mĩ-Lan", NameStep.I_AND_Y, "before a hyphen"),
    ("Lý Thị Vy", "Lí Thị Vi", NameStep.I_AND_Y, "twice"),
    ("Nguyễn Văn Đức", "Nguyen Van Duc", NameStep.DIACRITICS, "no marks"),
    ("Trần Thị Mai", "Mai Trần Thị", NameStep.ORDER, "given name first"),
]

DIFFERENT_AFTER_LOSSLESS = [
    ("Thuý", "Thuỷ", "another tone is another name"),
    ("Lan", "Lân", "a missing mark"),
    ("Đức", "Dức", "d for đ"),
    ("Y-Thúy", "Y Thúy", "a hyphen is no blank"),
    ("Hoá-Binh", "Hoa-Bính", "the mark does not move to another part"),
    ("Văn An", "VănAn", "a missing blank is a missing word"),
    ("Tay", "Tai", "ay is not ai"),
    ("Thúy", "Thúi", "uy is not ui"),
    ("José", "Jóse", "two vowel groups: no syllable, so the mark does not move"),
    ("Lê Văn An", "Lê Văn Ân", "one mark"),
    ("Hoa2", "Hoà", "a digit is no tone"),
    ("Hoa1", "Hoá", "a digit is no tone"),
]


@pytest.mark.parametrize(("one", "other", "step", "why"), SAME)
def test_two_spellings_agree_on_the_rung_that_made_them_equal(one: str, other: str, step: NameStep, why: str) -> None:
    assert agreement(one, other) is step, why
    assert (lossless_key(one) == lossless_key(other)) is (step <= NameStep.CASE_AND_BLANKS), why


@pytest.mark.parametrize(("one", "other", "why"), DIFFERENT_AFTER_LOSSLESS)
def test_names_of_two_people_stay_apart(one: str, other: str, why: str) -> None:
    assert lossless_key(one) != lossless_key(other), why
    assert agreement(one, other) not in (NameStep.EXACT, NameStep.TONE_PLACEMENT, NameStep.CASE_AND_BLANKS), why


@pytest.mark.parametrize(
    ("typed", "placed"),
    [
        ("Hoà Thuý Khoẻ", "Hòa Thúy Khỏe"),
        ("Quí Giàng Huỳnh già", "Quí Giàng Huỳnh già"),
        ("cuả muà khuỷu giếng Hòang tóan", "của mùa khuỷu giếng Hoàng toán"),
        ("HOÀ", "HÒA"),
        ("Müller O'Brien", "Müller O'Brien"),
    ],
)
def test_tone_marks_stand_where_the_old_school_puts_them(typed: str, placed: str) -> None:
    assert place_tones(typed) == placed


def test_each_rung_does_one_thing() -> None:
    assert one_d("Ðặng ð") == "Đặng đ"
    assert one_apostrophe("H`Hen H\u00b4Hen H\u2018Hen") == "H'Hen H'Hen H'Hen"
    assert one_blank("\ufeff Lê \t Văn\u202f An ") == "Lê Văn An"
    assert fold("Đặng Thị Ước") == "dang thi uoc"
    assert order_key("Trần Thị Mai") == "mai thi tran"
    assert merge_i_y("Quý") == merge_i_y("Quí") != merge_i_y("Quì")


@given(st.text(max_size=60))
def test_keys_are_stable_and_never_fail(text: str) -> None:
    key = lossless_key(text)
    assert lossless_key(one_blank(text)) == key
    assert lossless_key(compose(text)) == key
    assert lossless_key(f"  {text}  ") == key
    assert fold(fold(text)) == fold(text)
    assert agreement(text, text) is NameStep.EXACT


VOWELS = "aăâeêioôơuưy"
TONED = [
    unicodedata.normalize("NFC", v + t) for v in VOWELS for t in ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
]
NAMES = st.lists(
    st.builds(str.__add__, st.sampled_from(["", "b", "Đ", "ngh", "Th", "kh"]), st.sampled_from(TONED)),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(NAMES)
def test_what_keyboards_and_shift_keys_do_is_undone(name: str) -> None:
    for spelling in (
        name.upper(),
        unicodedata.normalize("NFD", name),
        name.replace("Đ", "Ð"),
        name.replace(" ", "\u00a0 "),
    ):
        assert lossless_key(spelling) == lossless_key(name)


@given(NAMES, NAMES)
def test_a_key_never_unites_what_differs_in_marks(one: str, other: str) -> None:
    if lossless_key(one) == lossless_key(other):
        assert unicodedata.normalize("NFC", one).lower() == unicodedata.normalize("NFC", other).lower()


SIGNS = st.text(alphabet=[*"012345aeoihnĐ", *TONED, "\ue001", "\ue005"], min_size=1, max_size=6)


@given(SIGNS, SIGNS)
def test_nothing_typed_stands_for_a_tone(one: str, other: str) -> None:
    if lossless_key(one) == lossless_key(other):
        seen = [place_tones(text.translate({0xE001: None, 0xE005: None}).lower()) for text in (one, other)]
        assert seen[0] == seen[1]


@given(NAMES, st.sampled_from("12345"))
def test_a_digit_behind_a_word_is_no_tone(name: str, digit: str) -> None:
    bare = unicodedata.normalize("NFD", name).translate(dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323")))
    assert lossless_key(bare + digit) != lossless_key(name)
    assert merge_i_y(bare + digit) != merge_i_y(name)
