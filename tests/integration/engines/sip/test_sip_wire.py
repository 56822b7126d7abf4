"""What goes over the wire, octet by octet.

Retransmissions, torture, rubbish, strangers, streams.
"""

import asyncio
import random
from pathlib import Path

import pytest

from trunkline.engines.sip import (
    Answered,
    BanPolicy,
    Confirmed,
    Ended,
    Failed,
    Listener,
    Progress,
    StreamLimits,
    Trunk,
)
from trunkline.protocols.sip import Request, Response, parse, respond
from trunkline.protocols.sip.stream import Framer

RUBBISH = "127.66.0.1"
"""Where it comes from: its answers go to the ports its Vias name, and nobody else listens there."""
HEAD = (
    "{method} sip:{user}@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/{transport} 127.0.0.1:{port};branch=z9hG4bK{branch};rport\r\n"
    "From: <sip:a@127.0.0.1>;tag={tag}\r\n"
    "To: <sip:{user}@127.0.0.1>{to}\r\n"
    "Call-ID: {call}\r\n"
    "CSeq: {cseq} {method}\r\n"
    "Contact: <sip:a@127.0.0.1:{port}>\r\n"
    "{more}"
    "Content-Length: {length}\r\n\r\n"
)


def message(method: str, port: int, body: str = "", **more) -> bytes:
    fields = {
        "transport": "UDP",
        "branch": f"{method}{more.get('cseq', 1)}{more.get('call', 'c1')}",
        "tag": "t1",
        "to": "",
        "call": "c1",
        "cseq": 1,
        "user": "b",
        "more": "",
        **more,
    }
    if body:
        fields["more"] += "Content-Type: application/sdp\r\n"
    head = HEAD.format(method=method, port=port, length=len(body), **fields)
    return (head + body).encode()


async def answer_of(peer, statuses=range(200, 700)) -> Response:
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Response) and got.status in statuses:
            return got


async def request_of(peer, *methods) -> Request:
    """Wait for a request of one of these methods; repeated INVITEs are passed over."""
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Request) and got.method in methods:
            return got


async def raw_answer(peer) -> tuple[int, str, bytes]:
    """Wait for a final response, which need not be well-formed: (status, reason, octets)."""
    while True:
        octets = await peer.receive()
        _, status, reason = octets.split(b"\r\n")[0].decode().split(" ", 2)
        if int(status) >= 200:
            return int(status), reason, octets


async def test_an_answer_is_sent_until_its_ack(lab):
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.answer(b"v=0\r\n")
    invite = message("INVITE", peer.port, "v=0\r\n")
    peer.send(invite, party.agent.port())
    first = await answer_of(peer)
    assert await answer_of(peer) is not first
    third = await answer_of(peer)
    assert third.status == 200
    assert third.to.tag == first.to.tag
    peer.send(invite, party.agent.port())  # absorbed (RFC 6026)
    peer.send(message("ACK", peer.port, to=f";tag={first.to.tag}", branch="x"), party.agent.port())
    await party.got(party.calls[0], Confirmed)
    while not await peer.silent(0.01):
        pass
    assert await peer.silent(0.6)
    assert len(party.calls) == 1


async def test_without_an_ack_the_call_is_ended(lab):
    party, peer = await lab.party(), lab.peer()
    peer.send(message("INVITE", peer.port, "v=0\r\n"), party.agent.port())
    ended = await party.got(await party.first(), Ended)
    assert (ended.side, ended.status, ended.cause) == ("network", 408, "no ACK")
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Request):
            assert got.method == "BYE"
            break


async def test_without_a_prack_the_call_is_refused(lab):
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.ring(180)
    peer.send(
        message("INVITE", peer.port, "v=0\r\n", more="Require: 100rel\r\n"), party.agent.port()
    )
    assert (await answer_of(peer)).status == 504
    assert (await party.got(party.calls[0], Ended)).cause == "no PRACK"


async def test_a_repeated_invite_gets_the_same_answer(lab):
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.ring(180)
    for _ in range(3):
        peer.send(message("INVITE", peer.port, "v=0\r\n"), party.agent.port())
    got = [parse(await peer.receive()) for _ in range(4)]
    assert sorted(each.status for each in got) == [100, 180, 180, 180]
    assert len(party.calls) == 1
    # The same INVITE by another way is merged (RFC 3261 8.2.2.2).
    peer.send(message("INVITE", peer.port, "v=0\r\n", branch="other"), party.agent.port())
    assert (await answer_of(peer)).status == 482
    party.calls[0].reject()


