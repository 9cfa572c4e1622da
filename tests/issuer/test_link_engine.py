"""Set-based linking says what the rule says pair by pair; nobody who fits as well is overlooked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuer.link.compare import compare, compare_births, compare_names, edits, life_on
from issuer.link.duckdb_engine import DuckDbEngine
from issuer.link.levels_sql import BIRTH, LIFE, NAME, SEX
from issuer.link.model import Basis, Birth, DoseFacts, Evidence, LinkClass, LinkResult, Name, PersonFacts
from issuer.link.weights import FIELDS, SILENT, shipped_weights
from specs.names import fold, lossless_key, merged_key
from tests.link_facts import decided_by_hand, dose, linked_by, person

WEIGHTS = shipped_weights()


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbEngine]:
    with DuckDbEngine(tmp_path_factory.mktemp("duck"), threads=1, memory="256MB") as engine:
        yield engine


_NAMES = st.sampled_from(
    ["Lê Văn Hùng", "Lê Văn Hưng", "Le Van Hung", "Lê Hùng Văn", "Lê Văn", "Lê Văn Hùngg", "Lê Quý", "Lê Quí"]
)
_DATES = st.sampled_from(
    ["1985-04-05", "1985-05-04", "1985", "1985-04", "1985-01-01", "1986-04-05", "1985-04-06", "1985-04-19"]
)
_NUMBERS = st.sampled_from(["079085000001", "079085000002", "079085000012", "201234567", "201234568"])
_CURRENT = ["079085000001", "079085000002", "079085000012", "079085999999"]
_DEATHS = st.sampled_from(["", "", "", "2021-08-14", "2021-08", "2021-08-15", "2021", "2022-01-01"])


@st.composite
def _people(draw: st.DrawFn) -> list[PersonFacts]:
    numbers = draw(st.lists(st.sampled_from(_CURRENT), min_size=1, max_size=4, unique=True))
    return [
        person(
            at,
            draw(_NAMES),
            draw(_DATES),
            draw(st.sampled_from("MF")),
            number,
            tuple(draw(st.lists(_NUMBERS, max_size=2, unique=True))),
            draw(_DEATHS),
        )
        for at, number in enumerate(numbers, 1)
    ]


@st.composite
def _dose(draw: st.DrawFn, dose_id: int = 1) -> DoseFacts:
    return dose(
        dose_id,
        draw(_NAMES),
        draw(st.one_of(_DATES, st.just(""))),
        draw(st.sampled_from(["M", "F", ""])),
        draw(st.one_of(_NUMBERS, st.just(""), st.just("07908500001"))),
        on=draw(st.sampled_from(["2021-08-15", "2021-08-15", "2021-08", "1984-01-01", ""])),
        other_born=draw(st.sampled_from(["", "", "1985-05-04"])),
        start=draw(st.sampled_from(["", "", "079085"])),
    )


def _linked(
    engine: DuckDbEngine, folder: Path, doses: Sequence[DoseFacts], people: Sequence[PersonFacts]
) -> list[LinkResult]:
    return linked_by(engine, folder, doses, people, WEIGHTS)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=_people(), doses=st.lists(_dose(), min_size=1, max_size=6))
def test_the_engine_decides_as_the_rule_does(
    duck: DuckDbEngine, tmp_path: Path, people: list[PersonFacts], doses: list[DoseFacts]
) -> None:
    doses = [replace(one, dose_id=at) for at, one in enumerate(doses)]
    for mine in _linked(duck, tmp_path, doses, people):
        one = doses[mine.dose_id]
        theirs = decided_by_hand(one, people, WEIGHTS)
        assert mine.person_id == theirs.person_id
        # blocks may spare it people who fit less, so it may propose fewer, or who is second best by a whisker
        everybody = {each.person_id: WEIGHTS.total(compare(one, each)) for each in people}
        if mine.proposals:
            assert (
                mine.proposals[0].weight == everybody[mine.proposals[0].person_id] >= max(everybody.values()) - _WHISKER
            )
        if theirs.proposals and _near(one, people, theirs.proposals[0].person_id):
            assert theirs.proposals[0].person_id == mine.proposals[0].person_id
        if theirs.link_class is LinkClass.AMBIGUOUS and _near(one, people, *everybody):
            assert mine.link_class is LinkClass.AMBIGUOUS
        if theirs.link_class not in (LinkClass.MATCHED, LinkClass.AMBIGUOUS):
            assert mine.link_class is theirs.link_class


_WHISKER = 500


def _near(one: DoseFacts, people: Sequence[PersonFacts], *person_ids: int) -> bool:
    """Whether these people share the dose's number, or its folded name and birth date."""
    return all(
        one.id_number in (each.national_id, *each.old_numbers)
        or (one.name_fold == each.name_fold and one.birth_date == each.birth_date)
        for each in people
        if each.person_id in person_ids
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=_people(), one=_dose(), copied=st.integers(0, 3))
def test_somebody_else_who_fits_as_well_ends_every_certainty(
    duck: DuckDbEngine, tmp_path: Path, people: list[PersonFacts], one: DoseFacts, copied: int
) -> None:
    """Add a second person with the very same facts and numbers: no link, and neither of the two proposed."""
    twin_of = people[copied % len(people)]
    twin = replace(
        twin_of, person_id=99, national_id="031085777777", old_numbers=(twin_of.national_id, *twin_of.old_numbers)
    )
    before = _linked(duck, tmp_path, [one], people)[0]
    after = _linked(duck, tmp_path, [one], [*people, twin])[0]
    if before.person_id == twin_of.person_id:
        assert after.person_id is None
        assert {twin_of.person_id, 99}.isdisjoint(each.person_id for each in after.proposals)
    assert after.person_id in (None, before.person_id)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=_people(), one=_dose(), copied=st.integers(0, 3))
