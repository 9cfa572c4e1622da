"""A folder of certificates: whole files only, nothing written twice, taken up again after any interruption."""

import contextlib
import datetime as dt
import io
import json
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from issuer.__main__ import main
from issuer.certify.sign import seal
from issuer.errors import Code, IssuerError
from issuer.render import files as render
from issuer.render.files import JOURNAL, Counts, Kind, file_stem, render_into
from issuer.render.pdf.of_certificate import page_as_signed, page_of
from issuer.render.pdf.page import CertificatePage, Words
from issuer.render.pdf.renderer import Renderer
from issuer.store.engine import open_database
from specs import base45
from specs.compression import inflate
from specs.cose import decode_sign1
from specs.cwt import encode_claims
from specs.id_binding import Binding
from specs.national_claim import NationalClaim
from specs.payload import DccPayload, PersonName, Vaccination, encode_payload
from specs.text import PREFIX
from specs.uvci import uvci
from tests.issuer.pages import page
from tests.pki import make_pki

PAGES = [
    page(uvci=f"URN:UVCI:01:VN:{number:032X}", full_name=f"Nguyễn Văn {name}") for number, name in enumerate("ABC")
]
IAT, EXP = 1649899800, 1681435800


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.iterdir() if path.name != JOURNAL)
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_writes_one_file_a_certificate_named_by_its_number(tmp_path: Path) -> None:
    assert render_into(tmp_path / "new" / "folder", PAGES) == Counts(written=3)
    folder = tmp_path / "new" / "folder"
    assert sorted(state_of(folder)) == [f"{number:032x}.pdf" for number in range(3)]
    assert (folder / f"{1:032x}.pdf").read_bytes() == Renderer().pdf(PAGES[1])


