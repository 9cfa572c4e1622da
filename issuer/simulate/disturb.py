"""The hand that spoils a cell: one pure function a kind of error.

In: a `random.Random` and the right text (a name, a 12-digit number, a birth day as a date). Out: what stands in the
sheet instead. A function returns its input where it can do nothing.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from random import Random

from specs.names import compose

_TONES = "\u0301\u0300\u0309\u0303\u0323"
_I_AND_Y = {
    "Quý": "Quí", "Mỹ": "Mĩ", "Lý": "Lí", "Ly": "Li", "My": "Mi", "Vy": "Vi", "Thy": "Thi", "Sĩ": "Sỹ", "Sỹ": "Sĩ",
            "Kỳ": "Kì", "Tý": "Tí", "Vỹ": "Vĩ",
}  # fmt: skip
_MOVED = {
    compose(first + tone) + second: compose(first + second + tone)
    for first, second in ("oa", "oe", "uy", "Oa", "Oe", "Uy")
    for tone in _TONES
}
_MOVABLE = re.compile(rf"(?<![qQ])({'|'.join(_MOVED)})\b")
_TWO_SPELLINGS = re.compile(rf"\b({'|'.join(_I_AND_Y)})\b")

_NOTATIONS = (
    "%d.%m.%Y", "%d-%m-%Y", "%d / %m / %Y", "%Y-%m-%d", "%Y-%m-%d 00:00:00", "%d/%m/%Y 00:00:00", "%Y/%m/%d",
)  # fmt: skip

Cell = str | int | dt.date | None
"""What a sheet's cell can hold."""


def move_tones(name: str) -> str:
    """Hòa -> Hoà, Thủy -> Thuỷ: the tone on the new place, in open syllables."""
    return _MOVABLE.sub(lambda found: _MOVED[found[1]], name)


def swap_i_y(name: str) -> str:
    """Quý -> Quí, Mỹ -> Mĩ, in the first word that has the two spellings."""
    return _TWO_SPELLINGS.sub(lambda found: _I_AND_Y[found[1]], name, count=1)


