"""ID cards as scanners and people give them (circulars 59/2021 and 16/2024, ICAO 9303-5), and whose certificate it is.

The person and every number are made up: the synthetic example of the field guide, whose check digits are right.
"""

import pytest

from keys.epoch_keys import EpochKeys
from specs.id_binding import Binding, bind
from specs.national_claim import NationalClaim
from specs.verdicts import Outcome, Reason, Step, StepResult
from tests.faults import DCC, HCERT, NAME, NOW, VACCINATION, Recipe, foreign, trust, trusted
from verifier.card import Card, read_card
from verifier.check import check
from verifier.errors import VerifierError
from verifier.request import Request
from verifier.verdict import Verdict

NUMBER, OTHER_NUMBER = "001190000017", "001190000018"
QR = f"{NUMBER}|012345678|Nguyễn Thị Ví Dụ|15041990|Nữ|Số 1 Đại Cồ Việt, Hai Bà Trưng, Hà Nội|25052021"
MRZ = ("IDVNM1900000174001190000017<<5", "9004159F3004157VNM<<<<<<<<<<<4", "NGUYEN<<THI<VI<DU<<<<<<<<<<<<<")
AS_QR = Card(NUMBER, name="Nguyễn Thị Ví Dụ", birth_date="1990-04-15")
AS_MRZ = Card(NUMBER, icao_name=("NGUYEN", "THI", "VI", "DU"), birth_date="1990-04-15")

READ = {
    "QR text": (QR, AS_QR),
    "no old number": (QR.replace("012345678", ""), AS_QR),
    "an old number of twelve digits": (QR.replace("012345678", "001190000099"), AS_QR),
    "carriage return": (QR + "\r", AS_QR),
    "line end": (QR + "\r\n", AS_QR),
    "byte order mark": ("\ufeff" + QR, AS_QR),
    "NUL": (QR + "\0", AS_QR),
    "blanks around fields": (QR.replace("|", " | "), AS_QR),
    "upper case": (QR.replace("Ví Dụ", "VÍ DỤ"), Card(NUMBER, name="Nguyễn Thị VÍ DỤ", birth_date="1990-04-15")),
    "decomposed": (QR.replace("ễ", "e\u0302\u0303"), AS_QR),
    "UTF-8 sent on as Latin-1": (QR.encode().decode("latin-1"), AS_QR),
    "UTF-8 with its mark sent on as Latin-1": (QR.encode("utf-8-sig").decode("latin-1"), AS_QR),
    "the card of 2024, eleven fields": (QR + "|001190000011|Nguyễn Văn A|Trần Thị B|", AS_QR),
    "year of birth alone": (QR.replace("15041990", "1990"), Card(NUMBER, name=AS_QR.name, birth_date="1990")),
    "year behind zeros": (QR.replace("15041990", "00001990"), Card(NUMBER, name=AS_QR.name, birth_date="1990")),
    "month and year": (QR.replace("15041990", "00041990"), Card(NUMBER, name=AS_QR.name, birth_date="1990-04")),
    "MRZ, three lines": ("\n".join(MRZ), AS_MRZ),
    "MRZ, carriage returns": ("\r\n".join(MRZ) + "\r\n", AS_MRZ),
    "MRZ, one line": ("".join(MRZ), AS_MRZ),
    "bare number": (NUMBER, Card(NUMBER)),
    "number in groups": (" 001 190 000 017 ", Card(NUMBER)),
    "number with dots": ("001.190.000.017", Card(NUMBER)),
}  # fmt: skip

