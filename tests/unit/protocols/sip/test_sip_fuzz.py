"""Mutated messages: parsed or Malformed, nothing else.

And what is parsed can be written and answered.
"""

import contextlib
import random

from trunkline.protocols.sip import Malformed, Request, SipError, parse, respond
from trunkline.protocols.sip.bodies import sdp_of
from trunkline.protocols.sip.dialog import from_request
from trunkline.protocols.sip.digest import claim_of
from trunkline.protocols.sip.session_timer import TimerPolicy, accept
from trunkline.protocols.sip.stream import Framer
from trunkline.protocols.sip.transactions import response_key, server_key

ROUNDS = 6000
PIECES = [
    b"\r\n",
    b" ",
    b"\t",
    b"\0",
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b":",
    b"@",
    b"=",
    b"\\",
    b"[",
    b"%",
]
PIECES += [b"\xff", b"\xc3", b"\r\n\r\n", b"9" * 60, b";tag=", b"SIP/2.0", b"z9hG4bK", b"," * 300]


def mutate(rng: random.Random, octets: bytes) -> bytes:
    data = bytearray(octets)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randint(1, 40)]
            case 2:
                data[at:at] = rng.choice(PIECES)
            case 3:
                other = rng.randrange(len(data) + 1)
                data[at:at] = data[other : other + rng.randint(1, 60)]
            case 4:
                del data[at:]
            case _:
                # Only header lines: without the start line nothing below it is even looked at.
                head, blank, body = bytes(data).partition(b"\r\n\r\n")
                first, *lines = head.split(b"\r\n")
                rng.shuffle(lines)
                data = bytearray(b"\r\n".join([first, *lines]) + blank + body)
    return bytes(data)


def use(octets: bytes) -> bool:
    """Do with a message what the engine does; True when it could be read."""
    try:
        message = parse(octets)
    except Malformed as malformed:
        if malformed.request is not None:
            respond(malformed.request, malformed.status, tag="t").serialise()
        return False
    if not isinstance(message, Request):
        response_key(message)
        message.serialise()
        return True
    server_key(message)
    answer = respond(message, 200, tag="t")
    assert parse(answer.serialise()).cseq == message.cseq
    again = parse(message.serialise())
    assert again.headers == message.headers
    sdp_of(message)
    claim_of(message, "r")
    accept(message, TimerPolicy())
    with contextlib.suppress(SipError):
        from_request(message, "t")
    return True


def test_mutations_never_raise_anything_else(torture):
    rng = random.Random(4475)
    seeds = list(torture.values())
    read = sum(use(mutate(rng, rng.choice(seeds))) for _ in range(ROUNDS))
    assert ROUNDS // 10 < read < ROUNDS  # both ways were gone


def test_noise():
    rng = random.Random(3261)
    for _ in range(500):
        use(rng.randbytes(rng.randrange(400)))


def test_streams_of_mutations_end_or_go_on(torture):
    rng = random.Random(5626)
    seeds = list(torture.values())
    for _ in range(300):
        framer = Framer()
        stream = b"".join(mutate(rng, rng.choice(seeds)) for _ in range(3))
        for at in range(0, len(stream), 97):
            for event in framer.feed(stream[at : at + 97]):
                octets = getattr(event, "octets", b"")
                if octets:
                    use(octets)
