"""The examples in `specs/examples/`: made by today's code, read by today's code, and each with one fault at most."""

import datetime as dt
import json
from pathlib import Path

import cbor2
import pytest

from keys.trust_list import TrustList
from specs import base45
from specs.compression import deflate, inflate
from specs.cose import decode_sign1, encode_sign1
from specs.text import PREFIX
from specs.verdicts import Outcome
from tests import make_examples
from tests.make_examples import CHECKED_AT, EXAMPLES
from verifier.check import check
from verifier.request import Request
from verifier.scan import read

VALID = sorted(path.name for path in (EXAMPLES / "valid").iterdir())
INVALID = sorted(path.stem for path in (EXAMPLES / "invalid").iterdir())
SIGNERS = ("dsc.pem", "dsc-tests-only.pem")


def trust() -> TrustList:
    return TrustList.of_certificates([(EXAMPLES / name).read_bytes() for name in SIGNERS])


def test_making_them_again_leaves_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_examples, "EXAMPLES", tmp_path)
    make_examples.main()

    def contents(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    made, kept = contents(tmp_path), contents(EXAMPLES)
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize("name", VALID)
def test_each_stage_follows_from_the_one_before_and_leads_back(name: str) -> None:
    stage = {path.name: path for path in (EXAMPLES / "valid" / name).iterdir()}
    text = stage["5-text.txt"].read_text().rstrip("\n")
    packed = bytes.fromhex(stage["4-zlib.hex"].read_text())
    envelope = bytes.fromhex(stage["3-cose.hex"].read_text())
    claims = bytes.fromhex(stage["2-cwt.hex"].read_text())
    assert base45.decode(text.removeprefix(PREFIX)) == packed
    assert (inflate(packed), deflate(envelope)) == (envelope, packed)
    read_back = decode_sign1(envelope)
    assert read_back.payload == claims
    assert encode_sign1(read_back.protected, claims, read_back.signature) == envelope
    assert cbor2.loads(claims)[-260][1] == json.loads(stage["1-payload.json"].read_text())
    assert read(stage["6-qr.png"].read_bytes()) == text


@pytest.mark.parametrize("name", VALID)
def test_the_valid_ones_are_valid(name: str) -> None:
    text = (EXAMPLES / "valid" / name / "5-text.txt").read_text()
    verdict = check(Request(text=text, at=CHECKED_AT), trust(), now=CHECKED_AT)
    assert (verdict.outcome, verdict.reasons) == (Outcome.VALID, ())


@pytest.mark.parametrize("name", INVALID)
def test_the_others_are_refused_for_the_reason_they_state(name: str) -> None:
    fault = json.loads((EXAMPLES / "invalid" / f"{name}.json").read_text())
    at = dt.datetime.fromisoformat(fault["at"])
    verdict = check(Request(text=fault["text"], at=at), trust(), now=at)
    assert verdict.outcome is not Outcome.VALID
    assert verdict.reasons[0].value == fault["reason"]
