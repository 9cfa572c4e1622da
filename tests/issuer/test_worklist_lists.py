"""Team sheets, signed lists, re-checks and the numbers: what leaves the worklist and what comes back."""

import csv
import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from issuer.commands.report import _WORDS
from issuer.errors import Code, IssuerError
from issuer.formulas import harmless
from issuer.report import Metric, load_figures, report
from issuer.store.engine import reading, writing
from issuer.store.handover_store import handover_of
from issuer.store.tables import dose
from issuer.store.worklist_store import Filters, Scope
from issuer.store.worklist_tables import area, correction, handover, recheck
from issuer.worklist import rechecks
from issuer.worklist.corrections import approve, propose_person, undo
from issuer.worklist.handover import COLUMNS, check, make, police_code, read, sign, statement
from issuer.worklist.handover_pdf import handover_pdf
from issuer.worklist.team_sheet import take_sheet, write_sheet
from keys.certificates import Role as KeyRole
from keys.certificates import issue
from keys.file_signer import FileSigner
from keys.new_key import new_key
from specs.cose import Algorithm
from tests.pki import NOW as PKI_NOW
from tests.pki import make_pki, profile
from tests.worklist_world import AWAY, HOME, NOW, World, command

MARKS = "Nguyen Thi Vi Du"
NO_NUMBER = "Phạm Quốc Thử"


@pytest.fixture
def world(world_on_both: World) -> World:
    """Every rule holds on either kind of register."""
    return world_on_both


def refused(code: Code) -> "pytest.RaisesExc[IssuerError]":
    return pytest.raises(IssuerError, check=lambda error: error.code is code)


def settle(world: World, name: str = MARKS) -> str:
    token = world.token(name)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)
    return token


# team sheets


def sheet_of(world: World, login: str = "tram") -> Path:
    path = world.folder / f"{login}.xlsx"
    path.write_bytes(write_sheet(world.engine, world.officer(login), Filters(), now=NOW))
    return path


def fill(path: Path, name: str, **typed: object) -> Path:
    book = load_workbook(path)
    sheet = book.active
    places = {cell.value: cell.column for cell in sheet[1]}
    row = next(row for row in sheet.iter_rows(min_row=2) if row[1].value == name)
    for heading, value in typed.items():
        sheet.cell(row[0].row, places[f"SỬA {heading.replace('_', ' ')}"], value)
    filled = path.with_name(f"filled-{len(typed)}-{path.name}")
    book.save(filled)
    return filled


def test_sheet_holds_the_communes_own_records_and_nothing_of_the_register(world: World) -> None:
    with zipfile.ZipFile(sheet_of(world)) as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    assert "Phạm Quốc Thử" in text
    assert "Do Thi Xa" not in text, "another commune"
    assert "001095000044" not in text, "the number stands only in the register"
    assert world.audit()[-1][1] == "worklist.sheet.out"


def test_returned_sheet_becomes_proposals_and_never_more(world: World) -> None:
    filled = fill(sheet_of(world), NO_NUMBER, số_giấy_tờ="001095000044")
    taken = take_sheet(world.engine, world.officer("tram"), filled, "thon-1.xlsx", now=NOW)
    assert taken.rows == 9
    assert taken.fates == {"unchanged": 8, "proposed": 1}
    token = world.token(NO_NUMBER)
    assert world.state(token) == "proposed"
    assert world.link_of(token)[0] == "no_id"
    waiting = world.view("congan", token).waiting
    assert waiting is not None
    assert waiting.source == "sheet"
    assert approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW) == "matched"


def test_same_sheet_again_changes_nothing(world: World) -> None:
    filled = fill(sheet_of(world), NO_NUMBER, số_giấy_tờ="001095000044")
    take_sheet(world.engine, world.officer("tram"), filled, "a.xlsx", now=NOW)
    before = world.audit()
    again = take_sheet(world.engine, world.officer("tram"), filled, "b.xlsx", now=NOW)
    assert again.already
    assert world.audit() == before


