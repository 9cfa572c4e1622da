"""The table of linking, through intake, cleaning and linking as a facility's list goes."""

import pytest
import sqlalchemy as sa

from issuer.link.model import Evidence, LinkClass
from issuer.link.run import link_doses
from issuer.link.words import class_words, explain
from issuer.simulate.legacy_text import to_legacy
from issuer.store.engine import open_database
from issuer.store.outcome_store import RowOutcome
from tests.dose_lists import HEADER, NOW, all_outcomes, cleaned, csv_text, load, row, table, take
from tests.link_cases import AUTO, CASES, DOSE_DAY, LOSSLESS, LOSSY, NOBODY, PROPOSED, Case, people_of

_EXTRACT_HEADER = "so_dinh_danh,ho_ten,ngay_sinh,gioi_tinh,so_giay_to_cu,ma_xa,quoc_tich,ngay_mat"


def _typed(case: Case, at: int) -> list[object]:
    person = next(iter(people_of(at, case)))
    parts = person.born.split("-")
    cells = {"name": person.name, "born": "/".join(reversed(parts)), "sex": person.sex, "number": person.number}
    cells |= {"nationality": "", "day": "/".join(reversed(DOSE_DAY.split("-")))} | dict(case.typed)
    digit = str((int(person.number[9]) + 1) % 10)
    cells["number"] = (
        cells["number"]
        .replace("{number-1}", person.number.lstrip("0"))
        .replace("{number^}", person.number[:9] + digit + person.number[10:])
        .replace("{number}", person.number)
    )
    return [
        *row(
            Họ_và_tên=cells["name"],
            Ngày_sinh=cells["born"],
            Giới_tính=cells["sex"],
            Số_CCCD=cells["number"],
            Ngày_tiêm=cells["day"],
            Tên_vắc_xin="Comirnaty",
        ),
        cells["nationality"],
    ]


@pytest.fixture(scope="module")
def linked(
    migrated_sqlite: object, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[int, RowOutcome], dict[str, str]]:
    """Outcomes by row, and the evidence of each dose, of all cases in one register and one list."""
    folder = tmp_path_factory.mktemp("cases")
    engine = open_database(f"sqlite:///{folder / 'register.sqlite'}")
    lines = [_EXTRACT_HEADER]
    for at, case in enumerate(CASES):
        lines += [
            f"{one.number},{one.name},{one.born},{one.sex},{one.old},00001,Việt Nam,{one.died}"
            for one in people_of(at, case)
        ]
    load(engine, folder, "\n".join(lines) + "\n")
    rows = [_typed(case, at) for at, case in enumerate(CASES)]
    path = folder / "cases.csv"
    path.write_text(csv_text([*HEADER, "Quốc tịch"], *rows), encoding="utf-8")
    take(engine, path)
    cleaned(engine)
    link_doses(engine, now=NOW, actor="test")
    found = {one.row: one for one in all_outcomes(engine)}
    evidence = {str(one["dose_id"]): str(one["evidence"]) for one in table(engine, "link")}
    engine.dispose()
    return found, evidence


@pytest.mark.parametrize(("at", "case"), list(enumerate(CASES)), ids=[case.name for case in CASES])
def test_case(linked: tuple[dict[int, RowOutcome], dict[str, str]], at: int, case: Case) -> None:
    outcome = linked[0][at + 2]
    person = next(iter(people_of(at, case)))
    assert outcome.fate == "stored", outcome.problems
    if case.expected == AUTO:
        assert (outcome.link_class, outcome.national_id) == ("matched", person.number), case.why
        assert outcome.proposals == ()
    elif case.expected == PROPOSED:
        assert (outcome.link_class, outcome.national_id) == (case.link_class, ""), case.why
        assert outcome.proposals[:1] == (person.number,), case.why
    else:
        assert (outcome.link_class, outcome.national_id, outcome.proposals) == (case.link_class, "", ()), case.why


def test_the_table_is_as_large_as_it_should_be() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 110
    assert len(LOSSLESS) >= 50
    assert len(LOSSY) >= 50
    assert {case.expected for case in CASES} == {AUTO, PROPOSED, NOBODY}


def test_evidence_of_every_case_can_be_read(linked: tuple[dict[int, RowOutcome], dict[str, str]]) -> None:
    texts = set(filter(None, linked[1].values()))
    for text in texts:
        evidence = Evidence.parse(text)
        assert str(evidence) == text
        assert explain(evidence, "vi") != explain(evidence, "en")
    assert any("tone_placement" in text for text in texts)


def test_evidence_in_words(linked: tuple[dict[int, RowOutcome], dict[str, str]]) -> None:
    at = next(at for at, case in enumerate(CASES) if case.name == "tone on the other vowel")
    evidence = Evidence.parse(linked[1][str(linked[0][at + 2].row_id)])
    assert explain(evidence, "en") == "number found; name differs in tone placement; birth date equal"
    assert explain(evidence, "vi") == "tìm thấy số; họ tên khác vị trí dấu thanh; ngày sinh trùng"
    assert {class_words(one, "vi") for one in LinkClass}.isdisjoint(class_words(one, "en") for one in LinkClass)


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_a_file_in_an_old_font_links_whole(
    sqlite_register: sa.Engine, font: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = ["Trần Văn Bình", "Lê Thị Hòa", "Nguyễn Thị Thúy", "Đặng Quốc Khánh", "Phạm Hữu Đức", "Võ Thị Ánh Tuyết"]
    folder = tmp_path_factory.mktemp(font)
    people = [(f"0790850010{at:02}", name, f"1985-04-{13 + at}") for at, name in enumerate(names)]
    extract = [f"{number},{name},{born},Nữ,,00001,Việt Nam," for number, name, born in people]
    load(sqlite_register, folder, "\n".join([_EXTRACT_HEADER, *extract]) + "\n")
    rows = [
        row(Họ_và_tên=name, Số_CCCD=number, Ngày_sinh="/".join(reversed(born.split("-"))))
        for number, name, born in people
    ]
    (folder / "list.csv").write_text(to_legacy(csv_text(HEADER, *rows), font), encoding="utf-8")
    take(sqlite_register, folder / "list.csv")
    cleaned(sqlite_register)
    link_doses(sqlite_register, now=NOW, actor="test")
    assert [one.national_id for one in all_outcomes(sqlite_register) if one.fate == "stored"] == [
        number for number, _, _ in people
    ]
