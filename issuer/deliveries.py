"""Loading a list of delivered lots: what each facility was sent, of which product, when (`specs/deliveries.md`).

The whole list is one transaction: a row that is not valid refuses it, a load that was killed left nothing, and a list
loaded again changes nothing. A delivery that a later list tells otherwise is corrected.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from issuer.audit import append
from issuer.errors import Code, IssuerError, Where
from issuer.reading.dose_facts import read_lot, read_vaccine
from issuer.regular_file import digest_of
from issuer.store import delivery_store
from issuer.store.bulk import chunked
from issuer.store.delivery_store import Delivery
from issuer.store.engine import writing
from issuer.table_file import read_table
from issuer.vietnam_time import VIETNAM
from specs.names import fold, one_blank
from specs.products import product_of_code

__all__ = ["COLUMNS", "DeliveriesLoaded", "load_deliveries"]

REQUIRED = ("ma_co_so", "vac_xin", "so_lo", "so_lieu", "ngay_giao")
OPTIONAL = ("han_dung", "ten_co_so")
COLUMNS = (*REQUIRED, *OPTIONAL)
_MOST_DIGITS = 8
_LONGEST_CODE = 64
_LONGEST_LOT = 32
_EARLIEST = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class DeliveriesLoaded:
    """What became of the rows (`read` is the sum of the next three), and how many facilities nobody knows yet."""

    read: int
    new: int
    changed: int
    unchanged: int
    unknown_facilities: int


class _RowError(Exception):
    """A cell that cannot be taken: its column, and what is wrong."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(column)
        self.column, self.what = column, what


def load_deliveries(
    engine: sa.Engine, path: Path, *, now: datetime, actor: str, progress: Callable[[int], None] = lambda rows: None
) -> DeliveriesLoaded:
    """Store the list at `path`. Raises IssuerError, and then nothing of it is stored."""
    today = now.astimezone(VIETNAM).date()
    digest = digest_of(path)
    read = new = changed = 0
    codes: set[str] = set()
    with writing(engine) as connection:
        for part in chunked(_rows(path, today)):
            counts = delivery_store.store_deliveries(connection, part, today.isoformat())
            read, new, changed = read + len(part), new + counts[0], changed + counts[1]
            codes.update(one.facility_code for one in part)
            progress(len(part))
        if not read:
            raise IssuerError(Code.FILE_EMPTY, where=Where(path.name))
        if digest_of(path) != digest:
            raise IssuerError(Code.FILE_UNREADABLE, "it changed while it was read", Where(path.name))
        unknown = delivery_store.unknown_facilities(connection, codes)
        if new or changed:
            delivery_store.analyze_deliveries(connection)
            append(
                connection,
                now=now,
                actor=actor,
                action="deliveries.load",
                object=f"sha256 {digest}",
                reason=f"{read} deliveries: {new} new, {changed} changed, {read - new - changed} unchanged",
            )
    return DeliveriesLoaded(read, new, changed, read - new - changed, unknown)


def _rows(path: Path, today: date) -> Iterator[Delivery]:
    """The deliveries of the list. Raises IssuerError at the first row that is not valid or repeats another."""
    told: dict[tuple[str, str, str, str], int] = {}
    for row, cells in read_table(path, REQUIRED, OPTIONAL, of=Code.DELIVERY_ROW):
        try:
            one = _delivery(cells, today)
            before = told.setdefault(one.key, row)
            if before != row:
                raise _RowError("so_lo", f"the delivery of row {before} again: add up what came on one day")
        except _RowError as refused:
            where = Where(path.name, row=row, column=refused.column)
            raise IssuerError(Code.DELIVERY_ROW, refused.what, where) from None
        yield one


def _delivery(cells: list[str], today: date) -> Delivery:
    for column, cell in zip(COLUMNS, cells, strict=True):
        if "\0" in cell:
            raise _RowError(column, "a NUL")
    code, vaccine, lot, doses, delivered_on, expires_on, name = map(one_blank, cells)
    facility = code or fold(name)[:_LONGEST_CODE]
    if not facility or len(facility) > _LONGEST_CODE:
        raise _RowError("ma_co_so", f"longer than {_LONGEST_CODE} signs" if facility else "neither a code nor a name")
    product = vaccine if product_of_code(vaccine) else read_vaccine(vaccine)[0]
    if not product:
        raise _RowError("vac_xin", "not one vaccine of the campaign")
    key, _ = read_lot(lot)
    if not key or len(lot) > _LONGEST_LOT:
        raise _RowError("so_lo", f"longer than {_LONGEST_LOT} signs" if key else "empty")
    if not (doses.isascii() and doses.isdigit() and len(doses) <= _MOST_DIGITS):
        raise _RowError("so_lieu", "not a whole number of doses")
    came = _day("ngay_giao", delivered_on)
    if not _EARLIEST <= came <= today:
        raise _RowError("ngay_giao", "in the future" if came > today else f"before {_EARLIEST}")
    expiry = _day("han_dung", expires_on).isoformat() if expires_on else ""
    return Delivery(facility, key, product, int(doses), came.isoformat(), expiry)


def _day(column: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _RowError(column, "not a date YYYY-MM-DD") from None
    if day.isoformat() != text:  # Python 3.11 reads 20210815 and 2021-W32-7 too
        raise _RowError(column, "not a date YYYY-MM-DD")
    return day
