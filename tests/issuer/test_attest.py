"""Attestations: what a head signs, who may, and what is noticed afterwards."""

import dataclasses
import hashlib
import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import cbor2
import pytest
import sqlalchemy as sa

from issuer.attest.attested import Fault, check_batch
from issuer.attest.batch import Attested, attest, prepare
from issuer.attest.recheck import check_attestations
from issuer.attest.summary import Oddity
from issuer.clean.lots import check_lots
from issuer.commands.attest import show
from issuer.config import AttestationPolicy
from issuer.deliveries import load_deliveries
from issuer.errors import Code, IssuerError
from issuer.reading.problems import Problem
from issuer.store import attestation_store
from issuer.store.certificate_tables import attestation, attestation_leaf, facility_head
from issuer.store.engine import reading, writing
from issuer.store.tables import dose, facility, person, source_file
from keys.certificates import Role, issue
from keys.file_signer import FileSigner
from keys.new_key import new_key
from keys.raw_signature import verifies
from specs.attestation import Leaf, Statement, encode_leaf, to_be_signed
from specs.cbor import decode
from specs.cose import Algorithm
from specs.merkle import inclusion_proofs, is_included, leaf_hash
from tests.pki import make_pki, profile
from tests.small_register import NOW, Given, Somebody, fill, series

PKI = make_pki()
POLICY = AttestationPolicy()
HEAD = PKI.head.signer
FACILITY = "79001"


def another_head(facility: str) -> FileSigner:
    """A head of another facility, from the same authority."""
    key = new_key(Algorithm.ES256)
    what = profile(Role.FACILITY_HEAD, key, f"Head {facility}", days=730, use_days=180, facility=facility)
    return FileSigner(key, issue(what, PKI.facility_authority.issuer))


def register_head(engine: sa.Engine, code: str, signer: FileSigner, since: datetime = NOW - timedelta(days=1)) -> None:
    with writing(engine) as connection:
        number = attestation_store.facility_id(connection, code)
        assert number is not None
        public = signer.certificate()
        attestation_store.add_head(connection, number, public.kid, public.der, int(since.timestamp()))


@pytest.fixture
def engine(register: sa.Engine) -> sa.Engine:
    """Three people with two doses each at 79001, whose head is registered; one more dose elsewhere."""
    made = register
    people = [Somebody(1), Somebody(2, "Y Thông Niê", "1957", "M"), Somebody(3, "Thưr", "1980-02", "M")]
    fill(made, people, [*series(1), *series(2), *series(3), Given(1, "2022-12-01", number=3, facility="79002")])
    register_head(made, FACILITY, HEAD)
    return made


def sign(
    engine: sa.Engine,
    *,
    signer: FileSigner = HEAD,
    code: str = FACILITY,
    now: datetime = NOW,
    policy: AttestationPolicy = POLICY,
    limit: int | None = None,
) -> Attested:
    prepared = prepare(engine, code, policy, limit=limit)
    return attest(engine, prepared, signer, now=now, actor="head", policy=policy, random=os.urandom)


def refusal(act: Callable[[], object]) -> Code:
    with pytest.raises(IssuerError) as caught:
        act()
    return caught.value.code


def only_fault(engine: sa.Engine) -> Fault | None:
    (report,) = check_attestations(engine)
    return report.fault


def test_one_gesture_covers_every_linked_dose_and_no_other(sqlite_register: sa.Engine) -> None:
    engine = sqlite_register
    waiting = [Given(1), Given(1, "2022-03-01", number=2)]
    others = [
        Given(2, blocked=True),
        Given(3, link_class="mismatched"),
        Given(3, "2021-10-01", link_class="ambiguous"),
        Given(3, "2021-10-02", facility="79002"),
        Given(3, "2021-10-03", facility=None),
    ]
    fill(engine, [Somebody(1), Somebody(2), Somebody(3)], [*waiting, *others])
    register_head(engine, FACILITY, HEAD)
    summary = prepare(engine, FACILITY, POLICY).summary
    assert (summary.doses, summary.people, summary.blocked) == (2, 1, 1)
    assert sign(engine).doses == 2
    assert prepare(engine, FACILITY, POLICY).summary.doses == 0
    assert refusal(lambda: sign(engine)) is Code.ATTEST_NOTHING


