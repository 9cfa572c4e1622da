"""The make-believe country is what it says: repeatable, well formed, with the truth beside it."""

import csv
import datetime as dt
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from issuer.simulate.country import Simulated, simulate
from issuer.simulate.defects import BY_NAME, DEFECTS, Field, Part
from issuer.simulate.doses import PRODUCT_KEYS
from issuer.simulate.legacy_text import to_legacy
from issuer.simulate.places import RUNS
from issuer.simulate.settings import Settings
from specs.names import lossless_key
from specs.national_id import PROVINCES
from specs.products import product_named, products
from tests.country import make_commune, make_country

Row = dict[str, str]


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def commune(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return make_commune(tmp_path_factory.mktemp("simulated") / "commune")


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    settings = Settings(
        people=12_000,
        rows=30_000,
        seed=7,
        delta_days=3,
        people_per_commune=1_500,
        communes_per_block=2,
        xlsx_rows=4_000,
    )
    return simulate(settings, tmp_path_factory.mktemp("simulated") / "country")


def test_same_seed_same_bytes(commune: Simulated, tmp_path: Path) -> None:
    assert digest(make_commune(tmp_path / "again").folder) == digest(commune.folder)


def test_same_seed_same_bytes_across_files_and_deltas(tmp_path: Path) -> None:
    first, second = make_country(tmp_path / "a"), make_country(tmp_path / "b")
    assert digest(first.folder) == digest(second.folder)
    assert first.delta_rows > 0


def test_another_seed_other_people(commune: Simulated, tmp_path: Path) -> None:
    other = make_commune(tmp_path / "other", seed=2)
    ours = {row["so_dinh_danh"] for row in table(commune.people_csv)}
    assert not ours & {row["so_dinh_danh"] for row in table(other.people_csv)}


def test_existing_folder_refused_and_nothing_left_behind(tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.mkdir()
    with pytest.raises(FileExistsError):
        make_commune(target)
    assert list(tmp_path.iterdir()) == [target]
    assert not list(target.iterdir())


def test_a_run_that_dies_leaves_no_folder(tmp_path: Path) -> None:
    def stop(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(Settings(people=60, rows=100), tmp_path / "country", stop)
    assert not list(tmp_path.iterdir())


def test_sizes_are_what_was_asked_for(commune: Simulated, country: Simulated) -> None:
    assert len(table(commune.people_csv)) == 500
    assert len(table(country.people_csv)) == 12_000
    truth = table(country.truth_csv)
    assert len(truth) == 30_000 + country.test_rows
    assert len(commune.dose_files) == 1
    assert commune.dose_files[0].suffix == ".xlsx"
    assert {path.suffix for path in country.dose_files} == {".csv", ".xlsx"}


def test_one_person_and_no_dose(tmp_path: Path) -> None:
    made = simulate(Settings(people=1, rows=0), tmp_path / "one")
    assert len(table(made.people_csv)) == 1
    assert not table(made.truth_csv)


@pytest.mark.parametrize(
    "wrong",
    [{"people": 0}, {"rows": -1}, {"seed": -1}, {"delta_share": 2}, {"one_file": True, "people": 100_000}],
)
def test_impossible_settings_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"people|block"):
        Settings(**wrong)  # type: ignore[arg-type]


# The register


def test_numbers_well_formed_and_nobody_shares_one(country: Simulated) -> None:
    people = table(country.people_csv)
    numbers = [row["so_dinh_danh"] for row in people]
    assert all(re.fullmatch(r"\d{12}", number) and number[:3] in PROVINCES for number in numbers)
    cancelled = [old for row in people for old in row["so_giay_to_cu"].split(";") if len(old) == 12]
    assert cancelled
    assert len({*numbers, *cancelled}) == len(numbers) + len(cancelled)


def test_numbers_mostly_agree_with_sex_and_birth_year(country: Simulated) -> None:
    people = table(country.people_csv)
    agreeing = 0
    for row in people:
        digit, year = int(row["so_dinh_danh"][3]), int(row["ngay_sinh"][:4])
        agreeing += (digit % 2 == 0) == (row["gioi_tinh"] == "Nam") and (
            1900 + digit // 2 * 100 + int(row["so_dinh_danh"][4:6]) == year
        )
    assert 0.99 < agreeing / len(people) < 1


def test_extract_columns_and_values(country: Simulated) -> None:
    people = table(country.people_csv)
    assert list(people[0]) == [
        "so_dinh_danh", "ho_ten", "ngay_sinh", "gioi_tinh", "so_giay_to_cu", "ma_xa", "quoc_tich", "ngay_mat"
    ]  # fmt: skip
    for row in people:
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", row["ngay_sinh"])
        assert row["gioi_tinh"] in ("Nam", "Nữ")
        assert re.fullmatch(r"(\d{9}|\d{12})?(;\d{12})?", row["so_giay_to_cu"])
        assert re.fullmatch(r"\d{5}", row["ma_xa"])
        assert not row["ngay_mat"] or row["ngay_mat"] >= row["ngay_sinh"]
    assert {len(row["ngay_sinh"]) for row in people} == {4, 7, 10}
    assert any(row["ngay_mat"] for row in people)


def test_old_numbers_that_two_people_share_exist_and_are_rare(tmp_path: Path) -> None:
    made = simulate(Settings(people=20_000, rows=0), tmp_path / "country")
    holders = Counter(old for row in table(made.people_csv) for old in row["so_giay_to_cu"].split(";") if len(old) == 9)
    shared = [count for count in holders.values() if count > 1]
    assert shared
    assert set(shared) == {2}
    assert len(shared) < 0.002 * len(holders)


def namesakes(people: list[Row]) -> int:
    same = Counter((row["ho_ten"], row["ngay_sinh"], row["gioi_tinh"]) for row in people if len(row["ngay_sinh"]) == 10)
    return sum(count * (count - 1) // 2 for count in same.values())


def test_namesakes_with_one_birth_date(commune: Simulated, country: Simulated) -> None:
    assert namesakes(table(commune.people_csv)) >= 1
    # 2,900 pairs among 1.2 million people: 29 among 12,000
    assert 12 <= namesakes(table(country.people_csv)) <= 60


def test_unregistered_namesake_of_a_registered_person_has_doses(tmp_path: Path) -> None:
    made = simulate(Settings(people=30_000, rows=72_000, seed=3), tmp_path / "country")
    assert made.classes["not_in_register"] > 0.0015 * 72_000


def test_family_names_at_published_frequencies(country: Simulated) -> None:
    people = table(country.people_csv)
    first = Counter(row["ho_ten"].split()[0] for row in people)
    for name, low, high in (("Nguyễn", 24, 33), ("Trần", 8, 13), ("Lê", 6, 10), ("Phạm", 4, 7)):
        assert low < 100 * first[name] / len(people) < high, name


def test_words_per_name_of_the_young(country: Simulated) -> None:
    young = [row for row in table(country.people_csv) if row["ngay_sinh"] >= "2000"]
    words = {sex: Counter(len(r["ho_ten"].split()) for r in young if r["gioi_tinh"] == sex) for sex in ("Nam", "Nữ")}
    assert 0.62 < words["Nam"][3] / words["Nam"].total() < 0.80
    assert 0.54 < words["Nữ"][4] / words["Nữ"].total() < 0.72


def test_names_of_minorities(country: Simulated) -> None:
    names = [row["ho_ten"] for row in table(country.people_csv)]
    assert any("'" in name for name in names)  # H'Hen Niê
    assert any(name.startswith("Y ") for name in names)  # the clan comes last
    assert any(" " not in name for name in names)  # one word
    assert any(re.search("[fjwzFJWZ]", name) for name in names)


def test_households_share_family_names_and_twins_exist(country: Simulated) -> None:
    people = table(country.people_csv)
    twins = [
        (one, other)
        for one, other in pairwise(people)
        if one["ngay_sinh"] == other["ngay_sinh"] and len(one["ngay_sinh"]) == 10 and one["ma_xa"] == other["ma_xa"]
    ]
    assert twins


# The dose lists and the truth


def test_every_class_of_error_is_there(country: Simulated) -> None:
    assert set(country.classes) >= {defect.name for defect in DEFECTS if defect.share >= 0.05}


def test_shares_of_the_classes(country: Simulated) -> None:
    truth = [row for row in table(country.truth_csv) if row["error_classes"] != "test_row"]
    first = Counter(row["error_classes"].split(";")[0] for row in truth)
    for defect in DEFECTS:
        if defect.share >= 0.25 and defect.field is not Field.FILE and defect.part is not Part.BESIDE:
            share = 100 * first[defect.name] / len(truth)
            assert share == pytest.approx(defect.share, rel=0.3), defect.name


def test_tables_are_whole() -> None:
    assert len(BY_NAME) == len(DEFECTS)
    assert RUNS.keys() == PROVINCES.keys()
    assert set(PRODUCT_KEYS) <= products().keys()


def test_the_table_of_classes_sums_to_the_national_mix() -> None:
    sums: dict[Part, float] = defaultdict(float)
    for defect in DEFECTS:
        sums[defect.part] += defect.share
    assert sums[Part.NO_ID] == pytest.approx(4.6)
    assert sums[Part.MISMATCH] == pytest.approx(24.8)


def test_exact_comparison_would_leave_three_times_the_floor(country: Simulated) -> None:
    truth = [
        row for row in table(country.truth_csv) if not {"test_row", "foreigner"} & {*row["error_classes"].split(";")}
    ]
    floor = sum(row["conclusive"] == "no" for row in truth)
    raw = sum(row["raw_equal"] == "no" for row in truth)
    assert 0.07 < floor / len(truth) < 0.11
    assert raw > 3 * floor


def test_whole_files_in_legacy_fonts(tmp_path: Path) -> None:
    settings = Settings(people=30_000, rows=60_000, people_per_commune=3_000, communes_per_block=2, xlsx_rows=0)
    made = simulate(settings, tmp_path / "country")
    for font in ("tcvn3", "vni"):
        share = 100 * made.classes[f"file_{font}"] / made.rows
        assert share == pytest.approx(BY_NAME[f"file_{font}"].share, rel=0.1)
    by_file: dict[str, set[bool]] = defaultdict(set)
    for row in table(made.truth_csv):
        if row["error_classes"] != "test_row":
            by_file[row["file"]].add("file_" in row["error_classes"])
    assert all(len(kinds) == 1 for kinds in by_file.values())


@pytest.mark.parametrize(
    ("text", "tcvn3", "vni"),
    [
        ("Nguyễn Văn Ánh", "NguyÔn V¨n ¸nh", "Nguyeãn Vaên AÙnh"),
        ("Đặng Thị Thủy", "§Æng ThÞ Thñy", "Ñaëng Thò Thuûy"),
        ("Trần Quý", "TrÇn Quý", "Traàn Quyù"),
        ("Lò Thị Ơn", "Lß ThÞ ¥n", "Loø Thò Ôn"),
    ],
)
def test_legacy_fonts_as_published(text: str, tcvn3: str, vni: str) -> None:
    assert to_legacy(text, "tcvn3") == tcvn3
    assert to_legacy(text, "vni") == vni


def lines_of(path: Path) -> list[list[object]]:
    """The file's lines as a spreadsheet program shows them: row 1 first, blank lines included."""
    if path.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
    lines = text.split("\r\n")[:-1]
    delimiter = max(",;\t", key=lambda sign: sum(line.count(sign) for line in lines[:20]))
    return [[*next(csv.reader([line], delimiter=delimiter))] if line else [] for line in lines]


def test_truth_names_rows_that_exist_and_no_other_line(country: Simulated) -> None:
    by_file: dict[str, list[Row]] = defaultdict(list)
    for row in table(country.truth_csv):
        by_file[row["file"]].append(row)
    assert set(by_file) == {path.name for path in country.dose_files}
    for path in country.dose_files:
        lines = lines_of(path)
        told = [int(row["row"]) for row in by_file[path.name]]
        assert told == sorted(set(told)), path.name
        assert 1 <= told[0] <= told[-1] <= len(lines)
        # the other lines are titles, headers, blanks, totals: none of them has a dose's many cells and a number
        full = [at for at, line in enumerate(lines, 1) if sum(cell not in ("", None) for cell in line) >= 6]
        headers = {tuple(map(str, line)) for at, line in enumerate(lines, 1) if at in full and at not in told}
        assert len(headers) <= 1, path.name
        assert set(told) <= set(full), path.name


def test_conclusive_rows_of_clean_cells_hold_the_registers_own_facts(commune: Simulated) -> None:
    people = {row["so_dinh_danh"]: row for row in table(commune.people_csv)}
    lines = lines_of(commune.dose_files[0])
    header = next(line for line in lines if sum(cell != "" for cell in line) > 8)
    folded = [str(cell).replace("\n", " ").strip(" .(*)").lower() for cell in header]
    name_at = next(at for at, text in enumerate(folded) if text in ("họ và tên", "họ tên", "tên"))
    id_at = next(
        at for at, text in enumerate(folded) if "cccd" in text or text in ("cmnd", "cmt", "số giấy tờ", "số định danh")
    )
    seen = 0
    for row in table(commune.truth_csv):
        line = lines[int(row["row"]) - 1]
        classes = {*row["error_classes"].split(";")} - {""}
        person = people.get(row["so_dinh_danh"])
        if row["conclusive"] == "yes":
            assert person is not None
            assert lossless_key(str(line[name_at])) == lossless_key(person["ho_ten"])
        if not classes:
            assert person is not None
            assert line[name_at] == person["ho_ten"]
            assert line[id_at] == person["so_dinh_danh"]
            seen += 1
        if classes & {
            "name_no_marks",
            "name_letters",
            "name_word_missing",
            "name_other_mark",
            "name_i_y",
            "name_word_order",
        }:
            assert person is not None
            assert lossless_key(str(line[name_at])) != lossless_key(person["ho_ten"])
            assert row["conclusive"] == "no"
    assert seen > 700


def test_conclusive_is_what_the_classes_say(country: Simulated) -> None:
    for row in table(country.truth_csv):
        classes = [BY_NAME[name] for name in row["error_classes"].split(";") if name]
        if row["conclusive"] == "yes":
            assert all(one.lossless for one in classes)
            assert row["so_dinh_danh"]
        elif classes and all(one.lossless for one in classes):
            # an old number that two people hold
            assert any(one.name == "id_old_number" for one in classes)
        if any(one.name in ("not_in_register", "foreigner", "test_row") for one in classes):
            assert not row["so_dinh_danh"]


def test_people_of_the_truth_are_in_the_register_and_alive_where_conclusive(country: Simulated) -> None:
    people = {row["so_dinh_danh"]: row for row in table(country.people_csv)}
    dead = 0
    for row in table(country.truth_csv):
        assert not row["so_dinh_danh"] or row["so_dinh_danh"] in people
        if row["error_classes"].startswith("dead_person"):
            assert people[row["so_dinh_danh"]]["ngay_mat"]
            assert row["conclusive"] == "no"
            dead += 1
    assert dead


def test_duplicates_name_a_dose_of_the_same_person(country: Simulated) -> None:
    truth = table(country.truth_csv)
    by_place = {f"{row['file']}:{row['sheet']}:{row['row']}": row for row in truth}
    copies = [row for row in truth if row["duplicate_of"]]
    assert len(copies) == pytest.approx(0.02 * len(truth), rel=0.05)
    for row in copies:
        original = by_place[row["duplicate_of"]]
        assert original["so_dinh_danh"] == row["so_dinh_danh"]
        assert not original["duplicate_of"]
        same = row["file"] == original["file"]
        assert same == ("duplicate_same_file" in row["error_classes"])


def test_no_two_true_doses_of_one_person_on_one_day(commune: Simulated) -> None:
    lines = lines_of(commune.dose_files[0])
    header = [str(cell).lower() for cell in next(line for line in lines if sum(cell != "" for cell in line) > 8)]
    day_at = next(at for at, text in enumerate(header) if "tiêm" in text and ("ngày" in text or "thời gian" in text))
    seen: set[tuple[str, object]] = set()
    for row in table(commune.truth_csv):
        if row["so_dinh_danh"] and not row["duplicate_of"]:
            key = (row["so_dinh_danh"], str(lines[int(row["row"]) - 1][day_at]))
            assert key not in seen
            seen.add(key)


def test_products_are_known_by_the_names_used(commune: Simulated) -> None:
    lines = lines_of(commune.dose_files[0])
    header = next(line for line in lines if sum(cell != "" for cell in line) > 8)
    folded = [re.sub(r"\W", "", str(cell)).lower() for cell in header]
    at = next(
        at for at, text in enumerate(folded) if text in ("tênvắcxin", "vacxin", "vắcxin", "vaccine", "loạivắcxin")
    )
    for row in table(commune.truth_csv):
        assert product_named(str(lines[int(row["row"]) - 1][at])) is not None


# The deltas


def test_deltas_change_known_people_and_only_once(country: Simulated) -> None:
    people = {row["so_dinh_danh"]: row for row in table(country.people_csv)}
    assert [path.name for path in country.delta_files] == ["2022-11-02.csv", "2022-11-03.csv", "2022-11-04.csv"]
    rows = [row for path in country.delta_files for row in table(path)]
    assert len(rows) == country.delta_rows
    assert {row["operation"] for row in rows} == {"birth", "death", "move", "correct", "reissue"}
    changed = [row["so_dinh_danh_truoc"] for row in rows if row["operation"] != "birth"]
    assert len(set(changed)) == len(changed)
    assert set(changed) <= set(people)
    for row in rows:
        before = people.get(row["so_dinh_danh_truoc"])
        if row["operation"] == "reissue":
            assert before is not None
            assert row["so_dinh_danh"] not in people
            assert row["so_giay_to_cu"].split(";")[-1] == row["so_dinh_danh_truoc"]
        elif row["operation"] == "birth":
            assert before is None
            assert row["so_dinh_danh"] not in people
        else:
            assert row["so_dinh_danh"] == row["so_dinh_danh_truoc"]
        assert dt.date(2022, 11, 2).isoformat() <= (row["ngay_mat"] or "2022-11-02") or row["operation"] != "death"


def test_truth_after_the_deltas(country: Simulated) -> None:
    new = {
        row["so_dinh_danh_truoc"]: row["so_dinh_danh"]
        for path in country.delta_files
        for row in table(path)
        if row["operation"] == "reissue"
    }
    truth = table(country.truth_csv)
    assert any(row["so_dinh_danh"] in new for row in truth)
    for row in truth:
        assert row["so_dinh_danh_after"] == new.get(row["so_dinh_danh"], row["so_dinh_danh"])
    repaired = [row for row in truth if row["conclusive"] != row["conclusive_after"]]
    assert repaired
    assert all(row["error_classes"].startswith("register_fault") for row in repaired)


def test_corrections_bring_the_name_or_date_that_the_sheet_has(country: Simulated) -> None:
    people = {row["so_dinh_danh"]: row for row in table(country.people_csv)}
    faulty = {
        row["so_dinh_danh"] for row in table(country.truth_csv) if row["error_classes"].startswith("register_fault")
    }
    corrected = {
        row["so_dinh_danh"]: row for path in country.delta_files for row in table(path) if row["operation"] == "correct"
    }
    assert faulty <= set(corrected)
    for number in faulty:
        before, after = people[number], corrected[number]
        assert (before["ho_ten"], before["ngay_sinh"]) != (after["ho_ten"], after["ngay_sinh"])


# Size


def sizes(folder: Path) -> Iterator[int]:
    yield from (path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory of a process is read from /proc")
def test_memory_does_not_grow_with_the_country(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys\nfrom pathlib import Path\nfrom issuer.simulate.country import simulate\n"
        "from issuer.simulate.settings import Settings\n"
        "simulate(Settings(people=int(sys.argv[1]), rows=int(sys.argv[1]) * 2, people_per_commune=1000, xlsx_rows=0),"
        " Path(sys.argv[2]))\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )

    def peak(people: int) -> int:
        command = [sys.executable, "-c", script, str(people), str(tmp_path / str(people))]
        root = Path(__file__).parents[2]
        return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout)

    small, large = peak(6_000), peak(60_000)
    assert sum(sizes(tmp_path / "60000")) > 8 * sum(sizes(tmp_path / "6000"))
    assert large < small + 16_384  # KiB
