"""The vectors of others, where they lie: dgc-testdata, Wycheproof, cose-wg, RFC 8949 appendix A.

dgc-testdata is scored by `must_pass.json` alone, twice: each flag from the field of the file that it speaks of, and
all of them from what `check --jsonl` answers for the text and the picture.
"""

import base64
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys.raw_signature import verifies
from keys.trust_list import TrustedKey, TrustList
from specs import base45, cbor, compression, cose
from specs.cose import Algorithm
from specs.errors import WireError
from specs.text import PREFIX
from specs.verdicts import Reason, Step, StepResult
from tests.faults import b45encode
from verifier.check import check
from verifier.errors import VerifierError
from verifier.instants import instant
from verifier.request import Request
from verifier.scan import read
from verifier.verdict import Verdict

FLAGS = 1757
STEPS = {
    "UNPREFIX": (Step.PREFIX,),
    "B45DECODE": (Step.BASE45,),
    "COMPRESSION": (Step.ZLIB,),
    "VERIFY": (Step.KEY, Step.SIGNATURE),
    "DECODE": (Step.COSE, Step.CBOR),
    "VALIDJSON": (Step.COSE, Step.CBOR),
    "EXPIRATIONCHECK": (Step.TIMES,),
    "SCHEMAVALIDATION": (Step.SCHEMA,),
    "KEYUSAGE": (Step.KEY_USAGE,),
}


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, moments being compared as moments and a missing null as absent."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = {key for side in (one, other) for key, value in side.items() if value is not None}
        return all(same(one.get(key), other.get(key)) for key in keys)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str) and one != other:
        with contextlib.suppress(ValueError):
            return instant(one) == instant(other)
    return bool(one == other)


def of_fields(case: dict[str, Any], at: str) -> dict[str, Callable[[], bool]]:
    """Each flag's check, from the fields of one file."""
    context = case["TESTCTX"]

    @cache
    def verdict(text: str) -> Verdict:
        keys = [TrustedKey.of_certificate(base64.b64decode(context["CERTIFICATE"]))]
        return check(Request(text=text, at=instant(at)), TrustList(keys), now=instant(at))

    def text_of_envelope() -> str:
        """The envelope's own field, packed anew, so that a fault in another field does not count here."""
        return (
            PREFIX + b45encode(compression.deflate(bytes.fromhex(case["COSE"]))) if "COSE" in case else case["PREFIX"]
        )

    def step(*steps: Step) -> Callable[[], bool]:
        return lambda: all(verdict(text_of_envelope()).steps[one] is StepResult.PASS for one in steps)

    def dcc(text: str) -> Any:
        payload = cose.decode_sign1(compression.inflate(base45.decode(text.strip().removeprefix(PREFIX)))).payload
        return cbor.decode(payload, tags=cbor.DATE_TAGS)[-260][1]

    def decodes() -> bool:
        # not what is signed, and of indefinite length in some files: read by cbor2 alone
        as_text = {tag: lambda value, immutable: value for tag in (0, 1)}
        whole = cbor2.loads(bytes.fromhex(case["CBOR"]), semantic_decoders=as_text) if "CBOR" in case else None
        bare = whole if whole is None or -260 not in whole else whole[-260][1]
        return same(dcc(text_of_envelope()), case["JSON"]) and (bare is None or same(bare, case["JSON"]))

    def chain() -> bool:
        found = verdict(case["PREFIX"]).steps
        return found[Step.PREFIX] is found[Step.CBOR] is StepResult.PASS and same(dcc(case["PREFIX"]), case["JSON"])

    return {
        "UNPREFIX": lambda: case["PREFIX"] == PREFIX + case["BASE45"],
        "B45DECODE": lambda: base45.decode(case["BASE45"]) == bytes.fromhex(case["COMPRESSED"]),
        "COMPRESSION": lambda: compression.inflate(bytes.fromhex(case["COMPRESSED"])) == bytes.fromhex(case["COSE"]),
        "PICTUREDECODE": lambda: read(base64.b64decode(case["2DCODE"])).strip() == case["PREFIX"].strip(),
        "VERIFY": step(Step.KEY, Step.SIGNATURE),
        "DECODE": decodes,
        "VALIDJSON": chain,
        "EXPIRATIONCHECK": step(Step.TIMES),
        "SCHEMAVALIDATION": step(Step.SCHEMA),
        "KEYUSAGE": step(Step.KEY_USAGE),
    }


