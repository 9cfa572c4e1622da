"""The national signer: whom it serves, what it refuses, and what a kill cannot do to it."""

import hashlib
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.attest.attested import Fault
from issuer.audit import check, check_certificates
from issuer.certify import certify as certify_module
from issuer.certify.certify import certify
from issuer.certify.reservation import RESERVE, is_sound, line_of
from issuer.certify.rules import expiry
from issuer.certify.series import Refusal
from issuer.certify.sign import seal
from issuer.config import CertificatePolicy
from issuer.errors import Code, IssuerError
from issuer.store.audit_store import entries
from issuer.store.certificate_store import Reservation
from issuer.store.certificate_tables import attestation, attestation_leaf, certificate, facility_head, status_list
from issuer.store.engine import reading, writing
from issuer.store.tables import audit_entry, dose, link, person
from keys.certificates import Role, issue
from keys.errors import Code as KeyCode
from keys.errors import KeysError
from keys.file_signer import FileSigner
from keys.new_key import new_key
from keys.raw_signature import verifies
from keys.signer import DocumentSigner
from specs import base45
from specs.cbor import head
from specs.compression import inflate
from specs.cose import Algorithm, decode_sign1, to_be_signed
from specs.id_binding import MASKED_BUCKET, matches
from specs.text import PREFIX
from tests.certifying import (
    EPOCH_KEY,
    LATER,
    Row,
    attest_all,
    crowd,
    desk,
    entitle,
    fill_attested,
    rows,
    write_key,
)
from tests.pki import Held, make_pki, profile
from tests.small_register import NOW, Given, Somebody, fill, series

PKI = make_pki()
ROOT = Path(__file__).parents[2]


def document_signer(name: str, **what: object) -> Held:
    key = new_key(Algorithm.ES256)
    made = profile(Role.DOCUMENT_SIGNER, key, name, days=730, use_days=180, **what)  # type: ignore[arg-type]
    return Held(key, issue(made, PKI.csca.issuer))


def refusal(engine: sa.Engine, **what: object) -> object:
    with pytest.raises((IssuerError, KeysError)) as caught:
        certify(engine, desk(**what))  # type: ignore[arg-type]
    return caught.value.code


def test_a_person_with_a_full_series_gets_one_certificate_and_never_a_second(register: sa.Engine) -> None:
    engine = crowd(register, 20)
    first = certify(engine, desk())
    assert (first.people, first.issued, first.before, first.refused) == (20, 20, 0, Counter())
    made = rows(engine)
    second = certify(engine, desk())
    assert (second.people, second.issued, second.before) == (20, 0, 20)
    assert rows(engine) == made


def test_what_is_signed_verifies_and_says_what_the_record_says(register: sa.Engine) -> None:
    who = Somebody(1, "Đặng Thuỳ Ưu Ái", "1957", "F")
    engine = register
    fill_attested(engine, [who], series(1))
    certify(engine, desk())
    (row,) = rows(engine)
    assert row.text is not None
    envelope = decode_sign1(inflate(base45.decode(row.text.removeprefix(PREFIX))))
    digest = hashlib.sha256(to_be_signed(envelope.protected, envelope.payload)).digest()
    assert verifies(PKI.dsc.signer.certificate().public_key, digest, envelope.signature)
    assert envelope.payload == row.claims
    claims = row.read
    assert claims.issuing_country == "VN"
    assert claims.dcc == {
        "ver": "1.3.0",
        "dob": "1957",
        "nam": {"fn": "Đặng", "gn": "Thuỳ Ưu Ái", "fnt": "DANG", "gnt": "THUY<UU<AI"},
        "v": [
            {
                "tg": "840539006",
                "vp": "1119349007",
                "mp": "EU/1/20/1528",
                "ma": "ORG-100030215",
                "dn": 2,
                "sd": 2,
                "dt": "2022-03-10",
                "co": "VN",
                "is": "MOH",
                "ci": row.uvci,
            }
        ],
    }
    assert (claims.issued_at, claims.expires_at) == (int(LATER.timestamp()), int(LATER.replace(year=2027).timestamp()))
    assert claims.national is not None
    assert claims.national.status_index == row.status_index
    assert (claims.national.binding.version, claims.national.binding.epoch) == (MASKED_BUCKET, 7)
    assert matches(claims.national.binding, who.national_id, EPOCH_KEY, row.uvci)


