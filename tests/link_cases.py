"""The table of linking: what is read losslessly links, what is not is a proposal, and nothing where two people fit.

Each case has a register of its own people and one row of a sheet. Birth dates that a case does not name are its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from specs.national_id import PROVINCES

_PROVINCES = sorted(PROVINCES)
AUTO, PROPOSED, NOBODY = "linked", "proposed", "nobody"
DOSE_DAY = "2021-08-15"


@dataclass(frozen=True)
class Person:
    """Somebody in the register; an empty number or birth date is made up for the case."""

    name: str = "Trần Văn Bình"
    born: str = ""
    sex: str = "Nam"
    number: str = ""
    old: str = ""
    died: str = ""


@dataclass(frozen=True)
class Case:
    """`typed`: cells that differ from what the first person's would be. `expected`: what becomes of the row."""

    name: str
    why: str
    expected: str
    link_class: str
    person: Person = field(default_factory=Person)
    typed: tuple[tuple[str, str], ...] = ()
    others: tuple[Person, ...] = ()


def _linked(
    name: str, why: str, person: Person | None = None, /, others: tuple[Person, ...] = (), **typed: str
) -> Case:
    return Case(name, why, AUTO, "matched", person or Person(), tuple(typed.items()), others)


def _proposed(
    name: str,
    why: str,
    person: Person | None = None,
    /,
    link_class: str = "mismatched",
    others: tuple[Person, ...] = (),
    **typed: str,
) -> Case:
    return Case(name, why, PROPOSED, link_class, person or Person(), tuple(typed.items()), others)


def _nobody(
    name: str, why: str, link_class: str, person: Person | None = None, /, others: tuple[Person, ...] = (), **typed: str
) -> Case:
    return Case(name, why, NOBODY, link_class, person or Person(), tuple(typed.items()), others)


