"""What peers do that is not quite right, or rare: each is answered, and the call goes on."""

import asyncio

import pytest

from trunkline.engines.sip import (
    Answered,
    BanPolicy,
    Confirmed,
    Ended,
    Failed,
    Listener,
    Offered,
    Trunk,
)
from trunkline.protocols.sip import Framer, Headers, Request, Response, parse, respond
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.digest.compute import parse_digest

NOWHERE = ["<tel:+15550100>", "<sip:a"]
"""Contacts that nothing can be sent to."""


class Dialogue:
    """A raw peer in a call: it makes the requests of its side."""

    def __init__(self, party, peer, call_id: str = "c1", theirs: str = "t1") -> None:
        self.party = party
        self.peer = peer
        self.call_id = call_id
        self.tags = [theirs, ""]
        self.number = 1

    def send(self, method: str, body: bytes = b"", **more: str) -> Request:
        if method != "ACK":
            self.number += 1
        port, to = self.peer.port, f";tag={self.tags[1]}" if self.tags[1] else ""
        headers = Headers(
            [
                ("Via", f"SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{method}{self.number};rport"),
                ("From", f"<sip:a@127.0.0.1>;tag={self.tags[0]}"),
                ("To", f"<sip:b@127.0.0.1>{to}"),
                ("Call-ID", self.call_id),
                ("CSeq", f"{self.number} {method}"),
            ]
        )
        fields = {"Contact": f"<sip:a@127.0.0.1:{port}>", **more}
        if body:
            fields["Content-Type"] = "application/sdp"
        for name, value in fields.items():
            headers.add(name.replace("_", "-"), value)
        request = Request(method, "sip:b@127.0.0.1", headers, body)
        self.peer.send(request.serialise(), self.party.agent.port())
        return request

    async def ask(self, method: str, body: bytes = b"", **more: str) -> Response:
        """Send a request and wait for its final response."""
        number = self.send(method, body, **more).cseq
        while True:
            got = parse(await self.peer.receive())
            if isinstance(got, Response) and got.cseq == number and got.status >= 200:
                return got

    async def call(self, body: bytes) -> None:
        """Call, and acknowledge the answer."""
        self.tags[1] = (await self.ask("INVITE", body)).to.tag
        self.send("ACK")
        await self.party.got(await self.party.first(), Confirmed)


async def heard(peer, method: str) -> Request:
    """Wait for a request of that method."""
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Request) and got.method == method:
            return got


@pytest.mark.parametrize("contact", NOWHERE)
async def test_who_moves_to_nowhere_is_refused_and_stays(lab, bodies, contact):
    offer, answer, hold = bodies
    party, peer = await lab.party(), lab.peer()
    party.on_event = lambda _, event: isinstance(event, Offered) and event.offer.accept(answer)
    talk = Dialogue(party, peer)
    await talk.call(offer)
    for method, body in (("INVITE", hold), ("UPDATE", hold), ("UPDATE", b"")):
        assert (await talk.ask(method, body, Contact=contact)).status == 400
        talk.send("ACK")
    assert (await talk.ask("UPDATE", hold)).status == 200
    assert (await talk.ask("BYE")).status == 200


@pytest.mark.parametrize("contact", NOWHERE)
async def test_our_change_is_done_though_the_answer_moves_to_nowhere(lab, bodies, contact):
    offer, answer, hold = bodies
    party, peer = await lab.party(), lab.peer()
    talk = Dialogue(party, peer)
    await talk.call(offer)
    change = asyncio.ensure_future(party.calls[0].reinvite(hold))
    invite = await heard(peer, "INVITE")
    accepted = respond(invite, 200, headers=[("Contact", contact)], body=answer)
    peer.send(accepted.serialise(), party.agent.port())
    ack = await heard(peer, "ACK")
    assert ack.uri == f"sip:a@127.0.0.1:{peer.port}"
    assert (await change).status == 200
    assert (await talk.ask("BYE")).status == 200