def test_anyone_with_the_certificate_can_verify_years_later(engine: sa.Engine) -> None:
    done = sign(engine)
    with reading(engine) as connection:
        stored = attestation_store.load(connection, done.attestation_id)
        hashes = attestation_store.leaf_hashes(connection, done.attestation_id)
    assert stored is not None
    statement = Statement(stored.facility, stored.batch, stored.dose_count, stored.signed_at, stored.root)
    digest = hashlib.sha256(to_be_signed(statement)).digest()
    assert verifies(HEAD.certificate().public_key, digest, stored.signature)
    for at, proof in enumerate(inclusion_proofs(hashes)):
        assert is_included(hashes[at], at, stored.dose_count, proof, stored.root)


def test_the_summary_shows_what_looks_odd(sqlite_register: sa.Engine) -> None:
    engine = sqlite_register
    doses = [
        Given(1, lot="A1", number=None),
        Given(1, lot="A1", product="EU/1/21/1529"),  # same person, same day, same lot, another product
        Given(2, lot=""),
    ]
    fill(engine, [Somebody(1), Somebody(2)], doses)
    policy = AttestationPolicy(many_on_one_day=2)
    assert prepare(engine, FACILITY, policy).summary.oddities == {
        Oddity.NO_LOT: 1,
        Oddity.LOT_OF_TWO_PRODUCTS: 2,
        Oddity.TWICE_A_DAY: 1,
        Oddity.BUSY_DAY: 3,
        Oddity.NO_DOSE_NUMBER: 1,
    }


def test_the_head_sees_the_lots_beside_what_was_delivered(register: sa.Engine, tmp_path: Path) -> None:
    lots = ["FH4092", "FH4092", "FHO1", "XX9", ""]
    people = [Somebody(number) for number in range(1, 6)]
    fill(register, people, [Given(who.person_id, lot=lot) for who, lot in zip(people, lots, strict=True)])
    register_head(register, FACILITY, HEAD)
    assert dict(prepare(register, FACILITY, POLICY).summary.delivered) == {}, "no delivery is known"
    path = tmp_path / "deliveries.csv"
    path.write_text(
        "ma_co_so,vac_xin,so_lo,so_lieu,ngay_giao\n79001,Pfizer,FH4092,1,2021-08-30\n79001,Pfizer,FH01,60,2021-08-30\n",
        encoding="utf-8",
    )
    load_deliveries(register, path, now=NOW, actor="test")
    check_lots(register)
    prepared = prepare(register, FACILITY, POLICY)
    summary = prepared.summary
    assert dict(summary.lots) == {"FH4092": 2, "FHO1": 1, "XX9": 1, "": 1}
    assert dict(summary.delivered) == {"FH4092": 1, "FHO1": 60, "XX9": 0}
    assert summary.oddities == {Oddity.NO_LOT: 1, Oddity.LOT_NOT_DELIVERED: 1, Oddity.LOT_EXCEEDED: 1}
    assert summary.odd_lots == {Oddity.LOT_NOT_DELIVERED: {"XX9": 1}, Oddity.LOT_EXCEEDED: {"FH4092": 1}}
    out = io.StringIO()
    show(out, FACILITY, summary)
    assert out.getvalue().splitlines()[2:] == [
        "  days: 2021-09-01 to 2021-09-01, most on 2021-09-01 (5)",
        "  products: EU/1/20/1528 5",
        "  lots: FH4092 2 (1 delivered), FHO1 1 (60 delivered), XX9 1 (0 delivered), (none) 1",
        "  lists handed in: 2026-03-01 15:00",
        "  look: 1 without a lot number",
        "  look: 1 of a lot that was not delivered: XX9 1",
        "  look: 1 beyond the doses delivered of their lot: FH4092 1",
    ]
    assert sign(register).doses == 5, "an oddity stops nothing"


