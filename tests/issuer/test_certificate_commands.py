"""The command lines of the certificate path, from a facility's registration to the exported texts."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from issuer import __main__ as command_line
from issuer.__main__ import parser
from issuer.audit import check
from issuer.commands.context import Context
from issuer.errors import Code, IssuerError
from issuer.store.engine import reading, writing
from keys.certificate_facts import pem_of
from keys.epoch_keys import MEDIA_TYPE, bundle_payload, wrap
from keys.errors import Code as KeyCode
from keys.errors import KeysError
from keys.new_key import encrypted_pem
from keys.signed_json import sign_json
from keys.signer import DocumentSigner
from specs.cose import Algorithm
from tests.certifying import EPOCH_KEY, rows
from tests.hsm import PIN, certificate_for, new_token
from tests.pki import Held, make_pki
from tests.small_register import NOW, Somebody, fill, series

PKI = make_pki()
PASSWORD = "a password of a test"


class Shell:
    """A terminal without a person before it: what was printed, and the clock on the wall."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.now = NOW
        self.out = io.StringIO()
        self.err = io.StringIO()

    def __call__(self, *words: str | Path) -> str:
        """Run one command and return what it printed."""
        self.out.seek(0)
        self.out.truncate()
        arguments = parser().parse_args([str(word) for word in words])
        context = Context(self.engine, lambda: self.now, "tester", self.out, self.err)
        assert arguments.run(arguments, context) == 0
        return self.out.getvalue()

    def refused(self, *words: str | Path) -> object:
        with pytest.raises((IssuerError, KeysError)) as caught:
            self(*words)
        assert PASSWORD not in str(caught.value)
        return caught.value.code


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, certificates, password and mask keys as files."""
    folder = tmp_path_factory.mktemp("keys")

    def put(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o600)

    def held(name: str, what: Held) -> None:
        put(f"{name}.key", encrypted_pem(what.key, PASSWORD.encode()))
        put(f"{name}.pem", pem_of(what.certificate))

    put("password", PASSWORD.encode() + b"\n")
    put("short", b"short\n")
    put("latin.toml", "[certificate]\nissuer = 'Bộ'\n".encode("utf-16-le").replace(b"\0", b""))
    held("head", PKI.head)
    held("dsc", PKI.dsc)
    device = X25519PrivateKey.generate()
    put("device.key", encrypted_pem(device, PASSWORD.encode()))
    bundle = bundle_payload([wrap(3, bytes(32), device.public_key()), wrap(7, EPOCH_KEY, device.public_key())])
    put("epoch-keys.json", sign_json(bundle, MEDIA_TYPE, PKI.anchor.signer))
    put("anchor.pem", pem_of(PKI.anchor.certificate))
    put("authority.pem", pem_of(PKI.facility_authority.certificate))
    put("csca.pem", pem_of(PKI.csca.certificate))
    put("foreign-authority.pem", pem_of(make_pki("LA").facility_authority.certificate))
    return folder


@pytest.fixture
def shell(sqlite_register: sa.Engine) -> Iterator[Shell]:
    people = [Somebody(number) for number in range(1, 6)]
    fill(sqlite_register, people, [dose for who in people for dose in series(who.person_id)])
    yield Shell(sqlite_register)


def add(files: Path) -> list[str | Path]:
    place = ["--name", "Trạm y tế", "--commune", "00001"]
    return ["facility", "add", "--code", "79001", *place, "--head-certificate", files / "head.pem"]


def attest(files: Path, *more: str) -> list[str | Path]:
    key = ["--key", files / "head.key", "--certificate", files / "head.pem", "--password-file", files / "password"]
    return ["attest", "--facility", "79001", *key, *more]


def certify(files: Path, *more: str | Path, authority: str | None = "authority.pem") -> list[str | Path]:
    return [
        *("certify", "--key", files / "dsc.key", "--certificate", files / "dsc.pem"),
        *("--password-file", files / "password", "--epoch-keys", files / "epoch-keys.json"),
        *("--epoch-anchor", files / "anchor.pem", "--device-key", files / "device.key"),
        *("--device-password-file", files / "password", *more),
        *(("--facility-authority", files / authority) if authority else ()),
    ]


def test_the_whole_way(shell: Shell, files: Path, tmp_path: Path) -> None:
    assert "may sign from now on" in shell(*add(files))
    assert "was registered before" in shell(*add(files))
    shell.now = NOW + timedelta(minutes=1)
    shown = shell(*attest(files, "--yes"))
    assert "10 doses of 5 people wait for its head" in shown
    assert "attested: 10 doses" in shown
    assert "nothing waits" in shell(*attest(files, "--yes"))
    assert "holds; 10 doses: 10 as signed" in shell(
        "attest", "--check", "--facility-authority", files / "authority.pem"
    )
    done = shell(*certify(files))
    assert done == "people with a linked dose: 5\n  5 certified\n"
    assert shell(*certify(files)) == "people with a linked dose: 5\n  5 certified before\n"
    made = rows(shell.engine)
    assert {row.read.national.binding.epoch for row in made if row.read.national} == {7}

    lines = [json.loads(line) for line in shell("export").splitlines()]
    assert lines == [{"uvci": row.uvci, "text": row.text} for row in made]
    target = tmp_path / "texts.jsonl"
    assert shell("export", "--out", target) == "certificates exported: 5\n"
    assert [json.loads(line) for line in target.read_text().splitlines()] == lines
    assert target.stat().st_mode & 0o077 == 0

    shown = shell("certificate", "show", made[0].uvci.lower())
    assert made[0].uvci in shown
    assert "signed" in shown
    assert "HC1:" not in shown
    assert "HC1:" in shell("certificate", "show", made[0].uvci, "--text")
    with reading(shell.engine) as connection:
        check(connection)


def test_the_national_signers_key_may_stay_in_a_token(
    shell: Shell, files: Path, softhsm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_token(softhsm, tmp_path, monkeypatch) as box:
        token = box.open()
        token.generate("DSC in a token", Algorithm.ES256)
        certificate = tmp_path / "dsc.pem"
        certificate.write_bytes(pem_of(certificate_for(token, "DSC in a token")))
        token.close()
        pin = tmp_path / "pin"
        pin.write_bytes(PIN + b"\n")
        pin.chmod(0o600)
        shell(*add(files))
        shell.now = NOW + timedelta(minutes=1)
        shell(*attest(files, "--yes"))
        words = certify(files)
        key, dsc, password = words.index("--key"), words.index("--certificate"), words.index("--password-file")
        words[dsc + 1], words[password + 1] = certificate, pin
        in_token = ["--hsm-module", box.module, "--hsm-token", box.label, "--hsm-label", "DSC in a token"]
        words[key : key + 2] = in_token
        assert "5 certified" in shell(*words)
    expected = DocumentSigner.of_certificate(certificate.read_bytes()).kid
    assert {row.kid for row in rows(shell.engine)} == {expected}


def test_no_personal_data_is_printed_or_logged(shell: Shell, files: Path) -> None:
    printed = [shell(*add(files)), shell(*attest(files, "--yes")), shell("attest", "--check"), shell(*certify(files))]
    printed.append(shell("certificate", "show", rows(shell.engine)[0].uvci))
    with reading(shell.engine) as connection:
        printed += [str(row) for row in connection.execute(sa.text("SELECT * FROM audit_entry"))]
    for secret in ("Ví Dụ", "VI<DU", "1990-04-15", "001190", PASSWORD, EPOCH_KEY.hex()):
        assert not any(secret in text for text in printed)


@pytest.mark.parametrize("limit", ["0", "-1", "", "1.5", "٣", "9" * 5000])
def test_a_limit_below_one_is_a_usage_error_and_never_says_that_nothing_waits(
    shell: Shell, files: Path, limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell(*add(files))
    with pytest.raises(SystemExit) as caught:
        shell(*attest(files, "--yes", f"--limit={limit}"))
    assert caught.value.code == 2
    assert "a whole number from 1" in capsys.readouterr().err
    assert "nothing waits" not in shell.out.getvalue()


def test_what_a_limit_leaves_is_told_and_signed_next(shell: Shell, files: Path) -> None:
    shell(*add(files))
    shown = shell(*attest(files, "--yes", "--limit", "6"))
    assert "4 left" in shown
    assert "nothing waits" not in shown
    assert "attested: 4 doses" in shell(*attest(files, "--yes", "--limit", "6"))
    assert "nothing waits" in shell(*attest(files, "--yes", "--limit", "6"))


def test_nobody_signs_by_accident(shell: Shell, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell(*add(files))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # piped, not a person at a terminal
    assert shell.refused(*attest(files)) is Code.ATTEST_NOT_CONFIRMED


def test_a_head_that_was_ended_signs_no_more(shell: Shell, files: Path) -> None:
    shell(*add(files))
    shell.now = NOW + timedelta(minutes=1)
    words = ["facility", "end", "--code", "79001", "--head-certificate", files / "head.pem"]
    assert "may no longer sign" in shell(*words)
    assert "was no longer entitled" in shell(*words)
    assert shell.refused(*attest(files, "--yes")) is Code.ATTEST_NOT_ENTITLED


Words = Callable[[Path], list[str | Path]]
REFUSED: dict[str, tuple[Words, object]] = {
    "a facility nobody knows": (lambda f: [*attest(f)[:2], "79009", *attest(f)[3:]], Code.FACILITY_UNKNOWN),
    "the end of a facility nobody knows": (
        lambda f: ["facility", "end", "--code", "79001x", "--head-certificate", f / "head.pem"],
        Code.HEAD_CERTIFICATE,
    ),
    "a head not registered": (lambda f: attest(f, "--yes"), Code.ATTEST_NOT_ENTITLED),
    "the certificate of another facility": (
        lambda f: ["facility", "add", "--code", "79002", "--name", "x", "--head-certificate", f / "head.pem"],
        Code.HEAD_CERTIFICATE,
    ),
    "a document signer as head": (
        lambda f: ["facility", "add", "--code", "79002", "--name", "x", "--head-certificate", f / "dsc.pem"],
        KeyCode.CERTIFICATE_PROFILE,
    ),
    "no certificate file": (
        lambda f: ["facility", "add", "--code", "79001", "--name", "x", "--head-certificate", f / "nowhere.pem"],
        Code.FILE_MISSING,
    ),
    "no certificate": (
        lambda f: ["facility", "add", "--code", "79001", "--name", "x", "--head-certificate", f / "password"],
        KeyCode.CERTIFICATE_UNREADABLE,
    ),
    "the head's key for the nation": (
        lambda f: [*certify(f)[:2], f / "head.key", "--certificate", f / "head.pem", *certify(f)[5:]],
        Code.SIGNER_PURPOSE,
    ),
    "an epoch without a key": (lambda f: certify(f, "--epoch", "9"), KeyCode.EPOCH_UNKNOWN),
    "a wrong configuration": (lambda f: certify(f, "--config", f / "password"), Code.CONFIG_REFUSED),
    "no configuration": (lambda f: certify(f, "--config", f / "nowhere"), Code.FILE_MISSING),
    "a certificate nobody made": (
        lambda f: ["certificate", "show", "URN:UVCI:01:VN:" + "0" * 32],
        Code.CERTIFICATE_UNKNOWN,
    ),
    "a folder that is not there": (lambda f: ["export", "--out", f / "no" / "such"], Code.OUTPUT_REFUSED),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refusals_have_a_code(shell: Shell, files: Path, why: str) -> None:
    words, code = REFUSED[why]
    assert shell.refused(*words(files)) is code
    assert rows(shell.engine) == []


def test_a_refusal_of_a_key_is_one_line_and_exit_code_1(
    shell: Shell, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = Context(shell.engine, lambda: NOW, "tester", shell.out, shell.err)
    monkeypatch.setattr(command_line, "from_machine", lambda *words: context)
    assert command_line.main([str(word) for word in certify(files, "--epoch", "9")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("EPOCH_UNKNOWN: there is no mask key for that epoch")
    assert error.count("\n") == 1
    assert command_line.main([str(word) for word in certify(files, "--epoch", "9", "--language", "vi")]) == 1
    assert capsys.readouterr().err.startswith("EPOCH_UNKNOWN: không có khóa che cho kỳ này")


AUTHORITIES = {
    "a document signer's": ("dsc.pem", Code.FACILITY_AUTHORITY),
    "a head's": ("head.pem", Code.FACILITY_AUTHORITY),
    "the anchor's, which is self-signed but no authority's": ("anchor.pem", Code.FACILITY_AUTHORITY),
    "another country's authority": ("foreign-authority.pem", Code.FACILITY_AUTHORITY),
    "no certificate": ("password", KeyCode.CERTIFICATE_UNREADABLE),
    "no file": ("nowhere.pem", Code.FILE_MISSING),
    "a folder": (".", Code.FILE_UNREADABLE),
}


@pytest.mark.parametrize("why", AUTHORITIES)
def test_an_authority_that_is_none_is_refused_by_the_name_of_its_file(shell: Shell, files: Path, why: str) -> None:
    name, code = AUTHORITIES[why]
    shell(*add(files))
    for words in (
        certify(files, "--facility-authority", files / name),
        ["attest", "--check", "--facility-authority", files / name],
    ):
        with pytest.raises((IssuerError, KeysError), match=re.escape(code.name)) as caught:
            shell(*words)
        assert str(files / name) in str(caught.value)


def test_the_country_signing_authority_vouches_for_no_head(shell: Shell, files: Path) -> None:
    assert shell.refused(*certify(files, authority="csca.pem")) is Code.FACILITY_AUTHORITY


def test_certify_without_a_facility_authority_is_a_usage_error(
    shell: Shell, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell(*add(files))
    with pytest.raises(SystemExit) as caught:
        shell(*certify(files, authority=None))
    assert caught.value.code == 2
    assert "--facility-authority is needed" in capsys.readouterr().err


def test_audit_check_tells_of_a_certificate_that_is_gone(shell: Shell, files: Path) -> None:
    shell(*add(files))
    shell.now = NOW + timedelta(minutes=1)
    shell(*attest(files, "--yes"))
    shell(*certify(files))
    assert "audit log whole" in shell("audit", "check")
    with writing(shell.engine) as connection:
        connection.execute(sa.text("DELETE FROM certificate WHERE certificate_id = 2"))
    with pytest.raises(IssuerError, match="CERTIFICATES_UNLIKE_LOG") as caught:
        shell("audit", "check")
    assert "1 signed by the log and not in the table, 0 in the table" in str(caught.value)
    assert shell.refused(*certify(files)) is Code.CERTIFICATES_UNLIKE_LOG


UNREADABLE: dict[str, tuple[str, Words, str]] = {
    "a head's certificate": ("CERTIFICATE_UNREADABLE", lambda f: [*add(f)[:-1], f / "password"], "password"),
    "a head's certificate without facility": (
        "CERTIFICATE_PROFILE",
        lambda f: [*add(f)[:-1], f / "dsc.pem"],
        "dsc.pem",
    ),
    "a folder for a head's certificate": ("FILE_UNREADABLE", lambda f: [*add(f)[:-1], f / "."], ""),
    "a signer's certificate": ("CERTIFICATE_UNREADABLE", lambda f: instead(f, "--certificate", "password"), "password"),
    "a certificate of another key": ("KEY_CERTIFICATE", lambda f: instead(f, "--certificate", "head.pem"), "head.pem"),
    "a signer's key": ("KEY_FILE_UNREADABLE", lambda f: instead(f, "--key", "dsc.pem"), "dsc.pem"),
    "a folder for a key": ("FILE_UNREADABLE", lambda f: instead(f, "--key", "."), ""),
    "a bundle of mask keys": ("TRUST_LIST_FORMAT", lambda f: instead(f, "--epoch-keys", "dsc.pem"), "dsc.pem"),
    "the anchor of the bundle": (
        "CERTIFICATE_UNREADABLE",
        lambda f: instead(f, "--epoch-anchor", "password"),
        "password",
    ),
    "a device's key": ("KEY_FILE_UNREADABLE", lambda f: instead(f, "--device-key", "dsc.pem"), "dsc.pem"),
    "a password of several lines": (
        "PASSWORD_FILE.*more than one line",
        lambda f: instead(f, "--password-file", "dsc.key"),
        "dsc.key",
    ),
    "no password file": ("FILE_UNREADABLE", lambda f: instead(f, "--password-file", "nowhere"), "nowhere"),
    "a short password": (
        "PASSWORD_FILE.*5 characters, at least 12",
        lambda f: instead(f, "--password-file", "short"),
        "short",
    ),
    "a folder for a configuration": ("FILE_UNREADABLE", lambda f: certify(f, "--config", f), ""),
    "a configuration in another encoding": (
        "CONFIG_REFUSED.*not UTF-8.*row 2",
        lambda f: certify(f, "--config", f / "latin.toml"),
        "latin.toml",
    ),
    "a configuration that is no TOML": (
        "CONFIG_REFUSED.*line 1",
        lambda f: certify(f, "--config", f / "password"),
        "password",
    ),
}


def instead(files: Path, option: str, name: str) -> list[str | Path]:
    """`certify` with another file for one option."""
    words = certify(files)
    words[words.index(option) + 1] = files / name
    return words


@pytest.mark.parametrize("why", UNREADABLE)
def test_a_refusal_names_the_file(shell: Shell, files: Path, why: str) -> None:
    code, words, name = UNREADABLE[why]
    with pytest.raises((IssuerError, KeysError), match=f"^{code}") as caught:
        shell(*words(files))
    assert str(files / name) in str(caught.value)
    assert "codec" not in str(caught.value)
    assert "Errno" not in str(caught.value)


def test_signing_needs_all_its_files(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["certify"], ["attest", "--facility", "79001"], ["attest"]):
        with pytest.raises(SystemExit) as caught:
            shell(*words)
        assert caught.value.code == 2


POLICIES = {
    "unknown section": "[attest]\n",
    "unknown key": "[attestation]\nmax = 1\n",
    "wrong type": '[attestation]\nmax_batch = "10"\n',
    "a truth for a number": "[attestation]\nmax_batch = true\n",
    "none": "[attestation]\nmax_batch = 0\n",
    "unknown era": '[certificate]\nera = "2020"\n',
    "empty issuer": '[certificate]\nissuer = ""\n',
    "an issuer of blanks": '[certificate]\nissuer = "  "\n',
    "an issuer with a line end": '[certificate]\nissuer = "MOH\\n"\n',
    "more than five years": "[certificate]\nvalidity_months = 61\n",
    "months beyond the calendar": "[certificate]\nvalidity_months = 999999999999\n",
    "months of an endless number": f"[certificate]\nvalidity_months = {'9' * 400}\n",
    "no month": "[certificate]\nvalidity_months = 0\n",
    "a negative number": "[attestation]\nmax_per_day = -1\n",
    "a batch beyond memory": "[attestation]\nmax_batch = 1000001\n",
    "half a dose": "[attestation]\nmany_on_one_day = 1.5\n",
    "brackets without end": "x = " + "[" * 100_000 + "\n",
    "a section that is none": "certificate = 1\n",
    "no TOML": "[certificate\n",
}


@pytest.mark.parametrize("why", POLICIES)
def test_a_configuration_is_taken_whole_or_not(shell: Shell, files: Path, tmp_path: Path, why: str) -> None:
    config = tmp_path / "issuer.toml"
    config.write_text(POLICIES[why])
    assert shell.refused(*certify(files, "--config", config)) is Code.CONFIG_REFUSED


def test_a_configuration_is_obeyed(shell: Shell, files: Path, tmp_path: Path) -> None:
    config = tmp_path / "issuer.toml"
    config.write_text('[certificate]\nissuer = "Bộ Y tế"\nvalidity_months = 6\n[attestation]\nmax_batch = 9\n')
    shell(*add(files))
    assert shell.refused(*attest(files, "--yes", "--config", str(config))) is Code.ATTEST_BATCH_CAP
    shell(*attest(files, "--yes", "--config", str(config), "--limit", "8"))
    shell(*certify(files, "--config", config))
    made = rows(shell.engine)
    assert len(made) == 4
    assert made[0].read.dcc["v"][0]["is"] == "Bộ Y tế"
    assert datetime.fromtimestamp(made[0].expires_at, NOW.tzinfo) == NOW.replace(month=9)
