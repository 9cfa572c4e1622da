"""What a certificate says: names, codes and dates, strictly."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.certify.payload_of import payload_of
from issuer.certify.series import Chosen, Refusal
from issuer.dose_record import AttestedDose, DoseRecord, Holder
from specs.cbor import decode
from specs.payload import DccPayload, encode_payload
from specs.products import products
from specs.transliteration import split_name, transliterate
from specs.uvci import uvci
from specs.valuesets import encodings

NUMBER = uvci(bytes(range(16)))


def made(
    name: str = "Nguyễn Thị Ví Dụ",
    *,
    family: str = "",
    born: str = "1990-04-15",
    product: str = "EU/1/20/1528",
    issuer: str = "MOH",
    era: str = "2021-22",
) -> DccPayload | Refusal:
    holder = Holder(1, name, family, born, "F", "001190000017", "Việt Nam", "")
    record = DoseRecord(
        7, "matched", False, "79001", "ab" * 32, 0, 2, "2022-03-01", product, 2, "basic", "L", 1, 0, b"", b""
    )
    chosen = Chosen(AttestedDose(record, 1, 0), 2, 2, (date(2021, 9, 1), date(2022, 3, 1)))
    return payload_of(holder, chosen, NUMBER, issuer=issuer, era=era)


NAMES = {
    "family, middle and given": ("Nguyễn Thị Ví Dụ", "", ("Nguyễn", "Thị Ví Dụ", "NGUYEN", "THI<VI<DU")),
    "every kind of letter": ("Đặng Ơn Ưu Ằng Ễ", "", ("Đặng", "Ơn Ưu Ằng Ễ", "DANG", "ON<UU<ANG<E")),
    "one word": ("Thưr", "", ("Thưr", None, "THUR", None)),
    "clan at the end": ("Y Thông Niê", "", ("Niê", "Y Thông", "NIE", "Y<THONG")),
    "clan at the end, apostrophe": ("H'Hen Niê", "", ("Niê", "H'Hen", "NIE", "HHEN")),
    "a compound family name": ("Tôn Thất Ví Dụ", "", ("Tôn Thất", "Ví Dụ", "TON<THAT", "VI<DU")),
    "an operator's split": ("Rơ Châm Ví", "Rơ Châm", ("Rơ Châm", "Ví", "RO<CHAM", "VI")),
    "NFD comes out as NFC": ("Le\u0302 A\u0301nh", "", ("Lê", "Ánh", "LE", "ANH")),
}


@pytest.mark.parametrize("why", NAMES)
def test_names(why: str) -> None:
    full, family, expected = NAMES[why]
    payload = made(full, family=family)
    assert isinstance(payload, DccPayload)
    name = payload.name
    assert (name.family, name.given, name.family_icao, name.given_icao) == expected


@pytest.mark.parametrize(
    "name", ["王小明", "Иван Иванов", "Nguyễn 1", "Nguyễn\u202eThị", "", " ", "Lê " + "a" * 90, "- -"]
)
def test_a_name_that_no_passport_could_show_is_for_people_to_look_at(name: str) -> None:
    assert made(name) is Refusal.NAME


@pytest.mark.parametrize("born", ["1990-04-15", "1990-04", "1990"])
def test_a_birth_date_is_as_precise_as_known(born: str) -> None:
    payload = made(born=born)
    assert isinstance(payload, DccPayload)
    assert decode(encode_payload(payload))["dob"] == born


@pytest.mark.parametrize("born", ["", "1890", "1990-02-30", "90", "1990-4-5"])
def test_no_other_birth_date(born: str) -> None:
    assert made(born=born) is Refusal.BIRTH_DATE


CERTIFIABLE = [product for product in products().values() if product.certifiable]


@pytest.mark.parametrize("product", CERTIFIABLE, ids=lambda product: product.key)
@pytest.mark.parametrize("era", ["2021-22", "current"])
def test_the_product_implies_manufacturer_and_type(product: object, era: str) -> None:
    code = product.medicinal_product  # type: ignore[attr-defined]
    payload = made(product=code, era=era)
    assert isinstance(payload, DccPayload)
    dose = payload.vaccination
    assert dose.product == code
    assert dose.manufacturer in encodings()[code].manufacturers
    if era == "current":
        assert dose.prophylaxis in encodings()[code].prophylaxis
    else:
        mrna = code in ("EU/1/20/1528", "EU/1/20/1507")
        assert dose.prophylaxis == ("1119349007" if mrna else "J07BX03")


@pytest.mark.parametrize("product", ["", "Nanocovax", "Covishield", "Inactivated-SARS-CoV-2-Vero-Cell", "nonsense"])
def test_a_product_that_the_campaign_did_not_have_is_refused(product: str) -> None:
    assert made(product=product) is Refusal.PRODUCT_CODES


letters = st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyAĐƠƯÀẤỮỵ'- "), min_size=1, max_size=40)


@given(letters)
def test_every_name_of_vietnamese_letters_is_written_or_refused(name: str) -> None:
    payload = made(name)
    if isinstance(payload, Refusal):
        assert payload is Refusal.NAME
        split = split_name(name)
        assert any(part and not any(map(str.isalpha, part)) for part in (split.fn or " ", split.gn))
        return
    said = decode(encode_payload(payload))
    assert set(said) == {"v", "dob", "nam", "ver"}
    assert said["v"][0]["ci"] == NUMBER
    assert said["nam"]["fnt"] == transliterate(said["nam"]["fn"])
    assert said["nam"].get("gnt") == (transliterate(said["nam"]["gn"]) if "gn" in said["nam"] else None)
    words = " ".join(filter(None, (said["nam"]["fn"], said["nam"].get("gn"))))
    assert sorted(words.split()) == sorted(name.split())