REFUSED = {
    "nothing": "",
    "six fields, as wrong descriptions have it": "|".join(QR.split("|")[:1] + QR.split("|")[2:]),
    "a number of nine digits": "012345678",
    "a number of thirteen digits": NUMBER + "0",
    "other digits": "٠٠١١٩٠٠٠٠٠١٧",
    "a number with a letter O": "OO1190000017",
    "no number in the QR text": QR.replace(NUMBER, ""),
    "the QR code of a COVID app, masked": "******000017|NGUYEN THI VI DU|1990-04-15|0|QID|EXT",
    "no name": QR.replace("Nguyễn Thị Ví Dụ", ""),
    "a day that does not exist": QR.replace("15041990", "31021990"),
    "a month that does not exist": QR.replace("15041990", "15131990"),
    "letters for a date": QR.replace("15041990", "XXXX1990"),
    "a certificate": Recipe().certificate(),
    "a text longer than any card": QR + "x" * 5000,
    "MRZ of another country": "".join(MRZ).replace("IDVNM", "IDFRA"),
    "MRZ of a passport": "P<VNMNGUYEN<<THI<VI<DU<<<<<<<<<<<<<<<<<<<<<<<B1234567<4VNM9004159F3004157<<<<<<<<<<<<<<04",
    "MRZ, a line missing": "".join(MRZ[:2]),
    "MRZ, check digit of the card's number": "".join(MRZ).replace("1900000174", "1900000175"),
    "MRZ, check digit of the whole number": "".join(MRZ).replace("<<59004159", "<<69004159"),
    "MRZ, check digit of the birth date": "".join(MRZ).replace("9004159F", "9004158F"),
    "MRZ, check digit of the expiry": "".join(MRZ).replace("3004157VNM", "3004156VNM"),
    "MRZ, composite check digit": "".join(MRZ).replace("<4NGUYEN", "<5NGUYEN"),
    "MRZ, two digits exchanged": "".join(MRZ).replace("001190000017", "001190000071"),
    "MRZ without a name": "".join(MRZ[:2]) + "<" * 30,
}


@pytest.mark.parametrize(("text", "card"), READ.values(), ids=READ.keys())
def test_read(text: str, card: Card) -> None:
    assert read_card(text) == card


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refused(text: str) -> None:
    with pytest.raises(VerifierError) as refusal:
        read_card(text)
    assert refusal.value.reason is Reason.CARD_UNREADABLE
    assert NUMBER not in str(refusal.value)


def test_an_mrz_name_that_fills_its_line_may_be_cut() -> None:
    line = "NGUYEN<<THI<NGOC<TRAM<ANH<THUY"
    assert len(line) == 30
    assert read_card(MRZ[0] + MRZ[1] + line).is_cut


def test_a_card_shows_nobody_in_its_repr() -> None:
    assert repr(AS_QR) == "Card(is_cut=False)"


KEY = bytes(range(32))
KEYS = EpochKeys({7: KEY})
UVCI = VACCINATION["ci"]


def bound(binding: Binding | None, **dcc: object) -> Recipe:
    hcert = {1: {**DCC, **dcc}}
    return Recipe(claims={HCERT: hcert if binding is None else {**hcert, -22: NationalClaim(binding, 5).to_bytes()}})


RIGHT = bound(bind(NUMBER, 7, KEY, UVCI))
LONG = {"fn": "Nguyễn", "gn": "Thị Ngọc Trâm Anh Thủy Tiên", "fnt": "NGUYEN", "gnt": "THI<NGOC<TRAM<ANH<THUY<TIEN"}
CUT = MRZ[0] + MRZ[1] + "NGUYEN<<THI<NGOC<TRAM<ANH<THUY"
E_DE = {"fn": "Niê", "gn": "H'Hen", "fnt": "NIE", "gnt": "HHEN"}


def with_name(name: str) -> str:
    return QR.replace("Nguyễn Thị Ví Dụ", name)


PASS, FAIL, SKIPPED = StepResult.PASS, StepResult.FAIL, StepResult.SKIPPED
NAME_DIFFERS, BIRTH_DIFFERS = Reason.CARD_NAME_DIFFERS, Reason.CARD_BIRTH_DIFFERS
NUMBER_DIFFERS = Reason.CARD_NUMBER_DIFFERS
ICAO_ALONE = {"fnt": "NGUYEN", "gnt": "THI<VI<DU"}


def holder(**dcc: object) -> Recipe:
    return bound(bind(NUMBER, 7, KEY, UVCI), **dcc)