async def test_requests_out_of_order_and_out_of_dialog(lab):
    party, peer = await lab.party(), lab.peer()
    port = party.agent.port()
    peer.send(message("INVITE", peer.port, "v=0\r\n", cseq=5), port)
    tag = f";tag={(await answer_of(peer)).to.tag}"
    peer.send(message("ACK", peer.port, to=tag, cseq=5, branch="a"), port)
    await party.got(party.calls[0], Confirmed)
    for method, cseq, more, status in (
        ("INFO", 4, {}, 500),
        ("INFO", 6, {}, 200),
        ("INFO", 7, {"tag": "other"}, 481),
        ("BYE", 7, {"call": "other"}, 481),
        ("REFER", 8, {}, 603),
        ("MESSAGE", 9, {}, 405),
        ("PRACK", 10, {}, 481),
        ("OPTIONS", 11, {}, 200),
        ("UPDATE", 12, {}, 200),
        ("BYE", 13, {}, 200),
        ("BYE", 14, {}, 200),
    ):
        peer.send(message(method, peer.port, to=tag, cseq=cseq, **more), port)
        assert (await answer_of(peer)).status == status, (method, cseq)
    peer.send(message("CANCEL", peer.port, call="never"), port)
    assert (await answer_of(peer)).status == 481


async def test_a_second_fork_that_answers_is_hung_up(lab):
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port)
    invite = parse(await peer.receive())
    assert isinstance(invite, Request)
    contact = [("Contact", f"<sip:b@127.0.0.1:{peer.port}>")]

    def send(status, tag):
        made = respond(invite, status, tag=tag, headers=contact)
        peer.send(made.serialise(), party.agent.port())

    send(180, "one")
    send(183, "two")
    await party.got(call, Progress, 2)
    assert [event.leg for event in party.seen(call, Progress)] == ["one", "two"]
    send(200, "one")
    assert (await request_of(peer, "ACK")).to.tag == "one"
    assert (await party.got(call, Answered)).leg == "one"
    send(200, "two")
    ack, bye = await request_of(peer, "ACK"), await request_of(peer, "BYE")
    assert ack.to.tag == bye.to.tag == "two"
    peer.send(respond(bye, 200).serialise(), party.agent.port())
    send(200, "one")  # again: its ACK was lost
    assert (await request_of(peer, "ACK")).to.tag == "one"
    assert not call.over
    call.abandon()


async def test_responses_that_nobody_asked_for(lab):
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port)
    invite = parse(await peer.receive())
    assert isinstance(invite, Request)
    stray = respond(invite, 200, tag="x")
    stray.headers.set("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKforged")
    peer.send(stray.serialise(), party.agent.port())
    await lab.until(lambda: party.agent.stats.stray == 1)
    peer.send(respond(invite, 200, tag="x").serialise(), party.agent.port())
    failed = await party.got(call, Failed)  # a 2xx without Contact makes no dialog
    assert (failed.status, failed.local) == (502, True)


def torture_messages():
    folder = Path(__file__).parents[3] / "unit" / "protocols" / "sip"
    text = (folder / "rfc4475.txt").read_text(encoding="utf-8")
    names = {}
    for block in text.split("=== ")[1:]:
        name, _, body = block.partition("\n")
        sdp = "v=0\no=a 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"
        body = body.removesuffix("\n").replace("@SDP@\n", sdp).replace("@SDP@", sdp)
        length = len(sdp.replace("\n", "\r\n"))
        body = body.replace("@LENGTH@", str(length)).replace("\n", "\r\n")
        names[name.strip()] = body.encode()
    return names


ANSWERED = {
    **dict.fromkeys(
        [
            "badinv01",
            "clerr",
            "ncl",
            "scalar02",
            "quotbal",
            "ltgtruri",
            "lwsruri",
            "lwsstart",
            "trws",
            "escruri",
            "mismatch01",
            "mismatch02",
            "insuf",
            "multi01",
            "mcl01",
        ],
        400,
    ),
    "badvers": 505,
    "intmeth": 501,
    "esc02": 501,
    "mpart01": 405,
    "unkscm": 416,
    "novelsc": 416,
    "unksm2": 404,
    "bext01": 420,
    "invut": 415,
    "sdp01": 406,
    "zeromf": 200,
    "lwsdisp": 200,
    "semiuri": 200,
    "transports": 200,
    "badaspec": 200,
    "baddn": 200,
    "badbranch": 200,
    "regaut01": 401,
    "regbadct": 401,
    "inv2543": 400,  # without Contact there is no dialog (RFC 3261 8.1.1.8)
}


