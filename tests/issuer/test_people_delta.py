"""A day's changes: what each operation does, what does not fit, the history of numbers, and what is re-checked."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.errors import Code, IssuerError
from issuer.link.run import link_doses, recheck_changed
from issuer.people.delta import DELTA_COLUMNS, DeltaLoaded, Operation, day_of, is_delta, load_delta
from issuer.people.load import load_people
from issuer.store.engine import open_database
from tests.conftest import ROOT
from tests.country import make_country
from tests.dose_lists import EXTRACT, HEADER, NOW, all_outcomes, cleaned, csv_text, load, row, table, take

HEAD = ",".join(DELTA_COLUMNS)
DAY = date(2022, 6, 2)
STATE = ("person", "person_identifier", "source_file", "audit_entry")
VI_DU = "001190000017,Nguyễn Thị Ví Dụ,1990-04-15,Nữ,012345678,00001,Việt Nam,"
HEN = "066050000021,H'Hen Niê,1950,Nam,,24133,Việt Nam,"
NEWBORN = "birth,001322000019,Lê Văn Mới,2022-06-01,Nam,,00001,Việt Nam,,"
REISSUED = "reissue,001191000018,Nguyễn Thị Ví Dụ,1991-04-15,Nữ,012345678;001190000017,00001,Việt Nam,,001190000017"


def _apply(register: sa.Engine, folder: Path, *lines: str, day: date = DAY, name: str = "") -> DeltaLoaded:
    path = folder / (name or f"{day}.csv")
    path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return load_delta(register, path, day=day, now=NOW, actor="test")


def _person(register: sa.Engine, number: str) -> dict[str, object]:
    (found,) = [one for one in table(register, "person") if one["national_id"] == number]
    return found


def _history(register: sa.Engine) -> dict[str, tuple[str, str, str, str]]:
    return {
        one["value"]: (one["kind"], one["status"], one["valid_from"], one["valid_to"])
        for one in table(register, "person_identifier")
    }


class TestOperations:
    @pytest.fixture(autouse=True)
    def _loaded(self, register: sa.Engine, tmp_path: Path) -> None:
        load(register, tmp_path)

    def test_birth(self, register: sa.Engine, tmp_path: Path) -> None:
        assert _apply(register, tmp_path, NEWBORN) == DeltaLoaded(1, {Operation.BIRTH: 1}, 0, 0)
        assert _person(register, "001322000019")["name_fold"] == "le van moi"
        assert _history(register)["001322000019"] == ("cccd", "current", "2022-06-02", "")

    def test_death(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, f"death,{HEN}2022-06-01,066050000021")
        assert _person(register, "066050000021")["death_date"] == "2022-06-01"

    def test_move(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, f"move,{HEN.replace('24133', '00004')},066050000021")
        assert _person(register, "066050000021")["commune_code"] == "00004"

    def test_correction_of_a_name_and_an_old_number_found(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, "correct,066050000021,H'Hen Niê Kdăm,1950,Nữ,240000001,24133,Việt Nam,,066050000021")
        person = _person(register, "066050000021")
        assert (person["full_name"], person["sex"]) == ("H'Hen Niê Kdăm", "F")
        assert _history(register)["240000001"] == ("cmnd9", "old", "", "")

    def test_an_old_number_listed_by_mistake_is_withdrawn(self, register: sa.Engine, tmp_path: Path) -> None:
        without = f"correct,{VI_DU.replace('012345678', '')},001190000017"
        assert _apply(register, tmp_path, without).changed == {Operation.CORRECT: 1}
        assert _history(register)["012345678"] == ("cmnd9", "withdrawn", "", "2022-06-02")
        with_it = f"correct,{VI_DU},001190000017"
        assert _apply(register, tmp_path, with_it, day=date(2022, 6, 3)).changed == {Operation.CORRECT: 1}
        assert _history(register)["012345678"] == ("cmnd9", "old", "", "")

    def test_a_file_that_tells_no_old_numbers_withdraws_none(self, register: sa.Engine, tmp_path: Path) -> None:
        lines = ["operation,so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh,so_dinh_danh_truoc"]
        lines.append("correct,001190000017,Nguyễn Thị Ví Dụ,1990-04-16,Nữ,001190000017")
        (tmp_path / f"{DAY}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        load_delta(register, tmp_path / f"{DAY}.csv", day=DAY, now=NOW, actor="test")
        short = "so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh\n001190000017,Nguyễn Thị Ví Dụ,1990-04-15,Nữ\n"
        load(register, tmp_path, short, name="short.csv")
        assert _history(register)["012345678"][1] == "old"

    def test_a_new_number(self, register: sa.Engine, tmp_path: Path) -> None:
        before = _person(register, "001190000017")["person_id"]
        _apply(register, tmp_path, REISSUED)
        assert _person(register, "001191000018")["person_id"] == before
        assert _history(register) == {
            "001191000018": ("cccd", "current", "2022-06-02", ""),
            "001190000017": ("cccd", "cancelled", "", "2022-06-02"),
            "012345678": ("cmnd9", "old", "", ""),
            "066050000021": ("cccd", "current", "", ""),
        }

    def test_a_new_number_whose_row_forgets_the_one_before(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, REISSUED.replace("012345678;001190000017", ""))
        assert _history(register)["001190000017"] == ("cccd", "cancelled", "", "2022-06-02")

    def test_two_numbers_in_two_days(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, REISSUED)
        again = "reissue,001192000011,Nguyễn Thị Ví Dụ,1992-04-15,Nữ,,00001,Việt Nam,,001191000018"
        _apply(register, tmp_path, again, day=date(2022, 6, 3))
        history = _history(register)
        assert history["001191000018"] == ("cccd", "cancelled", "2022-06-02", "2022-06-03")
        assert history["001190000017"] == ("cccd", "cancelled", "", "2022-06-02")

    def test_two_changes_of_one_person_in_one_file_go_in_order(self, register: sa.Engine, tmp_path: Path) -> None:
        moved = f"move,{HEN.replace('24133', '00004')},066050000021"
        died = f"death,{HEN.replace('24133', '00004')}2022-06-02,066050000021"
        assert _apply(register, tmp_path, moved, died, NEWBORN).read == 3
        person = _person(register, "066050000021")
        assert (person["commune_code"], person["death_date"]) == ("00004", "2022-06-02")

    def test_a_row_that_says_what_is_known_changes_nothing(self, register: sa.Engine, tmp_path: Path) -> None:
        before = table(register, "person")
        assert _apply(register, tmp_path, f"move,{HEN},066050000021") == DeltaLoaded(1, {}, 1, 0)
        assert table(register, "person") == before

    def test_the_same_file_again(self, register: sa.Engine, tmp_path: Path) -> None:
        lines = (NEWBORN, REISSUED, f"death,{HEN}2022-06-01,066050000021")
        _apply(register, tmp_path, *lines)
        before = [table(register, name) for name in STATE]
        assert _apply(register, tmp_path, *lines, name="renamed.csv") == DeltaLoaded(3, {}, 0, 3)
        assert [table(register, name) for name in STATE] == before

    def test_the_same_changes_in_another_file(self, register: sa.Engine, tmp_path: Path) -> None:
        lines = (NEWBORN, REISSUED, f"death,{HEN}2022-06-01,066050000021")
        _apply(register, tmp_path, *lines)
        before = [table(register, name) for name in STATE[:2]]
        assert _apply(register, tmp_path, *lines[::-1], name="again.csv") == DeltaLoaded(3, {}, 3, 0)
        assert [table(register, name) for name in STATE[:2]] == before

    @pytest.mark.parametrize(
        ("line", "code", "column"),
        [
            (f"adopt,{VI_DU},001190000017", Code.PERSON_ROW, "operation"),
            (f",{VI_DU},001190000017", Code.PERSON_ROW, "operation"),
            (f"move,{VI_DU.replace('Nữ', 'x')},001190000017", Code.PERSON_ROW, "gioi_tinh"),
            (f"move,{VI_DU},", Code.PERSON_ROW, "so_dinh_danh_truoc"),
            (f"move,{VI_DU},066050000021", Code.PERSON_ROW, "so_dinh_danh"),
            (f"reissue,{VI_DU},001190000017", Code.PERSON_ROW, "so_dinh_danh"),
            (NEWBORN + "001190000017", Code.PERSON_ROW, "so_dinh_danh_truoc"),
            (f"death,{VI_DU},001190000017", Code.PERSON_ROW, "ngay_mat"),
            (f"move,{VI_DU.replace('000017', '000099')},001190000099", Code.DELTA_ROW, "so_dinh_danh_truoc"),
            (REISSUED.replace(",001190000017", ",001190000099"), Code.DELTA_ROW, "so_dinh_danh_truoc"),
            (f"birth,{VI_DU.replace('Ví Dụ', 'Khác')},", Code.DELTA_ROW, "so_dinh_danh"),
            (REISSUED.replace("001191000018", "066050000021"), Code.DELTA_ROW, "so_dinh_danh"),
        ],
        ids=[
            "no such operation", "no operation", "a fault of the person", "nobody before", "two numbers, no re-issue",
            "a re-issue of the same number", "born with a number before", "dead without a day", "nobody known",
            "a re-issue for nobody known", "born with a number in use", "a number in use given again",
        ],
    )  # fmt: skip
    def test_what_does_not_fit_refuses_the_file(
        self, register: sa.Engine, tmp_path: Path, line: str, code: Code, column: str
    ) -> None:
        before = [table(register, name) for name in STATE]
        with pytest.raises(IssuerError) as refused:
            _apply(register, tmp_path, NEWBORN, line)
        where = refused.value.where
        assert (refused.value.code, where.file, where.row, where.column) == (code, "2022-06-02.csv", 3, column)
        assert not any(text in str(refused.value) for text in ("Ví Dụ", "001190000017", "Mới"))
        assert [table(register, name) for name in STATE] == before

    def test_a_cancelled_number_never_comes_back(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, REISSUED)
        back = (
            REISSUED.replace("001191000018", "X").replace("001190000017", "001191000018").replace("X", "001190000017")
        )
        for line in (back, NEWBORN.replace("001322000019", "001190000017")):
            with pytest.raises(IssuerError) as refused:
                _apply(register, tmp_path, line, day=date(2022, 6, 3))
            assert refused.value.code is Code.DELTA_ROW

    def test_an_extract_from_before_the_days_is_refused(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, REISSUED)
        before = [table(register, name) for name in STATE]
        with pytest.raises(IssuerError, match="an older extract") as refused:
            load(register, tmp_path, EXTRACT + NEWBORN.split(",", 1)[1].removesuffix(","), name="older.csv")
        assert (refused.value.code, refused.value.where.row) == (Code.DELTA_ROW, 2)
        load(register, tmp_path)  # the very file that was loaded before is no news
        assert [table(register, name) for name in STATE] == before

    def test_a_number_listed_by_mistake_stops_no_birth(self, register: sa.Engine, tmp_path: Path) -> None:
        mistaken = "correct,066050000021,H'Hen Niê,1950,Nam,001322000019,24133,Việt Nam,,066050000021"
        _apply(register, tmp_path, mistaken)
        _apply(register, tmp_path, NEWBORN, day=date(2022, 6, 3))
        assert _person(register, "001322000019")["full_name"] == "Lê Văn Mới"

    def test_days_go_in_order(self, register: sa.Engine, tmp_path: Path) -> None:
        _apply(register, tmp_path, NEWBORN, day=date(2022, 6, 3))
        late = f"death,{HEN}2022-06-01,066050000021"
        with pytest.raises(IssuerError) as refused:
            _apply(register, tmp_path, late)
        assert refused.value.code is Code.DELTA_ORDER
        assert _apply(register, tmp_path, late, day=date(2022, 6, 3), name="second.csv").changed == {Operation.DEATH: 1}

    def test_an_empty_file(self, register: sa.Engine, tmp_path: Path) -> None:
        with pytest.raises(IssuerError) as refused:
            _apply(register, tmp_path)
        assert refused.value.code is Code.FILE_EMPTY


def _linked(register: sa.Engine) -> list[tuple[str, str, tuple[str, ...]]]:
    stored = (one for one in all_outcomes(register) if one.fate == "stored")
    return [(one.link_class, one.national_id, one.proposals) for one in stored]


class TestRecheck:
    """Exactly the doses that a change touches are linked again."""

    @pytest.fixture(autouse=True)
    def _loaded(self, register: sa.Engine, tmp_path: Path) -> None:
        load(register, tmp_path)
        doses = [
            row(),
            row(Số_CCCD="066050000021", Họ_và_tên="H'Hen Niê", Giới_tính="Nam", Ngày_sinh="1950"),
            row(Số_CCCD="001322000019", Họ_và_tên="Lê Văn Mới", Giới_tính="Nam", Ngày_sinh="01/06/2022"),
        ]
        (tmp_path / "doses.csv").write_text(csv_text(HEADER, *doses), encoding="utf-8")
        take(register, tmp_path / "doses.csv")
        cleaned(register)
        link_doses(register, now=NOW, actor="test")

    def _after(self, register: sa.Engine, folder: Path, *lines: str) -> int:
        _apply(register, folder, *lines)
        return recheck_changed(register, now=NOW, actor="test").looked_at

    def test_as_it_begins(self, register: sa.Engine) -> None:
        assert [one[:2] for one in _linked(register)] == [
            ("matched", "001190000017"),
            ("matched", "066050000021"),
            ("unknown_id", ""),
        ]
        assert recheck_changed(register, now=NOW, actor="test").looked_at == 0

    def test_a_number_issued_anew_links_the_old_one(self, register: sa.Engine, tmp_path: Path) -> None:
        assert self._after(register, tmp_path, REISSUED.replace("1991-04-15", "1990-04-15")) == 1
        assert _linked(register)[0][:2] == ("matched", "001191000018")

    def test_a_corrected_birth_date_unlinks(self, register: sa.Engine, tmp_path: Path) -> None:
        assert self._after(register, tmp_path, REISSUED) == 1
        assert _linked(register)[0] == ("mismatched", "", ("001191000018",))

    def test_a_death_before_the_dose_unlinks(self, register: sa.Engine, tmp_path: Path) -> None:
        assert self._after(register, tmp_path, f"death,{HEN}2021-01-01,066050000021") == 1
        assert _linked(register)[1][:2] == ("mismatched", "")

    def test_somebody_new_is_found(self, register: sa.Engine, tmp_path: Path) -> None:
        assert self._after(register, tmp_path, NEWBORN) == 1
        assert _linked(register)[2][:2] == ("mismatched", "")  # born after the day of the dose
        assert _linked(register)[2][2] == ("001322000019",)

    def test_who_has_no_dose_touches_none(self, register: sa.Engine, tmp_path: Path) -> None:
        born = "birth,079322000011,Phan Thị Xa,2022-05-31,Nữ,,26734,Việt Nam,,"
        assert self._after(register, tmp_path, born) == 0

    @pytest.mark.parametrize("by", ["delta", "extract"])
    def test_an_old_number_withdrawn_links_nobody_and_stands_in_nobodys_way(
        self, register: sa.Engine, tmp_path: Path, by: str
    ) -> None:
        both = EXTRACT.replace("Nam,,24133", "Nam,012345678,24133")
        load(register, tmp_path, both, name="both.csv")
        (tmp_path / "more.csv").write_text(
            csv_text(HEADER, row(Số_CCCD="012345678", Ngày_tiêm="20/10/2021")), encoding="utf-8"
        )
        take(register, tmp_path / "more.csv")
        cleaned(register)
        link_doses(register, now=NOW, actor="test")
        assert _linked(register)[3] == ("mismatched", "", ("001190000017",))
        if by == "delta":
            _apply(register, tmp_path, f"correct,{HEN},066050000021")
        else:
            load(register, tmp_path, EXTRACT + "\n", name="corrected.csv")  # the same rows, another file
        recheck_changed(register, now=NOW, actor="test")
        assert _linked(register)[3][:2] == ("matched", "001190000017")
        _apply(register, tmp_path, f"correct,{VI_DU.replace('012345678', '')},001190000017", day=date(2022, 6, 9))
        recheck_changed(register, now=NOW, actor="test")
        assert _linked(register)[3] == ("unknown_id", "", ("001190000017",))

    def test_what_waits_for_linking_goes_on_waiting(self, register: sa.Engine, tmp_path: Path) -> None:
        hen = row(
            Số_CCCD="066050000021", Họ_và_tên="H'Hen Niê", Giới_tính="Nam", Ngày_sinh="1950", Ngày_tiêm="20/09/2021"
        )
        (tmp_path / "more.csv").write_text(csv_text(HEADER, hen), encoding="utf-8")
        take(register, tmp_path / "more.csv")
        cleaned(register)
        assert self._after(register, tmp_path, REISSUED) == 1
        assert len(table(register, "link")) == 3
        link_doses(register, now=NOW, actor="test")
        assert len(table(register, "link")) == 4

    def test_an_extract_touches_as_a_delta_does(self, register: sa.Engine, tmp_path: Path) -> None:
        load(register, tmp_path, EXTRACT.replace("1990-04-15", "1990-04-16"), name="later.csv")
        assert recheck_changed(register, now=NOW, actor="test").looked_at == 1
        assert _linked(register)[0][:2] == ("mismatched", "")


def test_a_simulated_country_after_its_days(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The register is what the days made it."""
    country = make_country(tmp_path / "country", people=2_000, rows=100, delta_days=3)
    database = ["--database", sqlite_url]
    assert main([*database, "people", "load", str(country.people_csv)]) == 0
    assert main([*database, "people", "delta", *map(str, country.delta_files)]) == 0
    assert "doses re-checked: 0" in capsys.readouterr().out
    engine = open_database(sqlite_url)
    try:
        after = {one["national_id"]: one for one in table(engine, "person")}
        for path in country.delta_files:
            for line in path.read_text(encoding="utf-8").splitlines()[1:]:
                operation, number, name, born, _, _, commune, _, died, before = line.split(",")
                person = after[number]
                assert (person["full_name"], person["birth_date"], person["death_date"]) == (name, born, died)
                assert person["commune_code"] == commune
                assert operation != "reissue" or before not in after
        current = {one["value"] for one in table(engine, "person_identifier") if one["status"] == "current"}
        assert current == set(after)
    finally:
        engine.dispose()