LOSSLESS = [
    _linked("exact", "all four fields as in the register"),
    _linked("name in capitals", "case is the shift key's doing", name="TRẦN VĂN BÌNH"),
    _linked("name in small letters", "case is the shift key's doing", name="trần văn bình"),
    _linked("tone on the other vowel", "Hoà and Hòa are one word", Person("Lê Thị Hòa", sex="Nữ"), name="Lê Thị Hoà"),
    _linked("tone of uy", "Thuý and Thúy are one word", Person("Đỗ Thúy", sex="Nữ"), name="Đỗ Thuý"),
    _linked("tone of oe", "Khoẻ and Khỏe are one word", Person("Lý Văn Khỏe"), name="Lý Văn Khoẻ"),
    _linked("tone and capitals", "two lossless differences at once", Person("Lê Thị Hòa", sex="Nữ"), name="LÊ THỊ HOÀ"),
    _linked("marks in pieces", "NFD is the same text", name="Tra\u0302\u0300n Va\u0306n Bi\u0300nh"),
    _linked(
        "tone before circumflex", "typed in the other order, NFC leaves it in pieces", name="Tra\u0300\u0302n Văn Bình"
    ),
    _linked("double blanks", "blanks carry nothing", name="Trần  Văn   Bình"),
    _linked("blanks around", "blanks carry nothing", name="  Trần Văn Bình "),
    _linked("no-break blanks", "U+00A0 looks like a blank", name="Trần\u00a0Văn\u00a0Bình"),
    _linked("zero-width blank", "U+200B cannot be seen", name="Trần\u200b Văn Bình"),
    _linked("Icelandic capital D", "U+00D0 looks like Đ", Person("Đặng Văn Đông"), name="\u00d0ặng Văn \u00d0ông"),
    _linked("Icelandic small d", "U+00F0 stands for đ", Person("Đặng Văn Đông"), name="\u00f0ặng văn \u00f0ông"),
    _linked(
        "right quotation mark", "an apostrophe of another kind", Person("H'Hen Niê", sex="Nữ"), name="H\u2019Hen Niê"
    ),
    _linked("modifier apostrophe", "an apostrophe of another kind", Person("Y'Bih Kpă"), name="Y\u02bcBih Kpă"),
    _linked("grave for apostrophe", "an apostrophe of another kind", Person("Bh'riu Pố"), name="Bh`riu Pố"),
    _linked("one-word name", "names of one word exist", Person("Thưr", sex="Nữ")),
    _linked("one-word name in capitals", "names of one word exist", Person("Thưr", sex="Nữ"), name="THƯR"),
    _linked("family name last", "Ê Đê put the clan at the end", Person("Y Thông Niê Kdăm")),
    _linked("letters that Vietnamese lacks", "f, j, w, z stand in minority names", Person("K'Wơn Jăng Zơ")),
    _linked("hyphen in a name", "hyphens stand in minority names", Person("Ka-Ning Rơ Châm", sex="Nữ")),
    _linked("five words", "names of five words exist", Person("Công Tằng Tôn Nữ Hoa", sex="Nữ")),
    _linked("eleven digits", "one leading zero lost", number="{number-1}"),
    _linked("ten digits", "two leading zeros lost", Person(number="001085123456"), number="1085123456"),
    _linked("trailing .0", "a number made a decimal", number="{number-1}.0"),
    _linked("scientific, whole", "every digit kept", Person(number="079085123456"), number="7.9085123456E+10"),
    _linked("letter O", "O for 0 in a number", Person(number="079085120450"), number="O79O8512O45O"),
    _linked("small letter o", "o for 0 in a number", Person(number="079085120460"), number="o79o8512o46o"),
    _linked("blanks in the number", "separators", Person(number="079085120470"), number="079 085 120 470"),
    _linked("dots in the number", "separators", Person(number="079085120480"), number="079.085.120.480"),
    _linked("hyphens in the number", "separators", Person(number="079085120490"), number="079-085-120-490"),
    _linked("apostrophe before the number", "a spreadsheet's mark for text", number="'{number}"),
    _linked("no-break blank after the number", "cannot be seen", number="{number}\u00a0"),
    _linked("old card of nine digits", "an old number of one person", Person(old="201234561"), number="201234561"),
    _linked("old card, zero lost", "lossless, then an old number", Person(old="012345672"), number="12345672"),
    _linked(
        "old card of twelve digits", "an old number of one person", Person(old="079085777777"), number="079085777777"
    ),
    _linked("cancelled number", "of one person only, still theirs", Person(old="079084888888"), number="079084888888"),
    _linked("one of several old numbers", "each is theirs", Person(old="201234583;079084888811"), number="201234583"),
    _linked("date with hyphens", "one reading", Person(born="1985-04-23"), born="23-04-1985"),
    _linked("date with dots", "one reading", Person(born="1985-04-24"), born="24.04.1985"),
    _linked("ISO date", "one reading", Person(born="1985-04-25"), born="1985-04-25"),
    _linked("year first with slashes", "one reading", Person(born="1985-04-26"), born="1985/04/26"),
    _linked("date with a time", "one reading", Person(born="1985-04-27"), born="27/04/1985 00:00:00"),
    _linked("date with lost zeros", "one reading", Person(born="1985-04-28"), born="28/4/1985"),
    _linked("Excel serial", "one reading: 29 March 1985", Person(born="1985-03-29"), born="31135"),
    _linked("two-digit year", "nobody born in 2085 was vaccinated", Person(born="1985-05-29"), born="29/05/85"),
    _linked("date in words", "one reading", Person(born="1985-06-29"), born="29 tháng 6 năm 1985"),
    _linked("year, as the register", "the register knows the year only", Person(born="1941"), born="1941"),
    _linked("month, as the register", "the register knows year and month", Person(born="1942-05"), born="05/1942"),
    _linked("sex in capitals", "case", sex="NAM"),
    _linked("sex as a letter", "M says male", sex="M"),
    _linked("dose on the day of death", "alive on that day", Person(died="2021-08-15")),
    _linked("died later", "alive on that day", Person(died="2021-09-01")),
    _linked("died in a later month", "a partial date that is later all the same", Person(died="2021-09")),
    _linked(
        "namesake with another number",
        "the number tells the namesakes apart",
        Person("Lê Văn Nam", "1980-07-14"),
        (Person("Lê Văn Nam", "1980-07-14"),),
    ),
    _linked(
        "somebody's old number is one's current",
        "only one person has all four",
        Person("Lê Văn Tám", "1980-07-15", number="079080555001"),
        (Person("Vũ Thị Chín", "1971-02-16", "Nữ", old="079080555001"),),
    ),
]

