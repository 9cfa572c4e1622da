"""What is measured: two thousand different certificates, and the chains that make and check them.

Varied inputs matter: over one input again and again a processor learns the branches and reports up to twice the speed.
"""

import datetime as dt
import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image, ImageFilter

from issuer.certify.sign import seal
from issuer.config import CertificatePolicy
from issuer.render.pdf.page import CertificatePage, Words, code_words
from issuer.render.qr import render_png
from keys.file_signer import FileSigner
from keys.trust_list import TrustList
from specs.cwt import encode_claims
from specs.id_binding import MASKED_BUCKET, Binding
from specs.national_claim import NationalClaim
from specs.payload import DccPayload, PersonName, Vaccination, encode_payload
from specs.products import products
from specs.transliteration import split_name, transliterate
from specs.uvci import uvci
from specs.valuesets import COVID_19, diseases, manufacturers, medicinal_products, prophylaxis
from specs.verdicts import Outcome
from tests.pki import NOW, make_pki
from verifier.check import check, check_stream
from verifier.request import Request

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
MIDDLES = ("Văn", "Thị", "Ngọc", "Minh", "Thị Ngọc", "Hữu", "Thu", "Đức", "Thanh", "Quốc", "Thị Thanh", "Xuân")
GIVENS = (
    "Trang",
    "Thảo",
    "Linh",
    "Anh",
    "Phương",
    "Hằng",
    "Huyền",
    "Tuấn",
    "Hoàng",
    "Huy",
    "Hiếu",
    "Hùng",
    "Đức",
    "Mỹ",
)
SHARES = {"astrazeneca": 35, "comirnaty": 30, "vero-cell": 20, "spikevax": 10, "abdala": 5}
"""Products by rough share of the campaign's doses."""

ISSUED = int(NOW.timestamp())
EXPIRES = ISSUED + 365 * 86_400


@dataclass(frozen=True)
class Subject:
    """One certificate before it is signed."""

    payload: DccPayload
    national: NationalClaim


def make_subjects(count: int) -> list[Subject]:
    """Different people, products, dates and identifiers; the same in every run."""
    chance = random.Random(5772)
    usual, shares = [products()[key] for key in SHARES], list(SHARES.values())
    made = []
    for index in range(count):
        name = split_name(f"{chance.choice(FAMILIES)} {chance.choice(MIDDLES)} {chance.choice(GIVENS)}")
        given = name.gn
        product = chance.choices(usual, shares)[0]
        assert product.medicinal_product is not None
        assert product.manufacturer is not None
        assert product.prophylaxis_2021 is not None
        dose = Vaccination(
            disease=COVID_19,
            prophylaxis=product.prophylaxis_2021,
            product=product.medicinal_product,
            manufacturer=product.manufacturer,
            dose_number=chance.randint(1, 3),
            total_doses=chance.randint(2, 3),
            date=dt.date(2021, 4, 1) + dt.timedelta(chance.randrange(500)),
            country="VN",
            issuer=CertificatePolicy().issuer,
            uvci=uvci(chance.randbytes(16)),
        )
        person = PersonName(name.fn, given, transliterate(name.fn), transliterate(given))
        born = dt.date(1935, 1, 1) + dt.timedelta(chance.randrange(27_000))
        binding = Binding(MASKED_BUCKET, 1, chance.randrange(4096))
        made.append(Subject(DccPayload(person, born.isoformat(), dose), NationalClaim(binding, index)))
    return made


class Chains:
    """Issuer and verifier over the same subjects with one key."""

    def __init__(self, count: int) -> None:
        held = make_pki().dsc
        self.private = held.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.certificate = held.certificate
        self.subjects = make_subjects(count)
        self._unchecked = FileSigner(held.key, held.certificate, verify_after_sign=False)
        self._checked = FileSigner(held.key, held.certificate)
        self._trust = TrustList.of_certificates([held.certificate])
        self.texts = self.issue_batch(self.subjects)
        self.digests = [hashlib.sha256(text.encode()).digest() for text in self.texts]

    def issue_batch(self, subjects: Sequence[Subject], *, self_check: bool = False) -> list[str]:
        """Payloads to HC1 texts, stage by stage."""
        claims = [encode_claims("VN", ISSUED, EXPIRES, encode_payload(s.payload), s.national) for s in subjects]
        return seal(claims, self._checked if self_check else self._unchecked, reread=self_check)

    def issue_single(self, subjects: Sequence[Subject]) -> list[str]:
        """Payloads to HC1 texts, one after the other."""
        return [text for subject in subjects for text in self.issue_batch([subject])]

    def verify_batch(self, texts: Sequence[str]) -> None:
        """HC1 texts to verdicts, stage by stage, each looked at and let go; every one must be valid."""
        requests = (Request(text=text) for text in texts)
        for verdict in check_stream(requests, self._trust, now=NOW):
            if verdict.outcome is not Outcome.VALID:
                raise SystemExit(f"a certificate of ours is not valid: {verdict.reasons}")

    def verify_single(self, texts: Sequence[str]) -> None:
        """HC1 texts to verdicts, one after the other."""
        for text in texts:
            if check(Request(text=text), self._trust, now=NOW).outcome is not Outcome.VALID:
                raise SystemExit("a certificate of ours is not valid")

    def check_picture(self, picture: bytes) -> None:
        """A JPEG to a verdict."""
        if check(Request(image=picture), self._trust, now=NOW).outcome is not Outcome.VALID:
            raise SystemExit("a picture of a certificate of ours did not scan")

    def pages(self) -> list[CertificatePage]:
        """What stands on the pages of the certificates."""
        return [page_of(subject, text) for subject, text in zip(self.subjects, self.texts, strict=True)]


def page_of(subject: Subject, text: str) -> CertificatePage:
    """The page of one certificate."""
    dose, name = subject.payload.vaccination, subject.payload.name
    return CertificatePage(
        full_name=f"{name.family} {name.given}",
        latin_name=f"{name.family_icao} {name.given_icao}".replace("<", " "),
        birth_date=subject.payload.birth_date,
        nationality=Words("Việt Nam", "Viet Nam"),
        disease=code_words(diseases(), dose.disease),
        doses_received=str(dose.dose_number),
        dose_dates=(dose.date.isoformat(),),
        dose_number=f"{dose.dose_number}/{dose.total_doses}",
        vaccine=code_words(prophylaxis(), dose.prophylaxis),
        product=code_words(medicinal_products(), dose.product),
        manufacturer=code_words(manufacturers(), dose.manufacturer),
        uvci=dose.uvci,
        issuer=Words("Bộ Y tế", "Ministry of Health"),
        issued=NOW,
        expires=NOW + dt.timedelta(days=365),
        hc1_text=text,
    )


def photograph(text: str, chance: random.Random) -> bytes:
    """A 1280x720 JPEG of a certificate's code: turned a little, a little out of focus, on a grey desk."""
    code = Image.open(io.BytesIO(render_png(text, scale=5))).convert("L")
    frame = Image.new("L", (1280, 720), chance.randint(90, 190))
    turned = code.rotate(chance.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=140)
    left, top = chance.randint(100, 1180 - turned.width), chance.randint(10, 700 - turned.height)
    frame.paste(turned, (left, top))
    frame = frame.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 1.2)))
    noisy = Image.blend(frame, Image.effect_noise(frame.size, 40), 0.15)
    out = io.BytesIO()
    noisy.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