@pytest.mark.parametrize("moment", [5, 15])
def test_killed_in_the_middle_nothing_is_stored(sqlite_url: str, tmp_path: Path, moment: int) -> None:
    engine = open_database(sqlite_url)
    load_people_of(engine, tmp_path)
    before = [table(engine, name) for name in STATE]
    engine.dispose()
    (tmp_path / "2022-06-02.csv").write_text(f"{HEAD}\n{NEWBORN}\n{REISSUED}\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.killed_delta", sqlite_url, str(tmp_path / "2022-06-02.csv")]
    done = subprocess.run([*command, str(moment)], cwd=ROOT, check=False, timeout=120, env={**os.environ})
    assert done.returncode == -signal.SIGKILL
    engine = open_database(sqlite_url)
    try:
        assert [table(engine, name) for name in STATE] == before
        assert subprocess.run([*command, "0"], cwd=ROOT, check=False, timeout=120).returncode == 0
        assert len(table(engine, "person")) == 3
        assert _history(engine)["001190000017"] == ("cccd", "cancelled", "", "2022-06-02")
    finally:
        engine.dispose()


def load_people_of(engine: sa.Engine, folder: Path) -> None:
    """The extract of two people."""
    (folder / "people.csv").write_text(EXTRACT, encoding="utf-8")
    load_people(engine, folder / "people.csv", now=NOW, actor="test")


