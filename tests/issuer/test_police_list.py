"""Police-signed lists: they correct persons on records that stand, link them again, and create nothing."""

import csv
import datetime as dt
import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from issuer.__main__ import parser
from issuer.audit import check as check_audit
from issuer.audit import timestamp
from issuer.commands.context import Context
from issuer.errors import Code, IssuerError
from issuer.police.refusal import Refusal
from issuer.police.signed_list import SignedList, sign_list, verify_list
from issuer.police.take_list import ListTaken, archived_lists, take_list
from issuer.report import Figure, Metric, report
from issuer.store.engine import open_database, reading, writing
from issuer.store.police_tables import police_correction, police_list, police_row
from issuer.store.tables import dose, link, person, source_row
from issuer.store.worklist_store import Filters
from issuer.web.app import create_app
from issuer.worklist.corrections import propose_person
from issuer.worklist.handover import police_code
from issuer.worklist.team_sheet import write_sheet
from issuer.worklist.words import TEXTS
from keys.certificate_facts import pem_of
from keys.certificates import Role, issue
from keys.errors import KeysError
from keys.file_signer import FileSigner
from keys.new_key import encrypted_pem, new_key
from specs.cose import Algorithm
from tests.conftest import ROOT
from tests.console_client import Clock, signed_in
from tests.pki import NOW as SIGNED
from tests.pki import make_pki, profile
from tests.worklist_world import AWAY, HOME, World

NOW = SIGNED + timedelta(hours=1)
HEADER = ("Mã hồ sơ", "SỬA họ và tên", "SỬA ngày sinh", "SỬA giới tính", "SỬA số giấy tờ")
BY_FACTS = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CMND/CCCD", "Họ và tên đúng", "Số CCCD mới")
PASSWORD = b"mot mat khau du dai"
NO_NUMBER = ("Phạm Quốc Thử", "001095000044")


@pytest.fixture
def world(world_on_both: World) -> World:
    """Every rule holds on either kind of register."""
    return world_on_both


@lru_cache
def police(commune: str) -> FileSigner:
    key = new_key(Algorithm.ES256)
    who = profile(Role.FACILITY_HEAD, key, f"Police {commune}", days=730, use_days=180, facility=police_code(commune))
    return FileSigner(key, issue(who, make_pki().facility_authority.issuer))


