"""Doses against the lots that their facility was sent: what is told, when, and that it goes away again."""

import datetime as dt
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.audit import check
from issuer.clean.clean import _clean_chunk
from issuer.clean.lots import check_lots
from issuer.clean.schedule import check_schedules
from issuer.deliveries import COLUMNS, DeliveriesLoaded, load_deliveries
from issuer.errors import Code, IssuerError
from issuer.link.run import link_doses
from issuer.reading.problems import Problem
from issuer.store.delivery_store import FIRST_NUMBER
from issuer.store.engine import open_database, reading, writing
from tests.conftest import ROOT
from tests.dose_lists import HEADER, NOW, all_outcomes, cleaned, csv_text, load, row, table, take
from tests.every_table import every_table
from tests.killed_lots import clean_and_compare

LATER = NOW + dt.timedelta(days=1)
HEAD = ",".join(COLUMNS[:6])
LOTS = {one.name for one in Problem if one.name.startswith("LOT_")} - {"LOT_MISSING", "LOT_LETTER_O"}
AB123 = "01001,AstraZeneca,AB123,100,2021-08-01,2021-11-30"
"""The lot of every right row of tests.dose_lists, fourteen days before its dose."""


def deliver(
    register: sa.Engine, folder: Path, *lines: str, now: dt.datetime = NOW, head: str = HEAD
) -> DeliveriesLoaded:
    path = folder / "deliveries.csv"
    path.write_text("\n".join((head, *lines)), encoding="utf-8")
    return load_deliveries(register, path, now=now, actor="test")


def send(register: sa.Engine, folder: Path, *rows: list[object], name: str = "doses.csv") -> None:
    (folder / name).write_text(csv_text(HEADER, *rows), encoding="utf-8")
    take(register, folder / name)
    cleaned(register)


def told(register: sa.Engine) -> list[tuple[str, ...]]:
    """Problems of every dose, in the order of the rows."""
    return [one.problems for one in all_outcomes(register) if one.fate == "stored"]


CASES = [
    ("the lot as delivered", {}, [AB123], ()),
    ("no delivery to this facility is known", {}, ["01002,AstraZeneca,XY1,100,2021-08-01,"], ()),
    ("case and blanks of the lot", {"Số_lô": " ab 123"}, [AB123], ()),
    ("letter O for zero", {"Số_lô": "ABO12"}, ["01001,AZD1222,AB012,100,2021-08-01,"], ("LOT_LETTER_O",)),
    ("letter O in the delivery list", {"Số_lô": "AB012"}, ["01001,AstraZeneca,ABO12,100,2021-08-01,"], ()),
    ("no lot told", {"Số_lô": ""}, [AB123], ("LOT_MISSING",)),
    ("another lot", {"Số_lô": "AB124"}, [AB123], ("LOT_NOT_DELIVERED",)),
    ("before the first delivery that is known", {"Số_lô": "AB124", "Ngày_tiêm": "31/07/2021"}, [AB123], ()),
    ("after the list was loaded", {"Số_lô": "AB124", "Ngày_tiêm": "25/04/2022"}, ["late"], ()),
    ("day not known", {"Số_lô": "AB124", "Ngày_tiêm": ""}, [AB123], ("DOSE_DATE_MISSING",)),
    ("the lot of another product", {"Tên_vắc_xin": "Pfizer"}, [AB123], ("LOT_OF_OTHER_PRODUCT",)),
    (
        "one number, two makers",
        {"Tên_vắc_xin": "Pfizer"},
        [AB123, "01001,Pfizer,AB123,12,2021-08-01,"],
        (),
    ),
    ("product not read", {"Tên_vắc_xin": "Sputnik"}, [AB123], ("VACCINE_AMBIGUOUS",)),
    ("before its delivery", {"Ngày_tiêm": "31/07/2021"}, [AB123], ("LOT_BEFORE_DELIVERY",)),
    ("on the day of its delivery", {"Ngày_tiêm": "01/08/2021"}, [AB123], ()),
    ("on its last day", {"Ngày_tiêm": "30/11/2021"}, [AB123], ()),
    ("expired", {"Ngày_tiêm": "01/12/2021"}, [AB123], ("LOT_EXPIRED",)),
    (
        "a lot whose life was extended",
        {"Ngày_tiêm": "01/12/2021"},
        [AB123, "01001,AstraZeneca,AB123,10,2021-08-20,2022-02-28"],
        (),
    ),
    ("expiry not told", {"Ngày_tiêm": "01/12/2021"}, ["01001,AstraZeneca,AB123,100,2021-08-01,"], ()),
    ("a delivery taken back", {}, ["01001,AstraZeneca,AB123,0,2021-08-01,", "01001,Pfizer,FK1,9,2021-08-01,"],
     ("LOT_NOT_DELIVERED",)),
    ("every delivery taken back: none is known", {}, ["01001,AstraZeneca,AB123,0,2021-08-01,"], ()),
]  # fmt: skip


