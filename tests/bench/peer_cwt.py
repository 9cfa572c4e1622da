"""python-cwt doing the same work, run by the interpreter of its own environment.

Reads one JSON object with a key, its kid and payloads, then one command a line (`issue N`, `verify N`); answers each
with the seconds it took.
"""

import json
import sys
import time
import zlib

import base45
import cbor2
import cwt

given = json.loads(sys.stdin.readline())
payloads = [cbor2.loads(bytes.fromhex(text)) for text in given["payloads"]]
kid = bytes.fromhex(given["kid"])
private = cwt.COSEKey.from_pem(given["private"], kid=kid, alg="ES256")
public = cwt.COSEKey.from_pem(given["public"], kid=kid, alg="ES256")


def issue(claims: dict[int, object]) -> bytes:
    """Claims to HC1 text, as the library's own README makes an EU certificate."""
    return b"HC1:" + base45.b45encode(zlib.compress(cwt.encode(claims, private), 9))


def verify(text: bytes) -> object:
    """HC1 text to verified claims."""
    return cwt.decode(zlib.decompress(base45.b45decode(text.removeprefix(b"HC1:"))), public)


texts = [issue(payload) for payload in payloads]
verify(texts[0])
print(json.dumps({"version": cwt.__version__}), flush=True)
for line in sys.stdin:
    command, count = line.split()
    start = time.perf_counter()
    if command == "issue":
        for payload in payloads[: int(count)]:
            issue(payload)
    else:
        for text in texts[: int(count)]:
            verify(text)
    print(time.perf_counter() - start, flush=True)