@pytest.mark.parametrize("name", ANSWERED)
async def test_torture_is_answered(lab, name):
    party, peer = await lab.party(trunks=[Trunk("peer", (RUBBISH,))]), lab.peer(RUBBISH)
    # The answer comes to the source: the Via is given an rport.
    octets = torture_messages()[name]
    head, blank, rest = octets.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    at = next(i for i, line in enumerate(lines) if line.lower().startswith(b"via"))
    lines[at] = lines[at].replace(b";;,;,,", b";rport;;,;,,") if b";;" in lines[at] else lines[at]
    if b"rport" not in lines[at]:
        lines[at] += b";rport"
    peer.send(b"\r\n".join(lines) + blank + rest, party.agent.port())
    status, reason, octets = await raw_answer(peer)
    assert status == ANSWERED[name]
    if status == 400:
        assert reason.startswith("Bad Request: ")
    if status == 420:
        assert b"Unsupported: nothingSupportsThis, nothingSupportsThisEither\r\n" in octets
    assert party.agent.calls == 0


@pytest.mark.parametrize("host", ["[::\0]", "[::\udc80]", "h;maddr=::\0"])
async def test_who_is_found_at_no_address_is_answered(lab, host):
    party, peer = await lab.party(), lab.peer()
    found = f"<sip:a@{host}>".encode(errors="surrogateescape")
    invite = message("INVITE", peer.port, "v=0\r\n")
    peer.send(invite.replace(b"<sip:a@127.0.0.1:%d>" % peer.port, found), party.agent.port())
    assert (await answer_of(peer)).status == 200
    (await party.first()).hang_up()


async def test_mutations_harm_no_live_call(lab):
    party = await lab.party(trunks=[Trunk("peer", ("127.0.0.1", RUBBISH))])
    peer, caller = lab.peer(RUBBISH), await lab.party()
    call = caller.place(party.hop())
    await caller.got(call, Answered)
    rng = random.Random(24)
    seeds = [*torture_messages().values(), message("INVITE", peer.port, "v=0\r\n")]
    for number in range(2000):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 9)] = rng.randbytes(rng.randint(0, 9))
        peer.send(bytes(data), party.agent.port())
        if number % 20 == 0:  # before the kernel's buffer is full
            await lab.until(lambda sent=number: party.agent.stats.received > sent)
    assert (await call.info("text/plain", b"still here?")).accepted
    assert not call.over
    assert party.agent.stats.malformed
    assert party.agent.stats.faults == 0
    for each in party.agent.live():
        if not each.answered:
            each.abandon()


async def test_strangers_get_no_answer_and_are_banned(lab):
    party = await lab.party(trunks=[], bans=BanPolicy(failures=5))
    peer = lab.peer()
    for method, count in (("OPTIONS", 2), ("INVITE", 2)):
        for cseq in range(count):
            peer.send(message(method, peer.port, cseq=cseq), party.agent.port())
    peer.send(b"rubbish", party.agent.port())
    await lab.until(lambda: party.agent.stats.strangers == 4)
    assert await peer.silent()
    assert party.agent.stats.malformed == 1
    assert not party.agent._core.transactor.servers
    peer.send(message("REGISTER", peer.port), party.agent.port())
    await lab.until(lambda: party.agent.stats.banned == 1)
    assert await peer.silent()
    assert party.agent.bans.lift("127.0.0.1")
    peer.send(message("REGISTER", peer.port, cseq=9), party.agent.port())
    assert (await answer_of(peer)).status == 401


async def test_what_is_cancelled_before_its_sender_is_known_is_no_call(lab):
    asked = Trunk("peer", ("127.0.0.1",), challenge=True)
    party, peer = await lab.party(trunks=[asked]), lab.peer()
    party.looks_up.clear()
    realm = party.agent._core.config.realm
    proof = f'Digest username="ann", realm="{realm}", nonce="n", uri="sip:b", response="{"0" * 32}"'
    peer.send(
        message("INVITE", peer.port, branch="one", more=f"Authorization: {proof}\r\n"),
        party.agent.port(),
    )
    peer.send(message("CANCEL", peer.port, branch="one"), party.agent.port())
    answers = [await answer_of(peer) for _ in range(2)]
    assert {(one.cseq.method, one.status) for one in answers} == {("CANCEL", 200), ("INVITE", 487)}
    peer.send(message("ACK", peer.port, branch="one", to=f";tag={answers[1].to.tag}"),
              party.agent.port())  # fmt: skip
    party.looks_up.set()
    await lab.until(lambda: not party.agent._core.tasks)
    assert party.agent.calls == 0