@pytest.mark.parametrize("first", ["the doses first", "the deliveries first"])
@pytest.mark.parametrize(("why", "changed", "lines", "problems"), CASES, ids=[case[0] for case in CASES])
def test_one_dose(
    why: str,
    changed: dict[str, str],
    lines: list[str],
    problems: tuple[str, ...],
    first: str,
    sqlite_register: sa.Engine,
    tmp_path: Path,
) -> None:
    on = NOW
    if lines == ["late"]:
        lines, on = [AB123], dt.datetime(2022, 4, 24, tzinfo=dt.UTC)
    steps: list[Callable[[], object]] = [
        lambda: send(sqlite_register, tmp_path, row(**changed)),
        lambda: deliver(sqlite_register, tmp_path, *lines, now=on),
    ]
    for step in steps if first == "the doses first" else reversed(steps):
        step()
    check_lots(sqlite_register)
    assert told(sqlite_register) == [problems]
    assert [one["is_blocked"] for one in table(sqlite_register, "dose")] == [
        int(any(Problem[code].blocks for code in problems))
    ]


def people(count: int, **changed: object) -> list[list[object]]:
    """Right rows of so many people."""
    return [row(Số_CCCD=f"001190000{at:03}", **changed) for at in range(count)]


def test_more_doses_than_came_are_told_from_the_first_too_many_on(register: sa.Engine, tmp_path: Path) -> None:
    days = [row(Số_CCCD=f"001190000{at:03}", Ngày_tiêm=f"{20 - at}/08/2021") for at in range(5)]
    send(register, tmp_path, *days)
    deliver(register, tmp_path, "01001,AstraZeneca,AB123,2,2021-08-01,", "01001,AstraZeneca,AB123,1,2021-08-05,")
    assert check_lots(register) == {"LOT_EXCEEDED": 2}
    assert told(register) == [("LOT_EXCEEDED",), ("LOT_EXCEEDED",), (), (), ()]
    raw = [one["raw"] for one in table(register, "problem") if one["code"] == "LOT_EXCEEDED"]
    assert raw == ["5 > 3", "4 > 3"]


def test_what_came_after_the_newest_list_is_not_known(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, row(), row(Số_CCCD="001190000018", Ngày_tiêm="25/04/2022"))
    one = "01001,AstraZeneca,AB123,1,2021-08-01,"
    deliver(register, tmp_path, one, now=dt.datetime(2022, 4, 24, tzinfo=dt.UTC))
    assert check_lots(register) == {}
    deliver(register, tmp_path, one, "01001,Pfizer,FK1,6,2022-04-25,")
    assert check_lots(register) == {"LOT_EXCEEDED": 1}


def test_a_repeated_row_is_no_second_dose_of_its_lot(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, row(), row(), row())
    deliver(register, tmp_path, "01001,AstraZeneca,AB123,1,2021-08-01,")
    assert check_lots(register) == {}


def test_lots_are_counted_for_each_facility(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, *people(2), *people(1, Mã_cơ_sở="01002", Ngày_tiêm="16/08/2021"))
    line = "AstraZeneca,AB123,1,2021-08-01,"
    deliver(register, tmp_path, f"01001,{line}", f"01002,{line}")
    check_lots(register)
    assert told(register) == [(), ("LOT_EXCEEDED",), ()]