def test_every_problem_of_lots_is_an_oddity_that_the_head_sees() -> None:
    told = {name for name in Problem.__members__ if name.startswith("LOT_")} - {"LOT_MISSING", "LOT_LETTER_O"}
    assert told == {name for name in Oddity.__members__ if name.startswith("LOT_")} - {"LOT_OF_TWO_PRODUCTS"}


@pytest.mark.parametrize(
    ("utc", "at_night"),
    [("14:59", 0), ("15:00", 2), ("21:59", 2), ("22:00", 0)],
    ids=["21:59 there", "22:00 there", "4:59 there", "5:00 there"],
)
def test_the_head_sees_when_lists_came_and_how_fast_it_went_before(
    sqlite_register: sa.Engine, utc: str, at_night: int
) -> None:
    engine = sqlite_register
    people = [Somebody(number) for number in range(1, 4)]
    fill(engine, people, [Given(1), Given(2), Given(3), Given(1, "2021-09-03", number=2)])
    register_head(engine, FACILITY, HEAD)
    assert prepare(engine, FACILITY, POLICY).summary.past_days == 0
    sign(engine)
    fill(engine, [], [Given(2, "2022-03-01", number=2), Given(3, "2022-03-01", number=2)], file_id=2)
    with writing(engine) as connection:
        came = source_file.update().where(source_file.c.file_id == 2)
        connection.execute(came.values(received_at=f"2026-03-01T{utc}:00.000000Z"))
    summary = prepare(engine, FACILITY, POLICY).summary
    assert (summary.doses, summary.attested, summary.past_days) == (2, 4, 2)
    assert summary.oddities.get(Oddity.AT_NIGHT, 0) == at_night
    out = io.StringIO()
    show(out, FACILITY, summary)
    assert "  past rate: 2 a day on 2 days\n" in out.getvalue()


@pytest.mark.parametrize(
    ("why", "signer", "code", "now"),
    [
        ("a head of another facility", another_head("79002"), FACILITY, NOW),
        ("the head, before being entitled", HEAD, FACILITY, NOW - timedelta(days=2)),
        ("the head, after the key's use ended", HEAD, FACILITY, NOW + timedelta(days=300)),
        ("the head of 79001 for 79002", HEAD, "79002", NOW),
        ("the national signer", PKI.dsc.signer, FACILITY, NOW),
    ],
)  # fmt: skip
def test_only_the_registered_head_signs(
    engine: sa.Engine, why: str, signer: FileSigner, code: str, now: datetime
) -> None:
    assert refusal(lambda: sign(engine, signer=signer, code=code, now=now)) is Code.ATTEST_NOT_ENTITLED


def test_a_head_whose_entitlement_ended_signs_no_more_but_has_signed(engine: sa.Engine) -> None:
    sign(engine, limit=2)
    later = NOW + timedelta(hours=1)
    with writing(engine) as connection:
        number = attestation_store.facility_id(connection, FACILITY)
        assert number is not None
        assert attestation_store.end_head(connection, number, HEAD.certificate().kid, int(later.timestamp()))
    assert refusal(lambda: sign(engine, now=later)) is Code.ATTEST_NOT_ENTITLED
    assert only_fault(engine) is None


def test_caps_refuse_with_a_code_and_nothing_is_stored(engine: sa.Engine) -> None:
    assert refusal(lambda: sign(engine, policy=AttestationPolicy(max_batch=5))) is Code.ATTEST_BATCH_CAP
    daily = AttestationPolicy(max_per_day=5)
    assert refusal(lambda: sign(engine, policy=daily)) is Code.ATTEST_DAY_CAP
    assert check_attestations(engine) == []
    sign(engine, policy=daily, limit=4)
    assert refusal(lambda: sign(engine, policy=daily)) is Code.ATTEST_DAY_CAP
    next_day = NOW + timedelta(hours=9, minutes=1)  # 00:01 in Vietnam
    assert sign(engine, policy=daily, now=next_day).doses == 2


def test_what_changed_after_it_was_shown_is_not_signed(engine: sa.Engine) -> None:
    prepared = prepare(engine, FACILITY, POLICY)
    with writing(engine) as connection:
        connection.execute(dose.update().where(dose.c.dose_id == 2**24).values(lot="ANOTHER"))
    act = lambda: attest(engine, prepared, HEAD, now=NOW, actor="head", policy=POLICY, random=os.urandom)  # noqa: E731
    assert refusal(act) is Code.ATTEST_STALE
    assert check_attestations(engine) == []


