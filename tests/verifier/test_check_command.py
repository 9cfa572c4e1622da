"""`python -m verifier check`: what it prints, and the four exit codes."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from keys.certificate_facts import pem_of
from keys.epoch_keys import BUNDLE_FILE, MEDIA_TYPE, bundle_payload, wrap
from keys.new_key import encrypted_pem
from keys.pbes2 import ScryptCost
from keys.secret_files import write_new
from keys.signed_json import sign_json
from keys.trust_list import ANCHOR_FILE, LIST_FILE
from specs.id_binding import bind
from specs.national_claim import NationalClaim
from tests.faults import ABSENT, DCC, EXPIRES, HCERT, ISS, ISSUED, VACCINATION, Recipe, foreign
from tests.pki import NOW, Pki, make_pki
from verifier.__main__ import main

AT = NOW.isoformat()
NUMBER = "001190000017"
PASSWORD = b"correct horse battery staple"
ISSUED_AT = int(NOW.timestamp())


@pytest.fixture
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def text(pki: Pki) -> str:
    binding = NationalClaim(bind(NUMBER, 1, bytes(32), VACCINATION["ci"]), 1).to_bytes()
    return recipe(pki, {HCERT: {1: DCC, -22: binding}}).certificate()


def recipe(pki: Pki, claims: dict[Any, Any]) -> Recipe:
    times = {ISSUED: ISSUED_AT, EXPIRES: ISSUED_AT + 86400}
    return Recipe(key=pki.dsc.key, kid=pki.dsc.signer.certificate().kid, claims={**times, **claims})


@pytest.fixture
def dsc(pki: Pki, tmp_path: Path) -> str:
    path = tmp_path / "dsc.pem"
    path.write_bytes(pem_of(pki.dsc.certificate))
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["check", *arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_valid(capsys: pytest.CaptureFixture[str], text: str, dsc: str) -> None:
    code, out, err = run(capsys, text, "--dsc", dsc, "--at", AT)
    assert (code, err) == (0, "")
    assert out.startswith("HỢP LỆ / VALID\n")
    assert "Nguyễn Thị Ví Dụ" in out


def test_json(capsys: pytest.CaptureFixture[str], text: str, dsc: str) -> None:
    code, out, _ = run(capsys, text, "--dsc", dsc, "--at", AT, "--json")
    answer = json.loads(out)
    assert (code, answer["id"], answer["verdict"], answer["text"]) == (0, None, "valid", text)


def test_der_and_several_certificates(
    capsys: pytest.CaptureFixture[str], text: str, dsc: str, pki: Pki, tmp_path: Path
) -> None:
    der = tmp_path / "rsa.der"
    der.write_bytes(pki.dsc_rsa.certificate)
    assert run(capsys, text, "--dsc", str(der), "--at", AT)[0] == 1
    assert run(capsys, text, "--dsc", str(der), "--dsc", dsc, "--at", AT)[0] == 0


def test_not_valid(capsys: pytest.CaptureFixture[str], text: str, dsc: str) -> None:
    code, out, _ = run(capsys, text, "--dsc", dsc, "--at", "2035-01-01")
    assert code == 1
    assert out.startswith("KHÔNG HỢP LỆ / NOT VALID\n")
    assert "[EXPIRED]" in out


def test_cannot_tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, out, _ = run(capsys, text, "--at", AT)
    assert code == 2
    assert "[TRUST_MISSING]" in out


@pytest.mark.parametrize("by_folder", [True, False])
def test_trust_list(capsys: pytest.CaptureFixture[str], text: str, pki: Pki, tmp_path: Path, by_folder: bool) -> None:
    (tmp_path / LIST_FILE).write_bytes(pki.signed_list())
    (tmp_path / ANCHOR_FILE).write_bytes(pki.anchor.certificate)
    where = tmp_path if by_folder else tmp_path / LIST_FILE
    assert run(capsys, text, "--trust", str(where), "--at", AT)[0] == 0
    code, out, _ = run(capsys, text, "--trust", str(where), "--at", "2035-01-01", "--json")
    assert (code, json.loads(out)["reasons"][0]) == (2, "TRUST_EXPIRED")


def test_a_trust_list_of_somebody_else_is_not_used(
    capsys: pytest.CaptureFixture[str], text: str, pki: Pki, tmp_path: Path
) -> None:
    (tmp_path / LIST_FILE).write_bytes(pki.signed_list())
    (tmp_path / ANCHOR_FILE).write_bytes(make_pki("FR").anchor.certificate)
    code, out, err = run(capsys, text, "--trust", str(tmp_path), "--at", AT)
    assert (code, out) == (3, "")
    assert err.startswith("TRUST_LIST_SIGNATURE")


def test_card(capsys: pytest.CaptureFixture[str], text: str, dsc: str) -> None:
    code, out, _ = run(capsys, text, "--dsc", dsc, "--at", AT, "--card", NUMBER, "--json")
    answer = json.loads(out)
    assert (code, answer["reasons"], answer["steps"]["card"]) == (2, ["CARD_KEY_MISSING"], "fail")
    assert NUMBER not in out


QR = f"{NUMBER}||Nguyễn Thị Ví Dụ|15041990|Nữ|Hà Nội|25052021"
MRZ = "IDVNM1900000174001190000017<<5\n9004159F3004157VNM<<<<<<<<<<<4\nNGUYEN<<THI<VI<DU<<<<<<<<<<<<<\n"
ON_STDIN = {
    "a number": NUMBER.encode(),
    "QR text": QR.encode() + b"\r\n",
    "MRZ of three lines": MRZ.encode(),
}


@pytest.mark.parametrize("given", ON_STDIN.values(), ids=ON_STDIN.keys())
def test_a_card_on_standard_input_stays_out_of_the_list_of_processes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, dsc: str, given: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    code, out, _ = run(capsys, text, "--dsc", dsc, "--at", AT, "--card", "-", "--json")
    assert (code, json.loads(out)["reasons"]) == (2, ["CARD_KEY_MISSING"])
    assert NUMBER not in out


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff\xfe" * 9, b"x" * 100_000], ids=["no", "blank", "binary", "long"])
def test_no_card_on_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, dsc: str, given: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    code, out, _ = run(capsys, text, "--dsc", dsc, "--at", AT, "--card", "-", "--json")
    assert (code, json.loads(out)["reasons"]) == (2, ["CARD_UNREADABLE"])


@pytest.fixture
def device(pki: Pki, tmp_path: Path) -> tuple[str, ...]:
    """What a checkpoint holds: a trust list, mask keys wrapped for it in the anchor's bundle, its own key."""
    own, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    wrapped = [
        wrap(1, bytes(32), own.public_key()),
        wrap(2, bytes(31) + b"2", own.public_key()),
        wrap(1, bytes(31) + b"x", other.public_key()),
    ]
    (tmp_path / LIST_FILE).write_bytes(pki.signed_list())
    (tmp_path / ANCHOR_FILE).write_bytes(pki.anchor.certificate)
    (tmp_path / BUNDLE_FILE).write_bytes(sign_json(bundle_payload(wrapped), MEDIA_TYPE, pki.anchor.signer))
    password, key = tmp_path / "password", tmp_path / "device.pem"
    write_new(password, PASSWORD + b"\n", secret=True)
    write_new(key, encrypted_pem(own, PASSWORD, cost=ScryptCost(p=1)), secret=True)
    return ("--trust", str(tmp_path), "--device-key", str(key), "--password-file", str(password))


