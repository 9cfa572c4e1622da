"""Evidence in words that an officer can read, Vietnamese and English; no personal data, only what was compared.

`number found; name differs in tone placement; birth date equal`: number, name and birth date always; sex, life and the
rest only where there is something to say.
"""

from collections.abc import Mapping
from typing import Literal

from issuer.link.model import Birth, Evidence, Life, LinkClass, Name, Number, Sex
from specs.names import NameStep

__all__ = ["Language", "class_words", "explain"]

Language = Literal["vi", "en"]
_Words = tuple[str, str]

_NUMBER: Mapping[Number, _Words] = {
    Number.CURRENT: ("tìm thấy số", "number found"),
    Number.OLD: ("tìm thấy số cũ của người này", "number found as an old one"),
    Number.OTHER_READING: ("tìm thấy số nếu đọc cách khác", "number found if read another way"),
    Number.ONE_DIGIT: ("số lệch một chữ số", "number one digit off"),
    Number.TWO_DIGITS: ("số lệch hai chữ số hoặc đảo hai chữ số", "number two digits off, or two exchanged"),
    Number.PARTS: ("chỉ phần đầu của số trùng", "only the first digits of the number agree"),
    Number.DIFFERENT: ("số khác", "number differs"),
    Number.MISSING: ("không có số", "no number"),
}
_NAME: Mapping[Name, _Words] = {
    Name.EQUAL: ("họ tên trùng", "name equal"),
    Name.I_AND_Y: ("họ tên khác i/y", "name differs in i and y"),
    Name.NO_MARKS: ("họ tên gõ không dấu", "name typed without marks"),
    Name.MARKS: ("họ tên khác dấu", "name differs in marks"),
    Name.ORDER: ("họ tên đảo thứ tự từ", "name differs in the order of words"),
    Name.WORDS: ("họ tên thiếu hoặc thừa từ", "name lacks words or has more"),
    Name.ONE_LETTER: ("họ tên khác một chữ cái", "name one letter off"),
    Name.TWO_LETTERS: ("họ tên khác hai chữ cái", "name two letters off"),
    Name.FAMILY_AND_GIVEN: ("chỉ trùng họ và tên gọi", "only family and given name agree"),
    Name.DIFFERENT: ("họ tên khác", "name differs"),
    Name.MISSING: ("không có họ tên", "no name"),
}
_STEP: Mapping[NameStep, _Words] = {
    NameStep.TONE_PLACEMENT: ("họ tên khác vị trí dấu thanh", "name differs in tone placement"),
    NameStep.CASE_AND_BLANKS: ("họ tên khác chữ hoa hoặc dấu cách", "name differs in case or blanks"),
}
_BIRTH: Mapping[Birth, _Words] = {
    Birth.EQUAL: ("ngày sinh trùng", "birth date equal"),
    Birth.SWAPPED: ("ngày sinh đảo ngày và tháng", "birth date equal if day and month are exchanged"),
    Birth.COARSER: ("ngày sinh chỉ trùng năm hoặc tháng được ghi", "birth date known to the year or month only"),
    Birth.ONE_DIGIT: ("ngày sinh lệch một chữ số", "birth date one digit off"),
    Birth.TWO_PARTS: ("ngày sinh lệch một phần", "birth date differs in one of day, month, year"),
    Birth.SAME_YEAR: ("chỉ trùng năm sinh", "only the year of birth agrees"),
    Birth.DIFFERENT: ("ngày sinh khác", "birth date differs"),
    Birth.MISSING: ("không có ngày sinh", "no birth date"),
}
_SEX: Mapping[Sex, _Words] = {
    Sex.EQUAL: ("", ""),
    Sex.DIFFERENT: ("giới tính khác", "sex differs"),
    Sex.MISSING: ("không có giới tính", "no sex"),
}
_LIFE: Mapping[Life, _Words] = {
    Life.ALIVE: ("", ""),
    Life.UNCLEAR: ("không rõ còn sống vào ngày tiêm", "not clear whether alive on the day"),
    Life.DEAD: ("đã mất trước ngày tiêm", "died before the day of the dose"),
    Life.NOT_BORN: ("sinh sau ngày tiêm", "born after the day of the dose"),
}
_CLASS: Mapping[LinkClass, _Words] = {
    LinkClass.MATCHED: ("khớp", "matched"),
    LinkClass.MISMATCHED: ("có số, thông tin không khớp", "number known, facts differ"),
    LinkClass.UNKNOWN_ID: ("số không có trong dữ liệu dân cư", "number not in the register"),
    LinkClass.MALFORMED_ID: ("số sai định dạng", "malformed number"),
    LinkClass.NO_ID: ("không có số", "no number"),
    LinkClass.AMBIGUOUS: ("nhiều người cùng phù hợp", "several people fit equally well"),
    LinkClass.FOREIGN: ("người nước ngoài, không đối chiếu", "foreigner, not matched"),
    LinkClass.DUPLICATE: ("trùng mũi tiêm đã có của người này", "repeats a dose of this person"),
}


def class_words(link_class: LinkClass, language: Language) -> str:
    """The result class in words."""
    return _CLASS[link_class][language == "en"]


def explain(evidence: Evidence, language: Language) -> str:
    """The evidence as one line, its parts joined by `; `."""
    number = _NUMBER[evidence.number]
    if evidence.elsewhere and evidence.number is Number.DIFFERENT:
        number = ("số là của người khác", "the number is another person's")
    name = _STEP.get(evidence.step, _NAME[evidence.name]) if evidence.step else _NAME[evidence.name]
    parts: list[_Words] = [number, name, _BIRTH[evidence.birth], _SEX[evidence.sex], _LIFE[evidence.life]]
    if evidence.rivals:
        count = evidence.rivals
        parts.append((f"{count} người khác cũng phù hợp như vậy", f"{count} more {_people(count)} as well"))
    if evidence.hidden:
        parts.append((f"{evidence.hidden} người kém phù hợp hơn không nêu", f"{evidence.hidden} lesser fits not shown"))
    return "; ".join(part[language == "en"] for part in parts if part[0])


def _people(count: int) -> str:
    return "person fits" if count == 1 else "people fit"