def test_counts_by_reason_add_up(register: sa.Engine) -> None:
    engine = register
    cases: dict[int, tuple[list[Given], Fault | Refusal | None]] = {
        1: (series(1), None),
        2: (series(2, 1), Refusal.SERIES_INCOMPLETE),
        3: ([Given(3, blocked=True)], Fault.BLOCKED),
        4: ([Given(4, facility="79002"), Given(4, "2022-03-01", number=2)], Fault.NOT_ATTESTED),
        5: ([Given(5, number=2)], Refusal.EARLIER_DOSE_MISSING),
        6: ([Given(6, facility=None)], Fault.NOT_ATTESTED),
        7: ([Given(7, product="", number=1)], Refusal.PRODUCT_NOT_CERTIFIABLE),
        8: (series(8, 3), None),
        9: (series(9), Refusal.NAME),
        10: ([Given(10, link_class="mismatched")], None),
    }
    people = [Somebody(number) for number in cases if number != 9] + [Somebody(9, "王小明")]
    fill(engine, people, [given for doses, _ in cases.values() for given in doses])
    entitle(engine)
    attest_all(engine)
    done = certify(engine, desk())
    expected = Counter(reason for _, reason in cases.values() if reason is not None)
    assert done.refused == expected
    assert (done.people, done.issued) == (9, 2)
    assert done.people == done.issued + done.before + done.refused.total()


def attacked(register: sa.Engine, statement: sa.Update) -> Counter[Fault | Refusal]:
    engine = crowd(register, 3)
    with writing(engine) as connection:
        connection.execute(statement)
    done = certify(engine, desk())
    assert done.issued == 3 - done.refused.total()
    assert len(rows(engine)) == done.issued
    return done.refused


FIRST_DOSE = dose.update().where(dose.c.dose_id == 2**24)
FIRST_LEAF = attestation_leaf.update().where(attestation_leaf.c.position == 0)
TO_SOMEBODY_ELSE = link.update().where(link.c.dose_id == 2**24 + 1).values(person_id=2)
ANOTHER_CLASS = link.update().where(link.c.dose_id == 2**24).values(link_class="ambiguous")
RENAMED = person.update().where(person.c.person_id == 2).values(full_name="Ai Đó")
ATTACKS = {
    "the product of a dose altered": (FIRST_DOSE.values(product="EU/1/21/1529"), {Fault.RECORD_CHANGED: 1}),
    "the day of a dose altered": (FIRST_DOSE.values(vaccinated_on="2021-09-03"), {Fault.RECORD_CHANGED: 1}),
    "a dose blocked by a later check": (FIRST_DOSE.values(is_blocked=1), {Fault.BLOCKED: 1}),
    "a person renamed": (RENAMED, {Fault.RECORD_CHANGED: 1}),
    "a dose given to somebody else": (TO_SOMEBODY_ELSE, {Fault.RECORD_CHANGED: 1, Refusal.SERIES_INCOMPLETE: 1}),
    "the class of a link altered": (ANOTHER_CLASS, {Fault.NOT_LINKED: 1}),
    "a leaf put in place of the true one": (FIRST_LEAF.values(leaf_hash=bytes(32)), {Fault.ROOT_MISMATCH: 3}),
    "a salt altered": (FIRST_LEAF.values(salt=bytes(16)), {Fault.RECORD_CHANGED: 1}),
    "another root": (attestation.update().values(root=bytes(32)), {Fault.ROOT_MISMATCH: 3}),
    "another signature": (attestation.update().values(signature=bytes(64)), {Fault.SIGNATURE_WRONG: 3}),
    "another's certificate for the head's": (
        facility_head.update().values(certificate=PKI.dsc.certificate),
        {Fault.HEAD_NOT_ENTITLED: 3},
    ),
    "the head's entitlement ended before": (
        facility_head.update().values(entitled_until=1),
        {Fault.HEAD_NOT_ENTITLED: 3},
    ),
}


@pytest.mark.parametrize("why", ATTACKS)
def test_a_register_tampered_with_gets_no_certificate(sqlite_register: sa.Engine, why: str) -> None:
    statement, expected = ATTACKS[why]
    assert attacked(sqlite_register, statement) == expected