def test_sheet_of_another_commune_reaches_nobody(world: World) -> None:
    filled = fill(sheet_of(world), NO_NUMBER, số_giấy_tờ="001095000044")
    taken = take_sheet(world.engine, world.officer("tram.xa"), filled, "a.xlsx", now=NOW)
    assert taken.fates == {"unchanged": 8, "unknown": 1}
    assert world.state(world.token(NO_NUMBER)) == "open"


def test_correction_that_cannot_be_read_is_told_with_its_row(world: World) -> None:
    filled = fill(sheet_of(world), NO_NUMBER, số_giấy_tờ="12345")
    taken = take_sheet(world.engine, world.officer("tram"), filled, "a.xlsx", now=NOW)
    assert taken.fates["invalid"] == 1
    assert [field for _, field in taken.faults] == ["id_number"]


def test_date_and_number_that_a_spreadsheet_program_retyped_are_read(world: World) -> None:
    from datetime import date

    filled = fill(sheet_of(world), "Trần Văn Mẫu", ngày_sinh=date(1985, 3, 7), số_giấy_tờ=123456789)
    taken = take_sheet(world.engine, world.officer("tram"), filled, "a.xlsx", now=NOW)
    assert taken.fates["proposed"] == 1
    waiting = world.view("tram", world.token("Trần Văn Mẫu")).waiting
    assert waiting is not None
    assert '"1985-03-07"' in waiting.changes
    assert '"123456789"' in waiting.changes


@pytest.mark.parametrize("login", ["congan", "huyen", "bo"])
def test_only_a_station_brings_sheets_in(world: World, login: str) -> None:
    with refused(Code.WORK_NOT_ALLOWED):
        take_sheet(world.engine, world.officer(login), sheet_of(world), "a.xlsx", now=NOW)


@pytest.mark.parametrize("what", ["no heading", "not a spreadsheet", "macros", "empty"])
def test_sheet_that_is_none_is_refused_and_leaves_nothing(world: World, what: str) -> None:
    path = world.folder / "odd.xlsx"
    if what == "not a spreadsheet":
        path.write_bytes(b"MZ\x90\x00 this is a program")
    elif what == "empty":
        path.write_bytes(b"")
    else:
        book = Workbook()
        book.active.append(["Mã hồ sơ", "Ghi chú"])
        book.save(path)
        if what == "macros":
            with zipfile.ZipFile(path, "a") as parts:
                parts.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    before = world.audit()
    with pytest.raises(IssuerError):
        take_sheet(world.engine, world.officer("tram"), path, "odd.xlsx", now=NOW)
    assert world.audit() == before


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(1)", "'x", "\t=1", "\r=1"])
def test_no_cell_leaves_as_a_formula(world: World, text: str) -> None:
    assert harmless(text)[0] in "' "
    assert harmless("Nguyễn Văn An") == "Nguyễn Văn An"
    with writing(world.engine) as connection:
        connection.execute(dose.update().where(dose.c.full_name == MARKS).values(address=text, phone=text))
    book = load_workbook(sheet_of(world))
    for row in book.active.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert str(cell.value or "")[:1] not in tuple("=+-@\t\r")


# signed lists


def police_signer(commune: str) -> FileSigner:
    pki = make_pki()
    key = new_key(Algorithm.ES256)
    what = profile(
        KeyRole.FACILITY_HEAD, key, f"Police {commune}", days=730, use_days=180, facility=police_code(commune)
    )
    return FileSigner(key, issue(what, pki.facility_authority.issuer))


