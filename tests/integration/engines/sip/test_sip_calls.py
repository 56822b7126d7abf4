"""Two of our user agents with each other."""

import asyncio

import pytest

from trunkline.engines.sip import (
    Answered,
    Confirmed,
    Digit,
    Ended,
    Failed,
    Info,
    Listener,
    Offered,
    Placing,
    Progress,
)
from trunkline.protocols.sip.session_timer import TimerPolicy


async def talking(lab, transport="udp", **config):
    listeners = (Listener("udp", "127.0.0.1", 0), Listener("tcp", "127.0.0.1", 0))
    caller = await lab.party(listeners=listeners, **config)
    callee = await lab.party(listeners=listeners, **config)
    call = caller.place(callee.hop(transport))
    await caller.got(call, Answered)
    other = await callee.first()
    await callee.got(other, Confirmed)
    return caller, call, callee, other


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_from_ringing_to_its_end(lab, bodies, transport):
    offer, answer, _ = bodies
    listeners = (Listener("udp", "127.0.0.1", 0), Listener("tcp", "127.0.0.1", 0))
    caller, callee = await lab.party(listeners=listeners), await lab.party(listeners=listeners)

    def ring_and_answer(call):
        assert call.offer == offer
        assert call.ring(180)
        assert call.answer(answer, [("X-PH-Note", "hello")])
        assert not call.answer(answer)
        assert not call.reject(486)

    callee.on_call = ring_and_answer
    call = caller.place(callee.hop(transport), headers=(("X-PH-One", "1"),))
    answered = await caller.got(call, Answered)
    assert answered.sdp == answer
    assert not answered.offer
    assert answered.headers.get("x-ph-note") == "hello"
    assert caller.seen(call, Progress)[0].status == 180
    other = await callee.first()
    assert other.request.headers.get("X-PH-One") == "1"
    assert other.origin.name == "peer"
    assert (await callee.got(other, Confirmed)).sdp == b""
    assert caller.agent.calls == callee.agent.calls == 1
    call.hang_up(reason='Q.850;cause=16;text="Normal"')
    call.hang_up()
    ended = await callee.got(other, Ended)
    assert ended == ("remote", 200, 'Q.850;cause=16;text="Normal"', True)
    assert (await caller.got(call, Ended)).side == "local"
    assert await call.next() is None
    await lab.until(lambda: caller.agent.calls == callee.agent.calls == 0)


async def test_the_called_side_hangs_up_after_the_ack(lab):
    caller, callee = await lab.party(), await lab.party()

    def answer_and_leave(call):
        call.answer(b"v=0\r\n")
        call.hang_up(reason="SIP;cause=200")  # before the ACK can have come

    callee.on_call = answer_and_leave
    call = caller.place(callee.hop())
    assert (await caller.got(call, Ended)).side == "remote"
    assert caller.seen(call, Answered)
    other = await callee.first()
    assert (await callee.got(other, Ended)).side == "local"
    assert callee.seen(other, Confirmed)


@pytest.mark.parametrize("status", [302, 404, 486, 603])
async def test_a_refusal(lab, status):
    caller, callee = await lab.party(), await lab.party()
    callee.on_call = lambda call: call.reject(
        status, "Because", [("Contact", "<sip:elsewhere@example.com>")]
    )
    call = caller.place(callee.hop())
    failed = await caller.got(call, Failed)
    assert (failed.status, failed.reason, failed.local) == (status, "Because", False)
    assert failed.headers.get("contact") == "<sip:elsewhere@example.com>"
    ended = await callee.got(await callee.first(), Ended)
    assert ended == ("local", status, "Because", False)


async def test_cancelled_while_it_rings(lab):
    caller, callee = await lab.party(), await lab.party()
    callee.on_call = lambda call: call.ring(180)
    call = caller.place(callee.hop())
    await caller.got(call, Progress)
    call.hang_up(reason='SIP;cause=200;text="Call completed elsewhere"')
    failed = await caller.got(call, Failed)
    assert failed.status == 487
    other = await callee.first()
    ended = await callee.got(other, Ended)
    assert ended == ("remote", 487, 'SIP;cause=200;text="Call completed elsewhere"', False)
    assert not other.answer(b"v=0\r\n")


async def test_cancelled_at_once_waits_for_the_first_response(lab):
    caller, callee = await lab.party(), await lab.party()
    callee.on_call = lambda call: call.ring(180)
    call = caller.place(callee.hop())
    call.hang_up()
    assert (await caller.got(call, Failed)).status == 487
    assert (await callee.got(await callee.first(), Ended)).status == 487


