"""sipp against us, on UDP: it keeps to its scenario, or the test fails."""

import pytest

from trunkline.engines.sip import (
    Answered,
    Confirmed,
    Digit,
    Ended,
    Failed,
    Offered,
    Progress,
)
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.transactions import Timing

USUAL = Timing()


def ring_and_answer(answer):
    def on_call(call):
        call.ring(180)
        call.answer(answer)

    return on_call


async def called(lab, sipp, bodies, scenario, **config):
    """Let sipp call us; gives (party, call)."""
    party = await lab.party(timing=USUAL, **config)
    party.on_call = ring_and_answer(bodies[1])
    await sipp.call(scenario, party.agent.port())
    return party, (party.calls[0] if party.calls else None)


async def test_it_calls(lab, sipp, bodies):
    party, call = await called(lab, sipp, bodies, "basic")
    assert b"m=audio" in call.offer
    assert await party.got(call, Confirmed)
    assert (await party.got(call, Ended)).side == "remote"


async def test_it_is_refused(lab, sipp):
    party = await lab.party(timing=USUAL)
    party.on_call = lambda call: call.reject(486)
    await sipp.call("busy", party.agent.port())


async def test_it_cancels(lab, sipp):
    party = await lab.party(timing=USUAL)
    party.on_call = lambda call: call.ring(180)
    await sipp.call("cancel", party.agent.port())
    assert (await party.got(party.calls[0], Ended)).status == 487


async def test_it_holds(lab, sipp, bodies):
    party = await lab.party(timing=USUAL)
    party.on_call = ring_and_answer(bodies[1])
    party.on_event = lambda _, event: (
        event.offer.accept(bodies[1]) if isinstance(event, Offered) else None
    )
    await sipp.call("hold", party.agent.port())
    call = party.calls[0]
    offers = party.seen(call, Offered)
    assert b"sendonly" in offers[0].sdp
    assert b"sendonly" not in offers[1].sdp


async def test_it_offers_late(lab, sipp, bodies):
    party, call = await called(lab, sipp, bodies, "late_offer")
    assert call.offer == b""
    assert b"m=audio" in (await party.got(call, Confirmed)).sdp


async def test_it_wants_reliable_responses(lab, sipp, bodies):
    party = await lab.party(timing=USUAL)

    def early(call):
        call.ring(183, bodies[1])
        call.answer(bodies[1])

    party.on_call = early
    await sipp.call("reliable", party.agent.port())
    assert party.calls[0].answered


async def test_it_refreshes(lab, sipp, bodies):
    party, call = await called(lab, sipp, bodies, "update")
    assert not party.seen(call, Offered)


async def test_its_interval_is_too_small(lab, sipp, bodies):
    party, call = await called(lab, sipp, bodies, "interval")
    assert call is None
    assert party.agent.calls == 0


async def test_it_refers(lab, sipp, bodies):
    _, call = await called(lab, sipp, bodies, "refer")
    assert call.over


async def test_it_sends_a_digit(lab, sipp, bodies):
    party, call = await called(lab, sipp, bodies, "info")
    assert party.seen(call, Digit) == [("5", 160)]


async def test_it_registers_and_calls(lab, sipp, bodies):
    party = await lab.party(timing=USUAL, trunks=[], secrets={"alice": "secret"})
    party.on_call = ring_and_answer(bodies[1])
    await sipp.call("register_and_call", party.agent.port())
    assert party.calls[0].origin.username == "alice"
    bindings = party.agent.registrar.contacts("alice")
    assert [binding.hop.host for binding in bindings] == ["127.0.0.1"]
    assert [user for user, bindings in party.bound if bindings] == ["alice"]


async def test_its_password_is_wrong(lab, sipp):
    party = await lab.party(timing=USUAL, trunks=[], secrets={"alice": "secret"})
    await sipp.call("register_wrong", party.agent.port())
    assert party.agent.registrar.users == 0
    assert party.agent.stats.unauthorised == 1


async def test_we_call_it(lab, sipp, bodies):
    party = await lab.party(timing=USUAL)
    process, port = await sipp.answer("answers")
    call = party.place(port)
    assert b"m=audio" in (await party.got(call, Answered)).sdp
    assert (await party.got(call, Ended)).side == "remote"
    await sipp.done(process)


async def test_it_is_busy(lab, sipp):
    party = await lab.party(timing=USUAL)
    process, port = await sipp.answer("refuses")
    failed = await party.got(party.place(port), Failed)
    assert (failed.status, failed.local) == (486, False)
    await sipp.done(process)


async def test_we_cancel(lab, sipp):
    party = await lab.party(timing=USUAL)
    process, port = await sipp.answer("rings_only")
    call = party.place(port)
    await party.got(call, Progress)
    call.hang_up()
    assert (await party.got(call, Failed)).status == 487
    await sipp.done(process)


@pytest.mark.parametrize("scenario", ["challenges", "reliable_uas"])
async def test_we_answer_what_it_asks(lab, sipp, scenario):
    party = await lab.party(timing=USUAL)
    process, port = await sipp.answer(scenario)
    call = party.place(port, credentials=Credentials("alice", "secret"))
    await party.got(call, Answered)
    call.hang_up()
    await sipp.done(process)


async def test_it_asks_for_our_offer(lab, sipp, bodies):
    party = await lab.party(timing=USUAL)
    party.on_event = lambda _, event: (
        event.offer.accept(bodies[0]) if isinstance(event, Offered) else None
    )
    process, port = await sipp.answer("reinvites")
    call = party.place(port)
    assert (await party.got(call, Offered)).sdp == b""
    assert b"m=audio" in (await party.got(call, Confirmed)).sdp
    await party.got(call, Ended)
    await sipp.done(process)
