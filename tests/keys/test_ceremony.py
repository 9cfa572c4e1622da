"""Ceremonies: what they write, that they write all or nothing, and what they refuse."""

import json
import os
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys import ceremony_run, secret_files
from keys.ceremony_config import read_ceremony
from keys.ceremony_run import run_ceremony
from keys.certificate_facts import read_certificate
from keys.certificates import facility_of, require_issued_by
from keys.epoch_keys import EpochKeys, load_device_key
from keys.errors import Code, KeysError
from keys.file_signer import FileSigner
from keys.inventory import Inventory, State
from keys.pbes2 import ScryptCost
from keys.pkcs11_signer import Pkcs11Signer, Pkcs11Token
from keys.trust_list import TrustList
from specs.cose import Algorithm
from tests.pki import DAY, NOW

PASSWORD = b"correct horse battery staple"
FIRST = """
environment = "production"
country = "VN"
organisation = "Bộ Y tế"
starts = 2026-03-01T00:00:00+07:00
by = "custodian 3"
witnesses = ["witness 1", "witness 2"]
reason = "first ceremony"
output = "first"

[csca]
name = "CSCA 1"
password_file = "password"

[facility_authority]
name = "Facility authority 1"
password_file = "password"

[anchor]
name = "Trust list 1"
password_file = "password"

[[document_signers]]
name = "DSC 2026-1"
password_file = "password"

[[document_signers]]
name = "DSC 2026-2"
algorithm = "PS256"
password_file = "password"
active = false

[[heads]]
name = "Head 79001"
facility = "79001"
password_file = "password"
"""
ROTATION = """
environment = "production"
country = "VN"
organisation = "Bộ Y tế"
starts = 2026-08-01T00:00:00Z
by = "custodian 3"
witnesses = ["witness 1"]
reason = "half-yearly rotation"
output = "second"

[csca]
certificate = "first/certificates/csca-1.pem"
key_file = "first/private/csca-1.pem"
password_file = "password"

[anchor]
certificate = "first/certificates/trust-list-1.pem"
key_file = "first/private/trust-list-1.pem"
password_file = "password"

[[document_signers]]
name = "DSC 2026-3"
password_file = "password"

[previous]
folder = "first"
retire = ["DSC 2026-1"]
withdraw = ["DSC 2026-2"]
"""
LATER = NOW + 153 * DAY  # 1 August


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least scrypt that is not refused: the cost is tested elsewhere."""
    whole = ceremony_run.encrypted_pem
    monkeypatch.setattr(ceremony_run, "encrypted_pem", lambda key, password: whole(key, password, cost=ScryptCost(p=1)))


def prepare(folder: Path, text: str = FIRST, name: str = "ceremony.toml") -> Path:
    folder.mkdir(exist_ok=True)
    if not (folder / "password").exists():
        secret_files.write_new(folder / "password", PASSWORD + b"\n", secret=True)
    file = folder / name
    file.write_text(text)
    return file


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def refusal(file: Path, **options: object) -> KeysError:
    before = everything(file.parent)
    with pytest.raises(KeysError) as error:
        run_ceremony(file, now=NOW, **options)
    assert everything(file.parent) == before, "something half written"
    assert [path for path in file.parent.iterdir() if path.name.startswith(".")] == []
    return error.value


def test_ceremony_writes_keys_certificates_list_inventory_and_transcript(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW)
    slugs = ["csca-1", "facility-authority-1", "trust-list-1", "dsc-2026-1", "dsc-2026-2", "head-79001"]
    expected = {f"{kind}/{slug}.pem" for kind in ("certificates", "private") for slug in slugs}
    expected |= {"trust-list.json", "anchor.pem", "inventory.jsonl", "transcript.json"}
    assert everything(output) == expected
    assert {path.stat().st_mode & 0o777 for path in (output / "private").iterdir()} == {0o600}
    assert (output.stat().st_mode & 0o777, (output / "private").stat().st_mode & 0o777) == (0o700, 0o700)


def test_what_a_ceremony_made_works_together(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW)
    der = {path.stem: read_certificate(path.read_bytes()).der for path in (output / "certificates").iterdir()}
    require_issued_by(der["dsc-2026-1"], der["csca-1"])
    require_issued_by(der["head-79001"], der["facility-authority-1"])
    assert facility_of(der["head-79001"]) == "79001"
    trusted = TrustList.load(output)
    trusted.require_current(NOW)
    for slug, algorithm in (("dsc-2026-1", Algorithm.ES256), ("dsc-2026-2", Algorithm.PS256)):
        signer = FileSigner.load(output / "private" / f"{slug}.pem", PASSWORD, der[slug])
        (key,) = trusted.find(signer.certificate().kid, "VN")
        assert key.algorithm is algorithm
        signer.sign(sha256(b"certificate").digest())
    assert trusted.find(read_certificate(der["head-79001"]).kid) == ()
    assert trusted.find(read_certificate(der["csca-1"]).kid) == ()


def test_lifetimes_are_the_recommended_ones(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW)
    facts = read_certificate((output / "certificates" / "dsc-2026-1.pem").read_bytes())
    assert (facts.not_after - facts.not_before, facts.key_use_ends - facts.not_before) == (730 * DAY, 180 * DAY)
    facts = read_certificate((output / "certificates" / "csca-1.pem").read_bytes())
    assert (facts.not_after - facts.not_before, facts.key_use_ends - facts.not_before) == (1461 * DAY, 365 * DAY)


def test_inventory_tells_who_made_what_and_what_is_active(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW)
    inventory = Inventory.read((output / "inventory.jsonl").read_bytes())
    assert inventory.last("DSC 2026-1").state is State.ACTIVE
    assert inventory.last("DSC 2026-2").state is State.MADE
    assert {(step.by, step.reason) for step in inventory.steps} == {("custodian 3", "first ceremony")}
    inventory.require_active(inventory.last("DSC 2026-1").kid, NOW)


def test_transcript_holds_the_hash_of_every_file_and_of_the_configuration(tmp_path: Path) -> None:
    file = prepare(tmp_path)
    output, _ = run_ceremony(file, now=NOW)
    transcript = json.loads((output / "transcript.json").read_bytes())
    assert transcript["configuration_sha256"] == sha256(file.read_bytes()).hexdigest()
    assert set(transcript["files"]) == everything(output) - {"transcript.json"}
    for name, digest in transcript["files"].items():
        assert sha256((output / name).read_bytes()).hexdigest() == digest
    assert transcript["witnesses"] == ["witness 1", "witness 2"]


def test_no_secret_in_anything_public(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW)
    for name in everything(output):
        data = (output / name).read_bytes()
        assert PASSWORD not in data
        assert b"BEGIN PRIVATE" not in data
        assert (b"ENCRYPTED PRIVATE KEY" in data) == name.startswith("private/")


def test_dry_run_checks_everything_and_writes_nothing(tmp_path: Path) -> None:
    file = prepare(tmp_path)
    before = everything(tmp_path)
    output, files = run_ceremony(file, now=NOW, dry_run=True)
    assert len(files) == 16
    assert not output.exists()
    assert everything(tmp_path) == before


def test_output_is_never_overwritten(tmp_path: Path) -> None:
    file = prepare(tmp_path)
    (tmp_path / "first").mkdir()
    assert refusal(file).code is Code.CEREMONY_EXISTS
    assert refusal(file, dry_run=True).code is Code.CEREMONY_EXISTS


@pytest.mark.parametrize("nth", [1, 3, 16])
def test_disk_full_at_any_file_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    file = prepare(tmp_path)
    calls, whole = [], os.fsync

    def fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == nth:
            raise OSError(28, "No space left on device")
        whole(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    assert refusal(file).code is Code.FILE_UNREADABLE


def test_attack_password_file_that_others_may_read(tmp_path: Path) -> None:
    file = prepare(tmp_path)
    (tmp_path / "password").chmod(0o644)
    assert refusal(file).code is Code.KEY_FILE_EXPOSED
    assert refusal(file, dry_run=True).code is Code.KEY_FILE_EXPOSED


def test_missing_password_file_and_missing_configuration(tmp_path: Path) -> None:
    assert refusal(prepare(tmp_path, FIRST.replace('"password"', '"nowhere"'))).code is Code.FILE_UNREADABLE
    assert refusal(tmp_path / "none.toml").code is Code.FILE_UNREADABLE


@pytest.mark.parametrize(
    ("why", "old", "new", "named"),
    [
        ("not TOML", "environment =", "environment", "line 2"),
        ("unknown entry", 'by = "', 'bye = "x"\nby = "', "bye"),
        ("unknown entry in a table", '[csca]\nname = "CSCA 1"', '[csca]\nname = "CSCA 1"\npin = "1"', "csca.pin"),
        ("a password in the file", 'password_file = "password"\n\n[anchor]', 'password = "x"\n\n[anchor]', "facility"),
        ("missing", 'reason = "first ceremony"\n', "", "reason"),
        ("empty", "first ceremony", "", "reason"),
        ("wrong type", '"VN"', "84", "country"),
        ("country in words", '"VN"', '"Vietnam"', "country"),
        ("unknown environment", '"production"', '"prod"', "environment"),
        ("production without witnesses", '["witness 1", "witness 2"]', "[]", "witnesses"),
        ("local time", "2026-03-01T00:00:00+07:00", "2026-03-01T00:00:00", "starts"),
        ("date alone", "2026-03-01T00:00:00+07:00", "2026-03-01", "starts"),
        ("unknown algorithm", '"PS256"', '"RS256"', "document_signers[2].algorithm"),
        ("path in a name", '"DSC 2026-1"', '"../DSC"', "document_signers[1].name"),
        ("two keys, one file", '"DSC 2026-2"', '"dsc 2026-1"', "dsc-2026-1"),
        ("no days", 'name = "DSC 2026-1"', 'name = "DSC 2026-1"\ndays = 0', "document_signers[1].days"),
        ("true is no number", 'name = "DSC 2026-1"', 'name = "DSC 2026-1"\ndays = true', "document_signers[1].days"),
        ("documents outlive their signer", "output =", "document_days = 551\noutput =", "DSC 2026-1"),
        ("unknown kind", 'algorithm = "PS256"', 'kinds = ["x"]', "document_signers[2].kinds"),
        ("a head without facility", 'facility = "79001"\n', "", "heads[1].facility"),
        ("no place for a key", 'facility = "79001"\npassword_file = "password"', 'facility = "79001"', "heads[1]"),
        ("a token that is not there", 'facility = "79001"\npassword_file = "password"',
         'facility = "79001"\nhsm_label = "h"', "hsm_label"),
        ("signers without authority", '[csca]\nname = "CSCA 1"\npassword_file = "password"', "", "document_signers"),
        ("heads without authority", "[facility_authority]", "[facility_authorities]", "facility_authorities"),
    ],
)  # fmt: skip
def test_wrong_configuration_is_refused_by_name(tmp_path: Path, why: str, old: str, new: str, named: str) -> None:
    assert old in FIRST
    error = refusal(prepare(tmp_path, FIRST.replace(old, new, 1)), dry_run=True)
    assert error.code is Code.CEREMONY_CONFIG, why
    assert named in error.detail, why


@pytest.mark.parametrize(
    ("why", "data", "line"),
    [
        ("another encoding", FIRST.encode().replace(b"[csca]", b"# \xe0\n[csca]"), "not UTF-8"),
        ("a bracket left open", FIRST.encode().replace(b"[csca]", b"[csca"), "at line"),
        ("a folder", None, "Is a directory"),
    ],
)
def test_a_ceremony_file_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, why: str, data: bytes | None, line: str
) -> None:
    file = prepare(tmp_path, FIRST)
    if data is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(data)
        line = line if "at" in line else f"line {FIRST[: FIRST.index('[csca]')].count(chr(10)) + 1}: {line}"
    error = refusal(file, dry_run=True)
    assert str(file) in error.detail, why
    assert line in error.detail, why
    assert "codec" not in str(error), why


def test_ceremony_that_makes_nothing() -> None:
    text = FIRST[: FIRST.index("[csca]")]
    with pytest.raises(KeysError, match="makes nothing"):
        read_ceremony(text.encode())


EPOCH = """
[[devices]]
name = "custodian"
password_file = "password"

