"""The closed table of what goes wrong in a dose list: each class, its share of all rows, and whether reading undoes it.

The shares add up to the national mix of March 2022 (`domain` 7.3): 4.6 % without a usable number, 24.8 % that disagree.
How the two parts divide among the classes is ours. `specs/simulator.md` prints this table and is tested equal to it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """Which of the four fields a class spoils; the others concern the person or the row."""

    NAME = "name"
    BIRTH = "birth date"
    SEX = "sex"
    ID = "number"
    PERSON = "person"
    FILE = "file"
    DOSE = "dose"
    ROW = "row"


class Part(StrEnum):
    """Which part of the national mix a class belongs to."""

    NO_ID = "no or invalid number"
    MISMATCH = "disagrees"
    BESIDE = "beside the mix"


@dataclass(frozen=True, slots=True)
class Defect:
    """`share` is in percent of all dose rows. `lossless`: reading alone gives back the register's own value."""

    name: str
    field: Field
    part: Part
    share: float
    lossless: bool
    meaning: str


N, M, B = Part.NO_ID, Part.MISMATCH, Part.BESIDE
DEFECTS: tuple[Defect, ...] = (
    Defect("dead_person", Field.PERSON, M, 0.05, False, "the person died before the day of the dose"),
    Defect("not_in_register", Field.PERSON, M, 0.25, False, "a resident whom the register does not know"),
    Defect("name_apostrophe", Field.NAME, M, 0.05, True, "another kind of apostrophe in H'Hen, Bh'riu"),
    Defect("name_tone_placement", Field.NAME, M, 1.2, True, "tone mark on the other letter: Hoà, Thuỷ"),
    Defect("name_i_y", Field.NAME, M, 0.3, False, "i for y or y for i: Quí for Quý, Mĩ for Mỹ"),
    Defect("name_icelandic_d", Field.NAME, M, 1.0, True, "Icelandic Ð (U+00D0) for Vietnamese Đ (U+0110)"),
    Defect("date_two_digit_year_ambiguous", Field.BIRTH, M, 0.1, False, "05/06/12: 1912 or 2012"),
    Defect("date_swapped", Field.BIRTH, M, 0.5, False, "day and month exchanged, both below 13"),
    Defect("id_relative", Field.ID, M, 0.25, False, "the number of another member of the household"),
    Defect("id_old_number", Field.ID, M, 1.0, True, "the nine-digit card number or a cancelled number; lossless only "
           "where the number is one person's"),
    Defect("name_case", Field.NAME, M, 6.5, True, "all capitals or all small letters"),
    Defect("name_blanks", Field.NAME, M, 2.0, True, "double, leading or trailing blanks"),
    Defect("name_no_break_blank", Field.NAME, M, 0.6, True, "no-break blanks (U+00A0)"),
    Defect("name_decomposed", Field.NAME, M, 1.5, True, "marks as combining characters (NFD)"),
    Defect("name_no_marks", Field.NAME, M, 1.2, False, "typed without diacritics"),
    Defect("name_other_mark", Field.NAME, M, 0.5, False, "one tone wrong or missing"),
    Defect("name_letters", Field.NAME, M, 0.6, False, "a letter dropped, added or exchanged"),
    Defect("name_word_missing", Field.NAME, M, 0.3, False, "a word of the name left out"),
    Defect("name_word_order", Field.NAME, M, 0.15, False, "words of the name exchanged"),
    Defect("name_remark", Field.NAME, M, 0.15, False, "a remark in the name cell: ', con bà ...'"),
    Defect("date_notation", Field.BIRTH, M, 2.2, True, "another notation that can be read in one way only"),
    Defect("date_serial", Field.BIRTH, M, 0.7, True, "Excel serial number"),
    Defect("date_two_digit_year", Field.BIRTH, M, 0.5, True, "15/04/85: nobody born in 2085 was vaccinated"),
    Defect("date_year_only", Field.BIRTH, M, 0.6, False, "a year or its 1 January for a date, or 1 January for a year"),
    Defect("date_digit", Field.BIRTH, M, 0.3, False, "a digit of the date wrong"),
    Defect("sex_wrong", Field.SEX, M, 0.25, False, "the other sex"),
    Defect("id_wrong_digit", Field.ID, M, 0.45, False, "one digit wrong or two exchanged, still 12 digits"),
    Defect("id_missing", Field.ID, N, 2.4, False, "empty, '-', 'không có'"),
    Defect("id_malformed", Field.ID, N, 0.4, False, "a digit dropped or doubled, a letter in it"),
    Defect("id_scientific_cut", Field.ID, N, 0.15, False, "7.9090E+10: digits lost"),
    Defect("id_scientific", Field.ID, N, 0.1, True, "7.9090001234E+10: every digit kept"),
    Defect("id_lost_zeros", Field.ID, N, 0.85, True, "leading zeros lost"),
    Defect("id_float", Field.ID, N, 0.25, True, "trailing .0"),
    Defect("id_letter_o", Field.ID, N, 0.15, True, "letter O for the digit 0"),
    Defect("id_separators", Field.ID, N, 0.2, True, "blanks, dots or hyphens between the digits"),
    Defect("id_apostrophe", Field.ID, N, 0.1, True, "a leading apostrophe"),
    Defect("file_tcvn3", Field.FILE, M, 0.9, True, "the whole file in TCVN3"),
    Defect("file_vni", Field.FILE, M, 0.7, True, "the whole file in VNI"),
    Defect("register_fault", Field.PERSON, B, 0.15, False, "the register is wrong, not the sheet; a delta corrects it"),
    Defect("foreigner", Field.PERSON, B, 0.3, False, "not a Vietnamese citizen, passport number; never matched"),
    Defect("duplicate_same_file", Field.ROW, B, 0.4, True, "the dose stands a second time in the same file"),
    Defect("duplicate_other_facility", Field.ROW, B, 1.6, True, "another facility entered the same dose"),
    Defect("test_row", Field.ROW, B, 0.03, False, "a row that somebody typed to try the form"),
    Defect("product_misspelt", Field.DOSE, B, 0.5, True, "a misspelt or unusual name of the product"),
    Defect("lot_letter_o", Field.DOSE, B, 0.3, True, "letter O for the digit 0 in the lot"),
    Defect("dose_before_licence", Field.DOSE, B, 0.05, True, "the day of the dose lies before the product's licence"),
)  # fmt: skip
"""In the order in which rows are chosen: what few rows can have comes first. The dose classes leave identity alone."""

BY_NAME = {defect.name: defect for defect in DEFECTS}
NUMBER_OF = {defect.name: at for at, defect in enumerate(DEFECTS)}
DRAWN_ELSEWHERE = frozenset({Field.FILE, Field.ROW, Field.DOSE})
"""Fields whose classes are not chosen row by row among the identity classes."""
SECOND_SHARE = 0.06
"""Of the rows that one class spoils, how many get a second, lossless one in another field."""
SECONDS = ("name_case", "name_blanks", "date_notation", "id_lost_zeros")
