"""The cells of a row -> one cleaned dose, or the reason why it is none.

Pure: the cells, the columns of the dose and the day on which the file came decide everything, so reading a row again
gives the same. Certain repairs are applied and told; uncertain ones are told and not applied.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from issuer.clean.agreement import agreed
from issuer.clean.clean_row import CleanDose, CleanRow, RepairMade, rejected, shown
from issuer.clean.dose_label import number_of_dose
from issuer.clean.duplicate_key import duplicate_key
from issuer.intake.cells import CELL_ERRORS
from issuer.intake.dose_columns import FURTHER
from issuer.intake.layout import Layout
from issuer.intake.legacy_fonts import FontCode, to_unicode
from issuer.intake.sheet_row import SheetRows
from issuer.reading.dates import DOSE_DAYS, EARLIEST_BIRTH, DateReading, join_parts, read_date
from issuer.reading.dose_facts import age_problem, licence_problem, read_dose_number, read_lot, read_role, read_vaccine
from issuer.reading.id_columns import one_of_several
from issuer.reading.id_number import IdReading, read_id
from issuer.reading.nationality import read_nationality
from issuer.reading.person_text import NameReading, is_test_name, read_name, read_phone, read_sex, ticked
from issuer.reading.problems import Problem
from specs.names import fold, one_blank
from specs.national_id import PROVINCES, Disagreement, cross_check, parse_national_id

__all__ = ["DoseReader"]

_LONGEST_CELL = 1_000
"""Signs of a cell that are read: ten times the longest name or address; the raw cell is kept whole."""
_OF_ONE_DOSE = ("vaccinated_on", "vaccinated_day", "vaccinated_month", "vaccinated_year", "lot", "dose_role")
"""Facts that two doses of a person do not share; nor a number, unless headings number them: then it may count them."""
_CONTROL_SIGNS = dict.fromkeys((*range(9), *range(14, 32), 127, *range(55296, 57344)))
_CELL_ERRORS = frozenset(CELL_ERRORS.values())


class DoseReader:
    """Reads one of the doses that a row of a sheet may hold; most sheets hold one."""

    def __init__(self, layout: Layout, slot: int, received_on: str, facility_code: str, rows: SheetRows) -> None:
        """`slot`: which dose, 0 in a sheet of one dose a row; `received_on`: ISO date."""
        dose = layout.of_dose(slot)
        self._columns = dose.columns
        self._order = dose.date_order
        self._font = layout.font
        self._label = layout.slots[slot - 1].label if slot else ""
        self._ticks = layout.ticks
        own = layout.slots[slot - 1].columns if slot else dose.columns
        of_one = _OF_ONE_DOSE if self._label else (*_OF_ONE_DOSE, "dose_number")
        self._of_one_dose = [name for name in of_one if name in dose.columns and name not in own]
        self._several = {
            name: [name, *(f"{name}{end}" for end in FURTHER if f"{name}{end}" in dose.columns)]
            for name in dose.columns
            if name != "id_number" and f"{name}{FURTHER[0]}" in dose.columns
        }
        self._width = layout.width
        self._received_on = received_on
        self._facility_code = facility_code
        self._rows = rows

    def refusal(self, cells: list[Any]) -> CleanRow | None:
        """Why an entry of a bundle is none, found when it was read."""
        row = CleanRow()
        if refusal := self._cell(cells, "refusal", row):
            return rejected(Problem[refusal], "", self._cell(cells, "refused_at", row))
        return None

    def read(self, cells: list[Any], doses: Sequence[str] = ()) -> CleanRow:
        """The dose; `doses`: the labels of all the doses that the row holds."""
        row = CleanRow()
        if self._several:
            cells = self._with_one_of_each(cells, row)
        if len(doses) > 1:
            cells = self._without_what_is_of_one(cells, row)
        name = self._name(cells, row)
        if is_test_name(name) and is_test_name(name, identified=self._rows.tells_number_and_birth(cells)):
            return rejected(Problem.SHEET_TEST, "full_name", name.name)
        number_cell = self._number_cell(cells, row)
        number = read_id(number_cell)
        if number.kind in ("cccd", "cmnd9") and self._cell(cells, "id_kind", row) == "passport":
            number = IdReading("passport", str(number_cell).strip())  # a foreign one of digits alone, told to be one
        date_parts, date_cell = self._in_parts(cells, "vaccinated", row)
        if not date_parts:
            date_cell = self._cell(cells, "vaccinated_on", row)
        if not name.name and number.kind == "none":
            return rejected(Problem.SHEET_NO_PERSON, "full_name", number_cell)
        sex, birth_cell = self._sex(cells, row)
        birth = self._birth(cells, birth_cell, row)
        if number.kind == "none" and date_cell == "" and not birth.meanings and not sex:
            return rejected(Problem.SHEET_NO_PERSON, "full_name", name.name)
        self._tell_number(number, number_cell, row)
        birth_date = birth.meanings[0] if len(birth.meanings) == 1 else ""
        other = birth.meanings[0] if len(birth.meanings) > 1 else birth.swapped
        vaccinated_on = self._vaccinated_on(date_cell, date_parts, row)
        nationality, is_foreign = read_nationality(self._text(cells, "nationality", row))
        self._cross_check(number, sex, birth_date, number_cell, row)
        phone = self._phone(cells, row)
        vaccine_text = self._text(cells, "vaccine", row)
        product, dose_number, role, lot = self._dose_facts(cells, doses, vaccine_text, vaccinated_on, birth_date, row)
        commune, address = self._text(cells, "commune", row), self._text(cells, "address", row)
        facility_name = self._facility(cells, row)
        # two rows are one dose when they tell the same of the same number; without a number all they tell must agree
        told = [number.kind, number.number, name.key, birth_date, sex, vaccinated_on, product or fold(vaccine_text)]
        told += [str(dose_number or ""), "" if dose_number and role == "basic" else role]
        told += [fold(nationality) if is_foreign else ""]
        if number.kind not in ("cccd", "cmnd9", "passport") or not vaccinated_on:
            told += [phone, commune, address, lot, facility_name, row.facility_code]
        row.dose = CleanDose(
            name.name,
            name.key,
            name.folded,
            birth_date,
            other,
            sex,
            number.kind,
            number.number[:32],
            ";".join(number.others),
            nationality[:64],
            int(is_foreign),
            phone,
            commune[:64],
            address,
            vaccinated_on,
            product,
            dose_number,
            role,
            lot,
            facility_name,
            int(any(problem.blocks for problem, _, _ in row.problems)),
            duplicate_key(told, row.problems, row.repairs),
        )
        return row

    def _with_one_of_each(self, cells: list[Any], row: CleanRow) -> list[Any]:
        """Of a fact that has several columns the one cell in the first of them."""
        cells = cells + [""] * (self._width - len(cells))
        for name, columns in self._several.items():
            found = [self._cell(cells, one, row) for one in columns]
            cell, agree = agreed(name, found, self._order.get(name, ""))
            if not agree:
                row.tell(Problem.COLUMNS_DISAGREE, name, " / ".join(shown(one) for one in found if one != ""))
            cells[self._columns[name]] = cell
        return cells

    def _without_what_is_of_one(self, cells: list[Any], row: CleanRow) -> list[Any]:
        """One date, one lot beside several doses: whose it is, the row does not tell."""
        for name in self._of_one_dose:
            if (cell := self._cell(cells, name, row)) != "":
                row.tell(Problem.DOSE_FACT_SHARED, name, cell)
                cells = [*cells]
                cells[self._columns[name]] = ""
        return cells

    def _cell(self, cells: list[Any], name: str, row: CleanRow) -> Any:
        column = self._columns.get(name, -1)
        if column < 0 or column >= len(cells):
            return ""
        cell = cells[column]
        if cell.__class__ is str:
            if cell.startswith("#") and cell in _CELL_ERRORS:
                row.tell(Problem.CELL_ERROR, name, cell)
                return ""
            if not cell.isprintable():
                cell = cell.translate(_CONTROL_SIGNS)
            return cell[:_LONGEST_CELL] if cell and not cell.isspace() else ""
        if cell.__class__ is float and not math.isfinite(cell):
            row.tell(Problem.CELL_ERROR, name, cell)
            return ""
        return cell

    def _number_cell(self, cells: list[Any], row: CleanRow) -> Any:
        if f"id_number{FURTHER[0]}" not in self._columns:
            return self._cell(cells, "id_number", row)
        names = ("id_number", *(f"id_number{end}" for end in FURTHER))
        return one_of_several([self._cell(cells, name, row) for name in names])

    def _labels(self, cells: list[Any]) -> list[str]:
        """What headings tell of the dose; more than one are ticks that contradict each other."""
        if self._label:
            return [self._label]
        return [label for label, at in self._ticks if at < len(cells) and ticked(cells[at])]

    def _text(self, cells: list[Any], name: str, row: CleanRow) -> str:
        cell = self._cell(cells, name, row)
        if cell.__class__ is not str:
            return shown(cell)
        return _plain(cell, self._font) if cell else ""

    def _name(self, cells: list[Any], row: CleanRow) -> NameReading:
        if "full_name" in self._columns:
            raw = shown(self._cell(cells, "full_name", row))
        else:
            parts = (shown(self._cell(cells, part, row)) for part in ("family_part", "middle_part", "given_part"))
            raw = " ".join(filter(None, (part.strip() for part in parts)))
        reading = read_name(to_unicode(raw, self._font))
        if self._font is not FontCode.UNICODE and not raw.isascii():
            row.repairs.append(RepairMade("full_name", raw, reading.name, self._font.value.upper()))
        for rule in reading.rules:
            row.repairs.append(RepairMade("full_name", raw, reading.name, rule))
        if reading.without_remark:
            row.repairs.append(RepairMade("full_name", raw, reading.without_remark, "REMARK", "uncertain"))
        for problem in reading.problems:
            row.tell(problem, "full_name", raw)
        return reading

    def _tell_number(self, number: IdReading, raw: Any, row: CleanRow) -> None:
        if number.problem is not None:
            row.tell(number.problem, "id_number", raw)
        for rule in number.rules:
            row.repairs.append(RepairMade("id_number", shown(raw), number.number, rule))
        for other in number.others:
            row.repairs.append(RepairMade("id_number", shown(raw), other, "OTHER_READING", "uncertain"))

    def _sex(self, cells: list[Any], row: CleanRow) -> tuple[str, Any]:
        """The sex, and a birth year if the form has it under the columns Nam and Nữ."""
        if "sex" in self._columns:
            text = self._text(cells, "sex", row)
            sex, problem = read_sex(text)
            if problem is not None:
                row.tell(problem, "sex", text)
            return sex, None
        if "sex_male" not in self._columns and "sex_female" not in self._columns:
            row.tell(Problem.SEX_MISSING, "sex", "")
            return "", None
        male, female = self._cell(cells, "sex_male", row), self._cell(cells, "sex_female", row)
        is_male, is_female = ticked(male), ticked(female)
        if is_male == is_female:
            row.tell(
                Problem.SEX_UNREADABLE if is_male else Problem.SEX_MISSING, "sex", f"{shown(male)} {shown(female)}"
            )
            return "", None
        return ("M", male) if is_male else ("F", female)

    def _birth(self, cells: list[Any], ticked_cell: Any, row: CleanRow) -> DateReading:
        latest = self._received_on
        parts, raw = self._in_parts(cells, "birth", row)
        if parts:
            reading = join_parts(parts, EARLIEST_BIRTH, latest) if raw else DateReading(())
        else:
            raw = self._cell(cells, "birth_date", row)
            if raw == "" and "birth_date" not in self._columns and ticked_cell is not None:
                raw = ticked_cell
            typed = self._date_in_unicode(raw, "birth_date", row)
            reading = read_date(typed, self._order.get("birth_date", ""), EARLIEST_BIRTH, latest)
        _tell_date(reading, raw, "birth_date", row, _BIRTH_PROBLEMS)
        return reading

    def _date_in_unicode(self, raw: Any, name: str, row: CleanRow) -> Any:
        """A date may be written in words: `ngµy 15 th¸ng 4 n¨m 1990`."""
        if self._font is FontCode.UNICODE or raw.__class__ is not str or raw.isascii():
            return raw
        text = to_unicode(raw, self._font)
        row.repairs.append(RepairMade(name, raw, text, self._font.value.upper()))
        return text

    def _in_parts(self, cells: list[Any], date: str, row: CleanRow) -> tuple[list[Any], Any]:
        """Day, month and year of a date in three columns, and the three as one text; nothing for one of one column."""
        if f"{date}_year" not in self._columns:
            return [], ""
        before = len(row.problems)
        parts = [self._cell(cells, f"{date}_{part}", row) for part in ("day", "month", "year")]
        if len(row.problems) > before:
            return parts, ""  # an error for the day is no date without a day
        return parts, "/".join(map(shown, parts)) if any(part != "" for part in parts) else ""

    def _vaccinated_on(self, raw: Any, parts: list[Any], row: CleanRow) -> str:
        if parts:
            reading = join_parts(parts, *DOSE_DAYS) if raw else DateReading(())
        else:
            typed = self._date_in_unicode(raw, "vaccinated_on", row)
            reading = read_date(typed, self._order.get("vaccinated_on", ""), *DOSE_DAYS)
        if len(reading.meanings) == 1 and len(reading.meanings[0]) < 10:
            reading = DateReading(())
        _tell_date(reading, raw, "vaccinated_on", row, _DOSE_DATE_PROBLEMS)
        if len(reading.meanings) != 1:
            return ""
        if reading.meanings[0] > self._received_on:
            row.tell(Problem.DOSE_DATE_FUTURE, "vaccinated_on", raw)
        return reading.meanings[0]

    def _cross_check(self, number: IdReading, sex: str, birth_date: str, raw: Any, row: CleanRow) -> None:
        if number.kind != "cccd":
            return
        digits = number.number
        told = f"{19 + int(digits[3]) // 2}{digits[4:6]}{'F' if digits[3] in '13579' else 'M'}"
        if told == birth_date[:4] + sex and digits[:3] in PROVINCES:
            return  # the common case, without building anything
        for found in cross_check(
            parse_national_id(digits),
            sex="M" if sex == "M" else "F" if sex else None,
            birth_year=int(birth_date[:4]) if birth_date else None,
            this_year=9999,
        ):
            row.tell(_NUMBER_PROBLEMS[found], "id_number", raw)

    def _phone(self, cells: list[Any], row: CleanRow) -> str:
        text = shown(self._cell(cells, "phone", row))
        if not text:
            return ""
        phone, well_formed = read_phone(text)
        if not well_formed:
            row.tell(Problem.PHONE_MALFORMED, "phone", text)
        return phone

    def _dose_facts(
        self, cells: list[Any], doses: Sequence[str], vaccine: str, vaccinated_on: str, birth_date: str, row: CleanRow
    ) -> tuple[str, int | None, str, str]:
        product, problem = read_vaccine(vaccine)
        if problem is not None:
            row.tell(problem, "vaccine", vaccine)
        labels = self._labels(cells)
        number_cell = number_of_dose(self._cell(cells, "dose_number", row), labels, doses)
        number, role, problem = read_dose_number(number_cell)
        role = read_role(self._text(cells, "dose_role", row)) or role
        if not role and len(labels) == 1:
            role = read_role(labels[0])
        if problem is not None and not (problem is Problem.DOSE_NUMBER_MISSING and role in ("additional", "booster")):
            row.tell(problem, "dose_number", number_cell)
        lot_text = self._text(cells, "lot", row)
        lot, problem = read_lot(lot_text)
        if problem is not None:
            row.tell(problem, "lot", lot_text)
            if problem is Problem.LOT_LETTER_O:
                row.repairs.append(RepairMade("lot", lot_text, lot.replace("O", "0"), "LETTER_O", "uncertain"))
        if vaccinated_on and birth_date and vaccinated_on[: len(birth_date)] < birth_date:
            row.tell(Problem.DOSE_BEFORE_BIRTH, "vaccinated_on", f"{vaccinated_on} < {birth_date}")
        if product and vaccinated_on:
            if problem := licence_problem(product, vaccinated_on):
                row.tell(problem, "vaccinated_on", vaccinated_on)
            if birth_date and (problem := age_problem(product, vaccinated_on, birth_date)):
                row.tell(problem, "birth_date", birth_date)
        return product, number, role, lot

    def _facility(self, cells: list[Any], row: CleanRow) -> str:
        """The facility's name; its code goes into the row: the sheet's, else the sender's, else the folded name."""
        name = self._text(cells, "facility_name", row)
        code = self._text(cells, "facility_code", row) or self._facility_code or fold(name)
        if not code:
            row.tell(Problem.FACILITY_MISSING, "facility_name", "")
        row.facility_code = code[:64]
        return name


