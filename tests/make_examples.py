"""Writes `specs/examples/` anew: `make examples`. The same bytes on every machine, so a change leaves a diff.

The keys are derived from public words, so everybody has them: `keys.published_samples` refuses them for real use.
"""

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from issuer.certify.sign import seal
from issuer.render.qr import render_png
from keys.certificates import Issuer, Profile, Role, Subject, issue, self_sign
from keys.file_signer import FileSigner, raw_signing
from specs import base45
from specs.compression import inflate
from specs.cose import decode_sign1
from specs.cwt import encode_claims
from specs.id_binding import EPOCH_KEY_BYTES, NOT_BOUND, Binding, bind
from specs.national_claim import NationalClaim
from specs.payload import DccPayload, PersonName, Vaccination, encode_payload
from specs.text import PREFIX
from specs.uvci import RANDOM_BYTES, uvci
from tests.make_fhir_examples import write_fhir

EXAMPLES = Path(__file__).parents[1] / "specs" / "examples"

FROM = dt.datetime(2021, 12, 1, tzinfo=dt.UTC)
ISSUED, EXPIRES = FROM + dt.timedelta(days=30), FROM + dt.timedelta(days=395)
CHECKED_AT = ISSUED + dt.timedelta(days=100)
EPOCH = 1
NUMBER = "001190000017"
"""An ID number of nobody: the made-up person of the examples."""


def derived(words: str, size: int) -> bytes:
    """Bytes that everybody can derive from `words`."""
    return hashlib.shake_256(f"Hộ chiếu vắc xin, example: {words}".encode()).digest(size)


def example_key(words: str) -> EllipticCurvePrivateKey:
    """A private key that is no secret."""
    return derive_private_key(int.from_bytes(derived(words, 32)) >> 1 | 1, SECP256R1())


def _profile(role: Role, words: str, years: int, kinds: tuple[str, ...] = ()) -> Profile:
    return Profile(
        role=role,
        subject=Subject("VN", "Bộ Y tế", words, test=True),
        public_key=example_key(words).public_key(),
        serial=int.from_bytes(derived(words + " serial", 15)),
        not_before=FROM,
        not_after=FROM + dt.timedelta(days=365 * years),
        key_use_ends=FROM + dt.timedelta(days=180 * years // 2),
        kinds=kinds,
    )


def document_signer(words: str = "DSC 1", kinds: tuple[str, ...] = ("v",)) -> FileSigner:
    """The document signer of the examples, under its CSCA; `kinds` is what it may sign."""
    authority = raw_signing(example_key("CSCA 1"))
    certificate = self_sign(_profile(Role.CSCA, "CSCA 1", 4), authority)
    return FileSigner(
        example_key(words),
        issue(_profile(Role.DOCUMENT_SIGNER, words, 2, kinds), Issuer(certificate, authority)),
    )


EPOCH_KEY = derived("epoch key 1", EPOCH_KEY_BYTES)


@dataclass(frozen=True)
class Example:
    """One certificate: its folder's name, why it is there, what it says."""

    name: str
    why: str
    payload: DccPayload
    binding: Binding


def _dose(name: str, **changes: object) -> Vaccination:
    facts: dict[str, object] = {
        "disease": "840539006",
        "prophylaxis": "1119349007",
        "product": "EU/1/20/1528",
        "manufacturer": "ORG-100030215",
        "dose_number": 2,
        "total_doses": 2,
        "date": dt.date(2021, 11, 5),
        "country": "VN",
        "issuer": "MOH",
        "uvci": uvci(derived(name, RANDOM_BYTES)),
    }
    return Vaccination(**(facts | changes))  # type: ignore[arg-type]


def examples() -> Iterator[Example]:
    """The valid ones."""
    person = PersonName("Nguyễn", "Thị Ví Dụ", "NGUYEN", "THI<VI<DU")
    name = "series-of-two"
    dose = _dose(name)
    yield Example(name, "the commonest: the second of two doses", DccPayload(person, "1990-04-15", dose), _bound(dose))
    name = "booster"
    dose = _dose(name, dose_number=3, total_doses=3, date=dt.date(2021, 12, 20))
    yield Example(name, "a third dose after a series of two", DccPayload(person, "1990-04-15", dose), _bound(dose))
    name = "one-word-name-year-of-birth"
    dose = _dose(
        name, product="BBIBP-CorV", manufacturer="ORG-100020693", prophylaxis="J07BX03", date=dt.date(2021, 9, 2)
    )
    elder = DccPayload(PersonName("Thưr", None, "THUR", None), "1938", dose)
    yield Example(name, "a name of one word; only the year of birth is known", elder, _bound(dose))
    name = "not-bound"
    dose = _dose(name, product="EU/1/20/1525", manufacturer="ORG-100001417", dose_number=1, total_doses=1)
    visitor = DccPayload(PersonName("Müller", "Zoë", "MUELLER", "ZOE"), "1985-02-28", dose)
    yield Example(name, "a foreigner: no 12-digit number to be bound to", visitor, NOT_BOUND)


def _bound(dose: Vaccination) -> Binding:
    return bind(NUMBER, EPOCH, EPOCH_KEY, dose.uvci)


def claims_of(example: Example) -> bytes:
    """The claims map of an example, as the national signer would store it."""
    index = int.from_bytes(derived(example.name + " index", 3))
    return encode_claims(
        "VN",
        int(ISSUED.timestamp()),
        int(EXPIRES.timestamp()),
        encode_payload(example.payload),
        NationalClaim(example.binding, index),
    )


def _pem(signer: FileSigner) -> bytes:
    return load_der_x509_certificate(signer.certificate().der).public_bytes(Encoding.PEM)


def write_valid(folder: Path) -> None:
    """One folder for each example, one file for each stage."""
    signer = document_signer()
    (folder / "dsc.pem").write_bytes(_pem(signer))
    for example in examples():
        claims = claims_of(example)
        [text] = seal([claims], signer)
        packed = base45.decode(text.removeprefix(PREFIX))
        stages = {
            "1-payload.json": json.dumps(
                cbor2.loads(encode_payload(example.payload)), ensure_ascii=False, indent=2, sort_keys=True
            ),
            "2-cwt.hex": decode_sign1(inflate(packed)).payload.hex(),
            "3-cose.hex": inflate(packed).hex(),
            "4-zlib.hex": packed.hex(),
            "5-text.txt": text,
            "why.txt": example.why,
        }
        place = folder / "valid" / example.name
        place.mkdir(parents=True)
        for stage, content in stages.items():
            (place / stage).write_text(content + "\n", encoding="utf-8")
        (place / "6-qr.png").write_bytes(render_png(text))


def write_invalid(folder: Path) -> None:
    """One file for each fault: why, the text, when it is checked, and the first reason that must be given."""
    from tests.example_faults import faulty  # it builds on this module

    (folder / "invalid").mkdir()
    for fault in faulty():
        content = {"why": fault.why, "at": fault.at.isoformat(), "reason": fault.reason.value, "text": fault.text}
        path = folder / "invalid" / f"{fault.name}.json"
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / "dsc-tests-only.pem").write_bytes(_pem(document_signer(kinds=("t",))))


def main() -> None:
    """Replace the folder by what the code makes today; its README stays."""
    for part in ("valid", "invalid"):
        shutil.rmtree(EXAMPLES / part, ignore_errors=True)
    EXAMPLES.mkdir(exist_ok=True)
    write_valid(EXAMPLES)
    write_invalid(EXAMPLES)
    write_fhir(EXAMPLES / "fhir")


if __name__ == "__main__":
    main()
