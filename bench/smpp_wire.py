"""Measure the SMPP engine: client and server in one process over loopback.

    python bench/smpp_wire.py [seconds] [window] [binds]

Prints submits a second, CPU microseconds a message (both sides together), and the same with a
delivery sent and acknowledged for every submit.
"""

import asyncio
import sys
import time

import uvloop

from trunkline.engines.smpp import (
    Client,
    ClientConfig,
    Delivery,
    LinkConfig,
    Outcome,
    Server,
    ServerConfig,
    ServerSession,
)
from trunkline.protocols.smpp import DataSm, DeliverSm, Request, Response, SubmitSm, SubmitSmResp

TEXT = b"Your code is 123456. It is valid for ten minutes. Do not share it with anybody."
RECEIPT = (
    b"id:0000000001 sub:001 dlvrd:001 submit date:2501010000 done date:2501010000 "
    b"stat:DELIVRD err:000 text:Your code is 123456"
)


async def measure(seconds: float, window: int, binds: int, *, receipts: bool) -> None:
    answered = delivered = number = 0
    client: Client

    def on_submit(session: ServerSession, pdu: Request) -> Response:
        nonlocal number
        number += 1
        if receipts:
            session.send(
                DeliverSm(
                    source_addr="15551234567",
                    destination_addr="TRUNK",
                    esm_class=4,
                    short_message=RECEIPT,
                )
            )
        return SubmitSmResp(sequence_number=pdu.sequence_number, message_id=f"{number:010d}")

    def on_result(_context: object, _outcome: Outcome) -> None:
        nonlocal answered
        answered += 1

    def on_deliver(_pdu: DeliverSm | DataSm, delivery: Delivery) -> None:
        nonlocal delivered
        delivered += 1
        delivery.ack()

    def fill() -> None:
        for _ in range(client.capacity()):
            pdu = SubmitSm(
                source_addr_ton=5,
                source_addr="TRUNK",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr="15551234567",
                registered_delivery=1,
                short_message=TEXT,
            )
            client.submit(pdu, number)

    server = Server(ServerConfig(window=10_000), authenticate=lambda _s, _b: 0, on_submit=on_submit)
    await server.start()
    link = LinkConfig("bench", "127.0.0.1", server.port, "id", "pw", window=window)
    client = Client(
        ClientConfig(link, binds=binds),
        on_result=on_result,
        on_deliver=on_deliver,
        on_capacity=fill,
    )
    await client.start()
    await asyncio.sleep(0.3)
    start, cpu, first = time.perf_counter(), time.process_time(), answered
    await asyncio.sleep(seconds)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    count = answered - first
    print(
        f"window {window} x {binds}, receipts {receipts}: {count / took:,.0f} submits/s, "
        f"{cpu / count * 1e6:.1f} us CPU/message, {delivered:,} delivered"
    )
    await client.close()
    await server.close()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    window = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    binds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for receipts in (False, True):
        uvloop.run(measure(seconds, window, binds, receipts=receipts))


if __name__ == "__main__":
    main()