def test_a_new_folder_is_its_owner_s_alone_and_an_old_one_keeps_its_rights(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        render_into(tmp_path / "new", PAGES[:1], Kind.SVG)
        (tmp_path / "shared").mkdir(mode=0o750)
        render_into(tmp_path / "shared", PAGES[:1], Kind.SVG)
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o750
    for path in (tmp_path / "new").iterdir():
        assert path.stat().st_mode & 0o077 == 0 or path.name == JOURNAL


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    render_into(tmp_path, PAGES)
    before = state_of(tmp_path)
    assert render_into(tmp_path, PAGES) == Counts(unchanged=3)
    assert state_of(tmp_path) == before


def test_a_second_run_sets_no_page_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render_into(tmp_path, PAGES)

    def no_setting(pages: Iterator[CertificatePage], *_: Any, **__: Any) -> Iterator[bytes]:
        assert list(pages) == []
        return iter(())

    monkeypatch.setattr(render, "render_each", no_setting)
    assert render_into(tmp_path, PAGES) == Counts(unchanged=3)


def test_without_the_journal_files_are_compared_and_left_alone(tmp_path: Path) -> None:
    render_into(tmp_path, PAGES)
    before = state_of(tmp_path)
    (tmp_path / JOURNAL).unlink()
    assert render_into(tmp_path, PAGES) == Counts(unchanged=3)
    assert state_of(tmp_path) == before


def test_what_was_altered_or_lost_is_written_again(tmp_path: Path) -> None:
    render_into(tmp_path, PAGES)
    before = {name: content for name, (content, _) in state_of(tmp_path).items()}
    (tmp_path / f"{0:032x}.pdf").write_bytes(b"%PDF altered")
    (tmp_path / f"{1:032x}.pdf").unlink()
    assert render_into(tmp_path, PAGES) == Counts(written=2, unchanged=1)
    assert {name: content for name, (content, _) in state_of(tmp_path).items()} == before


def test_a_corrected_certificate_replaces_its_file(tmp_path: Path) -> None:
    render_into(tmp_path, PAGES)
    corrected = page(uvci=PAGES[0].uvci, full_name="Nguyễn Văn Ă")
    assert render_into(tmp_path, [corrected, *PAGES[1:]]) == Counts(written=1, unchanged=2)
    assert (tmp_path / f"{0:032x}.pdf").read_bytes() == Renderer().pdf(corrected)


def test_another_portal_address_is_another_page(tmp_path: Path) -> None:
    render_into(tmp_path, PAGES)
    assert render_into(tmp_path, PAGES, portal="chungnhan.example") == Counts(written=3)


@pytest.mark.parametrize("torn", ['{"name": "00', "[]\n", '{"name": 1}\n', "\x00\x00\n", "null"])
def test_a_torn_journal_costs_time_and_nothing_else(torn: str, tmp_path: Path) -> None:
    render_into(tmp_path, PAGES[:2])
    with (tmp_path / JOURNAL).open("a") as journal:
        journal.write(torn)
    (tmp_path / ".x.part").write_bytes(b"of a run that was killed")
    assert render_into(tmp_path, PAGES) == Counts(written=1, unchanged=2)
    assert render_into(tmp_path, PAGES) == Counts(unchanged=3)
    assert not list(tmp_path.glob(".*.part"))


def _until_killed(folder: Path, stop_after: int) -> None:
    def stream() -> Iterator[CertificatePage]:
        for number, each in enumerate(PAGES):
            if number == stop_after:
                os.kill(os.getpid(), signal.SIGKILL)
            yield each

    render_into(folder, stream(), Kind.PNG)


@pytest.mark.parametrize("stop_after", [1, 2])
def test_killed_in_the_middle_the_next_run_ends_in_the_same_state(stop_after: int, tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_until_killed, args=(tmp_path / "a", stop_after))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert len(state_of(tmp_path / "a")) == stop_after
    assert render_into(tmp_path / "a", PAGES, Kind.PNG) == Counts(written=3 - stop_after, unchanged=stop_after)
    render_into(tmp_path / "b", PAGES, Kind.PNG)
    assert {name: content for name, (content, _) in state_of(tmp_path / "a").items()} == {
        name: content for name, (content, _) in state_of(tmp_path / "b").items()
    }


def test_a_page_that_cannot_be_set_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = page(uvci="URN:UVCI:01:VN:" + "F" * 32, full_name="張偉")
    counts = render_into(tmp_path, [PAGES[0], bad, PAGES[1]], processes=2)
    assert (counts.written, dict(counts.refused)) == (2, {Code.PAGE_LETTER: 1})
    assert len(state_of(tmp_path)) == 2


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    def second() -> Iterator[CertificatePage]:
        with pytest.raises(IssuerError) as caught:
            render_into(tmp_path, PAGES)
        assert caught.value.code is Code.OUTPUT_REFUSED
        yield PAGES[0]

    assert render_into(tmp_path, second()) == Counts(written=1)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IssuerError) as caught:
        render_into(tmp_path / "file" / "folder", PAGES)
    assert caught.value.code is Code.OUTPUT_REFUSED


@pytest.mark.parametrize("kind", [Kind.PNG, Kind.SVG])
def test_pictures_of_the_code_alone(kind: Kind, tmp_path: Path) -> None:
    assert render_into(tmp_path, PAGES, kind) == Counts(written=3)
    assert render_into(tmp_path, PAGES, kind) == Counts(unchanged=3)
    content, _ = state_of(tmp_path)[f"{0:032x}.{kind}"]
    if kind is Kind.PNG:
        assert zxingcpp.read_barcodes(Image.open(io.BytesIO(content)).convert("L"))[0].text == PAGES[0].hc1_text


def test_progress_counts_every_certificate_once(tmp_path: Path) -> None:
    told: list[int] = []
    render_into(tmp_path, PAGES[:2], advance=told.append)
    render_into(tmp_path, PAGES, advance=told.append)
    assert sum(told) == 5