def test_must_pass_field_by_field(vectors: Path) -> None:
    folder = vectors / "dgc-testdata"
    scored, wrong = 0, []
    for entry in json.loads((folder / "must_pass.json").read_text(encoding="utf-8")):
        checks = of_fields(json.loads((folder / "cases" / entry["file"]).read_bytes()), entry["validation_clock"])
        for flag, wanted in entry["must_pass"].items():
            try:
                found = checks[flag]()
            except (
                WireError,
                VerifierError,
                KeyError,
                cbor2.CBORDecodeError,
            ):  # a field that is missing, or broken on purpose
                found = False
            scored += 1
            if found is not wanted:
                wrong.append((entry["file"], flag, wanted))
    assert (scored, wrong) == (FLAGS, [])


def test_must_pass_through_jsonl(vectors: Path) -> None:
    folder = vectors / "dgc-testdata"
    entries = json.loads((folder / "must_pass.json").read_text(encoding="utf-8"))
    files = [json.loads((folder / "cases" / entry["file"]).read_bytes()) for entry in entries]
    lines = []
    for number, (entry, case) in enumerate(zip(entries, files, strict=True)):
        given = {"dsc": [case["TESTCTX"]["CERTIFICATE"]], "at": entry["validation_clock"]}
        lines.append({"id": number, "text": case["PREFIX"], **given})
        lines.append({"id": -number - 1, "image": case.get("2DCODE", ""), **given})
    answers = {answer["id"]: answer for answer in run_jsonl(lines)}
    assert len(answers) == len(lines)
    scored, wrong = 0, []
    for number, (entry, case) in enumerate(zip(entries, files, strict=True)):
        by_text, by_picture = answers[number], answers[-number - 1]
        for flag, wanted in entry["must_pass"].items():
            if flag == "PICTUREDECODE":
                found = (by_picture["text"] or "").strip() == case["PREFIX"].strip()
            else:
                found = all(by_text["steps"][step] == "pass" for step in STEPS[flag])
            if flag in ("DECODE", "VALIDJSON") and by_text["certificate"] is not None:
                found &= shows(by_text["certificate"], case["JSON"])
            scored += 1
            if found is not wanted:
                wrong.append((entry["file"], flag, wanted))
    assert (scored, wrong) == (FLAGS, [])


def run_jsonl(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    given = "".join(json.dumps(line) + "\n" for line in lines).encode()
    command = [sys.executable, "-m", "verifier", "check", "--jsonl"]
    result = subprocess.run(command, input=given, capture_output=True, check=True, cwd=Path(__file__).parents[2])
    assert result.stderr == b""
    return map(json.loads, result.stdout.splitlines())


def shows(certificate: dict[str, Any], dcc: dict[str, Any]) -> bool:
    """Whether the displayed certificate is the payload's."""
    entries = [{"type": kind, **entry} for kind in "vtr" for entry in dcc.get(kind) or ()]
    return (
        same(certificate["names"], dcc["nam"])
        and certificate["birth_date"] == dcc["dob"]
        and same(certificate["entries"], entries)
    )


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ecdsa_secp256r1_sha256_p1363_test", 262),
        ("rsa_pss_2048_sha256_mgf1_32_test", 108),
        ("rsa_pss_3072_sha256_mgf1_32_test", 108),
    ],
)
def test_wycheproof(vectors: Path, name: str, count: int) -> None:
    scored, wrong = 0, []
    for group in json.loads((vectors / "wycheproof" / f"{name}.json").read_bytes())["testGroups"]:
        key: Any = load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
        for test in group["tests"]:
            digest = sha256(bytes.fromhex(test["msg"])).digest()
            scored += 1
            if verifies(key, digest, bytes.fromhex(test["sig"])) is not (test["result"] == "valid"):
                wrong.append(test["tcId"])
    assert (scored, wrong) == (count, [])