def test_a_head_of_another_authority_gets_nothing_certified(sqlite_register: sa.Engine) -> None:
    engine = sqlite_register
    fill(engine, [Somebody(1)], series(1))
    foreign = make_pki("LA").head
    entitle(engine, foreign)
    attest_all(engine, foreign)
    assert certify(engine, desk()).refused == {Fault.HEAD_NOT_ENTITLED: 1}


@pytest.mark.parametrize(
    ("why", "authorities"),
    [
        ("nobody vouches for heads", []),
        ("the country signing authority, which certifies signers", [PKI.csca.certificate]),
    ],
)
def test_without_a_facility_authority_a_forged_head_gets_nobody_certified(
    sqlite_register: sa.Engine, why: str, authorities: list[bytes]
) -> None:
    engine = sqlite_register
    fill(engine, [Somebody(1)], series(1))
    forged = make_pki("LA").head  # anybody can make such a key; the row that entitles it stands in the database
    entitle(engine, forged)
    attest_all(engine, forged)
    assert refusal(engine, authorities=authorities) is Code.FACILITY_AUTHORITY
    assert rows(engine) == []


def test_a_dose_attested_by_the_wrong_facility_counts_for_nothing(sqlite_register: sa.Engine) -> None:
    engine = crowd(sqlite_register, 1)
    fill(engine, [], [Given(1, "2022-12-01", number=3, facility="79002")], file_id=2)
    with writing(engine) as connection:  # 79001's batch is said to hold the dose of 79002
        connection.execute(dose.update().where(dose.c.dose_id == 2**24).values(facility_id=2))
    assert certify(engine, desk()).refused == {Fault.RECORD_CHANGED: 1}


def test_a_later_dose_gives_a_second_certificate_and_leaves_the_first(register: sa.Engine) -> None:
    engine = crowd(register, 1)
    certify(engine, desk())
    fill(engine, [], [Given(1, "2022-12-01", number=3)], file_id=2)
    assert certify(engine, desk()).before == 1  # not attested yet
    attest_all(engine)
    assert certify(engine, desk()).issued == 1
    first, second = rows(engine)
    assert [(row.state, row.read.dcc["v"][0]["dn"], row.read.dcc["v"][0]["sd"]) for row in (first, second)] == [
        ("signed", 2, 2),
        ("signed", 3, 3),
    ]
    assert first.uvci != second.uvci


def test_places_in_the_list_are_a_run_for_each_batch_in_an_order_that_tells_nothing(sqlite_register: sa.Engine) -> None:
    engine = crowd(sqlite_register, 60)
    fill(engine, [Somebody(n) for n in range(61, 91)], [g for n in range(61, 91) for g in series(n)], file_id=2)
    attest_all(engine)
    certify(engine, desk())
    made = rows(engine)
    assert sorted(row.status_index for row in made) == list(range(90))
    by_batch = {number: [row for row in made if row.attestation_id == number] for number in (1, 2)}
    for batch in by_batch.values():
        places = sorted(row.status_index for row in batch)
        assert places == list(range(places[0], places[0] + len(batch)))
    in_order_of_place = sorted(by_batch[1], key=lambda row: row.status_index)
    assert [row.person_id for row in in_order_of_place] != sorted(row.person_id for row in in_order_of_place)


def test_every_signature_has_its_line_in_the_audit_log(register: sa.Engine) -> None:
    engine = crowd(register, 5)
    certify(engine, desk())
    with reading(engine) as connection:
        check(connection)
        lines = {entry[4]: entry[5] for entry in entries(connection) if entry[3] == "certificate.sign"}
    for row in rows(engine):
        assert hashlib.sha256(row.claims).hexdigest() in lines.pop(row.uvci)
    assert not lines


MISMATCHES = {
    "a certificate deleted, to be given again": certificate.delete().where(certificate.c.certificate_id == 1),
    "a certificate's number exchanged": certificate.update()
    .where(certificate.c.certificate_id == 1)
    .values(uvci="URN:UVCI:01:VN:" + "0" * 32),
    "a certificate said to have been given up": certificate.update()
    .where(certificate.c.certificate_id == 1)
    .values(state="withdrawn", text=None),
    "the line of one deleted": audit_entry.delete().where(
        audit_entry.c.seq == sa.select(sa.func.max(audit_entry.c.seq)).scalar_subquery()
    ),
    "the line of one written over with that of another": audit_entry.update()
    .where(audit_entry.c.action == "certificate.sign")
    .values(object=sa.select(sa.func.max(certificate.c.uvci)).scalar_subquery()),
}