ANOTHER = with_name("Trần Văn A").replace(NUMBER, OTHER_NUMBER)
COMPARED: dict[str, tuple[Recipe, str, Reason | None, StepResult]] = {
    "the holder's card": (RIGHT, QR, None, PASS),
    "the holder's MRZ": (RIGHT, "\n".join(MRZ), None, PASS),
    "the holder's number": (RIGHT, NUMBER, None, PASS),
    "somebody else's card": (RIGHT, QR.replace(NUMBER, OTHER_NUMBER), NUMBER_DIFFERS, FAIL),
    "a namesake of the same birth date": (RIGHT, QR.replace(NUMBER, "079190123456"), NUMBER_DIFFERS, FAIL),
    "somebody else's number": (RIGHT, OTHER_NUMBER, NUMBER_DIFFERS, FAIL),
    "another name": (RIGHT, with_name("Nguyễn Thị Ví Du"), NAME_DIFFERS, FAIL),
    "another name and number": (RIGHT, ANOTHER, NAME_DIFFERS, FAIL),
    "no marks on the card": (RIGHT, with_name("NGUYEN THI VI DU"), NAME_DIFFERS, FAIL),
    "upper case": (RIGHT, with_name("NGUYỄN  THỊ VÍ DỤ"), None, PASS),
    "decomposed marks": (RIGHT, with_name("Nguye\u0302\u0303n Thị Ví Dụ"), None, PASS),
    "tones placed otherwise": (holder(nam={**NAME, "gn": "Thị Hoà"}), with_name("Nguyễn Thị Hòa"), None, PASS),
    "another birth date": (RIGHT, QR.replace("15041990", "16041990"), BIRTH_DIFFERS, FAIL),
    "the year alone on the card": (RIGHT, QR.replace("15041990", "1990"), None, PASS),
    "another year on the card": (RIGHT, QR.replace("15041990", "1991"), BIRTH_DIFFERS, FAIL),
    "the year alone in the certificate": (holder(dob="1990"), QR, None, PASS),
    "no birth date in the certificate": (holder(dob=""), QR, None, PASS),
    "family name at the end": (holder(nam=E_DE), with_name("H’Hen Niê"), None, PASS),
    "one word": (holder(nam={"fn": "Thưr", "fnt": "THUR"}), with_name("Thưr"), None, PASS),
    "ICAO letters alone in the certificate": (holder(nam=ICAO_ALONE), QR, None, PASS),
    "an MRZ that had to be cut": (holder(nam=LONG), CUT, None, PASS),
    "an MRZ of another name": (holder(nam=LONG), "".join(MRZ), NAME_DIFFERS, FAIL),
    "a card that cannot be read": (RIGHT, "1234", Reason.CARD_UNREADABLE, FAIL),
    "a mask key of another epoch": (bound(Binding(1, 8, 0)), QR, Reason.CARD_KEY_MISSING, FAIL),
    "a binding of the future": (bound(Binding(2, 7, 0)), QR, Reason.BINDING_UNKNOWN, FAIL),
    "nobody bound it: name and date agree": (bound(Binding(0, 0, 0)), QR, Reason.NOT_BOUND, PASS),
    "nobody bound it, and another name": (bound(Binding(0, 0, 0)), with_name("Trần Văn A"), NAME_DIFFERS, FAIL),
    "nobody bound it: a bare number says nothing": (bound(None), NUMBER, Reason.NOT_BOUND, SKIPPED),
}  # fmt: skip


def compared(recipe: Recipe, card: str | None, keys: EpochKeys | None = KEYS) -> Verdict:
    return check(Request(text=recipe.certificate(), at=NOW, card=card), trust(), now=NOW, epoch_keys=keys)


@pytest.mark.parametrize(("recipe", "card", "reason", "step"), COMPARED.values(), ids=COMPARED.keys())
def test_compared(recipe: Recipe, card: str, reason: Reason | None, step: StepResult) -> None:
    verdict = compared(recipe, card)
    assert (verdict.reasons, verdict.steps[Step.CARD]) == (() if reason is None else (reason,), step)
    assert NUMBER not in repr(verdict)
    assert OTHER_NUMBER not in str(verdict.to_json())


def test_no_card_is_no_question() -> None:
    assert compared(RIGHT, None).steps[Step.CARD] is StepResult.SKIPPED


def test_a_device_without_mask_keys_cannot_tell() -> None:
    verdict = compared(RIGHT, QR, None)
    assert (verdict.outcome, verdict.reasons) == (Outcome.CANNOT_TELL, (Reason.CARD_KEY_MISSING,))


def test_a_forgery_is_not_compared() -> None:
    verdict = compared(RIGHT.but(signature=lambda _: bytes(64)), QR)
    assert verdict.steps[Step.CARD] is StepResult.SKIPPED
    assert verdict.outcome is Outcome.INVALID


def test_a_foreign_certificate_is_not_bound() -> None:
    recipe = Recipe(claims=foreign())
    verdict = check(Request(text=recipe.certificate(), at=NOW, card=QR), trust(trusted(country="FR")), now=NOW)
    assert (verdict.outcome, verdict.reasons) == (Outcome.VALID, (Reason.NOT_BOUND,))


def test_a_wrong_number_passes_once_in_4096() -> None:
    """Twelve bits: of 2,000 other numbers, one or none shares the bucket."""
    verdicts = [compared(RIGHT, f"{number:012}").outcome for number in range(79190000000, 79190002000)]
    assert verdicts.count(Outcome.VALID) <= 3