[[devices]]
name = "checkpoint 1"
public_key = "checkpoint.pem"
"""


def test_ceremony_wraps_a_mask_key_for_every_device(tmp_path: Path) -> None:
    device = X25519PrivateKey.generate()
    pem = device.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    file = prepare(tmp_path, FIRST.replace("output =", "epoch = 7\noutput =") + EPOCH)
    (tmp_path / "checkpoint.pem").write_bytes(pem)
    output, _ = run_ceremony(file, now=NOW)
    bundle, anchor = ((output / name).read_bytes() for name in ("epoch-keys.json", "anchor.pem"))
    custodian = load_device_key(output / "private" / "custodian.pem", PASSWORD)
    key = EpochKeys.open(bundle, anchor, device).key(7)
    assert key == EpochKeys.open(bundle, anchor, custodian).key(7)
    assert (output / "devices" / "checkpoint-1.pub.pem").read_bytes() == pem
    assert not (output / "private" / "checkpoint-1.pem").exists()
    again = ROTATION.replace("output =", "epoch = 8\noutput =") + EPOCH.replace('"custodian"', '"custodian 2"')
    second, _ = run_ceremony(prepare(tmp_path, again, "rotation.toml"), now=LATER)
    keys = EpochKeys.open((second / "epoch-keys.json").read_bytes(), anchor, device)
    assert keys.key(7) == key != keys.key(8)
    assert refusal(prepare(tmp_path, again.replace("epoch = 8", "epoch = 7"), "r.toml")).code is Code.CEREMONY_EXISTS
    third = again.replace("epoch = 8", "epoch = 7").replace('output = "second"', 'output = "third"')
    assert refusal(prepare(tmp_path, third, "r.toml")).code is Code.CEREMONY_CONFIG, "an epoch never gets another key"


HSM = FIRST.replace(
    'name = "DSC 2026-1"\npassword_file = "password"', 'name = "DSC 2026-1"\nhsm_label = "dsc-2026-1"'
).replace('name = "CSCA 1"\npassword_file = "password"', 'name = "CSCA 1"\nhsm_label = "csca-1"')


def test_ceremony_makes_keys_in_the_token_and_a_dry_run_makes_none(
    softhsm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "hsm", "--so-pin", "12345678", "--pin", "648219"]
    subprocess.run(command, check=True, capture_output=True)
    pkcs11.lib(str(softhsm)).reinitialize()
    folder = tmp_path / "custody"
    text = HSM + f'\n[hsm]\nmodule = "{softhsm}"\ntoken = "hsm"\npin_file = "pin"\n'
    file = prepare(folder, text)
    secret_files.write_new(folder / "pin", b"648219\n", secret=True)
    run_ceremony(file, now=NOW, dry_run=True)
    token = Pkcs11Token(softhsm, "hsm", b"648219")
    with pytest.raises(KeysError, match="HSM_KEY"):
        token.public_key("dsc-2026-1")
    token.close()
    output, _ = run_ceremony(file, now=NOW)
    assert not (output / "private" / "dsc-2026-1.pem").exists()
    token = Pkcs11Token(softhsm, "hsm", b"648219")
    signer = Pkcs11Signer(token, "dsc-2026-1", (output / "certificates" / "dsc-2026-1.pem").read_bytes())
    signer.sign(sha256(b"certificate").digest())
    assert len(TrustList.load(output).find(signer.certificate().kid, "VN")) == 1
    token.close()
    pkcs11.lib(str(softhsm)).finalize()


def rotated(tmp_path: Path) -> Path:
    run_ceremony(prepare(tmp_path), now=NOW)
    return run_ceremony(prepare(tmp_path, ROTATION, "rotation.toml"), now=LATER)[0]


def test_rotation_makes_a_signer_keeps_the_old_one_trusted_and_retires_its_key(tmp_path: Path) -> None:
    output = rotated(tmp_path)
    before, after = TrustList.load(tmp_path / "first"), TrustList.load(output)
    inventory = Inventory.read((output / "inventory.jsonl").read_bytes())
    old, spare, new = (inventory.last(f"DSC 2026-{number}") for number in (1, 2, 3))
    assert (old.state, spare.state, new.state) == (State.RETIRED, State.MADE, State.ACTIVE)
    assert after.publication.sequence == before.publication.sequence + 1
    assert len(after.find(old.kid, "VN")) == len(after.find(new.kid, "VN")) == 1
    assert after.find(spare.kid) == (), "withdrawn"
    after.require_not_older(before.publication.sequence)
    with pytest.raises(KeysError, match="TRUST_LIST_ROLLBACK"):
        before.require_not_older(after.publication.sequence)


def test_rotation_writes_no_private_key_of_the_authorities_again(tmp_path: Path) -> None:
    assert {path.name for path in (rotated(tmp_path) / "private").iterdir()} == {"dsc-2026-3.pem"}


def test_rotation_drops_signers_whose_certificates_have_expired(tmp_path: Path) -> None:
    run_ceremony(prepare(tmp_path), now=NOW)
    text = ROTATION.replace("2026-08-01", "2027-02-20").replace('"DSC 2026-3"', '"DSC 2027-1"\nactive = false')
    years = text.replace('retire = ["DSC 2026-1"]\n', "")
    output, _ = run_ceremony(prepare(tmp_path, years, "rotation.toml"), now=NOW + 731 * DAY)
    assert len(TrustList.load(output).keys) == 1


def test_rotation_of_a_key_that_was_never_made(tmp_path: Path) -> None:
    run_ceremony(prepare(tmp_path), now=NOW)
    file = prepare(tmp_path, ROTATION.replace('retire = ["DSC 2026-1"]', 'retire = ["DSC 1999"]'), "rotation.toml")
    assert refusal(file).code is Code.KEY_UNKNOWN


def test_attack_test_rotation_with_the_production_authority(tmp_path: Path) -> None:
    run_ceremony(prepare(tmp_path), now=NOW)
    file = prepare(tmp_path, ROTATION.replace('"production"', '"test"'), "rotation.toml")
    assert refusal(file).code is Code.TRUST_LIST_ENVIRONMENT


def test_authority_whose_use_has_ended_certifies_nobody(tmp_path: Path) -> None:
    run_ceremony(prepare(tmp_path), now=NOW)
    file = prepare(tmp_path, ROTATION.replace("2026-08-01", "2027-03-02"), "rotation.toml")
    with pytest.raises(KeysError, match="KEY_USE_ENDED"):
        run_ceremony(file, now=NOW + 366 * DAY)


def test_attack_inventory_altered_between_ceremonies(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW)
    inventory = output / "inventory.jsonl"
    inventory.write_text(inventory.read_text().replace("custodian 3", "custodian 4", 1))
    assert refusal(prepare(tmp_path, ROTATION, "rotation.toml")).code is Code.INVENTORY_BROKEN


def test_ceremony_prepared_ahead_dates_its_list_by_its_start(tmp_path: Path) -> None:
    output, _ = run_ceremony(prepare(tmp_path), now=NOW - timedelta(days=3))
    assert TrustList.load(output).publication.issued.isoformat() == "2026-02-28T17:00:00+00:00"


def test_the_example_of_the_document_is_a_ceremony(root: Path) -> None:
    text = (root / "specs" / "ceremony.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    ceremony = read_ceremony(example.encode())
    assert [key.name for key in ceremony.new_keys][-1] == "Head 79001"