async def test_a_trunk_that_delivers_from_elsewhere_may_ask_whether_we_are_there(lab):
    asking = Trunk("carrier", ("127.0.0.1",), only_asks=True)
    party = await lab.party(trunks=[asking], bans=BanPolicy(failures=2))
    peer = lab.peer()
    for cseq in range(2):
        peer.send(message("INVITE", peer.port, cseq=cseq), party.agent.port())
    await lab.until(lambda: party.agent.stats.strangers == 2)
    assert await peer.silent()
    peer.send(message("OPTIONS", peer.port, cseq=3), party.agent.port())
    assert (await answer_of(peer)).status == 200
    party.agent.trunks.replace([asking, Trunk("carrier", ("127.0.0.0/8",))])  # calls come first
    peer.send(message("INVITE", peer.port, cseq=4), party.agent.port())
    answer = await answer_of(peer)
    assert (answer.status, answer.cseq.number) == (200, 4)
    (call,) = party.agent.live()
    call.abandon()


async def test_who_is_heeded_is_not_banned_with_its_neighbours(lab):
    peer, neighbour = lab.peer(), lab.peer()
    heeded = {("127.0.0.1", peer.port)}
    party = await lab.party(trunks=[], bans=BanPolicy(failures=1), heeded=heeded)
    neighbour.send(b"rubbish", party.agent.port())
    neighbour.send(message("REGISTER", neighbour.port), party.agent.port())
    await lab.until(lambda: party.agent.stats.banned == 1)
    assert await neighbour.silent()
    peer.send(message("REGISTER", peer.port), party.agent.port())
    assert (await answer_of(peer)).status == 401


async def test_no_more_than_some_challenges(lab):
    party = await lab.party(trunks=[], bans=BanPolicy(challenges=3))
    peer = lab.peer()
    for cseq in range(3):
        peer.send(message("REGISTER", peer.port, cseq=cseq), party.agent.port())
        assert (await answer_of(peer)).status == 401
    peer.send(message("REGISTER", peer.port, cseq=3), party.agent.port())
    await lab.until(lambda: party.agent.stats.banned == 1)
    assert party.agent.bans.lift("127.0.0.1")


async def test_domains_of_others_are_strangers_too(lab):
    party = await lab.party(trunks=[], domains=frozenset({"phone.example"}))
    peer = lab.peer()
    peer.send(message("REGISTER", peer.port), party.agent.port())
    await lab.until(lambda: party.agent.stats.strangers == 1)
    assert await peer.silent()


async def test_messages_in_pieces_over_tcp(lab):
    party = await lab.party(listeners=(Listener("tcp", "127.0.0.1", 0),))
    reader, writer = await asyncio.open_connection("127.0.0.1", party.agent.port("tcp"))
    port = writer.get_extra_info("sockname")[1]
    framer, got = Framer(), []

    async def answers(count):
        async with asyncio.timeout(10):
            while len(got) < count:
                got.extend(parse(each.octets) for each in framer.feed(await reader.read(65536)))

    octets = message("OPTIONS", port, transport="TCP")
    for at in range(0, len(octets), 50):
        writer.write(octets[at : at + 50])
        await writer.drain()
        await asyncio.sleep(0)
    await answers(1)
    writer.write(b"\r\n\r\n")
    assert await reader.readexactly(2) == b"\r\n"
    more = [message("OPTIONS", port, transport="TCP", cseq=n) for n in (2, 3)]
    writer.write(b"".join(more))
    await answers(3)
    assert [each.cseq.number for each in got] == [1, 2, 3]
    # Nobody can tell where the next one begins: 400, and the end (RFC 4475 3.1.2.3).
    broken = message("OPTIONS", port, transport="TCP", cseq=4)
    writer.write(broken.replace(b"Content-Length: 0", b"Content-Length: -1"))
    await answers(4)
    assert got[3].status == 400
    assert await reader.read() == b""
    writer.close()


async def test_connections_have_a_limit(lab):
    party = await lab.party(
        listeners=(Listener("tcp", "127.0.0.1", 0),), streams=StreamLimits(per_host=2)
    )
    made = [await asyncio.open_connection("127.0.0.1", party.agent.port("tcp")) for _ in range(3)]
    await lab.until(lambda: party.agent._core.transports.refused == 1)
    assert party.agent._core.transports.connections == 2
    for _, writer in made:
        writer.close()
    await lab.until(lambda: party.agent._core.transports.connections == 0)