def test_device_key_opens_the_bundle_and_the_card_is_compared(
    capsys: pytest.CaptureFixture[str], text: str, device: tuple[str, ...]
) -> None:
    ask = (text, *device, "--at", AT, "--json", "--card")
    code, out, _ = run(capsys, *ask, NUMBER)
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["reasons"], answer["steps"]["card"]) == (0, "valid", [], "pass")
    code, out, _ = run(capsys, *ask, "001190000018")
    answer = json.loads(out)
    assert (code, answer["reasons"], answer["steps"]["card"]) == (1, ["CARD_NUMBER_DIFFERS"], "fail")


def test_epoch_that_the_bundle_lacks_cannot_tell(
    capsys: pytest.CaptureFixture[str], pki: Pki, device: tuple[str, ...]
) -> None:
    binding = NationalClaim(bind(NUMBER, 3, bytes(32), VACCINATION["ci"]), 1).to_bytes()
    text = recipe(pki, {HCERT: {1: DCC, -22: binding}}).certificate()
    code, out, _ = run(capsys, text, *device, "--at", AT, "--json", "--card", NUMBER)
    assert (code, json.loads(out)["reasons"]) == (2, ["CARD_KEY_MISSING"])


def test_attack_bundle_of_another_anchor(
    capsys: pytest.CaptureFixture[str], text: str, device: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / BUNDLE_FILE).write_bytes(sign_json(bundle_payload([]), MEDIA_TYPE, make_pki("FR").anchor.signer))
    code, out, err = run(capsys, text, *device, "--at", AT, "--card", NUMBER)
    assert (code, out) == (3, "")
    assert err.startswith("TRUST_LIST_SIGNATURE")


