"""Calls between two switches: placed, rung, answered, refused, ended, each cause once."""

import pytest
from switch_rig import Pair

from trunkline.voice.causes import BUSY, END_OF_XML, NORMAL, Source
from trunkline.voice.telephony import Answered, Ended, LegGone, Ringing

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_call_rings_is_answered_and_hung_up(pair: Pair) -> None:
    near, near_events = await pair.near.call(pair.far)
    far, far_events, arrival = await pair.far.arrival()
    assert (arrival.called, arrival.caller) == ("15550002", "15550001")
    await far.ring()
    assert not (await near_events.got(Ringing)).early_media
    await far.answer()
    assert (await near_events.got(Answered)).sip_to.startswith("<sip:15550002@")
    await near.hang_up(END_OF_XML)
    assert (await near_events.got(Ended)).cause == END_OF_XML
    assert (await far_events.got(Ended)).cause == NORMAL.by(Source.CALLER)
    with pytest.raises(LegGone):
        await near.play([])
    assert [type(event) for event in near_events.all] == [Ringing, Answered, Ended]


async def test_a_refusal_carries_its_cause(pair: Pair) -> None:
    _, near_events = await pair.near.call(pair.far)
    far, far_events, _ = await pair.far.arrival()
    await far.hang_up(BUSY)
    assert (await near_events.got(Ended)).cause == BUSY
    assert far_events.cause == BUSY.code