class TestCommand:
    def test_the_day_is_in_the_name_or_given(
        self, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "people.csv").write_text(EXTRACT, encoding="utf-8")
        (tmp_path / "changes.csv").write_text(f"{HEAD}\n{NEWBORN}\n", encoding="utf-8")
        people = ["--database", sqlite_url, "people"]
        assert main([*people, "load", str(tmp_path / "people.csv")]) == 0
        assert main([*people, "delta", str(tmp_path / "changes.csv")]) == 1
        assert capsys.readouterr().err.startswith("DELTA_DAY: ")
        assert main([*people, "load", str(tmp_path / "changes.csv"), "--day", "2022-06-02"]) == 0
        assert "changes of 2022-06-02: 1" in capsys.readouterr().out

    def test_a_run_that_stopped_before_the_re_check_makes_up_for_it(
        self, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        engine = open_database(sqlite_url)
        load_people_of(engine, tmp_path)
        (tmp_path / "doses.csv").write_text(csv_text(HEADER, row()), encoding="utf-8")
        take(engine, tmp_path / "doses.csv")
        cleaned(engine)
        link_doses(engine, now=NOW, actor="test")
        _apply(engine, tmp_path, REISSUED.replace("1991-04-15", "1990-04-15"))  # and here it stopped
        assert _linked(engine)[0][1] == "001191000018", "the same person, by whichever number"
        engine.dispose()
        command = ["--database", sqlite_url, "people", "delta", str(tmp_path / f"{DAY}.csv")]
        for looked_at in (1, 0):
            assert main(command) == 0
            out = capsys.readouterr().out
            assert "1 loaded before" in out
            assert f"doses re-checked: {looked_at}" in out

    def test_an_extract_is_no_delta(self, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "people.csv").write_text(EXTRACT, encoding="utf-8")
        assert main(["--database", sqlite_url, "people", "delta", str(tmp_path / "people.csv")]) == 1
        assert capsys.readouterr().err.startswith("COLUMN_MISSING: ")

    def test_what_a_file_is(self, tmp_path: Path) -> None:
        (tmp_path / "2022-06-02.csv").write_text(HEAD, encoding="utf-8")
        (tmp_path / "people.csv").write_text(EXTRACT, encoding="utf-8")
        assert (is_delta(tmp_path / "2022-06-02.csv"), is_delta(tmp_path / "people.csv")) == (True, False)
        assert (day_of(tmp_path / "2022-06-02.csv"), day_of(tmp_path / "people.csv")) == (date(2022, 6, 2), None)