USAGE = {
    "nothing": (),
    "text and image": ("HC1:A", "--image", "x.png"),
    "text and lines": ("HC1:A", "--jsonl"),
    "two texts": ("HC1:A", "HC1:B"),
    "an unknown option": ("HC1:A", "--nothing"),
    "no moment": ("HC1:A", "--at", "yesterday"),
    "a certificate that is not there": ("HC1:A", "--dsc", "nowhere.pem"),
    "a picture that is not there": ("--image", "nowhere.png"),
    "a trust list that is not there": ("HC1:A", "--trust", "nowhere"),
    "a certificate that is none": ("HC1:A", "--dsc", __file__),
    "a card beside lines": ("--jsonl", "--card", NUMBER),
    "a device key without a list": ("HC1:A", "--device-key", "device.pem"),
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (3, "")
    assert err.splitlines()[-1].count(": ") >= 2, "CODE: what happened: what to do"
    assert "Traceback" not in err


def test_the_screen_shows_no_escape_sequence(capsys: pytest.CaptureFixture[str], dsc: str, pki: Pki) -> None:
    """ANSI escapes, line breaks and bidirectional marks in a certificate stay visible as what they are."""
    name = {"fn": "\x1b[2J\x1b[32mHỢP LỆ", "gn": "a\nHỢP LỆ / VALID\u202e", "fnt": "A"}
    text = recipe(pki, {HCERT: {1: {**DCC, "nam": name}}}).certificate()
    code, out, _ = run(capsys, text, "--dsc", dsc, "--at", "2035-01-01")
    assert code == 1
    assert not {"\x1b", "\u202e"} & set(out)
    assert out.count("\nHỢP LỆ") == 0


NO_CODES = {"alpha-3": "VNM", "nothing": "", "a sentence": "Bộ Y tế Việt Nam", "absent": ABSENT, "lower case": "de"}


@pytest.mark.parametrize("iss", NO_CODES.values(), ids=NO_CODES.keys())
def test_attack_foreign_key_shows_itself_as_vietnam(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, iss: Any
) -> None:
    """`iss` is never decisive; so wherever it is no country code, the screen names the country of the key."""
    german = make_pki("DE")
    (tmp_path / LIST_FILE).write_bytes(german.signed_list())
    (tmp_path / ANCHOR_FILE).write_bytes(german.anchor.certificate)
    text = recipe(german, {**foreign(), ISS: iss}).certificate()
    code, out, _ = run(capsys, text, "--trust", str(tmp_path), "--at", AT)
    assert code == 0
    assert "Cấp / Issued: DE 20" in out
    answer = json.loads(run(capsys, text, "--trust", str(tmp_path), "--at", AT, "--json")[1])
    assert answer["certificate"]["issuer"] == (None if iss is ABSENT else iss)


def test_key_trusted_as_it_is_lends_no_country(capsys: pytest.CaptureFixture[str], dsc: str, pki: Pki) -> None:
    for iss, shown in (("FR", "FR"), ("VN\u200b", "?"), ("VNM", "?")):
        text = recipe(pki, {**foreign(), ISS: iss}).certificate()
        assert f"Cấp / Issued: {shown} 20" in run(capsys, text, "--dsc", dsc, "--at", AT)[1]
