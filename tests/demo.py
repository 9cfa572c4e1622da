"""`make demo`: one commune, from its station's messy spreadsheet to the verdict at a checkpoint.

Everything goes through the three command lines, as people would run them; this file only tells the story. All
persons are made up. Results stay in build/demo/.
"""

import base64
import csv
import datetime as dt
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2

from specs import base45
from specs.compression import deflate, inflate
from specs.text import PREFIX
from tests.country import make_commune

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "demo"
KEYS = FOLDER / "ceremony"
PDFS = FOLDER / "pdf"
PASSWORD = FOLDER / "password"
SCANNED = 12
"""PDFs that the checkpoint looks at."""
PRINTED_AT = 150 / 72
"""A simple printer's 150 dots an inch."""


def timed(title: str, act: Callable[[], str]) -> None:
    """Do one step of the story; say how long it took and, indented, what came of it."""
    start = time.perf_counter()
    reply = act()
    print(f"\n{title:<60}{time.perf_counter() - start:6.1f} s")
    for line in reply.splitlines():
        print(f"    {line}".rstrip(), flush=True)


def run(*words: str | Path, expect: tuple[int, ...] = (0,), stdin: str = "") -> str:
    """Run one of our command lines; stop the demo if it ends otherwise than expected."""
    command = [sys.executable, "-m", *map(str, words)]
    environment = os.environ | {"HOCHIEU_DATABASE": f"sqlite:///{FOLDER / 'hochieu.sqlite'}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode not in expect:
        sys.exit(f"python -m {' '.join(map(str, words))}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


CEREMONY = """\
# One file is the whole ceremony: python -m keys ceremony ceremony.toml
environment = "test"
country = "VN"
organisation = "Bộ Y tế"
starts = {starts}
by = "demo custodian"
witnesses = ["demo witness"]
reason = "demonstration"
output = "ceremony"
epoch = 1

[csca]
name = "CSCA demo"
password_file = "password"

[facility_authority]
name = "Facility authority demo"
password_file = "password"

[anchor]
name = "Trust list demo"
password_file = "password"

[[document_signers]]
name = "DSC demo"
password_file = "password"

[[devices]]
name = "signer"
password_file = "password"

[[devices]]
name = "checkpoint"
password_file = "password"

[[heads]]
name = "Head {code}"
facility = "{code}"
password_file = "password"
"""


@dataclass(frozen=True)
class Station:
    """The facility that sends the dose list and answers for it."""

    code: str
    name: str
    commune: str


def make_the_commune() -> str:
    """People, and one spreadsheet as a station keeps it."""
    commune = make_commune(FOLDER / "commune")
    found = ", ".join(f"{name} {count}" for name, count in commune.classes.most_common(6))
    return f"{commune.people} people, {commune.rows} doses in one .xlsx; among its defects: {found}, ..."


def the_station() -> Station:
    """The first facility of the commune."""
    with (FOLDER / "commune" / "facilities.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    return Station(row["ma_co_so"], row["ten"], row["ma_xa"])


def hold_the_ceremony(station: Station) -> str:
    """Everybody's keys from one file."""
    PASSWORD.touch(mode=0o600)
    PASSWORD.write_text(secrets.token_urlsafe(24) + "\n")
    starts = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat(timespec="seconds")
    (FOLDER / "ceremony.toml").write_text(CEREMONY.format(starts=starts, code=station.code), encoding="utf-8")
    made = run("keys", "ceremony", FOLDER / "ceremony.toml").splitlines()[0]
    return f"{made}, with a transcript: build/demo/ceremony/transcript.json"


def attest(station: Station) -> str:
    """The head sees what the batch holds, then signs all of it with one gesture."""
    certificate = KEYS / "certificates" / f"head-{station.code}.pem"
    place = ("--name", station.name, "--commune", station.commune)
    run("issuer", "facility", "add", "--code", station.code, *place, "--head-certificate", certificate)
    key = KEYS / "private" / f"head-{station.code}.pem"
    return run(
        *("issuer", "attest", "--facility", station.code, "--yes"),
        *("--key", key, "--certificate", certificate, "--password-file", PASSWORD),
    )


def certify() -> str:
    """The national signer: only what is linked and attested."""
    return run(
        *("issuer", "certify", "--key", KEYS / "private" / "dsc-demo.pem"),
        *("--certificate", KEYS / "certificates" / "dsc-demo.pem", "--password-file", PASSWORD),
        *("--epoch-keys", KEYS / "epoch-keys.json", "--epoch-anchor", KEYS / "anchor.pem"),
        *("--device-key", KEYS / "private" / "signer.pem", "--device-password-file", PASSWORD),
        *("--facility-authority", KEYS / "certificates" / "facility-authority-demo.pem"),
    )


def check(*words: str | Path, expect: tuple[int, ...] = (0,), card: str | None = None) -> dict[str, Any]:
    """Ask the verifier, offline, with the trust list of the ceremony; its exit code must be one expected."""
    trust = ("--trust", KEYS, "--device-key", KEYS / "private" / "checkpoint.pem", "--password-file", PASSWORD)
    shown = () if card is None else ("--card", "-")
    return dict(json.loads(run("verifier", "check", *words, *trust, *shown, "--json", expect=expect, stdin=card or "")))


def print_and_scan() -> str:
    """Print some PDFs, photograph the paper, and check what the picture says. Keeps one text and its signer."""
    sample = sorted(PDFS.glob("*.pdf"))[:SCANNED]
    pictures = FOLDER / "scans"
    pictures.mkdir()
    for pdf in sample:
        page = pypdfium2.PdfDocument(pdf)[0].render(scale=PRINTED_AT).to_pil()
        page.convert("L").save(pictures / f"{pdf.stem}.jpg", quality=80)
    asked = ({"id": p.stem, "image": base64.b64encode(p.read_bytes()).decode()} for p in sorted(pictures.iterdir()))
    lines = "".join(json.dumps(request) + "\n" for request in asked)
    verdicts = [
        json.loads(line) for line in run("verifier", "check", "--jsonl", "--trust", KEYS, stdin=lines).splitlines()
    ]
    assert all(verdict["verdict"] == "valid" for verdict in verdicts)
    kept = next(verdict["text"] for verdict in verdicts if holder_of(verdict) is not None)
    (FOLDER / "certificate.txt").write_text(kept + "\n")
    shutil.copy(KEYS / "certificates" / "dsc-demo.pem", FOLDER / "dsc.pem")
    return f"{len(verdicts)} of {len(sample)} PDFs printed at 150 dpi, scanned, and found valid"


def the_text() -> str:
    """The certificate that was kept."""
    return (FOLDER / "certificate.txt").read_text().strip()


def people() -> list[dict[str, str]]:
    """The register's extract."""
    with (FOLDER / "commune" / "people.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def holder_of(verdict: Mapping[str, Any]) -> dict[str, str] | None:
    """Whose certificate it is, or None if the register holds nobody or several of that name and birth date."""
    says = verdict["certificate"]
    words = sorted(f"{says['names']['fn']} {says['names'].get('gn') or ''}".split())  # Ê Đê names end in the clan's
    found = [p for p in people() if p["ngay_sinh"] == says["birth_date"] and sorted(p["ho_ten"].split()) == words]
    return found[0] if len(found) == 1 else None


def card_of(number: str, name: str, birth_date: str, sex: str) -> str:
    """The QR text of a chip ID card."""
    day = "".join(reversed(birth_date.split("-")))
    return f"{number}||{name}|{day}|{sex}|Thôn 1, Xã An Sơn|01012022"


def show_cards() -> str:
    """The holder's own card, a stranger's, and that of a namesake born on the same day."""
    holder = holder_of(check(the_text()))
    assert holder is not None
    stranger = next(person for person in people() if person["ho_ten"] != holder["ho_ten"])

    def card(person: Mapping[str, str], number: str | None = None) -> str:
        return card_of(number or person["so_dinh_danh"], person["ho_ten"], person["ngay_sinh"], person["gioi_tinh"])

    numbers = (f"{holder['so_dinh_danh'][:6]}{(int(holder['so_dinh_danh'][6:]) + step) % 10**6:06}" for step in (1, 2))
    namesakes = (check(the_text(), card=card(holder, number), expect=(0, 1)) for number in numbers)
    shown = (
        ("the holder's own card", check(the_text(), card=card(holder))),
        ("a stranger's card", check(the_text(), card=card(stranger), expect=(1,))),
        # one number in 4,096 fits by chance, so a second namesake stands by
        ("a namesake's card", next(verdict for verdict in namesakes if verdict["verdict"] == "invalid")),
    )
    return "\n".join(f"{whose:<24}{v['verdict']:<10}{' '.join(v['reasons'])}" for whose, v in shown)


def tamper() -> str:
    """Change one bit of the signed bytes, keep everything else in order."""
    packed = bytearray(base45.decode(the_text().removeprefix(PREFIX)))
    signed = bytearray(inflate(bytes(packed)))
    signed[120] ^= 1
    verdict = check(PREFIX + base45.encode(deflate(bytes(signed))), expect=(1,))
    return f"one bit changed: {verdict['verdict']}, {verdict['reasons'][0]}"


def main() -> None:
    """Tell the story from the beginning."""
    began = time.perf_counter()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print("Hộ chiếu vắc xin: a commune from its dose list to the checkpoint. All persons are made up.")
    timed("A commune", make_the_commune)
    station = the_station()
    timed("The key ceremony", lambda: hold_the_ceremony(station))
    commune = FOLDER / "commune"
    timed("The population register is loaded", lambda: run("issuer", "people", "load", commune / "people.csv"))
    doses = sorted((commune / "doses").iterdir())
    timed("The dose list is taken in", lambda: run("issuer", "intake", "--facility", station.code, *doses))
    timed("Every row is cleaned", lambda: run("issuer", "clean"))
    lots = commune / "deliveries.csv"
    timed("Lots are compared with what the station was sent", lambda: run("issuer", "deliveries", "load", lots))
    timed("Every dose is compared with the register", lambda: run("issuer", "link"))
    timed("The head of the station signs", lambda: attest(station))
    timed("The national signer signs", certify)
    timed("PDFs", lambda: run("issuer", "render", PDFS))
    timed("At the checkpoint, offline", print_and_scan)
    timed("With an ID card", show_cards)
    timed("A forger", tamper)
    print(f"\nWhat was made ({time.perf_counter() - began:.0f} s in all):")
    for path, what in MADE.items():
        print(f"    build/demo/{path:<22}{what}")


MADE = {
    "commune/": "register, dose list, and the truth kept apart",
    "ceremony/": "keys, certificates, trust list, transcript",
    "hochieu.sqlite": "the issuer's database",
    "pdf/": "one page for each certificate",
    "scans/": "what the checkpoint's camera saw",
    "certificate.txt": "one certificate as the QR holds it",
    "dsc.pem": "its signer's certificate",
}

if __name__ == "__main__":
    main()
