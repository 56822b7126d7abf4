"""The least ESME on the program's SMPP engine: submits as fast as it may, acknowledges receipts."""

import asyncio
import sys
import time

import uvloop

from trunkline.engines.smpp.client import Client
from trunkline.engines.smpp.config import ClientConfig, LinkConfig
from trunkline.protocols.smpp import SubmitSm
from wire.control import obey, say


class Esme:
    """Keeps the window full until the time is over."""

    def __init__(self, port: int, window: int) -> None:
        link = LinkConfig("bench", "127.0.0.1", port, "bench", "bench", window=window)
        self.client = Client(
            ClientConfig(link),
            on_result=self._answered,
            on_deliver=lambda _, delivery: delivery.ack(),
            on_capacity=self._fill,
        )
        self._number = 10_000_000_000
        self._until = 0.0
        self.answered = 0

    def go(self) -> dict[str, object]:
        self._until = time.monotonic() + 2.0
        self._fill()
        return {}

    def _fill(self) -> None:
        if time.monotonic() > self._until:
            return
        while self.client.capacity():
            self._number += 1
            pdu = SubmitSm(
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr="14155550100",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=str(self._number),
                registered_delivery=1,
                short_message=b"x" * 160,
            )
            self.client.submit(pdu, None)

    def _answered(self, _context: object, _outcome: object) -> None:
        self.answered += 1


async def run() -> None:
    esme = Esme(int(sys.argv[1]), int(sys.argv[2]))
    await esme.client.start()
    for _ in range(100):
        if esme.client.up:
            break
        await asyncio.sleep(0.05)
    say(up=esme.client.up)
    await obey({"go": esme.go, "stats": lambda: {"answered": esme.answered}})
    await esme.client.close(1.0)


if __name__ == "__main__":
    uvloop.run(run())