LOSSY = [
    _proposed("no marks", "many names share the letters", name="Tran Van Binh"),
    _proposed("no marks, capitals", "many names share the letters", name="TRAN VAN BINH"),
    _proposed("one mark missing", "Binh is another name", name="Trần Văn Binh"),
    _proposed("another tone", "Bỉnh is another name", name="Trần Văn Bỉnh"),
    _proposed("d for đ", "Dông is another name", Person("Phạm Văn Đông"), name="Phạm Văn Dông"),
    _proposed("a for ă", "Thang is another name", Person("Phạm Quốc Thắng"), name="Phạm Quốc Thắng ".replace("ắ", "á")),
    _proposed("i for y", "a policy, not a proof", Person("Lê Văn Quý"), name="Lê Văn Quí"),
    _proposed("y for i", "a policy, not a proof", Person("Lê Văn Sĩ"), name="Lê Văn Sỹ"),
    _proposed("letter dropped", "a typing error or another name", Person("Hồ Văn Khanh"), name="Hồ Văn Khan"),
    _proposed("letter added", "a typing error or another name", Person("Hồ Văn Minh"), name="Hồ Văn Minhh"),
    _proposed("letters exchanged", "a typing error", Person("Hồ Văn Thanh"), name="Hồ Văn Tahnh"),
    _proposed("word missing", "another name, perhaps", Person("Phan Đình Quốc Toản"), name="Phan Quốc Toản"),
    _proposed("word added", "another name, perhaps", Person("Phan Quốc Toản"), name="Phan Đình Quốc Toản"),
    _proposed("words exchanged", "given name first", Person("Phan Quốc Toản"), name="Toản Phan Quốc"),
    _proposed("remark in the name", "who knows whose remark", name="Trần Văn Bình, con bà Lan"),
    _proposed("remark in brackets", "who knows whose remark", name="Trần Văn Bình (con ông Hùng)"),
    _proposed("other name altogether", "the number may be another's", name="Nguyễn Thanh Long"),
    _proposed("blank inside a word", "Tha nh is two words", Person("Hồ Văn Thanh"), name="Hồ Văn Tha nh"),
    _proposed("year for a date", "the year is not the date", Person(born="1960-09-17"), born="1960"),
    _proposed(
        "1 January for a date", "what people write who know the year", Person(born="1960-09-18"), born="01/01/1960"
    ),
    _proposed("date for a year", "the register knows less", Person(born="1943"), born="19/09/1943"),
    _proposed("1 January for a year", "the register says year only", Person(born="1944"), born="01/01/1944"),
    _proposed("month for a date", "the month is not the date", Person(born="1960-09-20"), born="09/1960"),
    _proposed("day and month exchanged", "both below 13", Person(born="1985-03-08"), born="03/08/1985"),
    _proposed("another day", "a digit wrong", Person(born="1985-03-18"), born="19/03/1985"),
    _proposed("another year", "a digit wrong", Person(born="1985-03-16"), born="16/03/1986"),
    _proposed("another month", "a digit wrong", Person(born="1985-03-17"), born="17/04/1985"),
    _proposed("two-digit year of two readings", "1915 or 2015", Person(born="2015-06-21"), born="21/06/15"),
    _proposed("no birth date", "one field less", born=""),
    _proposed("birth date not readable", "one field less", born="khoảng 1985"),
    _proposed("other sex", "one field differs", sex="Nữ"),
    _proposed("no sex", "one field less", sex=""),
    _proposed("one digit wrong", "any digit", link_class="unknown_id", number="{number^}"),
    _proposed("two digits exchanged", "any digit", Person(number="079085123987"), "unknown_id", number="079085132987"),
    _proposed(
        "digit dropped",
        "eleven digits that begin with 0",
        Person(number="079085333987"),
        "malformed_id",
        number="07908533987",
    ),
    _proposed(
        "digit doubled", "thirteen digits", Person(number="079085444987"), "malformed_id", number="0790854444987"
    ),
    _proposed(
        "letter l for 1", "a letter in the number", Person(number="079085551987"), "malformed_id", number="07908555l987"
    ),
    _proposed(
        "letter in the number",
        "a letter in the number",
        Person(number="079085666987"),
        "malformed_id",
        number="079085x66987",
    ),
    _proposed("scientific, cut", "digits lost", Person(number="079085777987"), "malformed_id", number="7.9086E+10"),
    _proposed("no number", "one field less", link_class="no_id", number=""),
    _proposed("số: không có", "one field less", link_class="no_id", number="không có"),
    _proposed("placeholder", "one digit repeated is no number", link_class="no_id", number="111111111111"),
    _proposed("zeros", "a placeholder", link_class="no_id", number="000000000000"),
    _proposed("unknown number", "nobody has it", link_class="unknown_id", number="038085990011"),
    _proposed("passport", "not in the register", link_class="unknown_id", number="C1234567"),
    _proposed(
        "relative's number",
        "the mother's card was shown",
        Person("Vũ Hải Yến", "2012-05-22", "Nữ"),
        others=(Person("Lưu Thị Mơ", "1984-11-02", "Nữ", number="079184200200"),),
        number="079184200200",
    ),
    _proposed(
        "old number of two people",
        "two provinces gave it twice; only one fits",
        Person("Vũ Hải Sơn", "1962-05-23", old="201555555"),
        others=(Person("Lưu Văn Mạnh", "1964-11-03", old="201555555"),),
        number="201555555",
    ),
    _proposed(
        "old number that is somebody's current",
        "belongs to two people",
        Person("Vũ Hải Hà", "1962-05-24", old="079062200201"),
        others=(Person("Lưu Văn Chi", "1964-11-04", number="079062200201"),),
        number="079062200201",
    ),
    _proposed(
        "old number, other name",
        "the other three must be equal",
        Person(old="201666661"),
        number="201666661",
        name="Tran Van Binh",
    ),
    _proposed("old number, one digit wrong", "any digit", Person(old="201777771"), "unknown_id", number="201777772"),
    _proposed("dead before the day", "not alive on the day", Person(died="2021-08-14")),
    _proposed("dead that year", "perhaps alive on the day, perhaps not", Person(died="2021")),
    _proposed("dead that month", "perhaps alive on the day, perhaps not", Person(died="2021-08")),
    _proposed("born after the dose", "not alive on the day", Person(born="2021-11-25"), born="25/11/2021"),
    _proposed(
        "namesake, one digit wrong",
        "the nearer number comes first",
        Person("Lê Văn Ba", "1980-07-16", number="079080100003"),
        "unknown_id",
        (Person("Lê Văn Ba", "1980-07-16", number="048080654321"),),
        number="079080100008",
    ),
    _proposed(
        "no number, another has other marks",
        "only one has the name as typed",
        Person("Lê Văn Hưng", "1980-07-17"),
        "no_id",
        (Person("Lê Văn Hùng", "1980-07-17"),),
        number="",
    ),
    _proposed(
        "no marks, no number", "two fields lossy, nobody else fits", link_class="no_id", name="Tran Van Binh", number=""
    ),
    _proposed(
        "exchanged, no number",
        "two fields lossy, nobody else fits",
        Person("Mạc Văn Đĩnh", "1985-03-09"),
        "no_id",
        born="03/09/1985",
        number="",
    ),
    _proposed(
        "a digit of the date, no number",
        "two fields lossy, nobody else fits",
        Person("Mạc Văn Đạo", "1985-03-21"),
        "no_id",
        born="22/03/1985",
        number="",
    ),
    _proposed("minority name, no number", "apostrophe kept apart", Person("H'Blă Ayŭn", sex="Nữ"), "no_id", number=""),
    _proposed("minority name, apostrophe lost", "a sign less", Person("H'Nhơn Ksor", sex="Nữ"), name="HNhơn Ksor"),
    _proposed("clan first", "words exchanged", Person("Y Moan Êban"), name="Êban Y Moan"),
]