@pytest.mark.parametrize(
    "number", ["../../etc/passwd", "01/VN/A#B", "URN:UVCI:01:VN:../x", "URN:UVCI:01:VN:" + "a" * 32]
)
def test_no_number_makes_a_path(number: str) -> None:
    assert len(file_stem(number)) == 32
    assert file_stem(number).isalnum()


def test_the_journal_names_nobody(tmp_path: Path) -> None:
    render_into(tmp_path, PAGES)
    entries = [json.loads(line) for line in (tmp_path / JOURNAL).read_text().splitlines()]
    assert all(set(entry) == {"name", "from", "is"} for entry in entries)
    assert "Nguy" not in (tmp_path / JOURNAL).read_text()


# ---- from the register ----


def signed_text(number: int, name: PersonName, **changes: Any) -> str:
    dose: dict[str, Any] = {
        "disease": "840539006",
        "prophylaxis": "1119349007",
        "product": "EU/1/20/1528",
        "manufacturer": "ORG-100030215",
        "dose_number": 3,
        "total_doses": 3,
        "date": dt.date(2022, 1, 5),
        "country": "VN",
        "issuer": "Bộ Y tế",
        "uvci": uvci(number.to_bytes(16)),
    }
    payload = encode_payload(DccPayload(name, "1947", Vaccination(**(dose | changes))))
    claims = encode_claims("VN", IAT, EXP, payload, NationalClaim(Binding(1, 7, 0xABC), number))
    return seal([claims], make_pki().dsc.signer)[0]


HANG = PersonName("Nguyễn", "Thị Thuý Hằng", "NGUYEN", "THI<THUY<HANG")


def test_page_says_what_the_signed_text_says() -> None:
    text = signed_text(7, HANG)
    made = page_of(text, "Việt Nam")
    assert (made.full_name, made.latin_name) == ("Nguyễn Thị Thuý Hằng", "NGUYEN THI THUY HANG")
    assert (made.birth_date, made.dose_dates, made.dose_number, made.doses_received) == (
        "1947",
        ("2022-01-05",),
        "3/3",
        "3",
    )
    assert made.product.en == "Comirnaty (Pfizer BioNTech)"
    assert made.issuer == Words("Bộ Y tế", "Ministry of Health")
    assert (made.issued.timestamp(), made.expires.timestamp()) == (IAT, EXP)
    assert made.uvci == "URN:UVCI:01:VN:" + f"{7:032X}"
    assert made.hc1_text == text


def test_one_word_name_stands_alone() -> None:
    assert page_of(signed_text(1, PersonName("Thưr", None, "THUR", None)), "").full_name == "Thưr"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", Words("Việt Nam", "Viet Nam")),
        ("VN", Words("Việt Nam", "Viet Nam")),
        ("Lào", Words("Lào", "Lào")),
        ("FR", Words("France", "France")),
    ],
)
def test_nationality_is_the_register_s(written: str, shown: Words) -> None:
    assert page_of(signed_text(1, HANG), written).nationality == shown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.PAGE_CERTIFICATE),
        ("HC1:", Code.PAGE_CERTIFICATE),
        ("HC1:AAAA", Code.PAGE_CERTIFICATE),
        ("HC1:đ", Code.PAGE_CERTIFICATE),
        (signed_text(1, HANG)[:-3], Code.PAGE_CERTIFICATE),
        (signed_text(1, HANG, product="EU/9/99/9999"), Code.PAGE_CODE_UNKNOWN),
    ],
)
def test_text_that_is_no_certificate_becomes_no_page(text: str, code: Code) -> None:
    with pytest.raises(IssuerError) as caught:
        page_of(text, "")
    assert caught.value.code is code


KID = make_pki().dsc.signer.certificate().kid


def payload(text: str) -> bytes:
    """The claims in a text."""
    return decode_sign1(inflate(base45.decode(text.removeprefix(PREFIX)))).payload