async def test_an_answer_that_crosses_the_cancel_is_hung_up(lab):
    caller, callee = await lab.party(), await lab.party()
    callee.on_call = lambda call: None
    call = caller.place(callee.hop())
    other = await callee.first()
    call.hang_up()
    other.answer(b"v=0\r\n")  # before the CANCEL was read
    assert (await caller.got(call, Failed)).status == 487
    assert (await callee.got(other, Ended)).side == "remote"


async def test_nobody_there(lab):
    caller = await lab.party()
    peer = lab.peer()
    call = caller.place(peer.port)
    failed = await caller.got(call, Failed)
    assert (failed.status, failed.local) == (408, True)
    assert not caller.agent._core.transactor.clients


async def test_a_connection_that_is_refused_fails_at_once(lab):
    caller = await lab.party()
    call = caller.place(caller.hop()._replace(transport="tcp", port=9))
    failed = await caller.got(call, Failed)
    assert (failed.status, failed.local) == (503, True)


async def test_a_name_that_does_not_exist(lab):
    caller = await lab.party()
    call = caller.agent.place(Placing("sip:a@nowhere.invalid", "sip:b@c", b"v=0\r\n"))
    caller.watch(call)
    assert (await caller.got(call, Failed)).status == 503


async def test_late_offer(lab, bodies):
    offer, answer, _ = bodies
    caller, callee = await lab.party(), await lab.party()

    def answer_with_offer(call):
        assert call.offer == b""
        call.answer(offer)

    callee.on_call = answer_with_offer
    call = caller.place(callee.hop(), b"")
    answered = await caller.got(call, Answered)
    assert answered.offer
    assert answered.sdp == offer
    other = await callee.first()
    assert not callee.seen(other, Confirmed)
    assert call.acknowledge(answer)
    assert not call.acknowledge(answer)
    assert (await callee.got(other, Confirmed)).sdp == answer
    call.hang_up()


async def test_a_late_offer_that_nobody_answers_is_ended(lab, bodies):
    caller, callee = await lab.party(offer_timeout_s=0.1), await lab.party()
    callee.on_call = lambda call: call.answer(bodies[0])
    call = caller.place(callee.hop(), b"")
    assert (await caller.got(call, Ended)).side == "local"
    assert (await callee.got(await callee.first(), Ended)).side == "remote"


async def test_hold_and_back(lab, bodies):
    offer, answer, hold = bodies
    caller, call, callee, other = await talking(lab)
    callee.on_event = lambda _, event: (
        event.offer.accept(answer + b"a=recvonly\r\n") if isinstance(event, Offered) else None
    )
    reply = await call.reinvite(hold)
    assert reply.accepted
    assert reply.sdp.endswith(b"a=recvonly\r\n")
    offered = await callee.got(other, Offered)
    assert (offered.sdp, offered.method) == (hold, "INVITE")
    assert not offered.offer.accept(answer)
    assert not offered.offer.reject(488)
    await callee.got(other, Confirmed, 2)
    # The other side may change the session as well.
    caller.on_event = lambda _, event: (
        event.offer.reject(488) if isinstance(event, Offered) else None
    )
    refused = await other.reinvite(hold)
    assert refused.status == 488
    assert not call.over
    assert (await call.reinvite(offer)).accepted


async def test_an_offer_that_nobody_answers_is_refused(lab, bodies):
    _, call, _, other = await talking(lab, offer_timeout_s=0.1)
    assert (await call.reinvite(bodies[2])).status == 488
    assert not other.over


async def test_glare_is_refused_and_tried_again(lab, bodies):
    _, answer, hold = bodies
    caller, call, callee, other = await talking(lab)

    def accept(_, event):
        if isinstance(event, Offered):
            event.offer.accept(answer)

    caller.on_event = callee.on_event = accept
    ours, theirs = await asyncio.wait_for(
        asyncio.gather(call.reinvite(hold), other.reinvite(hold + b"a=x\r\n")), 12
    )
    assert ours.accepted
    assert theirs.accepted
    assert not call.over
    assert not other.over


async def test_update(lab, bodies):
    _, answer, hold = bodies
    _, call, callee, other = await talking(lab)
    callee.on_event = lambda _, event: (
        event.offer.accept(answer) if isinstance(event, Offered) else None
    )
    assert (await call.update()).status == 200
    assert not callee.seen(other, Offered)
    reply = await call.update(hold)
    assert (reply.status, reply.sdp) == (200, answer)
    assert (await callee.got(other, Offered)).method == "UPDATE"