@pytest.mark.parametrize("why", MISMATCHES)
def test_nothing_is_signed_while_table_and_log_differ(register: sa.Engine, why: str) -> None:
    engine = crowd(register, 3)
    certify(engine, desk())
    with reading(engine) as connection:
        check_certificates(connection)
    with writing(engine) as connection:
        connection.execute(MISMATCHES[why])
    before = rows(engine)
    assert refusal(engine, now=NEXT_DAY) is Code.CERTIFICATES_UNLIKE_LOG
    assert rows(engine) == before
    with reading(engine) as connection, pytest.raises(IssuerError, match="CERTIFICATES_UNLIKE_LOG"):
        check_certificates(connection)


# --- the record, the claims and the key between reservation and signature


def test_a_record_changed_between_reservation_and_signature_is_not_signed(register: sa.Engine) -> None:
    engine = crowd(register, 2)

    def stage(name: str) -> None:
        if name == "reserved":
            with writing(engine) as connection:
                connection.execute(person.update().where(person.c.person_id == 1).values(birth_date="1991"))

    done = certify(engine, desk(stage=stage))
    assert (done.issued, done.refused) == (1, {Fault.RECORD_CHANGED: 1})
    given_up = next(row for row in rows(engine) if row.person_id == 1)
    assert (given_up.state, given_up.text) == ("withdrawn", None)
    attest_all(engine)
    assert certify(engine, desk()).issued == 1
    again = rows(engine)[-1]
    assert (again.state, again.read.dcc["dob"]) == ("signed", "1991")
    assert again.uvci != given_up.uvci
    assert again.status_index != given_up.status_index


@pytest.mark.parametrize("in_memory", [True, False], ids=["same process", "next process"])
def test_claims_altered_in_the_database_are_not_signed(sqlite_register: sa.Engine, in_memory: bool) -> None:
    engine = crowd(sqlite_register, 2)

    class Killed(BaseException):
        pass

    def stage(name: str) -> None:
        if name == "reserved":
            with writing(engine) as connection:
                forged = rows_before[0].claims.replace(b"1990", b"1999") if (rows_before := rows(engine)) else b""
                connection.execute(certificate.update().where(certificate.c.certificate_id == 1).values(claims=forged))
            if not in_memory:
                raise Killed

    if in_memory:
        done = certify(engine, desk(stage=stage))
        assert (done.issued, done.refused) == (1, {Fault.RECORD_CHANGED: 1})
    else:
        with pytest.raises(Killed):
            certify(engine, desk(stage=stage))
        done = certify(engine, desk())
        # of one line of the log either all stand as reserved or none does; whoever was honest is reserved anew
        assert (done.finished, done.withdrawn, done.issued) == (0, 2, 2)
    assert Counter(row.state for row in rows(engine))["withdrawn"] == 2 - in_memory
    assert all(row.read.dcc["dob"] == "1990-04-15" for row in rows(engine) if row.state == "signed")


class BrokenSigner:
    """A token that was pulled out: it has a certificate and signs nothing."""

    def certificate(self) -> DocumentSigner:
        return PKI.dsc.signer.certificate()

    def sign(self, digest: bytes) -> bytes:
        raise KeysError(KeyCode.SIGNATURE_WRONG, f"{len(digest)} bytes")


def test_a_signer_that_fails_leaves_reservations_and_the_next_one_finishes_them(register: sa.Engine) -> None:
    engine = crowd(register, 4)
    with pytest.raises(KeysError):
        certify(engine, desk(BrokenSigner()))
    assert {row.state for row in rows(engine)} == {"reserved"}
    done = certify(engine, desk())
    assert (done.finished, done.before, done.issued) == (4, 4, 0)


# --- somebody who can write the database, between reservation and signature


NEXT_DAY = LATER + timedelta(days=1)
KID = PKI.dsc.signer.certificate().kid


def left_behind(engine: sa.Engine) -> list[Row]:
    """The reservations of a signer that died at once."""
    crowd(engine, 3)
    with pytest.raises(KeysError):
        certify(engine, desk(BrokenSigner()))
    return rows(engine)


