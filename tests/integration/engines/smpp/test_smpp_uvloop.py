"""The same on the loop of production, whose clock stands still for a millisecond at a time."""

import asyncio
from collections.abc import Awaitable, Callable

import uvloop

from trunkline.engines.smpp import Answered
from trunkline.protocols.smpp import DeliverSm


def on_uvloop(new_lab, story: Callable[..., Awaitable[None]]) -> None:
    async def told() -> None:
        assert "uvloop" in type(asyncio.get_running_loop()).__module__
        lab = new_lab()
        try:
            await story(lab)
        finally:
            await lab.close()

    uvloop.run(told())


def test_traffic_and_keeping_alive_on_uvloop(new_lab):
    on_uvloop(new_lab, traffic_and_keeping_alive)


async def traffic_and_keeping_alive(lab) -> None:
    carrier, esme = await lab.pair(
        window=50, enquire_link_s=0.02, enquire_timeout_s=0.1, tps=2000.0
    )
    sent = 0

    def more() -> None:
        nonlocal sent
        for _ in range(min(esme.client.capacity(), 1000 - sent)):
            assert esme.client.submit(lab.message(), sent)
            sent += 1

    esme.client._on_capacity = more
    more()
    await lab.until(lambda: len(esme.results) == 1000)
    assert all(isinstance(outcome, Answered) for _, outcome in esme.results)
    await asyncio.sleep(0.5)  # some twenty enquire_links
    assert esme.link.stats.reconnects == 0
    assert carrier.session.send(DeliverSm(), "d")
    await lab.until(lambda: carrier.results)
    carrier.session.abort()
    await lab.until(lambda: esme.client.up == 0)
    await esme.up()


def test_a_silent_carrier_is_given_up_on_uvloop(new_lab):
    on_uvloop(new_lab, silent_carrier)


async def silent_carrier(lab) -> None:
    carrier, esme = await lab.pair(enquire_link_s=0.05, enquire_timeout_s=0.1)
    carrier.session.machine.answer_enquire_link = False
    await lab.until(lambda: any("enquire_link" in reason for _, _, reason in esme.states))
