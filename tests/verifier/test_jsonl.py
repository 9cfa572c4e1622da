"""`check --jsonl`: one verdict a line, in order, whatever the line; and memory that stays where it is."""

import base64
import gc
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from keys.certificate_facts import MAX_CERTIFICATE, pem_of
from keys.key_id import key_id
from tests.faults import AT, EXPIRES, ISSUED, KID, NOW, Recipe, foreign, trust, trusted
from tests.pki import make_pki
from verifier import jsonl
from verifier.jsonl import check_lines

TEXT = Recipe().certificate()
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
WHEN = NOW.isoformat()


def answers(*lines: object, data: bytes | None = None) -> list[dict[str, Any]]:
    given = data if data is not None else "".join(json.dumps(line) + "\n" for line in lines).encode()
    sink = io.BytesIO()
    check_lines(io.BytesIO(given), sink, trust(), lambda: NOW)
    assert sink.getvalue().endswith(b"\n") or not given
    return [json.loads(line) for line in sink.getvalue().split(b"\n")[:-1]]


def test_one_line_for_each_in_order() -> None:
    ids = [f"line {number}" for number in range(700)]
    found = answers(*({"id": one, "text": TEXT if number % 3 else "HC1:"} for number, one in enumerate(ids)))
    assert [answer["id"] for answer in found] == ids
    assert [answer["verdict"] for answer in found] == ["valid" if number % 3 else "invalid" for number in range(700)]


def test_the_answer_has_every_member_of_the_interface() -> None:
    (answer,) = answers({"id": 7, "text": TEXT, "at": WHEN})
    assert list(answer) == ["id", "verdict", "reasons", "text", "kid", "alg", "certificate", "steps"]
    assert list(answer["steps"])[:12] == (
        "image prefix base45 zlib cose cbor key signature times key_usage schema value_sets".split()
    )
    assert (answer["id"], answer["verdict"], answer["reasons"], answer["text"]) == (7, "valid", [], TEXT)
    assert (answer["kid"], answer["alg"]) == (KID.hex(), "ES256")
    assert {answer["steps"][step] for step in ("image", "status", "rules", "card")} == {"skipped"}
    assert answer["certificate"] == {
        "names": {"fn": "Nguyễn", "gn": "Thị Ví Dụ", "fnt": "NGUYEN", "gnt": "THI<VI<DU"},
        "birth_date": "1990-04-15",
        "entries": [
            {
                **{
                    "tg": "840539006",
                    "vp": "1119349007",
                    "mp": "EU/1/20/1528",
                    "ma": "ORG-100030215",
                    "dn": 2,
                    "sd": 2,
                },
                **{"dt": "2021-10-17", "co": "VN", "is": "Bộ Y tế", "type": "v"},
                "ci": "URN:UVCI:01:VN:0123456789ABCDEF0123456789ABCDEF",
            }
        ],
        "issuer": "VN",
        "issued": "2026-01-30T08:00:00Z",
        "expires": "2027-01-30T08:00:00Z",
    }


def test_the_certificate_is_null_unless_the_signature_verified() -> None:
    expired, forged, unknown = answers(
        {"id": 1, "text": TEXT, "at": "2035-01-01T00:00:00Z"},
        {"id": 2, "text": Recipe(signature=lambda _: bytes(64)).certificate()},
        {"id": 3, "text": TEXT, "dsc": []},
    )
    assert expired["certificate"] is not None
    assert expired["reasons"] == ["EXPIRED"]
    assert (forged["certificate"], forged["reasons"]) == (None, ["SIGNATURE_WRONG"])
    assert (unknown["certificate"], unknown["reasons"]) == (None, ["KEY_UNKNOWN"])


MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"   ",
    "no JSON": b"HC1:ABC",
    "cut off": b'{"id": 1, "text": "HC1',
    "two objects": b'{"id":1,"text":"HC1:"}{"id":2,"text":"HC1:"}',
    "array": b"[]",
    "string": b'"HC1:"',
    "number": b"1",
    "null": b"null",
    "not UTF-8": b'{"id":1,"text":"\xff"}',
    "no id": b'{"text":"HC1:"}',
    "id of another type": b'{"id":[1],"text":"HC1:"}',
    "id true": b'{"id":true,"text":"HC1:"}',
    "id NaN": b'{"id":NaN,"text":"HC1:"}',
    "id beyond floats": b'{"id":1e999,"text":"HC1:"}',
    "id of too many digits": b'{"id":' + b"9" * 5000 + b',"text":"HC1:"}',
    "neither text nor image": b'{"id":1}',
    "text and image": json.dumps({"id": 1, "text": "HC1:", "image": PIXEL}).encode(),
    "text null": b'{"id":1,"text":null}',
    "text a number": b'{"id":1,"text":5}',
    "image no base64": b'{"id":1,"image":"%%%"}',
    "image not ASCII": '{"id":1,"image":"ả"}'.encode(),
    "dsc a string": b'{"id":1,"text":"HC1:","dsc":"AAAA"}',
    "dsc of numbers": b'{"id":1,"text":"HC1:","dsc":[1]}',
    "dsc no base64": b'{"id":1,"text":"HC1:","dsc":["%%%"]}',
    "at no moment": b'{"id":1,"text":"HC1:","at":"yesterday"}',
    "at a number": b'{"id":1,"text":"HC1:","at":1640995200}',
    "at a day that does not exist": b'{"id":1,"text":"HC1:","at":"2021-02-30T00:00:00Z"}',
    "at before year 1": b'{"id":1,"text":"HC1:","at":"0001-01-01T00:00:00+23:59"}',
    "deep": b"[" * 100_000,
    "deep object": b'{"id":' * 50_000,
}