def test_two_heads_at_once_attest_a_dose_once(engine: sa.Engine) -> None:
    first, second = prepare(engine, FACILITY, POLICY), prepare(engine, FACILITY, POLICY)
    attest(engine, first, HEAD, now=NOW, actor="head", policy=POLICY, random=os.urandom)
    act = lambda: attest(engine, second, HEAD, now=NOW, actor="head", policy=POLICY, random=os.urandom)  # noqa: E731
    assert refusal(act) is Code.ATTEST_STALE


CHANGES = [
    ("lot", dose, "dose_id", {"lot": "X"}),
    ("product", dose, "dose_id", {"product": "EU/1/21/1529"}),
    ("day", dose, "dose_id", {"vaccinated_on": "2021-09-02"}),
    ("dose number", dose, "dose_id", {"dose_number": 2}),
    ("role", dose, "dose_id", {"dose_role": "booster"}),
    ("name", person, "person_id", {"full_name": "Nguyễn Thị Ví Dù"}),
    ("split of the name", person, "person_id", {"family_name": "Nguyễn"}),
    ("birth date", person, "person_id", {"birth_date": "1990-04-16"}),
    ("sex", person, "person_id", {"sex": "M"}),
    ("number", person, "person_id", {"national_id": "001190999999"}),
    ("nationality", person, "person_id", {"nationality": "Lào"}),
]


@pytest.mark.parametrize(("what", "table", "key", "values"), CHANGES, ids=[change[0] for change in CHANGES])
def test_any_later_change_of_a_record_shows_and_waits_for_its_head(
    engine: sa.Engine, what: str, table: sa.Table, key: str, values: dict[str, object]
) -> None:
    sign(engine)
    with writing(engine) as connection:
        connection.execute(table.update().where(table.c[key] == (2**24 if key == "dose_id" else 1)).values(values))
    touched = 1 if key == "dose_id" else 2
    (report,) = check_attestations(engine)
    assert (report.fault, report.same, report.changed) == (None, 6 - touched, touched)
    summary = prepare(engine, FACILITY, POLICY).summary
    assert (summary.doses, summary.oddities[Oddity.CHANGED]) == (touched, touched)
    assert sign(engine).doses == touched
    old, new = check_attestations(engine)
    assert (old.changed, old.elsewhere, new.same) == (0, touched, touched)


ELSEWHERE = sa.select(facility.c.facility_id).where(facility.c.code == "79002").scalar_subquery()
ONE_LEAF = attestation_leaf.update().where(attestation_leaf.c.position == 3)
RENAMED = facility.update().where(facility.c.code == FACILITY).values(code="79003")
TAMPERINGS = {
    "another root": (attestation.update().values(root=bytes(32)), Fault.ROOT_MISMATCH),
    "a leaf exchanged": (ONE_LEAF.values(leaf_hash=bytes(32)), Fault.ROOT_MISMATCH),
    "the count made smaller": (attestation.update().values(dose_count=5), Fault.ROOT_MISMATCH),
    "another time": (attestation.update().values(signed_at=attestation.c.signed_at + 1), Fault.SIGNATURE_WRONG),
    "another batch": (attestation.update().values(batch=bytes(16)), Fault.SIGNATURE_WRONG),
    "another signature": (attestation.update().values(signature=bytes(64)), Fault.SIGNATURE_WRONG),
    "dated before the entitlement": (attestation.update().values(signed_at=1), Fault.HEAD_NOT_ENTITLED),
    "moved to another facility": (attestation.update().values(facility_id=ELSEWHERE), Fault.HEAD_NOT_ENTITLED),
    "moved with its head": (RENAMED, Fault.HEAD_NOT_ENTITLED),
    "another's certificate": (facility_head.update().values(certificate=PKI.dsc.certificate), Fault.HEAD_NOT_ENTITLED),
    "no certificate": (facility_head.update().values(certificate=b"0"), Fault.HEAD_NOT_ENTITLED),
}


