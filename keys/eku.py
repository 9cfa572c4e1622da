"""Which kinds of certificate a document signer may sign, by its extended key usage (X.509 2.5.29.37).

Reads the extension by itself and nothing else, with asn1crypto: one extension that is not strict DER must
not hide the others. Any of the six OIDs present limits the signer to the kinds they name; none of them
present (no extension, an empty one, only unrelated OIDs) leaves every kind allowed.
"""

from typing import Final

from asn1crypto import x509

TEST: Final = "t"
VACCINATION: Final = "v"
RECOVERY: Final = "r"

SPECIFICATION_ARC: Final = "1.3.6.1.4.1.1847.2021.1"
STRAY_ARC: Final = "1.3.6.1.4.1.0.1847.2021.1"  # what most issuers really wrote; counts the same
OIDS: Final = {
    f"{arc}.{number}": kind
    for arc in (SPECIFICATION_ARC, STRAY_ARC)
    for number, kind in ((1, TEST), (2, VACCINATION), (3, RECOVERY))
}
EXTENDED_KEY_USAGE: Final = "2.5.29.37"


def allowed_kinds(certificate: x509.Certificate) -> frozenset[str] | None:
    """The kinds ("t", "v", "r") that the signer is limited to, or None for no limit.

    An extension that is there but cannot be read allows nothing: it may have been meant as a limit.
    """
    kinds: set[str] = set()
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted != EXTENDED_KEY_USAGE:
            continue
        try:
            oids = [oid.dotted for oid in extension["extn_value"].parsed]
        except (ValueError, TypeError):
            return frozenset()
        kinds.update(OIDS[oid] for oid in oids if oid in OIDS)
    return frozenset(kinds) or None
