"""What peers do that is not quite right, or rare: each is answered, and the call goes on."""

import asyncio

import pytest

from trunkline.engines.sip import Answered, Confirmed, Failed, Offered
from trunkline.protocols.sip import Headers, Request, Response, parse, respond

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
