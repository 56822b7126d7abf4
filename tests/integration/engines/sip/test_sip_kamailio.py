"""Kamailio as the trunk in front: calls through a proxy that stays in the route."""

import asyncio

import pytest
from kamailio import Kamailio

from trunkline.engines.sip import Answered, Confirmed, Ended, Failed, Hop, Offered, Progress, Trunk
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.transactions import Timing


@pytest.fixture
async def between(lab):
    """Give (ours, theirs, kamailio between them)."""
    ours = await lab.party(timing=Timing())
    theirs = await lab.party(timing=Timing(), secrets={"trunkline": "secret"})
    ports = ours.agent.port(), theirs.agent.port()
    proxy = Kamailio(*ports)
    try:
        await asyncio.to_thread(proxy.start)
        yield ours, theirs, Hop("udp", "127.0.0.1", proxy.port)
    finally:
        await asyncio.to_thread(proxy.stop)


async def test_a_call_goes_out_through_it(between, lab, bodies):
    ours, theirs, proxy = between

    def on_call(call):
        call.ring(183, bodies[1])
        call.answer(bodies[1])

    theirs.on_call = on_call
    theirs.on_event = lambda _, event: (
        event.offer.accept(bodies[1]) if isinstance(event, Offered) else None
    )
    call = ours.place(proxy)
    assert (await ours.got(call, Progress)).status == 183
    assert (await ours.got(call, Answered)).sdp == bodies[1]
    there = await theirs.first()
    await theirs.got(there, Confirmed)
    assert len(there.request.headers.lines("via")) == 2
    assert there.request.headers.get("record-route")
    assert (await call.reinvite(bodies[2])).accepted
    assert b"sendonly" in (await theirs.got(there, Offered)).sdp
    assert (await call.update()).accepted
    assert (await there.send_digit("7")).accepted
    there.hang_up()
    assert (await ours.got(call, Ended)).side == "remote"
    await lab.until(lambda: not ours.agent.calls and not theirs.agent.calls)


async def test_a_call_comes_in_through_it(between, lab, bodies):
    ours, theirs, proxy = between
    ours.on_call = lambda call: call.answer(bodies[1])
    call = theirs.place(proxy, sdp=b"")  # a late offer
    assert (await theirs.got(call, Answered)).offer
    assert call.acknowledge(bodies[0])
    here = await ours.first()
    assert (await ours.got(here, Confirmed)).sdp == bodies[0]
    here.hang_up()
    assert (await theirs.got(call, Ended)).side == "remote"


async def test_refusals_and_cancels_pass_it(between, lab):
    ours, theirs, proxy = between
    theirs.on_call = lambda call: call.reject(486)
    failed = await ours.got(ours.place(proxy), Failed)
    assert (failed.status, failed.local) == (486, False)
    theirs.on_call = lambda call: call.ring(180)
    call = ours.place(proxy)
    await ours.got(call, Progress)
    call.hang_up()
    assert (await ours.got(call, Failed)).status == 487
    assert (await theirs.got(theirs.calls[-1], Ended)).status == 487


async def test_challenges_pass_it(between, lab, bodies):
    ours, theirs, proxy = between
    theirs.agent.trunks.replace([Trunk("ours", ("127.0.0.1",), challenge=True)])
    theirs.on_call = lambda call: call.answer(bodies[1])
    call = ours.place(proxy, credentials=Credentials("trunkline", "secret"))
    await ours.got(call, Answered)
    call.hang_up()
    await ours.got(call, Ended)
    wrong = ours.place(proxy, credentials=Credentials("trunkline", "wrong"))
    assert (await ours.got(wrong, Failed)).status == 403


async def test_nobody_behind_it(between, lab):
    ours, theirs, proxy = between
    await theirs.agent.close(drain_s=0.1)
    failed = await ours.got(ours.place(proxy), Failed)
    assert failed.status in (408, 477, 500, 503)  # ICMP says so at once, or its timer in 2 s
    assert not failed.local
