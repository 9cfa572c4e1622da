"""`python -m keys` as a custodian types it: what it prints, what it leaves on disk, how it refuses."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from keys import ceremony_run, own_packages, secret_files
from keys.__main__ import main
from keys.certificate_facts import pem_of
from keys.commands import epoch
from keys.epoch_keys import EpochKeys, load_device_key
from keys.errors import Code, KeysError
from keys.inventory import Inventory, State
from keys.key_id import key_id
from keys.new_key import encrypted_pem
from keys.pbes2 import ScryptCost
from keys.trust_list import TrustList
from tests.pki import make_pki

PASSWORD = b"correct horse battery staple"
CEREMONY = """
environment = "test"
country = "VN"
organisation = "Bộ Y tế"
starts = 2026-03-01T00:00:00Z
by = "custodian 3"
reason = "drill"
output = "first"
epoch = 1
csca = { name = "CSCA 1", password_file = "password" }
anchor = { name = "Trust list 1", password_file = "password" }
document_signers = [{ name = "DSC 1", password_file = "password" }]
devices = [{ name = "custodian", password_file = "password" }]
"""
AT = ["--at", "2026-03-02T00:00:00Z"]


@pytest.fixture
def custody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ceremony held, and scrypt at its least."""
    whole = ceremony_run.encrypted_pem
    for module in (ceremony_run, epoch):
        monkeypatch.setattr(module, "encrypted_pem", lambda key, password: whole(key, password, cost=ScryptCost(p=1)))
    secret_files.write_new(tmp_path / "password", PASSWORD + b"\n", secret=True)
    (tmp_path / "ceremony.toml").write_text(CEREMONY)
    monkeypatch.chdir(tmp_path)
    assert main(["ceremony", "ceremony.toml", *AT]) == 0
    return tmp_path


