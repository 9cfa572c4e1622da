"""Texts that a spreadsheet program would take for a formula: names of files, sheets and people may begin like one."""

__all__ = ["harmless", "looks_like_formula", "quoted"]

_BEFORE_A_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""Full width too: some programs take it for the same."""


def looks_like_formula(text: str) -> bool:
    """Whether a program may calculate the text, at once or after it was saved as .csv; blanks before it do not help."""
    return not _BEFORE_A_FORMULA.isdisjoint((text[:1], text.lstrip()[:1]))


def quoted(text: str) -> str:
    """The text, with an apostrophe before it if it looks like a formula; of every other not a letter is changed."""
    return f"'{text}" if looks_like_formula(text) else text


def harmless(text: str) -> str:
    """The text for a sheet that people work on and send back: without unseen signs, quoted so that it can be undone."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"'{text}" if text.lstrip()[:1] == "'" else quoted(text)
