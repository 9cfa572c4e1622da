"""The number of a dose that a heading tells (`Ngày tiêm mũi 2`), beside what a column of dose numbers says."""

from collections.abc import Sequence
from typing import Any

from issuer.clean.clean_row import shown
from issuer.reading.dose_facts import read_dose_number

__all__ = ["number_of_dose"]


def number_of_dose(cell: Any, labels: Sequence[str], doses: Sequence[str] = ()) -> Any:
    """The cell, or the label in its place, for issuer.reading.dose_facts; both, which nobody can read, if they differ.

    `labels`: what the headings tell of the dose, several if several columns of one dose are ticked; `doses`: the labels
    of all the doses of the row. Beside several a number may count them, or be that of any.
    """
    if len(labels) != 1:
        return " / ".join([shown(cell)] * (cell != "") + list(labels)) if labels else cell
    if cell == "":
        return labels[0]
    number, role, _ = read_dose_number(cell)
    if len(doses) > 1 and (number == len(doses) or any(number == read_dose_number(one)[0] for one in doses)):
        return labels[0]
    told, told_role, _ = read_dose_number(labels[0])
    if told is None and number is not None and role in ("", told_role):
        return cell  # `Nhắc lại` over the columns, 3 in the cell: the third, a booster
    return labels[0] if (number, role or told_role) == (told, told_role) else f"{shown(cell)} / {labels[0]}"