@pytest.mark.parametrize("contact", ["", *NOWHERE])
async def test_who_answers_from_nowhere_is_told_that_it_is_over(lab, bodies, contact):
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port)
    invite = await heard(peer, "INVITE")
    headers = [("Contact", contact)] if contact else []
    peer.send(
        respond(invite, 200, tag="b1", headers=headers, body=bodies[1]).serialise(),
        party.agent.port(),
    )
    assert (await heard(peer, "ACK")).to.tag == "b1"
    bye = await heard(peer, "BYE")
    assert (bye.to.tag, bye.uri) == ("b1", invite.uri)
    peer.send(respond(bye, 200).serialise(), party.agent.port())
    failed = await party.got(call, Failed)
    assert (failed.status, failed.local) == (502, True)


async def test_a_call_may_ring_from_nowhere(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port)
    invite = await heard(peer, "INVITE")
    for status, contact in ((180, "<tel:+15550100>"), (200, f"<sip:b@127.0.0.1:{peer.port}>")):
        told = respond(invite, status, tag="b1", headers=[("Contact", contact)], body=bodies[1])
        peer.send(told.serialise(), party.agent.port())
    await party.got(call, Answered)
    assert (await heard(peer, "ACK")).uri == f"sip:b@127.0.0.1:{peer.port}"
    call.abandon()


async def test_an_acknowledgement_that_says_the_offer_again(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    dialogue = Dialogue(party, peer)
    dialogue.tags[1] = (await dialogue.ask("INVITE", bodies[0])).to.tag
    dialogue.send("ACK", bodies[0])
    assert await party.got(party.calls[0], Confirmed) == (b"",)


async def test_a_reinvite_before_our_invite_is_answered(lab, bodies):
    """RFC 3261 14.2: 491, for an INVITE of ours is under way."""
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port)
    invite = await heard(peer, "INVITE")
    talk = Dialogue(party, peer, invite.call_id, "b1")
    talk.tags[1] = invite.from_.tag
    contact = [("Contact", f"<sip:b@127.0.0.1:{peer.port}>")]
    ringing = respond(invite, 180, tag="b1", headers=contact)
    peer.send(ringing.serialise(), party.agent.port())
    await lab.until(lambda: call.leg)
    assert (await talk.ask("INVITE", bodies[0])).status == 491
    talk.send("ACK")
    call.abandon()


