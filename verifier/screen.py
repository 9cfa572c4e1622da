"""A verdict in words, Vietnamese and English, for a guard at a terminal."""

import unicodedata
from typing import Any

from specs.verdicts import MEANINGS, Effect, Outcome
from verifier.country import shown_country
from verifier.instants import rfc3339
from verifier.verdict import NAME_FIELDS, Verdict

_HEADLINES = {
    Outcome.VALID: "HỢP LỆ / VALID",
    Outcome.INVALID: "KHÔNG HỢP LỆ / NOT VALID",
    Outcome.CANNOT_TELL: "CHƯA XÁC ĐỊNH ĐƯỢC / CANNOT TELL",
}


def words(verdict: Verdict) -> str:
    """The verdict as lines of text, without any control character that the certificate may carry."""
    lines = [_HEADLINES[verdict.outcome]]
    for reason in verdict.reasons:
        meaning = MEANINGS[reason]
        mark = "!" if meaning.effect is Effect.WARNING else "-"
        lines += [f"{mark} {meaning.vi}", f"  {meaning.en} [{reason}]"]
    verified, certificate = verdict.verified, verdict.certificate
    if verified is not None and certificate is not None:
        name = " ".join(_shown(certificate.names[field]) for field in NAME_FIELDS[:2] if field in certificate.names)
        lines.append(f"Họ tên / Name: {name}")
        lines.append(f"Ngày sinh / Birth date: {_shown(certificate.birth_date)}")
        for kind, fields in certificate.entries:
            lines.append(f"{kind}: " + ", ".join(f"{_shown(key)} {_shown(value)}" for key, value in fields.items()))
        issued, expires = rfc3339(certificate.issued_at), rfc3339(certificate.expires_at)
        country = shown_country(verified.key, certificate.issuing_country)
        lines.append(f"Cấp / Issued: {country} {issued}, hết hạn / expires {expires}")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    """`value` for a terminal: no escape sequence, no bidirectional trick, no line break of its own."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" else c for c in str(value))