def test_namesakes_of_one_day_are_never_proposed_without_a_number(
    duck: DuckDbEngine, tmp_path: Path, people: list[PersonFacts], one: DoseFacts, copied: int
) -> None:
    one = replace(one, id_number="", id_kind="none", number_start="")
    twin_of = people[copied % len(people)]
    twin = replace(twin_of, person_id=99, national_id="031085777777", old_numbers=())
    after = _linked(duck, tmp_path, [one], [*people, twin])[0]
    assert after.person_id is None
    assert {twin_of.person_id, 99}.isdisjoint(each.person_id for each in after.proposals)


def test_order_of_loading_and_threads_change_nothing(duck: DuckDbEngine, tmp_path: Path) -> None:
    people = [person(at, f"Lê Văn {chr(65 + at % 20)}", f"1985-04-{1 + at % 28:02}") for at in range(1, 200)]
    doses = [
        dose(at, f"Lê Văn {chr(65 + at % 21)}", f"1985-04-{1 + at % 27:02}", number=f"079085{at % 150:06}")
        for at in range(1, 300)
    ]
    first = _linked(duck, tmp_path, doses, people)
    with DuckDbEngine(tmp_path, threads=4, memory="256MB") as engine:
        assert linked_by(engine, tmp_path, doses[::-1], people[::-1], WEIGHTS) == first


def test_more_than_one_chunk_of_doses_comes_back_whole(duck: DuckDbEngine, tmp_path: Path) -> None:
    """A result read in parts beside another one: what was lost once."""
    people = [person(at, "Lê Văn Hùng", f"1985-04-{1 + at % 28:02}") for at in range(1, 2_000)]
    doses = [
        dose(at, "Lê Văn Hùng", f"1985-04-{1 + at % 2_000 % 28:02}", number=f"079085{at % 2_000:06}")
        for at in range(1, 60_001)
    ]
    found = _linked(duck, tmp_path, doses, people)
    assert [one.dose_id for one in found] == list(range(1, 60_001))
    assert {one.link_class for one in found} == {LinkClass.MATCHED, LinkClass.DUPLICATE, LinkClass.UNKNOWN_ID}


_WORDS = st.lists(
    st.sampled_from(["lê", "ly", "lý", "quý", "quí", "y", "mây", "thủy", "hùng", "h'y", "mĩ"]), max_size=5
)


@given(one=_WORDS, other=_WORDS, letters=st.text("nghyi ", max_size=3))
def test_names_compare_in_sql_as_in_python(duck: DuckDbEngine, one: list[str], other: list[str], letters: str) -> None:
    typed, known = " ".join([*one, letters]).strip(), " ".join(other) or "lê"
    key, folded, other_key, other_fold = lossless_key(typed), fold(typed), lossless_key(known), fold(known)
    row = f"(SELECT {_text(key)} AS name_key, {_text(folded)} AS name_fold)"
    other_row = f"(SELECT {_text(other_key)} AS name_key, {_text(other_fold)} AS name_fold)"
    found = next(duck.rows(f"SELECT {NAME}, merge_i_y(d.name_key) FROM {row} d, {other_row} p"))[0]
    assert Name(found[0]) is compare_names(key, folded, other_key, other_fold)
    assert found[1] == merged_key(key)


@given(pair=st.tuples(_dose(), _people()))
def test_dates_sex_and_life_compare_in_sql_as_in_python(
    duck: DuckDbEngine, pair: tuple[DoseFacts, list[PersonFacts]]
) -> None:
    one, each = pair[0], pair[1][0]
    dose_row = ", ".join(
        f"{_text(getattr(one, name))} AS {name}" for name in ("birth_date", "birth_date_other", "sex", "vaccinated_on")
    )
    person_row = ", ".join(f"{_text(getattr(each, name))} AS {name}" for name in ("birth_date", "sex", "death_date"))
    select = f"SELECT {BIRTH}, {SEX}, {LIFE} FROM (SELECT {dose_row}) d, (SELECT {person_row}) p"
    found = compare(one, each)
    assert next(duck.rows(select))[0] == (found.birth, found.sex, found.life)