def forge(engine: sa.Engine, row: Row, issued_at: int, expires_at: int) -> None:
    """Put other times into one reservation: columns and claims agree, as a careful forger would have it."""
    claims = row.claims.replace(head(0, row.issued_at), head(0, issued_at))
    claims = claims.replace(head(0, row.expires_at), head(0, expires_at))
    with writing(engine) as connection:
        here = certificate.update().where(certificate.c.certificate_id == row.certificate_id)
        connection.execute(here.values(issued_at=issued_at, expires_at=expires_at, claims=claims))


def rewrite_log(engine: sa.Engine) -> None:
    """Let the audit log say that the reservations were made as they stand now (the chain itself is not walked)."""
    made = rows(engine)
    reservations = [Reservation(*(getattr(row, name) for name in Reservation.__dataclass_fields__)) for row in made]
    about, reason = line_of(reservations)
    with writing(engine) as connection:
        line = audit_entry.update().where(audit_entry.c.action == RESERVE)
        assert connection.execute(line.values(object=about, reason=reason)).rowcount == 1


def shifted(**by: int) -> tuple[int, int]:
    """Times of a certificate as the policy gives them, issued so much before or after LATER."""
    issued = LATER + timedelta(**by)
    return int(issued.timestamp()), expiry(issued, 12, PKI.dsc.signer.certificate())


TWO_YEARS = (int(LATER.timestamp()), int(LATER.replace(year=2028).timestamp()))
BEFORE_THE_KEY = (int(LATER.replace(year=2021).timestamp()), int(LATER.replace(year=2027).timestamp()))


@pytest.mark.parametrize(
    ("times", "log_too"),
    [
        pytest.param(TWO_YEARS, False, id="two years instead of one"),
        pytest.param(TWO_YEARS, True, id="two years, the log rewritten too"),
        pytest.param(BEFORE_THE_KEY, False, id="issued before the signer's certificate"),
        pytest.param(BEFORE_THE_KEY, True, id="issued before the signer's certificate, the log rewritten too"),
        pytest.param(shifted(days=-200), True, id="a whole year, begun before the signer's certificate"),
        pytest.param(shifted(days=2), True, id="dated ahead of the clock"),
        pytest.param(shifted(days=-5), False, id="dated back by five days in the time of the same key"),
    ],
)
def test_a_reservation_with_forged_times_is_given_up(
    register: sa.Engine, times: tuple[int, int], log_too: bool
) -> None:
    waiting = left_behind(register)
    forge(register, waiting[0], *times)
    if log_too:
        rewrite_log(register)
    done = certify(register, desk(now=NEXT_DAY))
    assert done.withdrawn >= 1
    assert (done.finished + done.issued, done.before) == (3, done.finished)
    signed = [row for row in rows(register) if row.state == "signed"]
    assert {row.person_id for row in signed} == {1, 2, 3}
    honest = {shifted(), shifted(days=1)}
    assert {(row.read.issued_at, row.read.expires_at) for row in signed} <= honest
    assert next(row for row in rows(register) if row.certificate_id == waiting[0].certificate_id).state == "withdrawn"


def test_reservations_that_the_audit_log_does_not_know_are_given_up(sqlite_register: sa.Engine) -> None:
    left_behind(sqlite_register)
    with writing(sqlite_register) as connection:
        connection.execute(audit_entry.delete().where(audit_entry.c.action == RESERVE))
    done = certify(sqlite_register, desk(now=NEXT_DAY))
    assert (done.finished, done.withdrawn, done.issued) == (0, 3, 3)


@pytest.mark.parametrize(
    ("why", "forged"),
    [
        ("a UVCI of another form", {"uvci": "URN:UVCI:01:VN:MINISTER"}),
        ("a UVCI of another country", {"uvci": "URN:UVCI:01:LA:" + "0" * 32}),
        ("a place that the list has not handed out", {"status_index": 3}),
        ("a place before the list", {"status_index": -1}),
        ("no time at all", {"issued_at": 0}),
        ("a second more than the policy gives", {"expires_at": TWO_YEARS[0] + 365 * 86_400 + 1}),
    ],
)
def test_a_reservation_as_no_signer_of_ours_makes_it_is_not_sound(
    sqlite_register: sa.Engine, why: str, forged: dict[str, object]
) -> None:
    waiting = left_behind(sqlite_register)[0]
    row = Reservation(*(getattr(waiting, name) for name in Reservation.__dataclass_fields__))
    public = PKI.dsc.signer.certificate()
    asked = {"validity_months": 12, "next_index": 3, "now": NEXT_DAY}
    assert is_sound(row, public, **asked)  # type: ignore[arg-type]
    assert not is_sound(replace(row, **forged), public, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["uvci", "issued_at", "expires_at"])