def test_what_a_later_list_brings_makes_it_go_away(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, *people(2, Số_lô="AB9"), *people(1, Ngày_tiêm="16/08/2021"))
    deliver(register, tmp_path, AB123)
    assert check_lots(register) == {"LOT_NOT_DELIVERED": 2}
    loaded = deliver(register, tmp_path, AB123, "01001,AstraZeneca,AB9,1,2021-08-10,")
    assert (loaded.read, loaded.new, loaded.changed, loaded.unchanged) == (2, 1, 0, 1)
    assert check_lots(register) == {"LOT_EXCEEDED": 1}
    assert told(register) == [(), ("LOT_EXCEEDED",), ()]
    loaded = deliver(register, tmp_path, "01001,AstraZeneca,AB9,2,2021-08-10,2021-12-31")
    assert (loaded.new, loaded.changed, loaded.unchanged) == (0, 1, 0)
    assert check_lots(register) == {}
    assert told(register) == [(), (), ()]


def test_problems_of_the_row_and_of_the_schedule_stay(register: sa.Engine, tmp_path: Path) -> None:
    load(register, tmp_path)
    send(register, tmp_path, row(Số_lô="FKO1"), row(Số_lô="FKO1", Mũi_số=2, Ngày_tiêm="20/08/2021"))
    link_doses(register, now=NOW, actor="test")
    check_schedules(register)
    before = told(register)
    assert before == [("LOT_LETTER_O",), ("LOT_LETTER_O", "INTERVAL_TOO_SHORT")]
    deliver(register, tmp_path, AB123)
    check_lots(register)
    assert told(register) == [
        ("LOT_LETTER_O", "LOT_NOT_DELIVERED"),
        ("LOT_LETTER_O", "LOT_NOT_DELIVERED", "INTERVAL_TOO_SHORT"),
    ]
    check_schedules(register)
    deliver(register, tmp_path, "01001,AstraZeneca,FK01,9,2021-08-10,")
    check_lots(register)
    assert told(register) == before


def test_only_what_changed_is_compared_again(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, *people(2), *people(2, Mã_cơ_sở="01002", Ngày_tiêm="16/08/2021"))
    deliver(register, tmp_path, AB123, AB123.replace("01001", "01002"))
    looked_at: list[int] = []
    check_lots(register, progress=looked_at.append)
    assert sum(looked_at) == 2
    check_lots(register, progress=looked_at.append)
    deliver(register, tmp_path, AB123)
    check_lots(register, progress=looked_at.append)
    assert sum(looked_at) == 2, "nothing changed"
    deliver(register, tmp_path, AB123, "01002,AstraZeneca,ZZ1,5,2021-08-02,")
    check_lots(register, progress=looked_at.append)
    assert sum(looked_at) == 3, "the second facility"
    send(register, tmp_path, row(Số_lô="Q7", Ngày_tiêm="17/08/2021"), name="more.csv")
    assert check_lots(register, progress=looked_at.append) == {"LOT_NOT_DELIVERED": 1}
    assert sum(looked_at) == 4, "the first facility, for the dose that came"


def test_where_no_delivery_is_known_nothing_is_compared_and_nothing_piles_up(
    register: sa.Engine, tmp_path: Path
) -> None:
    send(register, tmp_path, *people(3))
    looked_at: list[int] = []
    assert check_lots(register, progress=looked_at.append) == {}
    assert (looked_at, table(register, "lot_stale")) == ([], [])
    deliver(register, tmp_path, AB123.replace("AB123", "ZZ1"))
    assert check_lots(register) == {"LOT_NOT_DELIVERED": 3}


def test_a_facility_whose_lists_bear_no_code_is_named(register: sa.Engine, tmp_path: Path) -> None:
    header = [*HEADER[:-1], "Cơ sở tiêm chủng"]
    cells = [*row(Số_lô="Q7")[:-1], "Trạm Y tế xã Tân Hòa"]
    (tmp_path / "doses.csv").write_text(csv_text(header, cells), encoding="utf-8")
    take(register, tmp_path / "doses.csv")
    cleaned(register)
    loaded = deliver(register, tmp_path, f",{AB123[6:]},Trạm y tế xã Tân Hoà", head=",".join(COLUMNS))
    assert loaded.unknown_facilities == 0
    assert check_lots(register) == {"LOT_NOT_DELIVERED": 1}


def test_a_code_that_nobody_has_is_counted(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, row())
    loaded = deliver(register, tmp_path, AB123, AB123.replace("01001", "1001"))
    assert loaded.unknown_facilities == 1