_TWINS = (Person("Lê Văn Tư", "1980-07-18"),)
NOBODY_FITS = [
    _nobody(
        "namesakes without a number",
        "never linked, never proposed",
        "ambiguous",
        Person("Lê Văn Tư", "1980-07-18"),
        _TWINS,
        number="",
    ),
    _nobody(
        "namesakes, unknown number",
        "both fit as well",
        "ambiguous",
        Person("Lê Văn Sáu", "1980-07-19", number="001080111111"),
        (Person("Lê Văn Sáu", "1980-07-19", number="001080999999"),),
        number="038080555555",
    ),
    _nobody(
        "three namesakes",
        "all fit as well",
        "ambiguous",
        Person("Lê Văn Bảy", "1980-07-20"),
        (Person("Lê Văn Bảy", "1980-07-20"), Person("Lê Văn Bảy", "1980-07-20")),
        number="",
    ),
    _nobody(
        "namesakes, malformed number",
        "both fit as well",
        "ambiguous",
        Person("Lê Văn Mười", "1980-07-21", number="001080222222"),
        (Person("Lê Văn Mười", "1980-07-21", number="048080777777"),),
        number="12ab",
    ),
    _nobody(
        "no marks, two names",
        "Hùng and Hưng fit as well",
        "ambiguous",
        Person("Cao Bá Hùng", "1980-07-22"),
        (Person("Cao Bá Hưng", "1980-07-22"),),
        name="Cao Ba Hung",
        number="",
    ),
    _nobody(
        "year only, two of that year",
        "both were born that year",
        "ambiguous",
        Person("Cao Bá Quát", "1980-07-23"),
        (Person("Cao Bá Quát", "1980-11-24"),),
        born="1980",
        number="",
    ),
    _nobody(
        "a digit of the date, two of that name",
        "either may have been mistyped",
        "ambiguous",
        Person("Cao Bá Tước", "1980-07-21"),
        (Person("Cao Bá Tước", "1980-07-28"),),
        born="22/07/1980",
        number="",
    ),
    _nobody(
        "relative's number, two namesakes",
        "the number helps neither",
        "ambiguous",
        Person("Cao Bá Nhạ", "1980-07-24", number="001080333333"),
        (
            Person("Cao Bá Nhạ", "1980-07-24", number="048080888888"),
            Person("Hà Thị Sen", "1955-03-03", "Nữ", "038155123123"),
        ),
        number="038155123123",
    ),
    _nobody(
        "old number of two namesakes",
        "all four are those of two people",
        "ambiguous",
        Person("Cao Bá Đạt", "1980-07-25", old="201888888"),
        (Person("Cao Bá Đạt", "1980-07-25", old="201888888"),),
        number="201888888",
    ),
    _nobody(
        "current of one, old of a namesake",
        "all four are those of two people",
        "ambiguous",
        Person("Cao Bá Thi", "1980-07-26", number="079080444004"),
        (Person("Cao Bá Thi", "1980-07-26", old="079080444004"),),
    ),
    _nobody(
        "not in the register",
        "nobody is near",
        "unknown_id",
        Person("Ung Văn Khiêm", "1933-02-27"),
        name="Quách Thị Tố",
        born="26/01/2001",
        sex="Nữ",
        number="038301112233",
    ),
    _nobody("foreigner", "never matched", "foreign", number="C7654321", nationality="Hàn Quốc", name="Kim Min Su"),
    _nobody("foreigner with a known number", "never matched", "foreign", nationality="Lào"),
]

CASES = LOSSLESS + LOSSY + NOBODY_FITS


def people_of(at: int, case: Case) -> Iterator[Person]:
    """The people of a case, with number and birth date made up where the case leaves them out."""
    born = f"19{50 + at % 45}-{1 + at % 12:02}-{13 + at % 15:02}"
    for place, one in enumerate((case.person, *case.others)):
        date = one.born or born
        century = ("0" if date < "2000" else "2") if one.sex == "Nam" else ("1" if date < "2000" else "3")
        number = (
            one.number
            or f"{_PROVINCES[(at + 31 * place) % 63]}{century}{date[2:4]}{(at * 7013 + place * 500_009) % 10**6:06}"
        )
        yield Person(one.name, date, one.sex, number, one.old, one.died)
