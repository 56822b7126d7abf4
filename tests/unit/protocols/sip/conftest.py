"""The test messages of RFC 4475, by the names they have there.

`@SDP@` stands for the session description, `@LENGTH@` for the number of its octets; long
repetitions are written by `<repeat>`. Lines end with CR LF on the wire.
"""

import re
from pathlib import Path

import pytest

SDP = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"
)


def read_messages() -> dict[str, bytes]:
    text = (Path(__file__).parent / "rfc4475.txt").read_text(encoding="utf-8")
    found: dict[str, bytes] = {}
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        name, _, message = block.partition("\n")
        message = re.sub(r"<repeat count=(\d+)>(.*?)</repeat>", lambda m: m[2] * int(m[1]), message)
        message = re.sub(r"<hex>([0-9A-F]+)</hex>", lambda m: _octets(m[1]), message)
        message = message.removesuffix("\n").replace("\n", "\r\n")
        message = message.replace("@LENGTH@", str(len(SDP)))
        message = message.replace("@SDP@\r\n", SDP).replace("@SDP@", SDP)
        found[name.strip()] = message.encode("utf-8", "surrogateescape")
    return found


def _octets(text: str) -> str:
    return bytes.fromhex(text).decode("utf-8", "surrogateescape")


@pytest.fixture(scope="session")
def torture() -> dict[str, bytes]:
    return read_messages()