def _marks_off(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _case(rnd: Random, name: str) -> str:
    return name.lower() if rnd.random() < 0.2 else name.upper()


def _blanks(rnd: Random, name: str) -> str:
    return rnd.choice((name.replace(" ", "  ", 1), name + " ", " " + name, name.replace(" ", "   ") + "  "))


def _no_break(rnd: Random, name: str) -> str:
    return name.replace(" ", "\u00a0", rnd.choice((1, -1))) if " " in name else name + "\u00a0"


def _other_mark(rnd: Random, name: str) -> str:
    apart = list(unicodedata.normalize("NFD", name))
    places = [at for at, sign in enumerate(apart) if sign in _TONES]
    if not places:
        return name
    at = rnd.choice(places)
    apart[at] = rnd.choice([tone for tone in (*_TONES, "") if tone != apart[at]])
    return compose("".join(apart))


def _letters(rnd: Random, name: str) -> str:
    words = name.split(" ")
    at = max(range(len(words)), key=lambda place: (len(words[place]) > 2, rnd.random()))
    word = words[at]
    place = rnd.randrange(len(word))
    kind = rnd.randrange(3)
    if kind == 0 and len(word) > 2:
        changed = word[:place] + word[place + 1 :]
    elif kind == 1 and len(word) > 2 and word[place - 1] != word[place]:
        low = max(place, 1)
        changed = word[: low - 1] + word[low] + word[low - 1] + word[low + 1 :]
    else:
        changed = word[:place] + rnd.choice("nhgtkmbxs") + word[place:]
    words[at] = changed if changed.lower() != word.lower() else word + "h"
    return " ".join(words)


def _missing_word(rnd: Random, name: str) -> str:
    words = name.split(" ")
    if len(words) < 3:
        return words[0] if len(words) > 1 else name
    del words[rnd.randrange(1, len(words) - 1)]
    return " ".join(words)


def _order(rnd: Random, name: str) -> str:
    words = name.split(" ")
    turned = [words[-1], *words[:-1]] if rnd.random() < 0.6 else [*words[:-2], words[-1], words[-2]]
    return " ".join(turned)


def _remark(rnd: Random, name: str) -> str:
    return name + rnd.choice((", con bà Lan", " (con ông Hùng)", ", vợ ông Bình", " - tạm trú", " (đã chuyển)"))


NAME: Mapping[str, Callable[[Random, str], str]] = {
    "name_case": _case,
    "name_tone_placement": lambda rnd, name: move_tones(name),
    "name_blanks": _blanks,
    "name_no_break_blank": _no_break,
    "name_icelandic_d": lambda rnd, name: name.replace("Đ", "\u00d0").replace("đ", "\u00f0"),
    "name_decomposed": lambda rnd, name: unicodedata.normalize("NFD", name),
    "name_apostrophe": lambda rnd, name: name.replace("'", rnd.choice("\u2019\u02bc\u2018`")),
    "name_no_marks": lambda rnd, name: _marks_off(name),
    "name_other_mark": _other_mark,
    "name_i_y": lambda rnd, name: swap_i_y(name),
    "name_letters": _letters,
    "name_word_missing": _missing_word,
    "name_word_order": _order,
    "name_remark": _remark,
}
"""Class -> what it makes of a name."""


def _notation(rnd: Random, day: dt.date, sheet: bool) -> Cell:
    return day.strftime(rnd.choice(_NOTATIONS))


def _serial(rnd: Random, day: dt.date, sheet: bool) -> Cell:
    number = (day - dt.date(1899, 12, 30)).days
    return number if sheet else str(number)


def _swapped(rnd: Random, day: dt.date, sheet: bool) -> Cell:
    turned = day.replace(month=day.day, day=day.month)
    return turned if sheet and rnd.random() < 0.6 else f"{turned:%d/%m/%Y}"


def _digit(rnd: Random, day: dt.date, sheet: bool) -> Cell:
    try:
        other = rnd.choice(
            (day.replace(year=day.year - rnd.choice((1, 2, 10))), day + dt.timedelta(rnd.choice((-1, 1, 10))))
        )
    except ValueError:  # 29 February
        other = day - dt.timedelta(1)
    return f"{other:%d/%m/%Y}"


BIRTH: Mapping[str, Callable[[Random, dt.date, bool], Cell]] = {
    "date_notation": _notation,
    "date_serial": _serial,
    "date_two_digit_year": lambda rnd, day, sheet: f"{day:%d/%m/%y}",
    "date_two_digit_year_ambiguous": lambda rnd, day, sheet: f"{day:%d/%m/%y}",
    "date_year_only": lambda rnd, day, sheet: f"{day.year}" if rnd.random() < 0.4 else f"01/01/{day.year}",
    "date_swapped": _swapped,
    "date_digit": _digit,
}
"""Class -> what it makes of a full birth date; the flag says whether the cell may hold a number or a date (.xlsx)."""


def _malformed(rnd: Random, number: str, sheet: bool) -> Cell:
    at = rnd.randrange(4, len(number))
    return rnd.choice(
        (
            number[:at] + number[at + 1 :],
            number[:at] + number[at] + number[at:],
            number[:at] + rnd.choice("lBSx") + number[at + 1 :],
        )
    )


def _wrong_digit(rnd: Random, number: str, sheet: bool) -> Cell:
    at = rnd.randrange(3, len(number))
    if rnd.random() < 0.4 and number[at] != number[at - 1]:
        return number[: at - 1] + number[at] + number[at - 1] + number[at + 1 :]
    return number[:at] + rnd.choice([digit for digit in "0123456789" if digit != number[at]]) + number[at + 1 :]


def _scientific(number: str, digits: int) -> str:
    significant = number.lstrip("0")
    mantissa = significant[:digits].ljust(2, "0")
    return f"{mantissa[0]}.{mantissa[1:]}E+{len(significant) - 1:02d}"


def _separated(rnd: Random, number: str, sheet: bool) -> Cell:
    return rnd.choice((" ", ".", "-")).join(number[at : at + 3] for at in range(0, len(number), 3))


ID: Mapping[str, Callable[[Random, str, bool], Cell]] = {
    "id_missing": lambda rnd, number, sheet: rnd.choice(("", "", "", "không có", "chưa có", "-")),
    "id_malformed": _malformed,
    "id_scientific_cut": lambda rnd, number, sheet: _scientific(number, 5),
    "id_scientific": lambda rnd, number, sheet: _scientific(number, 12),
    "id_lost_zeros": lambda rnd, number, sheet: int(number) if sheet else number.lstrip("0"),
    "id_float": lambda rnd, number, sheet: number.lstrip("0") + ".0",
    "id_letter_o": lambda rnd, number, sheet: number.replace("0", rnd.choice("OOo"), rnd.choice((1, -1))),
    "id_separators": _separated,
    "id_apostrophe": lambda rnd, number, sheet: "'" + number,
    "id_wrong_digit": _wrong_digit,
}
"""Class -> what it makes of a number of digits; the flag as for BIRTH."""