async def test_digits_and_other_info(lab):
    caller, call, callee, other = await talking(lab)
    assert (await call.send_digit("7", 200)).accepted
    assert (await callee.got(other, Digit)) == ("7", 200)
    assert (await other.info("text/plain", b"hello")).accepted
    assert (await caller.got(call, Info)) == ("text/plain", b"hello")


async def test_early_media_is_reliable(lab, bodies):
    _, answer, _ = bodies
    caller, callee = await lab.party(), await lab.party()

    def early(call):
        assert call.ring(183, answer)
        assert call.ring(180)  # waits for the PRACK of the first
        assert call.answer(answer)  # and so does this

    callee.on_call = early
    call = caller.place(callee.hop())
    await caller.got(call, Answered)
    first, second = caller.seen(call, Progress)
    assert (first.status, first.sdp) == (183, answer)
    assert first.headers.get("rseq") == "1"
    assert "100rel" in first.headers.tokens("require")
    assert (second.status, second.headers.get("rseq")) == (180, None)
    call.hang_up()


async def test_a_peer_that_died_ends_the_call(lab):
    caller, call, callee, _ = await talking(lab)
    callee.agent._core.transports._udp.close()
    reply = await call.info("text/plain", b"x")
    assert reply.status == 408
    ended = await caller.got(call, Ended)
    assert (ended.side, ended.status) == ("network", 408)


async def test_a_peer_that_forgot_ends_the_call(lab):
    caller, call, callee, other = await talking(lab)
    callee.agent._desk._calls.clear()
    assert (await call.update()).status == 481
    assert (await caller.got(call, Ended)).status == 481
    other.abandon()
    assert (await call.update()).status == 481  # nothing is sent any more


async def test_sessions_are_refreshed(lab):
    policy = TimerPolicy(90, 90)
    caller, call, callee, other = await talking(lab, session=policy)
    assert call.agreed == (90, True)
    assert other.agreed == (90, False)
    received = callee.agent.stats.received
    call._refresh()  # as its timer would do after 45 s
    await lab.until(lambda: callee.agent.stats.received > received)
    await lab.until(lambda: call.agreed is not None and not call._core.tasks)
    assert not callee.seen(other, Offered)
    other._expired()  # as its timer would do without a refresh
    assert (await callee.got(other, Ended)).status == 408
    assert (await caller.got(call, Ended)).side == "remote"


async def test_an_interval_that_is_too_small_is_raised(lab):
    caller = await lab.party(session=TimerPolicy(90, 90))
    callee = await lab.party(session=TimerPolicy(600, 300))
    call = caller.place(callee.hop())
    await caller.got(call, Answered)
    assert call.agreed == (300, True)


async def test_no_room(lab):
    caller = await lab.party()
    callee = await lab.party(max_calls=1)
    callee.on_call = lambda call: call.ring(180)
    first = caller.place(callee.hop())
    await caller.got(first, Progress)
    second = caller.place(callee.hop())
    failed = await caller.got(second, Failed)
    assert failed.status == 503
    assert failed.headers.get("retry-after")
    assert not caller.seen(second, Progress)
    assert callee.agent.stats.overload == 1
    full = await lab.party(admit=lambda: False)
    assert (await caller.got(caller.place(full.hop()), Failed)).status == 503
    slow = await lab.party(max_calls_per_s=1)
    calls = [caller.place(slow.hop()) for _ in range(3)]
    assert (await caller.got(calls[2], Failed)).status == 503


async def test_an_owner_that_fails_costs_its_own_call_only(lab):
    caller, callee = await lab.party(), await lab.party()

    def broken(call):
        raise RuntimeError("no")

    callee.on_call = broken
    call = caller.place(callee.hop())
    assert (await caller.got(call, Failed)).status == 500
    assert callee.agent.stats.faults == 1
    callee.agent.stats.faults = 0
    callee.on_call = lambda call: call.answer(b"v=0\r\n")
    await caller.got(caller.place(callee.hop()), Answered)


async def test_closing_hangs_up(lab):
    caller, call, callee, other = await talking(lab)
    await callee.agent.close()
    assert (await callee.got(other, Ended)).side == "local"
    ended = await caller.got(call, Ended)
    assert ended.side == "remote"
    assert ended.cause.startswith("Q.850;cause=41")


async def test_a_call_leaves_nothing_behind(lab):
    caller, call, callee, other = await talking(lab)
    call.hang_up()
    await callee.got(other, Ended)
    for party in (caller, callee):
        desk, transactor = party.agent._desk, party.agent._core.transactor
        await lab.until(
            lambda d=desk, t=transactor: not (d._calls or t.clients or t.servers or d._invites)
        )
