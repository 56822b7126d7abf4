"""100,000 pieces of rubbish: typed results, never an exception, and the stream stays in step."""

import random

from trunkline.protocols.smpp import (
    Answered,
    BadAnswer,
    BadBody,
    BadLength,
    Bind,
    BindTransceiver,
    BindTransceiverResp,
    Broken,
    Decoder,
    DeliverSm,
    EnquireLink,
    Received,
    Refused,
    Request,
    Response,
    Role,
    Session,
    SubmitSm,
    UnknownCommand,
    Unmatched,
    decode,
    encode,
)
from trunkline.protocols.smpp.rubbish import random_pdu, rubbish

CASES = 100_000
TYPED = (Request, Response, BadLength, UnknownCommand, BadBody)
EVENTS = (Received, Answered, BadAnswer, Unmatched, Refused, Broken)


def pieces(rng: random.Random, data: bytes) -> list[bytes]:
    if rng.random() < 0.7:
        return [data]
    cut = rng.randrange(len(data) + 1)
    return [data[:cut], data[cut:]]


def bound(role: Role) -> Session:
    session = Session(role, window=100, peer_window=100, strict_tlvs=role is Role.SMSC)
    if role is Role.ESME:
        session.send(BindTransceiver())
        session.receive(encode(BindTransceiverResp(sequence_number=1)))
        for _ in range(20):
            session.send(SubmitSm(short_message=b"x"), "context")
    else:
        session.receive(encode(BindTransceiver(sequence_number=1)))
        session.respond(BindTransceiverResp(sequence_number=1))
        for _ in range(20):
            session.send(DeliverSm(short_message=b"x"), "context")
    assert session.state.bound
    return session


def feed_decoder(rng: random.Random, cases: int) -> int:
    decoder, errors = Decoder(strict_tlvs=rng.random() < 0.5), 0
    for _ in range(cases):
        for piece in pieces(rng, rubbish(rng)):
            for item in decoder.feed(piece):
                assert isinstance(item, TYPED)
                errors += not isinstance(item, (Request, Response))
                if isinstance(item, BadLength):
                    decoder = Decoder(strict_tlvs=rng.random() < 0.5)
                elif isinstance(item, (Request, Response)):
                    assert isinstance(repr(item), str)
        if decoder.buffered > 1000:  # a length that was a lie swallows what follows
            decoder = Decoder()
    return errors


def feed_session(rng: random.Random, role: Role, cases: int) -> tuple[int, int]:
    session, answers, broken = bound(role), 0, 0
    for _ in range(cases):
        data = rubbish(rng) if rng.random() < 0.8 else encode(random_pdu(rng))
        for piece in pieces(rng, data):
            for event in session.receive(piece):
                assert isinstance(event, EVENTS)
                if isinstance(event, Received) and not isinstance(event.request, Bind):
                    session.refuse(event.request.sequence_number, 8)
                broken += isinstance(event, Broken)
            for answer in session.answers:
                assert isinstance(decode(answer), Response)
                answers += 1
            session.answers.clear()
        assert 0 <= session.in_flight <= 100
        if not session.state.bound or session.buffered > 1000 or data[:2] == b"\xff\xff" or broken:
            broken = 0
            session.close()
            session = bound(role)
    return answers, broken


def test_the_decoder_takes_any_rubbish():
    assert feed_decoder(random.Random(1), CASES // 2) > CASES // 20


def test_both_sides_of_a_session_take_any_rubbish():
    for seed, role in enumerate(Role):
        answers, _ = feed_session(random.Random(seed), role, CASES // 4)
        assert answers > CASES // 200


def test_a_sound_pdu_after_an_unsound_one_is_read():
    """What has a good length costs itself alone."""
    rng = random.Random(3)
    link = encode(EnquireLink(sequence_number=5))
    for _ in range(5_000):
        data = rubbish(rng)
        if int.from_bytes(data[:4], "big") == len(data) >= 16:
            assert Decoder().feed(data + link)[-1] == EnquireLink(sequence_number=5)