async def test_requests_of_packages_and_calls_that_are_not_there(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    talk = Dialogue(party, peer)
    await talk.call(bodies[0])
    refused = await talk.ask("INFO", Info_Package="weather")  # RFC 6086 4.2.2
    assert (refused.status, refused.headers.get("recv-info")) == (469, "")
    assert (await talk.ask("INFO")).status == 200
    assert (await talk.ask("OPTIONS")).status == 200
    gone = Dialogue(party, peer, "another", "t2")
    gone.tags[1] = "t3"
    assert (await gone.ask("OPTIONS")).status == 481  # RFC 3261 12.2.2
    assert (await talk.ask("BYE")).status == 200


async def test_an_answer_on_its_way_to_somebody_else(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port)
    invite = await heard(peer, "INVITE")
    busy = respond(invite, 486, tag="b1")
    busy.headers.add("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother")
    peer.send(busy.serialise(), party.agent.port())
    await lab.until(lambda: party.agent.stats.stray == 1)  # RFC 3261 8.1.3.3
    assert not call.over
    call.abandon()


async def test_the_answer_says_what_was_changed_early(lab, bodies):
    offer, answer, hold = bodies
    held = answer + b"a=recvonly\r\n"
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.ring(183, answer)
    party.on_event = lambda _, event: isinstance(event, Offered) and event.offer.accept(held)
    talk = Dialogue(party, peer)
    talk.send("INVITE", offer, Supported="100rel")
    early = await progress(peer)
    talk.tags[1] = early.to.tag
    rack = f"{early.headers.get('rseq')} {early.cseq.number} INVITE"
    assert (await talk.ask("PRACK", RAck=rack)).status == 200
    assert (await talk.ask("UPDATE", hold)).body == held
    party.calls[0].answer(answer)
    assert parse(await peer.receive()).body == held
    party.calls[0].abandon()


async def test_the_offer_of_a_prack_is_answered_in_its_200(lab, bodies):
    """RFC 3262 5."""
    offer, answer, hold = bodies
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.ring(183, answer)
    party.on_event = lambda _, event: isinstance(event, Offered) and event.offer.accept(answer)
    talk = Dialogue(party, peer)
    talk.send("INVITE", offer, Require="100rel")
    early = await progress(peer)
    talk.tags[1] = early.to.tag
    rack = f"{early.headers.get('rseq')} {early.cseq.number} INVITE"
    answered = await talk.ask("PRACK", hold, RAck=rack)
    assert (answered.status, answered.body) == (200, answer)
    assert party.calls[0].remote_sdp == hold
    party.calls[0].abandon()


async def test_who_demands_proof_and_makes_no_offer_is_made_one_early(lab, bodies):
    """RFC 3262 5: in the first reliable response; its PRACK brings the answer."""
    offer, answer, _ = bodies
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.ring(180, offer)
    talk = Dialogue(party, peer)
    invite = talk.send("INVITE", Require="100rel")
    early = await progress(peer)
    assert early.body == offer
    talk.tags[1] = early.to.tag
    rack = f"{early.headers.get('rseq')} {early.cseq.number} INVITE"
    assert (await talk.ask("PRACK", answer, RAck=rack)).status == 200
    call = party.calls[0]
    assert (await party.got(call, Confirmed)).sdp == answer
    assert call.ring(183, offer)
    again = parse(await peer.receive())
    assert (again.status, again.body) == (183, b"")
    rack = f"{again.headers.get('rseq')} {again.cseq.number} INVITE"
    assert (await talk.ask("PRACK", RAck=rack)).status == 200
    call.answer(offer)
    final = parse(await peer.receive())
    assert (final.status, final.cseq, final.body) == (200, invite.cseq, b"")
    talk.number = invite.cseq.number
    talk.send("ACK")
    assert (await party.got(call, Confirmed, 2)).sdp == b""
    assert call.remote_sdp == answer
    call.abandon()


async def test_who_waits_no_longer_than_so_many_seconds(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    party.on_call = lambda call: call.ring(180)
    refused = await Dialogue(party, peer).ask("INVITE", bodies[0], Expires="1")
    assert refused.status == 487  # RFC 3261 13.3.1
    assert (await party.got(party.calls[0], Ended)).cause == "Expires"


async def test_who_moves_behind_nat_is_listened_for_anew(lab, bodies):
    """The same description from another port is news; from the same one it only refreshes."""
    party, peer, moved = await lab.party(), lab.peer(), lab.peer()
    party.on_event = lambda _, event: isinstance(event, Offered) and event.offer.accept(bodies[1])
    talk = Dialogue(party, peer)
    await talk.call(bodies[0])
    for where, offered in ((peer, 0), (moved, 1), (moved, 1), (peer, 2)):
        talk.peer = where
        assert (await talk.ask("INVITE", bodies[0])).status == 200
        talk.send("ACK")
        assert len(party.seen(party.calls[0], Offered)) == offered
    assert (await talk.ask("BYE")).status == 200


async def test_no_request_of_ours_goes_to_a_third_host(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    talk = Dialogue(party, peer)
    contact = f"<sip:a@127.0.0.1:{peer.port};maddr=127.0.0.9>"
    talk.tags[1] = (await talk.ask("INVITE", bodies[0], Contact=contact)).to.tag
    talk.send("ACK")
    await party.got(party.calls[0], Confirmed)
    party.calls[0].hang_up()
    bye = await heard(peer, "BYE")  # where the INVITE came from, whatever maddr says
    assert bye.call_id == party.calls[0].call_id
    peer.send(respond(bye, 200).serialise(), party.agent.port())


async def test_what_keeps_a_nat_open_is_no_rubbish(lab):
    party, peer = await lab.party(trunks=[], bans=BanPolicy(failures=1)), lab.peer()
    stun = b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12)
    for octets in (stun, b"\0", b"jaK", b"\r\n\r\n", b"", b"\r\n\r\n\0"):
        peer.send(octets, party.agent.port())
    peer.send(b"rubbish", party.agent.port())
    await lab.until(lambda: party.agent.stats.received == 1)
    assert party.agent.stats.malformed == 1
    assert party.agent.stats.banned == 0


async def progress(peer) -> Response:
    """Wait for a provisional response other than 100."""
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Response) and 100 < got.status < 200:
            return got


def challenge(status: int, nonce: str) -> tuple[str, str]:
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    return name, f'Digest realm="one", nonce="{nonce}", qop="auth"'


async def test_a_proxy_and_a_server_of_one_realm_both_ask(lab, bodies):
    party, peer = await lab.party(), lab.peer()
    call = party.place(peer.port, credentials=Credentials("ann", "secret"))
    invite = await heard(peer, "INVITE")
    for status, nonce in ((407, "n1"), (401, "n2"), (407, "n3")):
        name, value = challenge(status, nonce)
        if nonce == "n3":
            value += ", stale=true"
        refused = respond(invite, status, tag="x", headers=[(name, value)])
        peer.send(refused.serialise(), party.agent.port())
        await heard(peer, "ACK")
        invite = await heard(peer, "INVITE")
    proofs = [
        parse_digest(invite.headers.get(name) or "") or {}
        for name in ("Proxy-Authorization", "Authorization")
    ]
    # The server's nonce is used a second time, and says so (RFC 7616 3.4).
    assert [(p["nonce"], p["nc"]) for p in proofs] == [("n3", "00000001"), ("n2", "00000002")]
    refused = respond(invite, 401, tag="x", headers=[challenge(401, "n4")])
    peer.send(refused.serialise(), party.agent.port())
    assert (await party.got(call, Failed)).status == 401  # the password is wrong


async def test_a_trunk_may_ask_who_ends_the_call_it_brought(lab, bodies):
    offer, _, _ = bodies
    known = Trunk("peer", ("127.0.0.1",), credentials=Credentials("us", "ours"))
    party, peer = await lab.party(trunks=[known]), lab.peer()
    await Dialogue(party, peer).call(offer)
    party.calls[0].hang_up()
    bye = await heard(peer, "BYE")
    asks = [("Proxy-Authenticate", 'Digest realm="carrier", nonce="n", qop="auth"')]
    peer.send(respond(bye, 407, headers=asks).serialise(), party.agent.port())
    proved = await heard(peer, "BYE")
    assert proved.cseq.number == bye.cseq.number + 1
    fields = parse_digest(proved.headers.get("proxy-authorization") or "")
    assert fields is not None
    assert fields["username"] == "us"
    peer.send(respond(proved, 200).serialise(), party.agent.port())


async def test_a_call_outlives_the_connections_it_came_by(lab, bodies):
    """RFC 3261 18.2.2: answers go to where the peer listens, requests to its Contact."""
    party = await lab.party(listeners=(Listener("tcp", "127.0.0.1", 0),))
    party.on_call = lambda call: call.ring(180)
    came: asyncio.Queue[Request | Response] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while octets := await reader.read(65536):
            for event in framer.feed(octets):
                came.put_nowait(parse(event.octets))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    head = (
        "{method} sip:b@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bK{{method}}\r\n"
        "From: <sip:a@127.0.0.1>;tag=t1\r\nTo: <sip:b@127.0.0.1>{to}\r\nCall-ID: c1\r\n"
        f"CSeq: 1 {{method}}\r\nContact: <sip:a@127.0.0.1:{port};transport=tcp>\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    ours = party.agent.port("tcp")

    transports = party.agent._core.transports

    async def say(text: str) -> None:
        heard, there = party.agent.stats.received, transports.connections
        _, writer = await asyncio.open_connection("127.0.0.1", ours)
        writer.write(text.encode())
        await writer.drain()
        await lab.until(lambda: party.agent.stats.received > heard)
        writer.close()
        await lab.until(lambda: transports.connections == there)

    async with server, asyncio.timeout(10):
        await say(head.format(method="INVITE", to=""))
        (call,) = party.calls
        call.answer(bodies[0])
        final = await came.get()
        assert isinstance(final, Response)
        assert final.status == 200
        await say(head.format(method="ACK", to=f";tag={final.to.tag}"))
        await party.got(call, Confirmed)
        for connection in list(transports._connections.values()):
            connection.abort()
        await lab.until(lambda: not transports.connections)
        call.hang_up()
        while not isinstance(bye := await came.get(), Request):
            pass
        assert bye.method == "BYE"