def test_parquet_is_read_like_csv(sqlite_register: sa.Engine, tmp_path: Path) -> None:
    path = tmp_path / "deliveries.parquet"
    duckdb.sql(
        "SELECT '01001' AS ma_co_so, 'EU/1/21/1529' AS vac_xin, 'AB 123' AS so_lo, 100 AS so_lieu, "
        "DATE '2021-08-01' AS ngay_giao, NULL::DATE AS han_dung"
    ).write_parquet(str(path))
    load_deliveries(sqlite_register, path, now=NOW, actor="test")
    (one,) = table(sqlite_register, "lot_delivery")
    assert (one["lot"], one["product"], one["doses"], one["delivered_on"], one["expires_on"]) == (
        "AB123", "EU/1/21/1529", 100, "2021-08-01", "",
    )  # fmt: skip


def test_loading_again_changes_nothing_and_is_no_entry_of_the_audit_log(register: sa.Engine, tmp_path: Path) -> None:
    send(register, tmp_path, row())
    deliver(register, tmp_path, AB123, AB123.replace("AB123", "ABO9"))
    check_lots(register)
    before = every_table(register)
    loaded = deliver(register, tmp_path, AB123, AB123.replace("AB123", "ABO9"), now=LATER)
    assert (loaded.new, loaded.changed, loaded.unchanged) == (0, 0, 2)
    check_lots(register)
    assert every_table(register) == before
    with reading(register) as connection:
        check(connection)
    (entry,) = [one for one in table(register, "audit_entry") if one["action"] == "deliveries.load"]
    assert entry["reason"] == "2 deliveries: 2 new, 0 changed, 0 unchanged"


REFUSED = [
    ("no facility", ",AstraZeneca,AB123,100,2021-08-01,", "ma_co_so"),
    ("a code too long", f"{'1' * 65},AstraZeneca,AB123,100,2021-08-01,", "ma_co_so"),
    ("a vaccine that may be several", "01001,Sputnik,AB123,100,2021-08-01,", "vac_xin"),
    ("a vaccine never licensed", "01001,Nanocovax,AB123,100,2021-08-01,", "vac_xin"),
    ("no vaccine", "01001,,AB123,100,2021-08-01,", "vac_xin"),
    ("no lot", "01001,AstraZeneca, ,100,2021-08-01,", "so_lo"),
    ("a lot too long", f"01001,AstraZeneca,{'A' * 33},100,2021-08-01,", "so_lo"),
    ("the same delivery twice", AB123.replace("AB123", "ab 123"), "so_lo"),
    ("no number", "01001,AstraZeneca,AB124,,2021-08-01,", "so_lieu"),
    ("a negative number", "01001,AstraZeneca,AB124,-1,2021-08-01,", "so_lieu"),
    ("a number with a point", "01001,AstraZeneca,AB124,1.200,2021-08-01,", "so_lieu"),
    ("digits that are no ASCII", "01001,AstraZeneca,AB124,１２,2021-08-01,", "so_lieu"),
    ("a number beyond all deliveries", "01001,AstraZeneca,AB124,100000000,2021-08-01,", "so_lieu"),
    ("no day", "01001,AstraZeneca,AB124,100,,", "ngay_giao"),
    ("day first", "01001,AstraZeneca,AB124,100,01/08/2021,", "ngay_giao"),
    ("a week", "01001,AstraZeneca,AB124,100,2021-W32-7,", "ngay_giao"),
    ("in the future", "01001,AstraZeneca,AB124,100,2022-06-02,", "ngay_giao"),
    ("before there was a vaccine", "01001,AstraZeneca,AB124,100,1921-08-01,", "ngay_giao"),
    ("no last day", "01001,AstraZeneca,AB124,100,2021-08-01,2021-02-30", "han_dung"),
    ("a NUL", "01001,AstraZeneca,AB\x00124,100,2021-08-01,", "so_lo"),
    ("a cell too few", "01001,AstraZeneca,AB124,100,2021-08-01", ""),
]  # fmt: skip