OTHERS = signed_text(2, HANG)
NOT_AS_SIGNED: dict[str, dict[str, Any]] = {
    "another's genuine certificate in the row": {"text": OTHERS},
    "another's certificate and number": {"text": OTHERS, "uvci": uvci((2).to_bytes(16))},
    "another's certificate and claims under the old number": {"text": OTHERS, "claims": payload(OTHERS)},
    "other claims": {"claims": payload(signed_text(1, HANG, dose_number=2))},
    "no claims": {"claims": b""},
    "another signer": {"kid": bytes(8)},
    "no signer": {"kid": b""},
    "another number": {"uvci": uvci(bytes(16))},
}


@pytest.mark.parametrize("why", NOT_AS_SIGNED)
def test_a_row_whose_text_is_not_what_was_signed_becomes_no_page(why: str) -> None:
    text = signed_text(1, HANG)
    row = {"text": text, "claims": payload(text), "kid": KID, "uvci": uvci((1).to_bytes(16))}
    assert page_as_signed(nationality="", **row).uvci == row["uvci"]  # type: ignore[arg-type]
    with pytest.raises(IssuerError) as caught:
        page_as_signed(nationality="", **(row | NOT_AS_SIGNED[why]))
    assert caught.value.code is Code.PAGE_NOT_AS_SIGNED


def register(path: Path, texts: dict[int, tuple[str, str | None]], claims: dict[int, bytes] | None = None) -> None:
    """A register that holds nothing but certificates; the tables around them are the business of other tests."""
    claims = {n: payload(text) for n, (_, text) in texts.items() if text and len(text) > 20} | (claims or {})
    open_database(f"sqlite:///{path}").dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for table, key, rows in (
            ("facility", "facility_id", [{"facility_id": 1, "code": "79001"}, {"facility_id": 2, "code": "79002"}]),
            ("dose", "dose_id", [{"dose_id": n, "facility_id": n % 2 + 1} for n in texts]),
            (
                "certificate",
                "certificate_id",
                [
                    {
                        "certificate_id": n,
                        "dose_id": n,
                        "uvci": uvci(n.to_bytes(16)),
                        "kid": KID if n in claims else bytes([n]),
                        "claims": claims.get(n, b""),
                        "state": state,
                        "text": text,
                    }
                    for n, (state, text) in texts.items()
                ],
            ),
        ):
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            for row in rows:
                values = [
                    row[name]
                    if name in row
                    else None
                    if not required
                    else row[key]
                    if kind in ("INTEGER", "BIGINT", "SMALLINT")
                    else str(row[key]).encode()
                    if kind.startswith("B")
                    else ""
                    for _, name, kind, required, _, _ in columns
                ]
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


def test_command_writes_the_signed_certificates_of_the_register(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(
        tmp_path / "register.sqlite",
        {
            1: ("signed", signed_text(1, HANG)),
            2: ("signed", signed_text(2, HANG)),
            3: ("reserved", None),
            4: ("withdrawn", None),
            5: ("signed", "HC1:AAAA"),
            7: ("signed", signed_text(1, HANG)),
        },
    )
    command = ["render", "--database", str(tmp_path / "register.sqlite"), str(tmp_path / "out"), "--processes", "1"]
    assert main([*command, "--kind", "pdf", "--kind", "png"]) == 1
    shown = capsys.readouterr().out
    assert "2 written" in shown
    assert "1 PAGE_CERTIFICATE: " in shown
    assert "1 PAGE_NOT_AS_SIGNED: " in shown
    assert sorted(state_of(tmp_path / "out")) == [f"{n:032x}.{kind}" for n in (1, 2) for kind in ("pdf", "png")]
    assert main([*command, "--language", "vi"]) == 1
    assert "1 PAGE_NOT_AS_SIGNED: nội dung đã lưu không đúng nội dung đã ký: không in gì, " in capsys.readouterr().out
    assert main([*command, "--facility", "79001"]) == 0
    assert "1 unchanged" in capsys.readouterr().out
    assert main([*command, "--facility", "no such"]) == 0