def test_a_column_altered_within_the_second_is_not_signed(sqlite_register: sa.Engine, column: str) -> None:
    engine = crowd(sqlite_register, 2)

    def stage(name: str) -> None:
        if name == "reserved":
            with writing(engine) as connection:
                other = "URN:UVCI:01:VN:" + "0" * 32 if column == "uvci" else TWO_YEARS[1]
                connection.execute(
                    certificate.update().where(certificate.c.certificate_id == 1).values({column: other})
                )

    done = certify(engine, desk(stage=stage))
    assert (done.issued, done.refused) == (1, {Fault.RECORD_CHANGED: 1})


# --- kills


def child(tmp_path: Path, engine: sa.Engine, held: Held, die_at: str, name: str = "dsc") -> list[str]:
    url = engine.url.render_as_string(hide_password=False)
    authority = tmp_path / "authority.der"
    authority.write_bytes(PKI.facility_authority.certificate)
    arguments = [url, str(authority), *write_key(held, tmp_path, name), die_at]
    return [sys.executable, "-m", "tests.certifying", *arguments]


@pytest.mark.parametrize("die_at", ["reserved", "signed", "stored", "committed"])
def test_a_signer_killed_anywhere_is_run_again_to_the_same_bytes(
    register: sa.Engine, tmp_path: Path, die_at: str
) -> None:
    engine = crowd(register, 30)
    killed = subprocess.run(child(tmp_path, engine, PKI.dsc, die_at), cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    before = rows(engine)
    assert {row.state for row in before} == {"signed" if die_at == "committed" else "reserved"}
    promised = seal([row.claims for row in before], PKI.dsc.signer)

    done = certify(engine, desk(now=LATER + timedelta(days=3)))
    assert done.finished == (0 if die_at == "committed" else 30)
    assert (done.people, done.before, done.issued) == (30, 30, 0)
    after = rows(engine)
    assert [row.text for row in after] == promised
    assert [replace(row, state="", text=None) for row in after] == [replace(row, state="", text=None) for row in before]
    with reading(engine) as connection:
        check(connection)
        assert sum(entry[3] == "certificate.sign" for entry in entries(connection)) == 30


@pytest.mark.parametrize("same_key", [True, False], ids=["one key", "two keys"])
def test_two_signers_at_once_serve_nobody_twice(register: sa.Engine, tmp_path: Path, same_key: bool) -> None:
    engine = crowd(register, 400)
    other = PKI.dsc if same_key else document_signer("DSC 3", kinds=("v",))
    started = [
        subprocess.Popen(child(tmp_path, engine, held, "never", name), cwd=ROOT)
        for held, name in ((PKI.dsc, "one"), (other, "two"))
    ]
    assert [process.wait() for process in started] == [0, 0]
    made = rows(engine)
    assert len(made) == len({row.person_id for row in made}) == len({row.uvci for row in made}) == 400
    assert len({(row.kid, row.status_index) for row in made}) == 400
    assert {row.state for row in made} == {"signed"}
    with reading(engine) as connection:
        check(connection)
        assert sum(entry[3] == "certificate.sign" for entry in entries(connection)) == 400


@pytest.mark.parametrize("window", [1, 7, 30])
def test_the_window_does_not_show(register: sa.Engine, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certify_module, "WINDOW", window)
    engine = crowd(register, 30)
    with pytest.raises(KeysError):
        certify(engine, desk(BrokenSigner()))
    done = certify(engine, desk())
    assert (done.people, done.finished + done.issued) == (30, 30)


# --- clock, key and list


def test_a_clock_before_the_last_entry_of_the_log_signs_nothing(sqlite_register: sa.Engine) -> None:
    engine = crowd(sqlite_register, 1)
    assert refusal(engine, now=NOW - timedelta(minutes=1)) is Code.CLOCK_BEHIND
    assert rows(engine) == []


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW + timedelta(days=171), KeyCode.KEY_USE_ENDED),
        (datetime(2036, 1, 1, tzinfo=UTC), KeyCode.KEY_USE_ENDED),
        (NOW - timedelta(days=11), Code.CLOCK_BEHIND),
    ],
)
def test_a_key_signs_only_in_its_time(sqlite_register: sa.Engine, now: datetime, code: object) -> None:
    assert refusal(crowd(sqlite_register, 1), now=now) is code


