"""Calls that can be paid no longer end with 1010, before their next minute begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from voice_leg import ScriptedLeg
from voice_rig import ACCOUNT, Rig

from trunkline.billing.balances import Balances
from trunkline.voice.credit import CallCredit
from trunkline.voice.meter import Meter

WAIT = '<Response><Speak>Hello</Speak><Wait length="600"/></Response>'


class Purse:
    """A balance that a test sets."""

    cash = 0

    def spendable(self, _account: str) -> int:
        return self.cash


@asynccontextmanager
async def metered(rig: Rig) -> AsyncIterator[ScriptedLeg]:
    """A call that has been answered, with credit for two minutes."""
    purse = Purse()
    purse.cash = 250
    credit = CallCredit(cast("Balances", purse))
    meter = Meter(clock=rig.clock, credit=credit, live=rig.calls)
    leg = await rig.arrives(WAIT)
    credit.open(leg.uuid, ACCOUNT, 100)
    credit.answered(leg.uuid, rig.clock.now())
    running = asyncio.ensure_future(meter.run())
    yield leg
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_third_minute_cannot_be_paid(rig: Rig) -> None:
    async with metered(rig) as leg:
        await rig.passes(115)
        assert leg.uuid not in rig.book.causes
        await rig.passes(5)
    assert rig.cause(leg) == 1010
    assert rig.told("hangup")[0]["HangupCauseName"] == "Canceled (Out Of Credits)"


async def test_moved_time_is_paid_as_long_as_there_was_credit(rig: Rig) -> None:
    async with metered(rig) as leg:
        await rig.settle()
        for _ in range(5):
            rig.clock.advance(30.0)
            await rig.settle()
    assert rig.cause(leg) == 1010
    (end,) = rig.told("hangup")
    assert (end["Duration"], end["BillDuration"]) == ("120", "120")


async def test_a_call_that_has_gone_is_passed_over(rig: Rig) -> None:
    credit = CallCredit(cast("Balances", Purse()))
    credit.open("gone", ACCOUNT, 100)
    meter = Meter(clock=rig.clock, credit=credit, live=rig.calls)
    assert await meter.look() == 0