def test_list_is_frozen_signed_and_holds(world: World) -> None:
    settle(world)
    token = make(world.engine, world.officer("congan"), now=NOW)
    assert [fault for _, fault in check(world.engine)] == ["unsigned"]
    signed = sign(world.engine, token, police_signer(HOME), now=PKI_NOW, actor="tests")
    assert [fault for _, fault in check(world.engine)] == [""]
    assert signed.certificate is not None
    assert signed.signature is not None
    assert hashlib.sha256(signed.content).hexdigest() == signed.sha256
    assert signed.sha256 in statement(signed).decode()
    rows = list(csv.DictReader(io.StringIO(signed.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["ho_ten"] == "Nguyễn Thị Ví Dụ", "the person as the register has them"
    assert (rows[0]["nguoi_de_nghi"], rows[0]["nguoi_xac_nhan"]) == ("tram", "congan")
    assert world.audit()[-1][1] == "handover.sign"


def test_every_correction_stands_on_one_list_only(world: World) -> None:
    settle(world)
    make(world.engine, world.officer("congan"), now=NOW)
    with refused(Code.HANDOVER_NOTHING):
        make(world.engine, world.officer("congan"), now=NOW)
    settle(world, "Trần Văn Mẫu")
    make(world.engine, world.officer("congan2"), now=NOW)
    with reading(world.engine) as connection:
        assert connection.scalars(sa.select(handover.c.row_count)).all() == [1, 1]


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        ({"content": b"another list"}, "the list is not the one whose hash was kept"),
        ({"sha256": "0" * 64}, "the list is not the one whose hash was kept"),
        ({"made_at": "2022-05-05T00:00:00.000000Z"}, "the signature does not hold"),
        ({"commune_code": AWAY}, "the certificate is not that of the commune's police"),
        ({"row_count": 2}, "1 corrections cite it, it has 2 rows"),
        ({"signature": b"\0" * 64}, "the signature does not hold"),
    ],
)
def test_every_change_to_a_signed_list_is_found(world: World, lie: dict[str, object], fault: str) -> None:
    settle(world)
    token = make(world.engine, world.officer("congan"), now=NOW)
    sign(world.engine, token, police_signer(HOME), now=PKI_NOW, actor="tests")
    with writing(world.engine) as connection:
        connection.execute(handover.update().values(**lie))
    assert [told for _, told in check(world.engine)] == [fault]


def test_only_the_communes_own_police_key_signs_and_only_once(world: World) -> None:
    settle(world)
    token = make(world.engine, world.officer("congan"), now=NOW)
    with refused(Code.WORK_NOT_ALLOWED):
        sign(world.engine, token, police_signer(AWAY), now=PKI_NOW, actor="tests")
    with refused(Code.WORK_NOT_ALLOWED):
        sign(world.engine, token, make_pki().head.signer, now=PKI_NOW, actor="tests")
    sign(world.engine, token, police_signer(HOME), now=PKI_NOW, actor="tests")
    with refused(Code.WORK_STATE):
        sign(world.engine, token, police_signer(HOME), now=PKI_NOW, actor="tests")


@pytest.mark.parametrize("login", ["tram", "huyen", "bo"])
def test_only_the_police_make_a_list(world: World, login: str) -> None:
    settle(world)
    with refused(Code.WORK_NOT_ALLOWED):
        make(world.engine, world.officer(login), now=NOW)


def test_list_is_read_in_its_own_area_only_and_the_log_says_so(world: World) -> None:
    settle(world)
    token = make(world.engine, world.officer("congan"), now=NOW)
    for login in ("tram.xa", "congan.xa", "huyen.khac"):
        with refused(Code.WORK_NOT_FOUND):
            read(world.engine, world.officer(login), token, now=NOW)
    read(world.engine, world.officer("huyen"), token, now=NOW)
    assert world.audit()[-1][:2] == ("district:huyen", "handover.read")


def test_list_as_pdf_says_what_was_signed(world: World, poppler: None) -> None:
    settle(world)
    token = make(world.engine, world.officer("congan"), now=NOW)
    signed = sign(world.engine, token, police_signer(HOME), now=PKI_NOW, actor="tests")
    pdf = handover_pdf(signed, "Xã Nhà")
    path = world.folder / "list.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    text = " ".join(text.split())
    assert "Nguyễn Thị Ví Dụ" in text
    assert signed.sha256 in text
    assert handover_pdf(signed, "Xã Nhà") == pdf, "the same bytes again"


def test_undone_correction_stays_on_the_list_that_was_signed(world: World) -> None:
    token = settle(world)
    reference = make(world.engine, world.officer("congan"), now=NOW)
    undo(world.engine, world.officer("congan"), token, "typing", world.seal("congan", token), now=NOW)
    with reading(world.engine) as connection:
        found = handover_of(connection, Scope(""), reference)
    assert found is not None
    assert found.row_count == 1
    assert [fault for _, fault in check(world.engine)] == ["unsigned"]


# re-checks


def test_superior_draws_a_sample_looks_and_says_what_was_found(world: World) -> None:
    settle(world)
    settle(world, "Trần Văn Mẫu")
    officer = world.officer("huyen")
    assert rechecks.draw_sample(world.engine, officer, 1, now=NOW) == 1
    assert rechecks.draw_sample(world.engine, officer, 20, now=NOW) == 1, "nobody draws a record twice"
    with reading(world.engine) as connection:
        token = connection.scalars(sa.select(recheck.c.token)).first()
    assert token is not None
    _, view = rechecks.look(world.engine, officer, token, now=NOW)
    assert view.chosen is not None
    assert world.audit()[-1][:2] == ("district:huyen", "recheck.show")
    rechecks.record_finding(world.engine, officer, token, "wrong", "khác người", now=NOW)
    with refused(Code.WORK_STATE):
        rechecks.record_finding(world.engine, officer, token, "right", "", now=NOW)
    with reading(world.engine) as connection:
        row = connection.execute(sa.select(recheck).where(recheck.c.token == token)).one()
    assert (row.result, row.note, row.checked_by) == ("wrong", "khác người", officer.account_id)
    assert row.checked_at is not None


@pytest.mark.parametrize("login", ["tram", "congan"])
def test_nobody_checks_their_own_commune(world: World, login: str) -> None:
    settle(world)
    with refused(Code.WORK_NOT_ALLOWED):
        rechecks.draw_sample(world.engine, world.officer(login), 5, now=NOW)


def test_sample_is_of_the_superiors_own_subtree(world: World) -> None:
    settle(world)
    assert rechecks.draw_sample(world.engine, world.officer("huyen.khac"), 5, now=NOW) == 0
    assert rechecks.draw_sample(world.engine, world.officer("tinh"), 5, now=NOW) == 1
    with reading(world.engine) as connection:
        token = connection.scalars(sa.select(recheck.c.token)).one()
    with refused(Code.WORK_NOT_FOUND):
        rechecks.look(world.engine, world.officer("huyen.khac"), token, now=NOW)


# numbers


def test_figures_of_every_level_count_the_same_records(world: World) -> None:
    settle(world)
    lines = {level: report(world.engine, level, now=NOW) for level in ("facility", "commune", "district", "nation")}
    (nation,) = lines["nation"]
    correct = nation.figures[Metric.CORRECT]
    assert (correct.numerator, correct.denominator) == (2, 12)
    verified = nation.figures[Metric.VERIFIED]
    assert (verified.numerator, verified.denominator) == (1, 11)
    for metric in (Metric.COMPLETE, Metric.CLEAN, Metric.SIGNED, Metric.VERIFIED, Metric.LIVE):
        for level in ("facility", "commune", "district"):
            assert sum(line.figures[metric].numerator for line in lines[level]) == nation.figures[metric].numerator
            assert sum(line.figures[metric].denominator for line in lines[level]) == nation.figures[metric].denominator
    assert nation.waiting == 10
    assert nation.waiting_hours == 3.0


def test_report_inside_an_area_leaves_the_rest_out(world: World) -> None:
    assert [line.code for line in report(world.engine, "commune", now=NOW, area=HOME)] == [HOME]
    assert [line.code for line in report(world.engine, "commune", now=NOW, area="008")] == [HOME, AWAY]
    (line,) = report(world.engine, "commune", now=NOW, area=AWAY)
    assert line.figures[Metric.CORRECT].denominator == 2


def test_reported_figures_give_the_rates_that_need_paper(world: World) -> None:
    path = world.folder / "figures.csv"
    path.write_text(
        "ma_co_so,loai,gia_tri,ngay\n0025601,doses_given,16,2022-05-31\n0025601,reports_received,4,2022-05-31\n"
        "0025601,reports_resolved,3,2022-05-31\n",
        encoding="utf-8",
    )
    assert load_figures(world.engine, path, now=NOW, actor="tests") == 3
    assert load_figures(world.engine, path, now=NOW, actor="tests") == 3, "the last figure of a kind stands"
    (nation,) = report(world.engine, "nation", now=NOW)
    entered, reports = nation.figures[Metric.ENTERED], nation.figures[Metric.REPORTS]
    assert (entered.numerator, entered.denominator) == (10, 16), "only where the given doses are known"
    assert (reports.numerator, reports.denominator) == (3, 4)


@pytest.mark.parametrize(
    "row", ["x,doses_given,-1,2022-05-31", "x,other,1,2022-05-31", "x,doses_given,1,31/05/2022", "x"]
)
def test_wrong_figure_is_refused_with_its_row(world: World, row: str) -> None:
    path = world.folder / "figures.csv"
    path.write_text(f"ma_co_so,loai,gia_tri,ngay\n{row}\n", encoding="utf-8")
    with refused(Code.FIGURE_ROW) as caught:
        load_figures(world.engine, path, now=NOW, actor="tests")
    assert caught.value.where.row == 2


def test_every_metric_has_its_words() -> None:
    from issuer.worklist.words import TEXTS

    assert set(_WORDS) == set(Metric)
    for metric in Metric:
        assert f"metric.{metric}" in TEXTS
        assert f"metric.{metric}.note" in TEXTS


def test_rejected_and_open_corrections_stand_on_no_list(world: World) -> None:
    token = world.token(MARKS)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    with refused(Code.HANDOVER_NOTHING):
        make(world.engine, world.officer("congan"), now=NOW)
    with reading(world.engine) as connection:
        assert connection.scalars(sa.select(correction.c.handover_id)).all() == [None]


def test_lists_are_told_and_checked_from_the_command_line(world: World) -> None:
    settle(world)
    token = make(world.engine, world.officer("congan"), now=NOW)
    url = world.engine.url.render_as_string(hide_password=False)
    assert f"{token} commune {HOME} 1 rows: unsigned" in command(url, "handover", "check")
    sign(world.engine, token, police_signer(HOME), now=PKI_NOW, actor="tests")
    assert "rows: holds, signed 2026" in command(url, "handover", "list")
    with writing(world.engine) as connection:
        connection.execute(handover.update().values(content=b"another list"))
    with pytest.raises(AssertionError, match="HANDOVER_BROKEN"):
        command(url, "handover", "check")


def test_report_from_the_command_line_gives_every_figure_of_a_level(world: World) -> None:
    url = world.engine.url.render_as_string(hide_password=False)
    rows = list(csv.DictReader(io.StringIO(command(url, "report", "--level", "commune", "--csv"))))
    assert {row["code"] for row in rows} == {HOME, AWAY}
    assert {row["metric"] for row in rows} == set(Metric)
    assert "đúng: persons verified / sent" in command(url, "report")


def test_report_spends_one_line_on_a_place_without_records_and_says_when_there_is_none(world: World) -> None:
    url = world.engine.url.render_as_string(hide_password=False)
    with writing(world.engine) as connection:
        connection.execute(area.insert().values(code="99", name="Tỉnh Vắng", level="province", province_code="99"))
    lines = command(url, "report", "--level", "province").splitlines()
    assert lines[-1] == "province 99 Tỉnh Vắng: nothing so far"
    nowhere = command(url, "report", "--level", "commune", "--area", "98")
    assert nowhere == "no commune of the lists of areas and facilities lies in 98\n"