def test_a_key_is_not_used_before_its_certificate_begins(sqlite_register: sa.Engine) -> None:
    key = new_key(Algorithm.ES256)
    made = replace(
        profile(Role.DOCUMENT_SIGNER, key, "DSC 9", days=730, use_days=180, kinds=("v",)),
        not_before=LATER + timedelta(days=1),
    )
    signer = FileSigner(key, issue(made, PKI.csca.issuer))
    assert refusal(crowd(sqlite_register, 1), signer=signer) is KeyCode.KEY_NOT_YET_VALID


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        ("2026-03-01T09:00:00+00:00", 12, "2027-03-01T09:00:00+00:00"),
        ("2024-02-29T09:00:00+00:00", 12, "2025-02-28T09:00:00+00:00"),
        ("2026-08-31T09:00:00+00:00", 6, "2027-02-28T09:00:00+00:00"),
        ("2026-12-31T23:00:00+00:00", 1, "2027-01-31T23:00:00+00:00"),
        ("2026-03-01T09:00:00+00:00", 36, "2028-02-19T08:00:00+00:00"),  # the signer's notAfter
    ],
)
def test_a_certificate_lives_so_many_months_and_never_longer_than_its_signer(
    now: str, months: int, expected: str
) -> None:
    public = PKI.dsc.signer.certificate()
    made = expiry(datetime.fromisoformat(now), months, public)
    assert datetime.fromtimestamp(made, UTC).isoformat() == expected
    assert made <= public.not_after.timestamp()


def test_a_full_status_list_is_refused_before_anything_is_reserved(register: sa.Engine) -> None:
    engine = crowd(register, 3)
    kid = PKI.dsc.signer.certificate().kid
    with writing(engine) as connection:
        connection.execute(status_list.insert().values(kid=kid, next_index=2**24 - 2))
    assert refusal(engine) is Code.STATUS_LIST_FULL
    assert rows(engine) == []
    with writing(engine) as connection:
        connection.execute(status_list.update().values(next_index=2**24 - 3))
    assert certify(engine, desk()).issued == 3
    assert max(row.status_index for row in rows(engine)) == 2**24 - 1


@pytest.mark.parametrize(
    ("why", "signer"),
    [
        ("a signer of tests only", document_signer("DSC 4", kinds=("t",)).signer),
        ("a signer of another country", make_pki("LA").dsc.signer),
    ],
)
def test_a_signer_for_something_else_signs_nothing(sqlite_register: sa.Engine, why: str, signer: FileSigner) -> None:
    engine = crowd(sqlite_register, 1)
    assert refusal(engine, signer=signer) is Code.SIGNER_PURPOSE
    assert rows(engine) == []


def test_a_signer_with_rsa_makes_certificates_too(sqlite_register: sa.Engine) -> None:
    engine = crowd(sqlite_register, 2)
    assert certify(engine, desk(PKI.dsc_rsa.signer)).issued == 2


def test_policy_shows_in_the_certificate(sqlite_register: sa.Engine) -> None:
    engine = crowd(sqlite_register, 1)
    certify(engine, desk(policy=CertificatePolicy(issuer="Bộ Y tế", validity_months=3, era="current")))
    (row,) = rows(engine)
    assert (row.read.dcc["v"][0]["is"], row.expires_at) == ("Bộ Y tế", int(LATER.replace(month=6).timestamp()))


def test_the_database_itself_holds_a_dose_to_one_live_certificate(register: sa.Engine) -> None:
    engine = crowd(register, 1)
    certify(engine, desk())
    columns = [column for column in certificate.c if column.name not in ("certificate_id", "uvci", "status_index")]
    names = ["uvci", "status_index", *(column.name for column in columns)]
    copy = sa.select(sa.literal("URN:UVCI:01:VN:" + "0" * 32), sa.literal(99), *columns)
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        connection.execute(certificate.insert().from_select(names, copy))