@pytest.mark.parametrize("line", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_line_that_is_no_request_gets_its_verdict_too(line: bytes) -> None:
    right = json.dumps({"id": "next", "text": TEXT}).encode()
    found, following = answers(data=line + b"\n" + right)
    assert (found["id"], found["verdict"], found["reasons"]) == (None, "invalid", ["REQUEST_MALFORMED"])
    assert set(found["steps"].values()) == {"skipped"}
    assert (following["id"], following["verdict"]) == ("next", "valid")


def test_lines_end_in_any_way() -> None:
    line = json.dumps({"id": 1, "text": TEXT}).encode()
    assert answers(data=b"") == []
    assert len(answers(data=line)) == 1
    assert len(answers(data=line + b"\r\n" + line + b"\n")) == 2
    assert answers(data=b"\n")[0]["reasons"] == ["REQUEST_MALFORMED"]


def test_a_line_without_end_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE", 4096)
    monkeypatch.setattr(jsonl, "_READ", 1000)
    right = json.dumps({"id": 1, "text": TEXT}).encode()
    found = answers(data=right + b"\n" + b"x" * 50_000 + b"\n" + right + b"\n" + b"y" * 9000)
    assert [answer["id"] for answer in found] == [1, None, 1, None]


def test_half_a_surrogate_pair_stays_the_escape_that_it_was() -> None:
    sink = io.BytesIO()
    check_lines(io.BytesIO(b'{"id":"\\ud800","text":"\\udfff"}'), sink, None, lambda: NOW)
    assert b"\\ud800" in sink.getvalue()
    assert json.loads(sink.getvalue())["text"] == "\udfff"


def test_dsc_replaces_the_trust_list_of_its_line_alone() -> None:
    pki = make_pki()
    der = base64.b64encode(pki.dsc.certificate).decode()
    kid = pki.dsc.signer.certificate().kid
    text = Recipe(
        key=pki.dsc.key, kid=kid, claims={**foreign(), 6: int(NOW.timestamp()), 4: int(NOW.timestamp())}
    ).certificate()
    junk = base64.b64encode(b"no certificate").decode()
    found = answers(
        {"id": "by its dsc, without a country", "text": text, "dsc": [der], "at": WHEN},
        {"id": "junk beside it", "text": text, "dsc": [junk, der], "at": WHEN},
        {"id": "junk alone", "text": text, "dsc": [junk], "at": WHEN},
        {"id": "the empty list replaces too", "text": TEXT, "dsc": [], "at": WHEN},
        {"id": "the list again", "text": TEXT, "at": WHEN},
        {"id": "null is none", "text": TEXT, "dsc": None, "at": WHEN},
    )
    assert [answer["verdict"] for answer in found] == ["valid", "valid", "invalid", "invalid", "valid", "valid"]
    assert [answer["steps"]["key"] for answer in found] == ["pass", "pass", "fail", "fail", "pass", "pass"]


def test_a_signer_whose_certificate_is_not_strict_der_counts_all_the_same() -> None:
    """Real ones are not; cryptography then reads no extension at all. Here TRUE is written as 1 instead of 255."""
    pki = make_pki()
    basic_constraints = bytes.fromhex("0603551d130101")
    der = pki.dsc.certificate.replace(basic_constraints + b"\xff", basic_constraints + b"\x01")
    assert der != pki.dsc.certificate
    with pytest.raises(ValueError, match="pars"):
        _ = x509.load_der_x509_certificate(der).extensions
    recipe = Recipe(key=pki.dsc.key, kid=key_id(der), claims={**foreign(), ISSUED: AT, EXPIRES: AT})
    request = {"id": 1, "text": recipe.certificate(), "dsc": [base64.b64encode(der).decode()], "at": WHEN}
    (answer,) = answers(request)
    assert (answer["verdict"], answer["steps"]["key_usage"]) == ("valid", "pass")


@pytest.mark.parametrize(
    "at", ["2026-03-01T08:00:00Z", "2026-03-01t15:00:00.123456789+07:00", "2026-03-01T08:00:00", "2026-03-01"]
)
def test_moments(at: str) -> None:
    assert answers({"id": 1, "text": TEXT, "at": at})[0]["verdict"] == "valid"


def test_no_trust_at_all_cannot_tell() -> None:
    sink = io.BytesIO()
    check_lines(io.BytesIO(json.dumps({"id": 1, "text": TEXT}).encode()), sink, None, lambda: NOW)
    assert json.loads(sink.getvalue())["verdict"] == "cannot_tell"


def test_a_line_is_answered_before_the_next_is_written(root: Path) -> None:
    """A caller that writes one line and waits for its answer must not wait for ever."""
    command = [sys.executable, "-m", "verifier", "check", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": TEXT}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait() == 0


def test_a_reader_that_goes_away_is_no_traceback(root: Path) -> None:
    command = [sys.executable, "-m", "verifier", "check", "--jsonl"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(b'{"id":1,"text":"HC1:"}\n' * 5000)
    assert b"Traceback" not in errors


def test_memory_is_flat(tmp_path: Path, root: Path) -> None:
    """The peak over 60,000 lines is that over 6,000, but for a few megabytes of caches filling up."""
    script = (
        "import resource, sys\nfrom verifier.__main__ import main\n"
        "main(['check', '--jsonl'])\nsys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))\n"
    )
    peaks = []
    for count in (6_000, 60_000):
        path = tmp_path / f"{count}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f'{{"id":{number},"text":"{TEXT[:400]}{number}"}}\n' for number in range(count))
        with path.open("rb") as file:
            result = subprocess.run(
                [sys.executable, "-c", script],
                stdin=file,
                capture_output=True,
                check=True,
                cwd=root,
            )
        assert result.stdout.count(b"\n") == count
        peaks.append(int(result.stderr))
    assert peaks[1] < peaks[0] + 20_000  # KiB


def growth(*lines: bytes) -> tuple[int, int]:
    """Bytes that Python's allocator gave for these lines: still held after them, and at the worst moment."""

    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return len(data)

    source = io.BytesIO(b"\n".join(lines))
    answers({"id": 1, "text": TEXT}, {"id": 2, "image": PIXEL})  # loads what is loaded once
    gc.collect()
    tracemalloc.start()
    try:
        check_lines(source, io.BufferedWriter(Nowhere()), trust(), lambda: NOW)
        gc.collect()
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


MIB = 1 << 20


def request_with(certificate: bytes) -> bytes:
    return json.dumps({"id": 1, "text": TEXT, "dsc": [base64.b64encode(certificate).decode()]}).encode()


HEAVY: dict[str, Callable[[int], bytes]] = {
    "a DER of a megabyte": lambda number: request_with(b"\x30\x83\x0f\xff\xfb" + number.to_bytes(4) + bytes(MIB)),
    "a PEM of blanks": lambda number: request_with(
        b"-----BEGIN CERTIFICATE-----\n" + b" " * MIB + number.to_bytes(4).hex().encode()
    ),
    "blanks before a PEM": lambda number: request_with(b" " * (MIB + number) + pem_of(make_pki().dsc.certificate)),
    "no base64": lambda number: json.dumps({"id": 1, "text": TEXT, "dsc": ["%" * (MIB + number)]}).encode(),
    "a text": lambda number: json.dumps({"id": 1, "text": "HC1:" + "A" * (MIB + number)}).encode(),
    "a picture": lambda number: json.dumps({"id": 1, "image": "A" * (MIB + 4 * number)}).encode(),
}


@pytest.mark.parametrize("make", HEAVY.values(), ids=HEAVY.keys())
def test_attack_every_line_leaves_a_megabyte_behind(make: Callable[[int], bytes]) -> None:
    held, _ = growth(*(make(number) for number in range(12)))
    assert held < MIB


def test_attack_every_line_names_another_certificate_of_the_largest_size() -> None:
    certificates = ((b"\x30" + number.to_bytes(4)).ljust(MAX_CERTIFICATE, b"x") for number in range(99))
    held, _ = growth(*map(request_with, certificates))
    assert held < MIB


def test_attack_line_ends_become_four_hundred_times_as_many_bytes_of_verdicts() -> None:
    _, peak = growth(b"\n" * 30_000)
    assert peak < 4 * MIB


@pytest.mark.parametrize("part", [b"[],", b"{},", b'"",', b'"a":[],'], ids=["lists", "objects", "texts", "members"])
def test_attack_a_line_of_brackets_becomes_a_forest_of_objects(part: bytes) -> None:
    line = b'{"id":1,"text":"HC1:","more":{' + part * (4 * MIB // len(part)) + b'"z":0}}'
    line = line if part.startswith(b'"a') else line.replace(b":{", b":[").replace(b'"z":0}}', b"0]}")
    _, peak = growth(line)
    assert peak < 24 * MIB


def test_attack_a_line_that_comes_in_crumbs() -> None:
    class Crumbs(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return self.read(2)

    line = json.dumps({"id": 1, "text": "HC1:" + "A" * (MIB // 8)}).encode()
    tracemalloc.start()
    try:
        check_lines(Crumbs(line + b"\n" + line[:99]), io.BytesIO(), trust(), lambda: NOW)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB


def test_dsc_is_der_and_nothing_else() -> None:
    """A second way to write the same certificate would be a second way around every limit."""
    pki = make_pki()
    claims = {**foreign(), ISSUED: int(NOW.timestamp()), EXPIRES: int(NOW.timestamp())}
    text = Recipe(key=pki.dsc.key, kid=key_id(pki.dsc.certificate), claims=claims).certificate()
    der, pem = (base64.b64encode(form).decode() for form in (pki.dsc.certificate, pem_of(pki.dsc.certificate)))
    found = answers(*({"id": 1, "text": text, "dsc": [form], "at": WHEN} for form in (der, pem)))
    assert [answer["reasons"] for answer in found] == [[], ["KEY_UNKNOWN"]]


def test_as_many_signers_as_the_world_has_and_no_more() -> None:
    junk = base64.b64encode(b"0").decode()
    der = base64.b64encode(make_pki().dsc.certificate).decode()
    found = answers(
        {"id": 1, "text": TEXT, "dsc": [der] + [junk] * (jsonl.MAX_DSC - 1)},
        {"id": 2, "text": TEXT, "dsc": [junk] * (jsonl.MAX_DSC + 1)},
    )
    assert [answer["reasons"] for answer in found] == [["KEY_UNKNOWN"], ["REQUEST_MALFORMED"]]


def test_now_is_asked_for_again_and_again() -> None:
    """A process that runs for months must not keep the hour of its start."""
    hours = iter([NOW, datetime(2035, 1, 1, tzinfo=UTC)])
    sink = io.BytesIO()

    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return self.readline()

    line = json.dumps({"id": 1, "text": TEXT}).encode() + b"\n"
    check_lines(Slow(line * 2), sink, trust(trusted()), lambda: next(hours))
    assert [json.loads(answer)["verdict"] for answer in sink.getvalue().splitlines()] == ["valid", "invalid"]