ANCHOR = ["--anchor", "first/anchor.pem", "--key", "first/private/trust-list-1.pem", "--password-file", "password"]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr of a command that refuses."""
    capsys.readouterr()
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert PASSWORD.decode() not in err
    return err.partition(":")[0]


def test_ceremony_and_dry_run(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (custody / "again.toml").write_text(CEREMONY.replace('"first"', '"again"'))
    assert main(["ceremony", "again.toml", "--dry-run", *AT]) == 0
    assert "again: 13 files would be written" in capsys.readouterr().out
    assert len([path for path in (custody / "first").rglob("*") if path.is_file()]) == 13
    assert not (custody / "again").exists()
    assert refused(capsys, "ceremony", "ceremony.toml", *AT) == "CEREMONY_EXISTS"


def test_rotate_needs_a_ceremony_to_go_on_from(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "rotate", "ceremony.toml", *AT) == "CEREMONY_CONFIG"
    old = 'certificate = "first/certificates/{0}.pem", key_file = "first/private/{0}.pem", password_file = "password"'
    text = CEREMONY.replace('name = "CSCA 1", password_file = "password"', old.format("csca-1"))
    text = text.replace('name = "Trust list 1", password_file = "password"', old.format("trust-list-1"))
    text = text.replace('"DSC 1"', '"DSC 2"').replace('"first"', '"second"').replace("epoch = 1", "epoch = 2")
    (custody / "rotation.toml").write_text(text + '[previous]\nfolder = "first"\nretire = ["DSC 1"]\n')
    assert main(["rotate", "rotation.toml", "--at", "2026-08-01T00:00:00Z"]) == 0
    assert len(TrustList.load(custody / "second").keys) == 2


def test_inspect(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["first/certificates/dsc-1.pem", "first/private/dsc-1.pem"]
    assert main(["inspect", *files, "--password-file", "password"]) == 0
    out = capsys.readouterr().out
    assert "(TEST)" in out
    assert "may sign        v" in out
    assert "the password opens it" in out
    (custody / "first" / "private" / "dsc-1.pem").chmod(0o644)
    assert refused(capsys, "inspect", files[1]) == "KEY_FILE_EXPOSED"
    assert refused(capsys, "inspect", "nowhere") == "FILE_UNREADABLE"
    assert refused(capsys, "inspect", "ceremony.toml") == "KEY_FILE_EXPOSED"


def test_trust_list_show_and_check(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust-list", "show", "first"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("test list 1, issued 2026-03-02T00:00:00+00:00, expires 2026-04-01T00:00:00+00:00, 1 keys\n")
    assert main(["trust-list", "check", "first", "--newest", "1", *AT]) == 0
    assert refused(capsys, "trust-list", "check", "first", "--newest", "2", *AT) == "TRUST_LIST_ROLLBACK"
    assert refused(capsys, "trust-list", "check", "first", "--at", "2027-01-01T00:00:00Z") == "TRUST_LIST_EXPIRED"
    assert refused(capsys, "trust-list", "check", "nowhere", *AT) == "FILE_UNREADABLE"


def test_import_of_a_single_certificate_and_the_next_list(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    foreign = make_pki("FR", test=True)
    (custody / "csca.der").write_bytes(foreign.csca.certificate)
    (custody / "dsc.der").write_bytes(foreign.dsc.certificate)
    words = ["import", "dsc.der", "--authority", "csca.der", "--country", "FR"]
    assert main([*words, "--output", "foreign.json"]) == 0
    build = ["trust-list", "build", "--previous", "first", *ANCHOR, *AT]
    (custody / "next").mkdir()
    assert main([*build, "--add", "foreign.json", "--output", "next/trust-list.json"]) == 0
    (custody / "next" / "anchor.pem").write_bytes((custody / "first" / "anchor.pem").read_bytes())
    trusted = TrustList.load(custody / "next")
    assert (trusted.publication.sequence, len(trusted.keys)) == (2, 2)
    assert len(trusted.find(key_id(foreign.dsc.certificate), "FR")) == 1
    assert trusted.find(key_id(foreign.dsc.certificate), "VN") == ()
    kid = key_id(foreign.dsc.certificate).hex()
    last = ["trust-list", "build", "--previous", "next", *ANCHOR, *AT, "--withdraw", kid]
    assert main([*last, "--output", "third.json"]) == 0
    (custody / "anchor.pem").write_bytes((custody / "first" / "anchor.pem").read_bytes())
    assert len(TrustList.load(custody / "third.json").keys) == 1
    assert refused(capsys, *last, "--output", "third.json") == "CEREMONY_EXISTS"
    assert refused(capsys, *build, "--withdraw", "00", "--output", "x.json") == "KEY_UNKNOWN"
    assert refused(capsys, *build, "--add", "ceremony.toml", "--output", "x.json") == "TRUST_LIST_FORMAT"
    assert refused(capsys, *words[:3], "first/anchor.pem", "--country", "VN") == "CERTIFICATE_CHAIN"
    assert refused(capsys, *words[:4], "--country", "VN") == "CERTIFICATE_PROFILE"
    assert refused(capsys, "import", "dsc.der", "--country", "FR") == "CERTIFICATE_CHAIN"


def test_attack_production_signer_in_a_test_list_is_no_matter_but_the_reverse_is(
    custody: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = make_pki("FR", test=True)
    document = {"keys": [{"country": "FR", "x5c": [_base64(foreign.dsc.certificate)]}]}
    (custody / "foreign.json").write_text(json.dumps(document))
    anchor = make_pki().anchor
    (custody / "production.pem").write_bytes(pem_of(anchor.certificate))
    secret_files.write_new(custody / "production.key", encrypted_pem(anchor.key, PASSWORD), secret=True)
    words = ["--anchor", "production.pem", "--key", "production.key", "--password-file", "password", *AT]
    build = ["trust-list", "build", "--add", "foreign.json", "--output", "x.json"]
    assert refused(capsys, *build, *words) == "TRUST_LIST_ENVIRONMENT"
    assert not (custody / "x.json").exists()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_import_of_the_who_list(custody: Path, vectors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    did = str(vectors / "who-gdhcn" / "did.json")
    assert main(["import", did, "--participant", "XXH=XH", "--output", "world.json"]) == 0
    out = capsys.readouterr().out
    assert "501 entries, 501 with the right key id" in out
    assert "438 document signers, 433 signed by a listed authority" in out
    assert "432 accepted" in out
    assert "5 left out: WEAK_SIGNATURE" in out
    assert main(["trust-list", "build", *ANCHOR, *AT, "--add", "world.json", "--output", "world/trust-list.json"]) == 1
    (custody / "world").mkdir()
    assert main(["trust-list", "build", *ANCHOR, *AT, "--add", "world.json", "--output", "world/trust-list.json"]) == 0
    assert refused(capsys, "import", did, "--participant", "XXHXH") == "KEY_UNKNOWN"
    (custody / "pins").write_text("00" * 31)
    assert refused(capsys, "import", did, "--pin", "pins") == "TRUST_LIST_FORMAT"
    assert refused(capsys, "import", "ceremony.toml") == "DID_FORMAT"


def test_inventory(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["inventory", "show", "first"]) == 0
    assert "DSC 1" in capsys.readouterr().out
    words = ["inventory", "record", "first", "DSC 1", "retired", "--by", "custodian 4", "--reason", "drill over"]
    assert main([*words, *AT]) == 0
    inventory = Inventory.read((custody / "first" / "inventory.jsonl").read_bytes())
    assert inventory.last("DSC 1").state is State.RETIRED
    assert refused(capsys, *words, *AT) == "INVENTORY_STATE"
    assert refused(capsys, "inventory", "show", "first", "--key", "DSC 9") == "KEY_UNKNOWN"
    assert main(["inventory", "show", "first", "--key", "DSC 1"]) == 0
    assert "drill over" in capsys.readouterr().out
    assert {path.name for path in (custody / "first").iterdir() if path.name.startswith(".")} == set()


def test_a_new_device_gets_the_epochs_of_the_custodian(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "new", "checkpoint", "--password-file", "password"]) == 0
    custodian = ["--device-key", "first/private/custodian.pem", "--device-password-file", "password"]
    wrap = ["epoch", "wrap", "--previous", "first/epoch-keys.json", *custodian, "--for", "checkpoint/device.pub.pem"]
    assert main([*wrap, *ANCHOR, "--output", "bundle.json"]) == 0
    new = ["epoch", "new", "--previous", "bundle.json", "--for", "checkpoint/device.pub.pem", *ANCHOR]
    assert main([*new, "--epoch", "2", "--output", "bundle2.json"]) == 0
    device = load_device_key(custody / "checkpoint" / "device.pem", PASSWORD)
    bundle, anchor = (custody / "bundle2.json").read_bytes(), (custody / "first" / "anchor.pem").read_bytes()
    held = load_device_key(custody / "first" / "private" / "custodian.pem", PASSWORD)
    assert EpochKeys.open(bundle, anchor, device).key(1) == EpochKeys.open(bundle, anchor, held).key(1)
    assert len(EpochKeys.open(bundle, anchor, device).keys) == 2
    assert refused(capsys, *new, "--epoch", "1", "--output", "x.json") == "EPOCH_UNKNOWN"
    stranger = [*wrap[:4], "--device-key", "checkpoint/device.pem", *wrap[6:]]
    assert refused(capsys, *stranger, *ANCHOR, "--output", "x.json") == "EPOCH_KEY_WRONG"
    assert refused(capsys, *wrap[:-1], "first/anchor.pem", *ANCHOR, "--output", "x.json") == "KEY_UNSUPPORTED"


def test_anchor_half_named(custody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["trust-list", "build", "--anchor", "first/anchor.pem", "--output", "x.json"]
    assert refused(capsys, *words) == "KEY_UNKNOWN"


def test_errors_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--language", "vi", "inspect", "nowhere"]) == 1
    assert "không đọc hoặc ghi được tệp" in capsys.readouterr().err


def test_every_code_has_its_words_in_both_languages_and_says_what_to_do() -> None:
    for code in Code:
        assert code.value == code.name
        for words in (code.en, code.vi, code.do_en, code.do_vi):
            assert words
            assert words == words.strip()
        assert code.en.isascii()
        assert not code.vi.isascii()
    error = KeysError(Code.KEY_UNKNOWN, "kid 00")
    assert str(error).startswith("KEY_UNKNOWN: no such key is known here (kid 00): check")


@pytest.mark.parametrize(("ours", "words"), [("keys", ["inspect", "x"]), ("issuer", ["link"])])
def test_attack_foreign_package_by_the_name_of_ours(tmp_path: Path, ours: str, words: list[str]) -> None:
    """Another `verifier` earlier on the path: the commands stop before they touch a key."""
    foreign = tmp_path / "foreign"
    (foreign / "verifier").mkdir(parents=True)
    (foreign / "verifier" / "__init__.py").write_text("")
    tree = Path(own_packages.__file__).parents[1]
    code = "import sys; sys.path[:0] = [sys.argv[1]]; sys.path.append(sys.argv[2]); sys.argv[1:] = sys.argv[3:]\n"
    code += f"import runpy; runpy.run_module('{ours}', run_name='__main__')"
    command = [sys.executable, "-c", code, str(foreign), str(tree), *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("PACKAGE_SHADOWED: ")


def test_attack_foreign_distribution_that_claims_our_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_packages.metadata, "packages_distributions", lambda: {"keys": ["evil-keys"]})
    with pytest.raises(KeysError, match="PACKAGE_SHADOWED"):
        own_packages.require_own_packages()


def test_command_runs_as_a_module(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keys", "--help"], capture_output=True, text=True, cwd=root, check=True
    )
    assert "trust-list" in done.stdout