def cose_wg_key(case: dict[str, Any]) -> Any:
    given = case["input"]
    key = given.get("sign0", {}).get("key") or given["sign"]["signers"][0]["key"]
    if key["kty"] != "EC" or key["crv"] != "P-256":
        return None
    x, y = (
        bytes.fromhex(key[f"{name}_hex"]) if f"{name}_hex" in key else base64.urlsafe_b64decode(key[name] + "==")
        for name in "xy"
    )
    return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()


def accepts(envelope: bytes, key: Any) -> bool:
    """The COSE layer alone: the kids of these vectors are not 8 bytes, and their payloads no claims."""
    try:
        read = cose.decode_sign1(envelope)
        algorithm = cose.decode_protected(read.protected).algorithm
    except WireError:
        return False
    digest = sha256(cose.to_be_signed(read.protected, read.payload)).digest()
    return algorithm is Algorithm.ES256 and key is not None and verifies(key, digest, read.signature)


COSE_WG = {"sign1-tests/sign-pass-03", "ecdsa-examples/ecdsa-sig-01", "CWT/A_3"}
"""What must verify. All else is refused, and sign-pass-01 and -02 on purpose (`certificate.md` sections 1.3 and 3.4):
their algorithm is unprotected, or they need external_aad."""


def test_cose_wg(vectors: Path) -> None:
    folder = vectors / "cose-wg"
    accepted = set()
    files = sorted(folder.glob("*/*.json"))
    for file in files:
        case = json.loads(file.read_bytes())
        key = cose_wg_key(case) if {"sign0", "sign"} & set(case["input"]) else None
        if accepts(bytes.fromhex(case["output"]["cbor"]), key):
            accepted.add(file.relative_to(folder).with_suffix("").as_posix())
    assert len(files) == 25
    assert accepted == COSE_WG


def test_cbor_appendix_a(vectors: Path) -> None:
    """cbor2 reads 81 of 82; our profile reads the same values of all that it does not refuse."""
    items = json.loads((vectors / "cbor" / "appendix_a.json").read_bytes())
    plain, profile, refused = 0, 0, []
    for item in items:
        data = bytes.fromhex(item["hex"])
        try:
            value = cbor2.loads(data)
            plain += 1
        except cbor2.CBORDecodeError:
            refused.append(item["hex"])
        with contextlib.suppress(WireError):
            ours = cbor.decode(data, tags=cbor.DATE_TAGS)
            profile += 1
            assert item["hex"] not in refused
            if data[0] >> 5 != cbor.TAG:
                assert repr(ours) == repr(value)
            if "decoded" in item:
                assert ours == item["decoded"]
    assert (len(items), plain, refused) == (82, 81, ["f818"])
    assert profile == 62


def test_what_the_profile_refuses_of_appendix_a(vectors: Path) -> None:
    for item in json.loads((vectors / "cbor" / "appendix_a.json").read_bytes()):
        data = bytes.fromhex(item["hex"])
        needless = (
            data[0] & 31 == 31  # indefinite
            or data[0] in (0xF7, 0xF0, 0xF8)  # undefined, simple values
            or (data[0] >> 5 == cbor.TAG and data[0] not in (0xC0, 0xC1))
        )
        nested = item["hex"] in (
            "826161bf61626163ff",
            "83018202039f0405ff",
            "9f018202039f0405ffff",
            "83019f0203ff820405",
        )
        if needless or nested:
            with pytest.raises(WireError) as refusal:
                cbor.decode(data, tags=cbor.DATE_TAGS)
            assert refusal.value.reason is Reason.CBOR_MALFORMED
        else:
            cbor.decode(data, tags=cbor.DATE_TAGS)
