"""A carrier's trunk: Kamailio in front of its phones, and the program in production's settings."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until
from free_ports import free_port
from kamailio import Kamailio

from trunkline.engines.sip import Hop
from trunkline.runtime.clock import SystemClock
from trunkline.simulator.voice import Dialling, VoiceConfig, VoiceSimulator

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
TRUNK = """
[voice]
countries = "US"
barred_prefixes = ["1500555899"]
barred_caller_ids = ["+14155559110"]

[[trunks]]
name = "carrier"
host = "127.0.0.1"
port = {port}
"""


class Carrier(NamedTuple):
    program: Program
    phones: VoiceSimulator


@pytest.fixture
def carrier(loop: BackgroundLoop, launch: Callable[..., Program]) -> Iterator[Carrier]:
    """Phones behind Kamailio, which is the program's trunk."""
    own = free_port()
    phones = VoiceSimulator(VoiceConfig(ring_s=0.1), SystemClock())
    loop.run(phones.start())
    proxy = Kamailio(own, phones.port)
    try:
        proxy.start()
        phones.platform = Hop("udp", "127.0.0.1", proxy.port)
        program = launch(
            config=TRUNK.format(port=proxy.port), sip_udp=f"127.0.0.1:{own}", simulator="false"
        )
        yield Carrier(program, phones)
    finally:
        proxy.stop()
        loop.run(phones.stop())


def hears(sink: Sink, path: str, body: str) -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def test_calls_through_a_proxy_both_ways(carrier: Carrier, sink: Sink) -> None:
    program, phones = carrier
    api = program.api()
    answer = hears(
        sink,
        "/answer",
        f'<GetDigits action="{sink.url("/digits")}" numDigits="2" playBeep="false"/>',
    )
    hears(sink, "/digits", "<DTMF>7#</DTMF><Wait length='2'/><Hangup/>")
    made = api.post(
        "Call/", **{"from": NUMBER}, to="15005558342", answer_url=answer, answer_method="POST"
    )
    assert made.status == 201, made
    (typed,) = until(lambda: sink.at("/digits"), "the digits")
    assert typed.params["Digits"] == "42"

    def heard(number: str) -> Any:
        calls = phones.calls(number)
        return calls[-1] if calls and calls[-1].state == "ended" else None

    there = until(lambda: heard("15005558342"), "the end of the call")
    assert (there.digits, there.ended_by, there.other) == ("7#", "platform", NUMBER)
    path = f"Call/{made['request_uuid']}/"
    until(lambda: api.get(path).body.get("call_state") == "ANSWER", "the record")
    # busy passes the proxy too
    busy = api.post("Call/", **{"from": NUMBER}, to="15005558001", answer_url=answer)
    uuid = busy["request_uuid"]
    until(lambda: api.get(f"Call/{uuid}/").body.get("hangup_cause_code") == 3010, "busy")
    # what is barred reaches no carrier
    hears(sink, "/barred", "<Dial callerId='14155559110'><Number>15005558342</Number></Dial>")
    for to, code in (("15005558990", 2050), ("19005550123", 2040)):
        uuid = api.post("Call/", **{"from": NUMBER}, to=to, answer_url=answer)["request_uuid"]
        record = until(lambda uuid=uuid: api.get(f"Call/{uuid}/").body.get("end_time"), "the end")
        assert (record, api.get(f"Call/{uuid}/").body["hangup_cause_code"]) == (record, code)
    # and the other way round
    app = api.post("Application/", app_name="trunk", answer_url=answer)["app_id"]
    assert api.post(f"Number/{NUMBER}/", app_id=app).status == 202
    sink.seen.clear()
    dialled = sink.loop.run(
        phones.dial("12065559922", NUMBER, Dialling(digits="13", digits_after_s=0.2))
    )
    assert dialled.placed
    (typed,) = until(lambda: sink.at("/digits"), "the digits")
    assert (typed.params["Digits"], typed.params["From"]) == ("13", "12065559922")
    assert typed.params["Direction"] == "inbound"
    there = until(lambda: heard("12065559922"), "the end of the call")
    assert (there.digits, there.ended_by) == ("7#", "platform")