@pytest.mark.parametrize(
    ("typed", "known", "birth"),
    [
        ("1985-03-18", "1985-03-19", Birth.ONE_DIGIT),
        ("1985-03-18", "1986-03-18", Birth.ONE_DIGIT),
        ("1985-03-18", "1985-08-18", Birth.ONE_DIGIT),
        ("1985-03-18", "1985-03-21", Birth.TWO_PARTS),  # two digits
        ("1985-03-18", "1985-12-18", Birth.TWO_PARTS),
        ("1985-03-12", "1985-03-21", Birth.TWO_PARTS),  # exchanged
        ("1985-03-18", "1985-04-19", Birth.SAME_YEAR),  # a digit in each of two parts
        ("1985-03", "1985-04", Birth.SAME_YEAR),
        ("1985", "1986", Birth.DIFFERENT),
    ],
)
def test_one_digit_of_a_whole_date(typed: str, known: str, birth: Birth) -> None:
    assert compare_births(typed, "", known) is birth
    assert compare_births(known, "", typed) is birth


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("day", "born", "died", "life"),
    [
        ("2021-08-15", "1985-04-15", "", "ALIVE"),
        ("2021-08-15", "2021-08-15", "", "ALIVE"),
        ("2021-08-15", "2021-08-16", "", "NOT_BORN"),
        ("2021-08-15", "2022", "", "NOT_BORN"),
        ("2021-08", "2021-08-20", "", "ALIVE"),
        ("2021-08-15", "1985", "2021-08-15", "ALIVE"),
        ("2021-08-16", "1985", "2021-08-15", "DEAD"),
        ("2021-08-15", "1985", "2021-09", "ALIVE"),
        ("2021-08-15", "1985", "2021-08", "UNCLEAR"),
        ("2021-08-15", "1985", "2021", "UNCLEAR"),
        ("2021-08-15", "1985", "2020", "DEAD"),
        ("2021-08", "1985", "2021-08-10", "UNCLEAR"),
        ("2021-08", "1985", "2021-08", "UNCLEAR"),
        ("", "1985", "2022-01-01", "UNCLEAR"),
        ("", "1985", "", "ALIVE"),
    ],
)
def test_alive_on_the_day(day: str, born: str, died: str, life: str) -> None:
    assert life_on(day, born, died).name == life


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_is_a_distance(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))


def test_every_level_has_a_weight_and_nearer_weighs_more() -> None:
    for field, kind in FIELDS.items():
        for level in kind:
            assert (WEIGHTS.of(field, level) == 0) == (level.name in SILENT) or field == "life"
    assert WEIGHTS.of("number", FIELDS["number"]["CURRENT"]) == max(
        WEIGHTS.of("number", level) for level in FIELDS["number"]
    )
    assert WEIGHTS.of("name", Name.EQUAL) == max(WEIGHTS.of("name", level) for level in Name)


@pytest.mark.parametrize("text", ["", "number=current", "nonsense", "number=x name=y birth=z sex=a life=b"])
def test_what_is_no_evidence_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="evidence"):
        Evidence.parse(text)


def test_a_dose_without_its_day_links_only_to_the_living(duck: DuckDbEngine, tmp_path: Path) -> None:
    people = [person(1, "Lê Văn Hùng", number="079085000001"), person(2, "Lê Văn Sơn", "1985-04-16", died="2023-01-01")]
    doses = [
        dose(1, "Lê Văn Hùng", number="079085000001", on=""),
        dose(2, "Lê Văn Sơn", "1985-04-16", number="079085000002", on=""),
    ]
    first, second = _linked(duck, tmp_path, doses, people)
    assert (first.person_id, first.basis) == (1, Basis.FOUR_FIELDS)
    assert second.person_id is None
    assert [one.person_id for one in second.proposals] == [2]


def test_the_second_dose_of_one_day_and_product_is_a_duplicate(duck: DuckDbEngine, tmp_path: Path) -> None:
    people = [person(1, "Lê Văn Hùng", number="079085000001", old=("201234567",))]
    doses = [
        dose(5, "Lê Văn Hùng", number="201234567"),
        dose(7, "LÊ VĂN HÙNG", number="079085000001"),
        dose(9, "Lê Văn Hùng", number="079085000001", on="2021-10-15"),
    ]
    assert [(one.link_class, one.person_id) for one in _linked(duck, tmp_path, doses, people)] == [
        (LinkClass.MATCHED, 1),
        (LinkClass.DUPLICATE, 1),
        (LinkClass.MATCHED, 1),
    ]