_BIRTH_PROBLEMS = (Problem.BIRTH_MISSING, Problem.BIRTH_UNREADABLE, Problem.BIRTH_UNCERTAIN)
_DOSE_DATE_PROBLEMS = (Problem.DOSE_DATE_MISSING, Problem.DOSE_DATE_UNREADABLE, Problem.DOSE_DATE_UNCERTAIN)
_NUMBER_PROBLEMS = {
    Disagreement.PROVINCE_UNKNOWN: Problem.ID_PROVINCE_UNKNOWN,
    Disagreement.SEX: Problem.ID_SEX_DISAGREES,
    Disagreement.BIRTH_YEAR: Problem.ID_BIRTH_DISAGREES,
    Disagreement.BIRTH_IN_FUTURE: Problem.ID_BIRTH_DISAGREES,
}


def _tell_date(
    reading: DateReading, raw: Any, name: str, row: CleanRow, problems: tuple[Problem, Problem, Problem]
) -> None:
    if len(reading.meanings) == 1:
        if reading.rule:
            row.repairs.append(RepairMade(name, shown(raw), reading.meanings[0], reading.rule))
        return
    missing, unreadable, uncertain = problems
    if raw == "":
        row.tell(missing, name, "")
    elif not reading.meanings:
        row.tell(unreadable, name, raw)
    else:
        row.tell(uncertain, name, raw)
        for meaning in reading.meanings:
            row.repairs.append(RepairMade(name, shown(raw), meaning, reading.rule or "DAY_MONTH", "uncertain"))


@lru_cache(1 << 16)
def _plain(text: str, font: FontCode) -> str:
    return one_blank(to_unicode(text, font))