@pytest.mark.parametrize("why", TAMPERINGS)
def test_a_stored_attestation_that_was_tampered_with_does_not_hold(engine: sa.Engine, why: str) -> None:
    statement, fault = TAMPERINGS[why]
    sign(engine)
    with writing(engine) as connection:
        connection.execute(statement)
    assert only_fault(engine) is fault


def test_a_head_written_into_the_database_is_not_issued_by_the_authority(engine: sa.Engine) -> None:
    other = make_pki("LA")
    sign(engine)
    assert [report.fault for report in check_attestations(engine, None, [PKI.facility_authority.certificate])] == [None]
    foreign = [other.facility_authority.certificate]
    assert [report.fault for report in check_attestations(engine, None, foreign)] == [Fault.HEAD_NOT_ENTITLED]


def test_a_replayed_attestation_cannot_be_stored_again(engine: sa.Engine) -> None:
    sign(engine)
    columns = [column for column in attestation.c if column.name != "attestation_id"]
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        names = [column.name for column in columns]
        connection.execute(attestation.insert().from_select(names, sa.select(*columns)))


def test_a_replayed_signature_does_not_hold_for_a_batch_of_another_name(engine: sa.Engine) -> None:
    done = sign(engine)
    with reading(engine) as connection:
        stored = attestation_store.load(connection, done.attestation_id)
        hashes = attestation_store.leaf_hashes(connection, done.attestation_id)
    assert stored is not None
    assert check_batch(stored, hashes) is None
    replayed = dataclasses.replace(stored, batch=os.urandom(16))
    assert check_batch(replayed, hashes) is Fault.SIGNATURE_WRONG
    assert check_batch(stored, hashes[::-1]) is Fault.ROOT_MISMATCH
    assert check_batch(stored, []) is Fault.ROOT_MISMATCH


LEAF = Leaf(
    bytes(range(16)), "79001", bytes(32), 0, 7, "Nguyễn Thị Ví Dụ", "", "1990-04-15", "F", "cccd", "001190000017",
    "Việt Nam", "2021-09-01", "EU/1/20/1528", 2, "basic", "FH4092",
)  # fmt: skip


def test_the_bytes_of_a_leaf_are_those_of_attestation_md() -> None:
    assert decode(encode_leaf(LEAF)) == [1, *dataclasses.astuple(LEAF)]
    assert encode_leaf(LEAF) == cbor2.dumps([1, *dataclasses.astuple(LEAF)])
    assert leaf_hash(encode_leaf(LEAF)).hex() == "7f25319638ce4f62f8a5a05320bebebc3c012ae4f1511c41b2acc10cf5241910"


@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(Leaf)])
def test_every_fact_of_a_leaf_counts(name: str) -> None:
    value = getattr(LEAF, name)
    other = (
        value + 1
        if isinstance(value, int)
        else (bytes(len(value) - 1) + b"x" if isinstance(value, bytes) else value + "x")
    )
    assert encode_leaf(dataclasses.replace(LEAF, **{name: other})) != encode_leaf(LEAF)


def test_neighbouring_texts_of_a_leaf_cannot_be_shifted_into_each_other() -> None:
    one = dataclasses.replace(LEAF, full_name="ab", family_name="c")
    other = dataclasses.replace(LEAF, full_name="a", family_name="bc")
    assert encode_leaf(one) != encode_leaf(other)


def test_a_statement_says_what_it_is() -> None:
    statement = Statement("79001", bytes(16), 3, 1_772_352_000, bytes(32))
    assert decode(to_be_signed(statement)) == ["HCVX attestation 1", "79001", bytes(16), 3, 1_772_352_000, bytes(32)]


@pytest.mark.parametrize("values", [{"batch": b""}, {"root": bytes(31)}, {"count": 0}])
def test_a_statement_over_nothing_is_none(values: dict[str, object]) -> None:
    statement = dataclasses.replace(Statement("79001", bytes(16), 3, 1, bytes(32)), **values)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="16 bytes"):
        to_be_signed(statement)
