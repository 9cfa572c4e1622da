"""Keys whose private half anybody can look up; a real system once signed with the sample in its own repository.

Each entry is the SHA-256 of the SubjectPublicKeyInfo (DER). The list refuses accidents, not attackers.
"""

from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.errors import Code, KeysError

PUBLISHED: Final = {
    "5cd252fb0ce8932436faf8ccd1040981b89ee4ad6b9fe9e2a2b7e71aacb27cd3": "P-256, private key 1",
    "5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4": "RFC 6979, appendix A.2.5",
    "2bd1bb0c44a897c30a7aa0991cde38d8062fe441de50da0f46825344f602e827": "RFC 7515, appendix A.3",
    "51b944cdfa544d4c3273aa6bf350625a7dd53bbb6a71723274f538b19a207760": "RFC 7517, appendix A.2",
    "66e2b23c32c650217f99e11fb60b51ea72c6667c6dfd1238364435e62d659d5b": "COSE working group, key 11",
    "bbe8a4fde368ce483b97d02cfdef66bed6607c2f601d415c2b264317dd09e835": "COSE working group, rsa-pss examples",
    "79e04100103cc24b6456174fa8cb7612b6e168f7467fa33fc5cb605c274ae9e4": "specs/examples, CSCA 1",
    "21289fb9153986cd18493e400f18c240c11460e579d7d7664ccea94d69b285a2": "specs/examples, DSC 1",
    "44739e6a83eddc9d4eb105259ad915ac1db453745e2f0629d5387bddbdc28b39": "specs/examples, DSC 2",
}


def require_unpublished(public_key: PublicKeyTypes) -> None:
    """Raises KeysError(KEY_PUBLISHED_SAMPLE) for the public half of a published private key."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if name := PUBLISHED.get(sha256(spki).hexdigest()):
        raise KeysError(Code.KEY_PUBLISHED_SAMPLE, name)