def csv_list(*rows: Sequence[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def xlsx_list(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def signed(content: bytes, commune: str = HOME, *, at: dt.datetime = SIGNED) -> SignedList:
    signer = police(commune)
    signature = sign_list(content, commune, signer, now=at)
    return verify_list(content, commune, signature, signer.certificate().der, now=max(at, NOW))


def take(world: World, content: bytes, name: str = "a.csv", **how: Any) -> ListTaken:
    return take_list(world.engine, signed(content, **how), name, now=NOW, actor="tests")


def told(taken: ListTaken) -> list[tuple[int, str, str, str]]:
    return [(one.row_no, one.fate, one.code, one.column) for one in taken.fates]


def refused(code: Code) -> "pytest.RaisesExc[IssuerError]":
    return pytest.raises(IssuerError, check=lambda error: error.code is code)


def everything(world: World) -> dict[str, list[Any]]:
    """What a list may change or must not: the doses, links, rows, people and all about lists."""
    tables = (dose, link, source_row, person, police_list, police_row, police_correction)
    with reading(world.engine) as connection:
        return {
            one.name: [tuple(row) for row in connection.execute(sa.select(one).order_by(*one.primary_key.columns))]
            for one in tables
        }


# what a list does


def test_a_number_that_was_missing_is_put_in_and_linked_at_once(world: World) -> None:
    name, number = NO_NUMBER
    token, before = world.token(name), everything(world)
    taken = take(world, csv_list(HEADER, (token, "", "", "", number)))
    assert (taken.counts(), taken.records) == ({"applied": 1}, 1)
    link_class, person_id, basis = world.link_of(token)
    assert (link_class, basis, world.state(token)) == ("matched", "four_fields", "closed")
    assert person_id is not None
    after = everything(world)
    assert [len(after[name]) for name in ("dose", "source_row", "person")] == [
        len(before[name]) for name in ("dose", "source_row", "person")
    ]


def test_the_old_value_stands_beside_the_list_it_came_from(world: World) -> None:
    name, number = NO_NUMBER
    content = csv_list((*HEADER, "Ngày rà soát"), (world.token(name), "", "", "", number, "25/02/2026"))
    take(world, content)
    with reading(world.engine) as connection:
        query = sa.select(police_correction, police_list.c.sha256, police_list.c.certificate, police_list.c.content)
        row = connection.execute(query.join(police_list, police_list.c.list_id == police_correction.c.list_id)).one()
    assert json.loads(row.changes) == {"id_number": ["", number]}
    assert json.loads(row.before)["dose"]["id_kind"] == "none"
    assert row.certificate == police(HOME).certificate().der
    assert row.content == content
    moments = [row.listed_at, row.reviewed_on, row.confirmed_at, row.applied_at]
    assert moments == sorted(moments)
    assert (row.reviewed_on, row.confirmed_at) == ("2026-02-25", timestamp(SIGNED))
    ((_, whole, fates, states),) = archived_lists(world.engine)
    assert (whole, fates, states) == (True, {"applied": 1}, {"RE-MATCHED": 1})


def test_the_console_tells_the_list_in_the_records_history_and_asks_nobody_for_it_again(world: World) -> None:
    name, number = NO_NUMBER
    token = world.token(name)
    take(world, csv_list(HEADER, (token, "", "", "", number)), name="thôn 1.csv")
    assert name not in world.names(HOME), "the queue is right as soon as the list was taken"
    view = world.view("tram", token)
    assert [(one.list_name, one.row_no, one.link_class) for one in view.lists] == [("thôn 1.csv", 2, "matched")]
    app = create_app(world.engine, now=Clock(), secret=b"t" * 32)
    page = signed_in(app, "tram").get(f"/items/{token}").text
    assert TEXTS["item.linked_by_list"][0] in page
    assert "Danh sách công an số 1, dòng 2, do tests nạp" in page
    assert TEXTS["history.list_signed"][0].format(number=1) in page
    assert number in page
    figure = report(world.engine, "commune", now=NOW, area=HOME)[0].figures[Metric.VERIFIED]
    assert figure == Figure(1, 9), "what the police signed on a list is verified by the police"


def test_a_line_in_the_audit_log_for_the_list_and_for_every_correction(world: World) -> None:
    before = len(world.audit())
    name, number = NO_NUMBER
    take(world, csv_list(HEADER, (world.token(name), "", "", "", number), ("none", "", "", "", number)))
    lines = world.audit()[before:]
    assert [action for _, action, _, _ in lines] == ["police-list.apply", "police-list.take"]
    assert "1 applied, 1 refused: RECORD_UNKNOWN" in lines[1][3]
    assert lines[0][3].endswith("id_number; linked again: matched")
    assert name not in str(lines)
    assert number not in str(lines)
    with reading(world.engine) as connection:
        check_audit(connection)


def test_the_record_told_by_its_old_facts_as_a_police_office_writes_them(world: World) -> None:
    rows = [
        ("DANH SÁCH XÁC MINH",),
        BY_FACTS,
        ("PHẠM QUỐC THỬ", dt.date(1995, 6, 30), "nam", "", "", 1095000044),
        ("Hoàng Thị Nghiệm", "9/9/1988", "Nữ", "0011880", "", "001188000055"),
        ("Nguyen Thi Vi Du", "15/04/1990", "Nữ", "001190000011", "Nguyễn Thị Ví Dụ", ""),
    ]
    taken = take(world, xlsx_list(*rows), "a.xlsx")
    assert told(taken) == [(row_no, "applied", "", "") for row_no in (3, 4, 5)]
    for name in ("Phạm Quốc Thử", "Hoàng Thị Nghiệm", "Nguyễn Thị Ví Dụ"):
        assert world.link_of(world.token(name))[0] == "matched"


def test_the_old_number_beside_the_new_as_in_dose_lists(world: World) -> None:
    header = (*BY_FACTS[:3], "Số CMND", "Số CCCD", "Họ và tên đúng", "Số CMND mới", "Số CCCD mới")
    rows = [
        header,
        ("Phạm Quốc Thử", "30/06/1995", "Nam", "", "", "", "", "001095000044"),
        ("Hoàng Thị Nghiệm", "9/9/1988", "Nữ", "0011880", "", "", "012345678", "001188000055"),
        ("Nguyen Thi Vi Du", "15/04/1990", "Nữ", "", "001190000011", "Nguyễn Thị Ví Dụ", "", ""),
        ("Lý Văn Lạ", "1/1/1977", "Nam", "", "", "", "001077888888", "001077888889"),
    ]
    fates = told(take(world, csv_list(*rows)))
    assert fates[:3] == [(row_no, "applied", "", "") for row_no in (2, 3, 4)]
    assert fates[3][1] == "refused"
    for name in ("Phạm Quốc Thử", "Hoàng Thị Nghiệm", "Nguyễn Thị Ví Dụ"):
        assert world.link_of(world.token(name))[0] == "matched"


def test_headings_in_two_rows(world: World) -> None:
    rows = [
        ("TT", "Thông tin đã ghi", "", "", "", "Thông tin đúng", ""),
        ("", "Họ và tên", "Ngày sinh", "Giới tính", "CCCD", "Họ và tên", "CCCD"),
        (1, "Phạm Quốc Thử", "30/06/1995", "Nam", "", "", "001095000044"),
    ]
    assert told(take(world, csv_list(*rows))) == [(3, "applied", "", "")]


def test_a_team_sheet_that_the_police_signed_is_a_list(world: World) -> None:
    sheet = load_workbook(io.BytesIO(write_sheet(world.engine, world.officer("tram"), Filters(), now=NOW)))
    page = sheet.active
    assert page is not None
    places = {cell.value: cell.column for cell in page[1]}
    for row in page.iter_rows(min_row=2):
        if row[1].value == NO_NUMBER[0]:
            page.cell(row[0].row, places["SỬA số giấy tờ"], NO_NUMBER[1])
    out = io.BytesIO()
    sheet.save(out)
    taken = take(world, out.getvalue(), "to.xlsx")
    assert taken.counts()["applied"] == 1
    assert sum(taken.counts().values()) == page.max_row - 1
    assert world.link_of(world.token(NO_NUMBER[0]))[0] == "matched"


def test_what_fits_nobody_stays_on_the_worklist_until_the_next_link(world: World) -> None:
    token = world.token("Lý Văn Lạ")
    taken = take(world, csv_list(HEADER, (token, "", "", "", "001077888888")))
    assert taken.counts() == {"applied": 1}
    assert world.state(token) == "open"
    assert archived_lists(world.engine)[0][3] == {"APPLIED": 1}


def test_the_same_list_again_changes_nothing(world: World) -> None:
    content = csv_list(HEADER, (world.token(NO_NUMBER[0]), "", "", "", NO_NUMBER[1]), ("x", "", "", "", "1"))
    first = take(world, content)
    before, lines = everything(world), world.audit()
    again = take(world, content)
    assert (again.already, again.fates) == (True, first.fates)
    assert (everything(world), world.audit()) == (before, lines)


def test_a_second_list_that_says_the_same_finds_it_so(world: World) -> None:
    token = world.token(NO_NUMBER[0])
    take(world, csv_list(HEADER, (token, "", "", "", NO_NUMBER[1])))
    before = everything(world)
    facts = ("Phạm Quốc Thử", "30/06/1995", "Nam", "", "", NO_NUMBER[1])
    assert take(world, csv_list(HEADER, (token, "", "", "", NO_NUMBER[1]), ())).counts() == {"already": 1}
    assert take(world, csv_list(BY_FACTS, facts, facts)).counts() == {"already": 2}
    after = everything(world)
    assert (after["dose"], after["link"]) == (before["dose"], before["link"])


# rows that are refused

ROWS = [
    ("an unknown reference", HEADER, ("0" * 32, "", "", "", "001095000044"), "RECORD_UNKNOWN", ""),
    ("no record told", HEADER, ("", "", "", "", "001095000044"), "RECORD_NOT_TOLD", ""),
    ("nothing corrected", HEADER, ("NO_NUMBER", "", "", "", ""), "NOTHING_CORRECTED", ""),
    ("thirteen digits", HEADER, ("NO_NUMBER", "", "", "", "0990950000412"), "VALUE_UNREADABLE", "E"),
    ("digits lost to a spreadsheet", HEADER, ("NO_NUMBER", "", "", "", "1.09500E+09"), "VALUE_UNREADABLE", "E"),
    ("no day of the calendar", HEADER, ("NO_NUMBER", "", "31/02/1995", "", ""), "VALUE_UNREADABLE", "C"),
    ("a sex in figures", HEADER, ("NO_NUMBER", "", "", "1", ""), "VALUE_UNREADABLE", "D"),
    ("signs in a name", HEADER, ("NO_NUMBER", "Ph?m Quốc", "", "", ""), "VALUE_UNREADABLE", "B"),
    ("a formula as a name", HEADER, ("NO_NUMBER", "=1+1", "", "", ""), "VALUE_UNREADABLE", "B"),
    (
        "somebody nobody has a dose of",
        BY_FACTS,
        ("Trần Văn Không", "01/01/1990", "Nam", "001090000011", "", "001090000012"),
        "RECORD_UNKNOWN",
        "",
    ),
    ("a name alone", BY_FACTS, ("Phạm Quốc Thử", "", "", "", "", "001095000044"), "RECORD_NOT_TOLD", ""),
    (
        "a person of another commune",
        BY_FACTS,
        ("Do Thi Xa", "25/05/1980", "Nữ", "001180000111", "Đỗ Thị Xa", ""),
        "RECORD_UNKNOWN",
        "",
    ),
    (
        "a record that is linked",
        BY_FACTS,
        ("Bùi Thị Đúng", "11/11/1991", "Nữ", "001191000100", "", "001191000101"),
        "RECORD_UNKNOWN",
        "",
    ),
]


@pytest.mark.parametrize(("why", "header", "row", "code", "column"), ROWS, ids=[one[0] for one in ROWS])
def test_a_row_that_is_refused_changes_nothing(
    why: str, header: Sequence[str], row: Sequence[str], code: str, column: str, world: World
) -> None:
    token, before = world.token(NO_NUMBER[0]), everything(world)
    taken = take(world, csv_list(header, [token if cell == "NO_NUMBER" else cell for cell in row]))
    assert told(taken) == [(2, "refused", code, column)]
    assert code in Refusal.__members__
    after = everything(world)
    assert [after[name] for name in ("dose", "link", "person", "source_row")] == [
        before[name] for name in ("dose", "link", "person", "source_row")
    ]
    assert after["police_correction"] == []


def test_the_reference_of_another_commune_is_unknown_here(world: World) -> None:
    away = world.token("Do Thi Xa")
    before = everything(world)["dose"]
    content = csv_list(HEADER, (away, "Đỗ Thị Xa", "", "", ""))
    assert told(take(world, content)) == [(2, "refused", "RECORD_UNKNOWN", "")]
    assert everything(world)["dose"] == before
    assert told(take(world, content, commune=AWAY)) == [(2, "applied", "", "")]  # its own police may


def test_old_facts_that_the_record_does_not_hold(world: World) -> None:
    header = ("Mã hồ sơ", *BY_FACTS)
    row = (world.token(NO_NUMBER[0]), "Phạm Quốc Thử", "30/06/1996", "Nam", "", "", NO_NUMBER[1])
    assert told(take(world, csv_list(header, row))) == [(2, "refused", "OLD_FACTS_DIFFER", "")]


def test_two_rows_that_contradict_each_other(world: World) -> None:
    token = world.token("Lý Văn Lạ")
    rows = [
        (token, "", "", "", "001077888888"),
        (token, "", "", "", "001077777777"),
        (token, "", "", "", "001077888888"),
    ]
    taken = take(world, csv_list(HEADER, *rows))
    assert [one.fate for one in taken.fates] == ["applied", "refused", "already"]
    assert taken.fates[1].code == "CONTRADICTS"


def test_namesakes_without_a_number_are_told_by_reference_only(world: World) -> None:
    with writing(world.engine) as connection:
        keys = connection.scalars(sa.select(dose.c.dose_id).where(dose.c.full_name.in_(["Lý Văn Lạ", NO_NUMBER[0]])))
        facts = connection.execute(sa.select(dose).where(dose.c.full_name == NO_NUMBER[0])).mappings().one()
        same = {name: facts[name] for name in ("full_name", "name_key", "birth_date", "sex", "id_kind", "id_number")}
        connection.execute(dose.update().where(dose.c.dose_id.in_(keys.all())).values(**same))
    row = ("Phạm Quốc Thử", "30/06/1995", "Nam", "", "", NO_NUMBER[1])
    assert told(take(world, csv_list(BY_FACTS, row))) == [(2, "refused", "RECORD_AMBIGUOUS", "")]


def test_what_the_console_is_deciding_is_left_to_it(world: World) -> None:
    token = world.token("Nguyen Thi Vi Du")
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    content = csv_list(HEADER, (token, "Nguyễn Thị Ví Dụ", "", "", ""))
    assert told(take(world, content)) == [(2, "refused", "RECORD_DECIDED", "")]


def test_an_older_list_does_not_undo_a_later_one(world: World) -> None:
    token = world.token("Lý Văn Lạ")
    later = csv_list(HEADER, (token, "", "", "", "001077888888"))
    older = csv_list(HEADER, (token, "", "", "", "001077777777"))
    take(world, later, at=SIGNED + timedelta(minutes=5))
    assert told(take(world, older)) == [(2, "refused", "LATER_LIST", "")]
    newest = csv_list(HEADER, (token, "", "", "", "001077666666"))
    assert told(take(world, newest, at=SIGNED + timedelta(minutes=9))) == [(2, "applied", "", "")]


def test_doses_in_a_list_are_not_read(world: World) -> None:
    header = (*HEADER, "Ngày tiêm", "Tên vắc xin", "Mũi số", "Số lô")
    more = ("15/08/2021", "Pfizer", "3", "X1")
    before = everything(world)
    rows = [(world.token(NO_NUMBER[0]), "", "", "", NO_NUMBER[1], *more), ("", "", "", "", "001090000012", *more)]
    assert take(world, csv_list(header, *rows)).counts() == {"applied": 1, "refused: RECORD_NOT_TOLD": 1}
    after = everything(world)
    assert len(after["dose"]) == len(before["dose"])
    with reading(world.engine) as connection:
        query = sa.select(dose.c.dose_number, dose.c.vaccinated_on).where(dose.c.full_name == NO_NUMBER[0])
        assert connection.execute(query).all() == [(1, "2021-09-20")]


# attacks


def altered(part: bytes, at: int, sign: bytes) -> bytes:
    lines = part.split(b"\n")
    lines[at] = sign
    return b"\n".join(lines)


def test_bytes_changed_after_signing_are_refused(world: World) -> None:
    content = csv_list(HEADER, (world.token(NO_NUMBER[0]), "", "", "", NO_NUMBER[1]))
    signer = police(HOME)
    signature = sign_list(content, HOME, signer, now=SIGNED)
    der = signer.certificate().der
    for changed in (content + b"\r\n", content.replace(b"44", b"45"), content[:-1], b""):
        with refused(Code.POLICE_LIST_UNSIGNED):
            verify_list(changed, HOME, signature, der, now=NOW)


@pytest.mark.parametrize(
    ("why", "forge"),
    [
        ("nothing", lambda made: b""),
        ("a hash alone", lambda made: made.split(b"\n")[3]),
        ("an empty signature", lambda made: altered(made, 4, b"")),
        ("a signature of zeros", lambda made: altered(made, 4, b"A" * 86 + b"==")),
        ("no Base64", lambda made: altered(made, 4, b"*" * 88)),
        ("another time", lambda made: altered(made, 2, timestamp(SIGNED - timedelta(days=1)).encode())),
        ("no time", lambda made: altered(made, 2, b"yesterday")),
        ("a time without zone", lambda made: altered(made, 2, b"2026-03-01T08:00:00.000000")),
        ("another commune", lambda made: altered(made, 1, AWAY.encode())),
        ("the purpose of a hand-over", lambda made: altered(made, 0, b"hochieu handover 1")),
        ("a line more", lambda made: made + b"x\n"),
        ("a flood", lambda made: made * 1000),
        ("no ASCII", lambda made: made + "ạ".encode()),
    ],
)
def test_a_forged_signature_is_refused(why: str, forge: Any) -> None:
    content = csv_list(HEADER, ("x", "", "", "", ""))
    signer = police(HOME)
    forged = forge(sign_list(content, HOME, signer, now=SIGNED))
    with refused(Code.POLICE_LIST_UNSIGNED):
        verify_list(content, HOME, forged, signer.certificate().der, now=NOW)


def test_only_the_police_of_the_commune_sign_its_list() -> None:
    content, pki = csv_list(HEADER, ("x", "", "", "", "")), make_pki()
    signature = sign_list(content, AWAY, police(AWAY), now=SIGNED)
    for commune in (HOME, AWAY):  # neither their own list elsewhere, nor ours by their certificate
        with refused(Code.POLICE_LIST_UNSIGNED):
            verify_list(content, HOME, signature, police(commune).certificate().der, now=NOW)
    for signer in (police(AWAY), pki.head.signer):
        with refused(Code.POLICE_LIST_UNSIGNED):
            sign_list(content, HOME, signer, now=SIGNED)
    with pytest.raises(KeysError):
        sign_list(content, HOME, pki.dsc.signer, now=SIGNED)


def test_times_and_authorities() -> None:
    content, signer, pki = csv_list(HEADER, ("x", "", "", "", "")), police(HOME), make_pki()
    der = signer.certificate().der
    signature = sign_list(content, HOME, signer, now=SIGNED)
    with refused(Code.POLICE_LIST_UNSIGNED):  # signed in the future
        verify_list(content, HOME, signature, der, now=SIGNED - timedelta(seconds=1))
    with pytest.raises(KeysError):
        sign_list(content, HOME, signer, now=SIGNED + timedelta(days=400))
    verify_list(content, HOME, signature, der, now=NOW, authorities=[pki.facility_authority.certificate])
    with refused(Code.POLICE_LIST_UNSIGNED):
        verify_list(content, HOME, signature, der, now=NOW, authorities=[pki.csca.certificate])


def test_a_formula_is_refused_whatever_value_stands_beside_it(world: World) -> None:
    token = world.token(NO_NUMBER[0])
    content = xlsx_list(HEADER, (token, "", "", "", '="001095000044"'), (token, "", "30/06/1995", "", ""))
    assert told(take(world, content, "a.xlsx")) == [(2, "refused", "FORMULA", "E"), (3, "already", "", "")]
    hidden = io.BytesIO()  # the same with the file lying about where its sheet ends
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(hidden, "w") as after:
        for part in before.namelist():
            text = before.read(part)
            after.writestr(part, text.replace(b'<dimension ref="A1:E3"', b'<dimension ref="A1:A1"'))
    assert told(take(world, hidden.getvalue(), "b.xlsx"))[0] == (2, "refused", "FORMULA", "E")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000, Code.FILE_KIND_UNKNOWN),
        ("a.xlsm", b"PK\x03\x04", Code.FILE_MACROS),
        ("a.xlsx", b"Ho va ten", Code.FILE_WRONG_EXTENSION),
        ("a.csv", csv_list(("Họ và tên", "Ngày sinh"), ("a", "b")), Code.POLICE_LIST_REFUSED),
        ("a.csv", csv_list(HEADER), Code.POLICE_LIST_REFUSED),
        ("a.csv", csv_list((*HEADER, "Họ tên đúng"), ("a",)), Code.COLUMN_TWICE),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(name: str, content: bytes, code: Code, world: World) -> None:
    before, lines = everything(world), world.audit()
    with refused(code):
        take(world, content, name)
    assert (everything(world), world.audit()) == (before, lines)


def test_a_list_changed_in_the_database_is_told(world: World) -> None:
    take(world, csv_list(HEADER, ("x", "", "", "", "001077888888")))
    with writing(world.engine) as connection:
        connection.execute(police_list.update().values(content=b"another"))
    assert [whole for _, whole, _, _ in archived_lists(world.engine)] == [False]


# killed


def _die(url: str, folder: Path, moment: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.killed_police_list", url, str(folder), str(moment)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_killed_at_any_moment_the_list_is_taken_whole_or_not_at_all(world: World) -> None:
    tokens = [world.token(name) for name in (NO_NUMBER[0], "Lý Văn Lạ", "Hoàng Thị Nghiệm")]
    numbers = (NO_NUMBER[1], "001077888888", "001188000055")
    content = csv_list(HEADER, *((token, "", "", "", number) for token, number in zip(tokens, numbers, strict=True)))
    (world.folder / "list.csv").write_bytes(content)
    (world.folder / "list.sig").write_bytes(sign_list(content, HOME, police(HOME), now=SIGNED))
    (world.folder / "police.der").write_bytes(police(HOME).certificate().der)
    url = world.engine.url.render_as_string(hide_password=False)
    before = everything(world)
    world.engine.dispose()
    for moment in (2, 9, 23, 41, 60):
        died = _die(url, world.folder, moment)
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert everything(world) == before
        world.engine.dispose()
    done = _die(url, world.folder, 0)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60
    engine = open_database(url)
    taken = take_list(engine, signed(content), "list.csv", now=NOW, actor="tests")
    assert (taken.already, taken.counts()) == (True, {"applied": 3})
    engine.dispose()


def test_the_command_signs_takes_and_lists(world: World) -> None:
    def run(*words: object) -> str:
        out = io.StringIO()
        arguments = parser().parse_args(["police-list", *map(str, words)])
        context = Context(world.engine, lambda: NOW, "tests", out, io.StringIO())
        assert arguments.run(arguments, context) == 0
        return out.getvalue()

    key = new_key(Algorithm.ES256)
    who = profile(Role.FACILITY_HEAD, key, "Police", days=730, use_days=180, facility=police_code(HOME))
    folder = world.folder
    (folder / "police.key").write_bytes(encrypted_pem(key, PASSWORD))
    (folder / "police.pem").write_bytes(pem_of(issue(who, make_pki().facility_authority.issuer)))
    (folder / "password").write_bytes(PASSWORD)
    for secret in ("police.key", "password"):
        (folder / secret).chmod(0o600)
    rows = [(world.token(NO_NUMBER[0]), "", "", "", NO_NUMBER[1]), ("x", "", "", "", "1")]
    (folder / "a.csv").write_bytes(csv_list(HEADER, *rows))
    where = ("--commune", HOME, "--signature", folder / "a.sig")
    signer = ("--key", folder / "police.key", "--certificate", folder / "police.pem")
    run("sign", folder / "a.csv", *where, *signer, "--password-file", folder / "password")
    text = run(folder / "a.csv", *where, "--signed-by", folder / "police.pem")
    assert "rows of the list: 2" in text
    assert "VALUE_UNREADABLE: " in text
    assert "(a.csv, row 3, column E)" in text
    assert "records corrected and linked again: 1" in text
    assert NO_NUMBER[1] not in text
    assert "nothing changed" in run(folder / "a.csv", *where, "--signed-by", folder / "police.pem")
    assert "holds; 1 RE-MATCHED, 1 applied, 1 refused" in run("list")
    with refused(Code.OUTPUT_REFUSED):  # a signature is never written over
        run("sign", folder / "a.csv", *where, *signer, "--password-file", folder / "password")
