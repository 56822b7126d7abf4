"""Calls between two switches: placed, rung, answered, refused, ended, each cause once."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from free_ports import free_port
from switch_peer import asking_once
from switch_rig import IMPATIENT, LOOPBACK, Events, Pair, Station, until

from trunkline.engines.sip import Hop
from trunkline.protocols.sip.digest import Credentials
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import (
    BUSY,
    CANCELED,
    CAUSES,
    END_OF_XML,
    LOST_RACE,
    NORMAL,
    NOT_REGISTERED,
    REJECTED,
    RING_TIMEOUT,
    Source,
    of_far_end,
    refusal_of,
)
from trunkline.voice.events import Answered, Ended, PlaybackEnded, Ringing
from trunkline.voice.switch import Arrival, Target, Way
from trunkline.voice.telephony import Destination, LegGone, Refused, Tone

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("switch-calls"),  # they share their engines
]
TO = Destination("15550002", "15550001")


async def test_a_call_rings_is_answered_and_hung_up(pair: Pair) -> None:
    near, near_events = await pair.near.call(pair.far)
    far, far_events, arrival = await pair.far.arrival()
    assert (arrival.called, arrival.caller) == ("15550002", "15550001")
    await far.ring()
    assert not (await near_events.got(Ringing)).early_media
    await far.answer()
    await far.answer()  # once more does nothing
    assert (await near_events.got(Answered)).sip_to.startswith("<sip:15550002@")
    await near.hang_up(END_OF_XML)
    await near.hang_up(BUSY)
    assert (await near_events.got(Ended)).cause == END_OF_XML
    assert (await far_events.got(Ended)).cause == NORMAL.by(Source.CALLER)
    with pytest.raises(LegGone):
        await near.play([])
    assert [type(event) for event in near_events.all] == [Ringing, Answered, Ended]


async def test_the_callee_hangs_up(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.near_events.got(Answered)
    await talk.far.hang_up(END_OF_XML)
    assert (await talk.near_events.got(Ended)).cause == NORMAL.by(Source.CALLEE)


@pytest.mark.parametrize("code", [2000, 2010, 2060, 2070, 3000, 3010, 3020, 3040, 3050, 3070,
                                  3080, 3090, 3100, 3120, 3130, 4010, 5010, 6010])  # fmt: skip
async def test_a_refusal_carries_its_cause(pair: Pair, code: int) -> None:
    cause = CAUSES[code]
    _, near_events = await pair.near.call(pair.far)
    far, far_events, _ = await pair.far.arrival()
    await far.hang_up(cause)
    assert (await near_events.got(Ended)).cause == of_far_end(refusal_of(cause))
    assert far_events.all == [Ended(far.uuid, cause)]


async def test_early_media_is_heard_before_the_answer(pair: Pair) -> None:
    _, near_events = await pair.near.call(pair.far)
    far, far_events, _ = await pair.far.arrival()
    await far.open_early()
    assert (await near_events.got(Ringing)).early_media
    await far.play([Tone("beep")])
    await far_events.got(PlaybackEnded)
    await far.hang_up(REJECTED)
    assert (await near_events.got(Ended)).cause == of_far_end(603)
    assert not near_events.of(Answered)


async def test_a_call_is_cancelled_while_it_rings(pair: Pair) -> None:
    near, near_events = await pair.near.call(pair.far)
    far, far_events, _ = await pair.far.arrival()
    await far.ring()
    await near_events.got(Ringing)
    await near.hang_up(RING_TIMEOUT)
    assert (await near_events.got(Ended)).cause == RING_TIMEOUT
    assert (await far_events.got(Ended)).cause == CANCELED
    with pytest.raises(LegGone):
        await far.answer()


@pytest.mark.parametrize("delay_ms", [0, 1, 2, 4, 8])
async def test_an_answer_that_crosses_a_cancel_ends_once(pair: Pair, delay_ms: int) -> None:
    near, near_events = await pair.near.call(pair.far)
    far, far_events, _ = await pair.far.arrival()
    await far.ring()
    await near_events.got(Ringing)

    async def cancel() -> None:
        await asyncio.sleep(delay_ms / 1000)
        await near.hang_up(CANCELED)

    await asyncio.gather(far.answer(), cancel(), return_exceptions=True)
    await until(lambda: near_events.of(Ended) and far_events.of(Ended))
    await pair.free()
    for events in (near_events, far_events):
        assert len(events.of(Ended)) == 1
        assert isinstance(events.all[-1], Ended)
    assert near_events.cause == CANCELED.code


async def test_both_hang_up_at_once(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.near_events.got(Answered)
    await asyncio.gather(
        talk.near.hang_up(END_OF_XML),
        talk.far.hang_up(END_OF_XML),
        talk.near.hang_up(NORMAL),
    )
    await until(lambda: talk.near_events.of(Ended) and talk.far_events.of(Ended))
    await pair.free()
    assert [e.cause for e in talk.near_events.of(Ended)] == [END_OF_XML]
    assert [e.cause for e in talk.far_events.of(Ended)] == [END_OF_XML]


async def test_a_call_given_up_before_any_word_of_the_peer(pair: Pair) -> None:
    near, near_events = await pair.near.call(pair.far)
    await near.hang_up(CANCELED)
    assert near_events.all == [Ended(near.uuid, CANCELED)]
    # The INVITE may have arrived; then its CANCEL has to follow.
    await pair.free()
    pair.far.arrivals.clear()


async def test_events_are_kept_until_somebody_takes_them(pair: Pair) -> None:
    near, _ = await pair.near.call(pair.far)
    await until(lambda: pair.far.arrivals)
    leg = pair.far.arrivals.pop().leg
    await near.hang_up(CANCELED)
    await leg.ended()
    late = Events()
    leg.deliver_to(late)
    assert late.all == [Ended(leg.uuid, CANCELED)]


# --- ways ----------------------------------------------------------------------------------------


async def placed(pair: Pair, *ways: Way):
    pair.near.routes = list(ways)
    events = Events()
    return await pair.near.switch.place(new_uuid(), TO, events), events


def refuse(pair: Pair, called: str, code: int, *, ring: bool = False) -> None:
    """Let the far station refuse calls to this user."""

    async def answer(arrival: Arrival) -> None:
        if ring:
            await arrival.leg.ring()
        await arrival.leg.hang_up(CAUSES[code])

    def arrived(arrival: Arrival) -> None:
        if arrival.called == called:
            pair.far.arrivals.remove(arrival)
            tasks.append(asyncio.create_task(answer(arrival)))

    tasks: list[asyncio.Task[None]] = []
    pair.far.on_arrival = arrived


@pytest.fixture(autouse=True)
def nobody_refuses(stations: Pair):
    yield
    stations.far.on_arrival = lambda arrival: None
    stations.near.refusal = None


async def test_the_next_trunk_is_taken_when_one_is_not_able(pair: Pair) -> None:
    refuse(pair, "one", 3090)  # 503
    leg, events = await placed(
        pair,
        Way("one", (pair.near.target(pair.far, "one"),)),
        Way("two", (pair.near.target(pair.far, "two"),)),
    )
    far, _, arrival = await pair.far.arrival()
    assert arrival.called == "two"
    await far.answer()
    await events.got(Answered)
    await leg.hang_up(NORMAL)


@pytest.mark.parametrize(("code", "ring"), [(3010, False), (3090, True)], ids=["busy", "rang"])
async def test_who_was_reached_is_not_called_again(pair: Pair, code: int, ring: bool) -> None:
    refuse(pair, "one", code, ring=ring)
    _, events = await placed(
        pair,
        Way("one", (pair.near.target(pair.far, "one"),)),
        Way("two", (pair.near.target(pair.far, "two"),)),
    )
    assert (await events.got(Ended)).cause == CAUSES[code]
    assert pair.far.arrivals == []


async def test_a_dead_trunk_is_passed_over(stations: Pair, tmp_path: Path) -> None:
    nobody = free_port()
    near = Station(tmp_path, 1, timing=IMPATIENT)
    await near.start()
    pair = Pair(near, stations.far)
    dead = Target(f"sip:x@{LOOPBACK}:{nobody}", "sip:a@b.test",
                  hop=Hop("udp", LOOPBACK, nobody))  # fmt: skip
    leg, events = await placed(
        pair, Way("dead", (dead,)), Way("two", (pair.near.target(pair.far, "two"),))
    )
    await pair.far.arrival()
    await leg.hang_up(CANCELED)
    await events.got(Ended)
    refused = replace(dead, uri="sip:x@nowhere.invalid", hop=None)
    _, events = await placed(pair, Way("no such name", (refused,)))
    assert (await events.got(Ended)).cause.code == 5000
    _, events = await placed(pair, Way("dead", (dead,)))
    assert (await events.got(Ended)).cause.code == 3070
    async with asking_once(nobody):
        proving = replace(dead, credentials=Credentials("ann", "secret-1"))
        _, events = await placed(pair, Way("asks and is gone", (proving,)))
        assert (await events.got(Ended)).cause.code == 4250
    await pair.free()
    await near.close()


async def test_all_phones_ring_and_the_first_to_answer_is_taken(pair: Pair) -> None:
    targets = tuple(pair.near.target(pair.far, user) for user in ("one", "two", "three"))
    leg, events = await placed(pair, Way("phones", targets))
    found = {arrival.called: (far, told) for far, told, arrival in
             [await pair.far.arrival() for _ in targets]}  # fmt: skip
    for far, _ in found.values():
        await far.ring()
    await found["two"][0].answer()
    await events.got(Answered)
    for user in ("one", "three"):
        assert (await found[user][1].got(Ended)).cause == CANCELED
    assert [type(event) for event in events.all] == [Ringing, Answered]
    await found["two"][0].hang_up(NORMAL)
    await events.got(Ended)
    assert len(events.of(Ended)) == 1
    assert leg.uuid == events.all[0].leg


async def test_two_phones_that_answer_at_once_are_not_both_taken(pair: Pair) -> None:
    targets = tuple(pair.near.target(pair.far, user) for user in ("one", "two"))
    leg, events = await placed(pair, Way("phones", targets))
    arrived = [await pair.far.arrival() for _ in targets]
    answers = await asyncio.gather(*(far.answer() for far, _, _ in arrived), return_exceptions=True)
    # One may be cancelled before it could send its 200; whoever sends later hears a BYE.
    assert [one for one in answers if one is not None and not isinstance(one, LegGone)] == []
    assert None in answers
    await events.got(Answered)
    await until(lambda: sum(len(told.of(Ended)) for _, told, _ in arrived) == 1)
    assert len(events.of(Answered)) == 1
    await leg.hang_up(NORMAL)
    await until(lambda: all(told.of(Ended) for _, told, _ in arrived))


async def test_of_several_refusals_the_one_that_says_most_counts(pair: Pair) -> None:
    targets = tuple(pair.near.target(pair.far, user) for user in ("one", "two"))
    _, events = await placed(pair, Way("phones", targets))
    one, two = [await pair.far.arrival() for _ in targets]
    await one[0].hang_up(CAUSES[3000])
    await two[0].hang_up(BUSY)
    assert (await events.got(Ended)).cause == BUSY


async def test_the_loser_of_a_dial_is_told_why(pair: Pair) -> None:
    near, _ = await pair.near.call(pair.far)
    far, far_events, _ = await pair.far.arrival()
    await far.ring()
    await near.hang_up(LOST_RACE)
    assert (await far_events.got(Ended)).cause == CANCELED


async def test_a_trunk_over_tcp(pair: Pair) -> None:
    uri = f"sip:15550002@{LOOPBACK}:{pair.far.tcp.port};transport=tcp"
    target = replace(pair.near.target(pair.far), uri=uri, hop=pair.far.tcp)
    leg, events = await placed(pair, Way("tcp", (target,)))
    far, far_events, _ = await pair.far.arrival()
    await far.answer()
    await events.got(Answered)
    await leg.hang_up(NORMAL)
    assert (await far_events.got(Ended)).cause == NORMAL.by(Source.CALLER)


async def test_what_cannot_be_called_is_refused_with_its_cause(pair: Pair) -> None:
    pair.near.refusal = Refused("bob is not registered", NOT_REGISTERED)
    with pytest.raises(Refused) as refused:
        await pair.near.switch.place(new_uuid(), TO, Events())
    assert refused.value.cause == NOT_REGISTERED
    pair.near.refusal = None
    _, events = await placed(
        pair, Way("broken", (pair.near.target(pair.far, headers=(("X-PH-A", "1\r\nVia: x"),)),))
    )
    assert (await events.got(Ended)).cause == CAUSES[2000]


async def test_headers_and_names_arrive(pair: Pair) -> None:
    target = pair.near.target(
        pair.far, caller_name="Ada", headers=(("X-PH-Order", "42"), ("X-Other", "1"))
    )
    leg, events = await placed(pair, Way("one", (target,)))
    _, _, arrival = await pair.far.arrival()
    assert (arrival.caller_name, dict(arrival.headers)) == ("Ada", {"X-PH-Order": "42"})
    await leg.hang_up(CANCELED)
    await events.got(Ended)


async def test_names_of_old_phones_can_be_read(pair: Pair) -> None:
    headers = (("X-PH-Name", "J\udcfcrgen"),)  # ISO 8859-1 on the wire
    target = pair.near.target(pair.far, caller_name="M\udcfcller", headers=headers)
    leg, events = await placed(pair, Way("one", (target,)))
    _, _, arrival = await pair.far.arrival()
    assert (arrival.caller_name, dict(arrival.headers)) == (
        "M\u00fcller",
        {"X-PH-Name": "J\u00fcrgen"},
    )
    await leg.hang_up(CANCELED)
    await events.got(Ended)


@pytest.mark.parametrize(
    ("asserted", "caller"),
    [
        (['"Ada" <sip:+14155550111@carrier.test;user=phone>, <tel:+14155550111>'], "+14155550111"),
        (["sip:carrier.test, <tel:+1-415-555-0111>"], "+14155550111"),
        (["<sip:+1 415@carrier.test>", "<tel:+14155550111>"], "+14155550111"),
        (["<sip:+14155550111@carrier.test"], "anonymous"),
        (["<sip:+1 415@carrier.test>"], "anonymous"),
    ],
)
async def test_who_calls_is_what_a_network_asserts_of_the_anonymous(
    pair: Pair, asserted: list[str], caller: str
) -> None:
    headers = tuple(("P-Asserted-Identity", value) for value in asserted)
    target = pair.near.target(pair.far, headers=headers)
    anonymous = replace(target, caller="sip:anonymous@anonymous.invalid")
    leg, events = await placed(pair, Way("one", (anonymous,)))
    _, _, arrival = await pair.far.arrival()
    assert arrival.caller == caller
    await leg.hang_up(CANCELED)
    await events.got(Ended)


@pytest.mark.parametrize(
    ("privacy", "caller", "name"),
    [
        ("id", "anonymous", "Anonymous"),
        ("user; ID; critical", "anonymous", "Anonymous"),
        ("none", "+14155550111", "Ada"),
    ],
)
async def test_who_is_asserted_in_private_stays_anonymous(
    pair: Pair, privacy: str, caller: str, name: str
) -> None:
    asserted = ("P-Asserted-Identity", '"Ada" <sip:+14155550111@carrier.test>')
    target = pair.near.target(pair.far, headers=(asserted, ("Privacy", privacy)))
    anonymous = replace(target, caller="sip:anonymous@anonymous.invalid", caller_name="Anonymous")
    leg, events = await placed(pair, Way("one", (anonymous,)))
    _, _, arrival = await pair.far.arrival()
    assert (arrival.caller, arrival.caller_name) == (caller, name)
    await leg.hang_up(CANCELED)
    await events.got(Ended)


async def test_who_fails_to_take_a_call_refuses_it(pair: Pair) -> None:
    def broken(arrival: Arrival) -> None:
        pair.far.arrivals.clear()
        raise RuntimeError("no desk")

    pair.far.on_arrival = broken
    _, events = await pair.near.call(pair.far)
    assert (await events.got(Ended)).cause == of_far_end(500)


async def test_many_calls_that_end_at_any_time_leave_nothing_behind(pair: Pair) -> None:
    chance = random.Random(11)
    arrived: list[tuple[Arrival, Events]] = []
    tasks: set[asyncio.Task[None]] = set()

    async def be_called(arrival: Arrival) -> None:
        steps = [arrival.leg.ring, arrival.leg.open_early, arrival.leg.answer]
        for step in steps[chance.randrange(3) :]:
            await asyncio.sleep(chance.random() / 50)
            await step()
        await asyncio.sleep(chance.random() / 20)
        await arrival.leg.hang_up(chance.choice([NORMAL, BUSY]))

    def take(arrival: Arrival) -> None:
        pair.far.arrivals.clear()
        arrived.append((arrival, Events()))
        arrival.leg.deliver_to(arrived[-1][1])
        tasks.add(asyncio.create_task(be_called(arrival)))

    async def call() -> Events:
        leg, events = await pair.near.call(pair.far)
        await asyncio.sleep(chance.random() / 10)
        if chance.random() < 0.3:
            await leg.hang_up(CANCELED)
        await events.got(Ended)
        return events

    pair.far.on_arrival = take
    for _ in range(4):
        placed_events = await asyncio.gather(*(call() for _ in range(15)))
        await asyncio.gather(*tasks, return_exceptions=True)
        tasks.clear()
        await pair.free()
        for events in (*placed_events, *(events for _, events in arrived)):
            assert [type(event) for event in events.all].count(Ended) == 1
            assert isinstance(events.all[-1], Ended)