@pytest.mark.parametrize(("why", "line", "column"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_row_that_is_not_valid_refuses_the_list(
    why: str, line: str, column: str, sqlite_register: sa.Engine, tmp_path: Path
) -> None:
    before = every_table(sqlite_register)
    with pytest.raises(IssuerError) as caught:
        deliver(sqlite_register, tmp_path, AB123, line)
    assert caught.value.code is Code.DELIVERY_ROW
    assert (caught.value.where.file, caught.value.where.row, caught.value.where.column) == ("deliveries.csv", 3, column)
    assert every_table(sqlite_register) == before


@pytest.mark.parametrize(
    ("lines", "head", "code"),
    [
        ([], HEAD, Code.FILE_EMPTY),
        ([], "", Code.FILE_EMPTY),
        (["1"], "ma_co_so", Code.COLUMN_MISSING),
        ([AB123 + ",x"], HEAD + ",SO_LO", Code.COLUMN_TWICE),
    ],
)
def test_a_list_that_is_none(
    lines: list[str], head: str, code: Code, sqlite_register: sa.Engine, tmp_path: Path
) -> None:
    with pytest.raises(IssuerError) as caught:
        deliver(sqlite_register, tmp_path, *lines, head=head)
    assert caught.value.code is code


def test_a_long_list_of_which_the_last_row_is_wrong_leaves_nothing(register: sa.Engine, tmp_path: Path) -> None:
    lines = [f"{at:05},AstraZeneca,AB123,100,2021-08-01," for at in range(6_000)]
    with pytest.raises(IssuerError):
        deliver(register, tmp_path, *lines, "x")
    assert table(register, "lot_delivery") == []
    assert deliver(register, tmp_path, *lines).new == 6_000
    assert deliver(register, tmp_path, *lines).unchanged == 6_000


def test_as_a_newcomer_would(tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    lists = tmp_path / "doses.csv"
    lists.write_text(csv_text(HEADER, *people(3), *people(1, Số_lô="Q7", Ngày_tiêm="16/08/2021")), encoding="utf-8")
    path = tmp_path / "deliveries.csv"
    path.write_text(f"{HEAD}\n{AB123}\n", encoding="utf-8")

    def run(*words: str) -> str:
        assert main(["--database", sqlite_url, "--actor", "test", *words]) == 0
        return capsys.readouterr().out

    run("intake", str(lists))
    assert "lots" not in run("clean")
    assert run("deliveries", "load", str(path)) == (
        "deliveries read: 1\n  1 new\nproblems of lots told: 1\n  1 LOT_NOT_DELIVERED\n"
    )
    assert "LOT_NOT_DELIVERED" in run("outcomes")
    assert run("deliveries", "load", str(path)) == "deliveries read: 1\n  1 unchanged\n"
    path.write_text(f"{HEAD}\n{AB123.replace('100', 'một trăm')}\n", encoding="utf-8")
    assert main(["--database", sqlite_url, "deliveries", "load", str(path)]) == 1
    assert capsys.readouterr().err.startswith(
        "DELIVERY_ROW: a row of the delivery list is not valid: not a whole number of doses "
        "(deliveries.csv, row 2, column so_lieu): "
    )


def test_clean_compares_what_was_loaded_and_not_compared(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    register = open_database(sqlite_url)
    send(register, tmp_path, *people(2, Số_lô="Q7"))
    deliver(register, tmp_path, AB123)
    register.dispose()
    assert main(["--database", sqlite_url, "clean"]) == 0
    assert "problems of lots told: 2\n  2 LOT_NOT_DELIVERED\n" in capsys.readouterr().out


FACILITIES = 4


@pytest.fixture
def taken_in(register: sa.Engine, tmp_path: Path) -> sa.Engine:
    """Rows of four facilities that nobody has cleaned; each facility has one dose too many and one of another lot."""
    lines, rows = [HEAD], []
    for at in range(FACILITIES):
        code = f"0100{at}"
        lines.append(f"{code},AstraZeneca,AB123,3,2021-08-01,")
        rows += [row(Số_CCCD=f"001190{at:02}{no:04}", Mã_cơ_sở=code) for no in range(4)]
        rows.append(row(Số_CCCD=f"001190{at:02}0099", Mã_cơ_sở=code, Số_lô="Q7"))
    (tmp_path / "deliveries.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "doses.csv").write_text(csv_text(HEADER, *rows), encoding="utf-8")
    take(register, tmp_path / "doses.csv")
    return register


def test_killed_at_any_moment_a_rerun_ends_the_same(taken_in: sa.Engine, register_url: str, tmp_path: Path) -> None:
    def run(url: str, moment: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.killed_lots", url, str(tmp_path), str(moment)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)

    moment = step = 7  # each run is killed so much later than the one before, until one lives
    killed = 0
    while run(register_url, moment).returncode == -signal.SIGKILL:
        killed += 1
        moment += step if killed % 2 else 0
    assert killed >= 3
    clean_and_compare(taken_in, tmp_path)
    found = [one["code"] for one in table(taken_in, "problem") if one["number"] >= FIRST_NUMBER]
    assert sorted(found) == ["LOT_EXCEEDED"] * FACILITIES + ["LOT_NOT_DELIVERED"] * FACILITIES
    assert table(taken_in, "lot_stale") == []
    assert len([one for one in table(taken_in, "audit_entry") if one["action"] == "deliveries.load"]) == 1
    before = every_table(taken_in)
    clean_and_compare(taken_in, tmp_path)
    assert every_table(taken_in) == before


def test_doses_that_are_stored_while_others_are_compared_are_not_forgotten(
    new_register: Callable[[], str], tmp_path: Path
) -> None:
    register = open_database(new_register())
    (tmp_path / "doses.csv").write_text(csv_text(HEADER, row(Số_lô="Q7")), encoding="utf-8")
    take(register, tmp_path / "doses.csv")
    with writing(register) as worker:
        assert _clean_chunk(worker, NOW, "test") is not None
        deliver(register, tmp_path, AB123)  # the worker has not committed: nobody sees its dose
        assert check_lots(register) == {}
        assert table(register, "lot_stale") == []
    assert check_lots(register) == {"LOT_NOT_DELIVERED": 1}
    register.dispose()


def test_many_facilities_at_once_are_told_what_one_alone_is(register: sa.Engine, tmp_path: Path) -> None:
    """Drawn lists: what the statement finds is what plain Python finds of each dose."""
    rnd = random.Random(5)
    lots = [f"L{at}" for at in range(6)]
    codes = [f"F{at}" for at in range(25)]
    products = {"AstraZeneca": "EU/1/21/1529", "Pfizer": "EU/1/20/1528"}
    lines: dict[tuple[str, str, str, str], str] = {}
    for _ in range(150):
        key = (rnd.choice(codes[:-3]), rnd.choice(list(products)), rnd.choice(lots), f"2021-08-{rnd.randint(1, 28):02}")
        lines[key] = f"{','.join(key[:3])},{rnd.choice((0, 1, 2, 5))},{key[3]},{rnd.choice(('', '2021-08-20'))}"
    rows = [
        row(
            Số_CCCD=f"0011900{at:05}", Mã_cơ_sở=rnd.choice(codes), Số_lô=rnd.choice([*lots, "Q7", ""]),
            Tên_vắc_xin=rnd.choice([*products, "Sputnik"]), Ngày_tiêm=f"{rnd.randint(1, 28):02}/08/2021",
        )
        for at in range(600)
    ]  # fmt: skip
    send(register, tmp_path, *rows)
    deliver(register, tmp_path, *lines.values())
    check_lots(register)
    found = [{one for one in problems if one in LOTS} for problems in told(register)]
    known = [one for one in table(register, "lot_delivery") if one["doses"]]
    doses = table(register, "dose")
    code_of = {one["facility_id"]: one["code"] for one in table(register, "facility")}
    for dose, problems in zip(doses, found, strict=True):
        here = [one for one in known if one["facility_code"] == code_of[dose["facility_id"]]]
        of_lot = [one for one in here if one["lot_key"] == dose["lot"]]
        day = dose["vaccinated_on"]
        expected = set()
        if here and dose["lot"]:
            expiry = max((one["expires_on"] for one in of_lot), default="")
            earlier = [
                one for one in doses if (one["facility_id"], one["lot"]) == (dose["facility_id"], dose["lot"])
                and (one["vaccinated_on"], one["dose_id"]) <= (day, dose["dose_id"])
            ]  # fmt: skip
            tests = {
                "LOT_NOT_DELIVERED": not of_lot and day >= min(one["delivered_on"] for one in here),
                "LOT_OF_OTHER_PRODUCT": of_lot
                and dose["product"]
                and all(one["product"] != dose["product"] for one in of_lot),
                "LOT_BEFORE_DELIVERY": of_lot and day < min(one["delivered_on"] for one in of_lot),
                "LOT_EXPIRED": expiry and day > expiry,
                "LOT_EXCEEDED": of_lot and len(earlier) > sum(one["doses"] for one in of_lot),
            }
            expected = {name for name, holds in tests.items() if holds}
        assert problems == expected
    assert set().union(*found) == LOTS
