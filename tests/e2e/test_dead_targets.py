"""Customers whose applications are dead, slow or broken harm nobody else."""

import socket
import time
from collections.abc import Callable

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

MESSAGES = 100
SLOW_S = 8.0  # what one attempt at a dead target takes


def test_dead_targets_do_not_delay_others(
    program: Program, api: Api, new_sink: Callable[[], Sink]
) -> None:
    alive, hanging = new_sink(), new_sink()
    hanging.answers["/status"] = Answer(hang=True)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}/status"
    dead = [hanging.url("/status"), closed, "http://no-such-host.invalid/status"]
    for number in range(MESSAGES):
        for at, url in enumerate(dead):
            api.send(f"1309{at}{number:06d}", url=url)
    until(lambda: len(hanging.seen) > 3, "the first attempts")
    began = time.monotonic()
    uuids = [api.send(f"13098{number:06d}", url=alive.url("/ok")) for number in range(MESSAGES)]
    until(lambda: len(alive.seen) >= 3 * MESSAGES, "the callbacks of the living", SLOW_S)
    assert time.monotonic() - began < SLOW_S
    for uuid in uuids:
        assert alive.statuses(uuid) == ["queued", "sent", "delivered"]
    # The dead hold a bounded number of connections.
    assert len(hanging.seen) <= 32 * 3


def test_a_message_does_not_wait_for_its_callbacks(
    api: Api, new_sink: Callable[[], Sink], handset: str
) -> None:
    hanging = new_sink()
    hanging.answers["/status"] = Answer(hang=True)
    record = api.final(api.send(handset, url=hanging.url("/status")), timeout_s=SLOW_S)
    assert record["message_state"] == "delivered"
