"""The subcommands of `python -m issuer`, one module each.

A module is loaded when its command is given and not before: the process that holds a signing key shall hold no
spreadsheet reader, database engine or web server that it does not use.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["COMMANDS"]

COMMANDS: Final[Mapping[str, str]] = {
    "people": "the register of people",
    "intake": "take in dose lists (.xlsx, .xls, .csv); a file again changes nothing",
    "clean": "give every row taken in its fate: stored, duplicate or rejected",
    "link": "find the person of every cleaned dose; re-check what changed",
    "outcomes": "what became of every row taken in",
    "facility": "facilities and their heads",
    "attest": "sign a facility's linked doses, or check what was signed",
    "certify": "sign a certificate for everybody who has become eligible",
    "render": "PDFs or QR pictures of the signed certificates, into a folder",
    "audit": "the audit log",
    "account": "who may use the console",
    "area": "provinces, districts, communes, and the facilities in them",
    "certificate": "one certificate",
    "deliveries": "which lots of vaccine were delivered to which facility",
    "export": "the signed certificates as JSON lines (personal data)",
    "fhir-api": "take in FHIR R4 bundles of hospital systems over HTTP",
    "handover": "signed lists of what the commune police confirmed",
    "oracle": "ask the remote oracle about numbers that the register does not know",
    "police-list": "correct persons by a list that the commune police signed; it creates no doses",
    "report": "the numbers of every level: đúng, đủ, sạch, sống, and four rates",
    "results": "the dose lists back to their senders, faulty cells coloured",
    "score": "compare outcomes with the truth of `simulate`; exit 1 on a wrong link or a row not accounted for",
    "simulate": "make a make-believe country: register, dose lists, and the truth",
    "units": "administrative units with the days on which they were valid",
    "web": "the console for health stations, police and those above them",
}
"""Command -> its line in the help, as its module gives it; the steps first, in the order of the path."""
