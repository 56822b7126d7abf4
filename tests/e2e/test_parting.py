"""After `kill -9` of the process that has the calls, everybody they were with is told."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from baresip import free_port
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_phone import Phone, PhoneCall
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
PASSWORD = "secret-of-the-phone"
TRUNK = """
[voice]
countries = "US"

[[trunks]]
name = "carrier"
host = "127.0.0.1"
port = {port}
username = "us"
password = "ours"
"""
WITHIN_S = 30.0


class Line(NamedTuple):
    program: Program
    api: Api
    carrier: Phone
    user: Phone
    username: str


@pytest.fixture
def line(loop: BackgroundLoop, launch: Callable[..., Program]) -> Iterator[Line]:
    """The program, a carrier that knows it by a password, and a phone that has registered."""
    own = free_port()
    platform = f"127.0.0.1:{own}"
    carrier = Phone(loop, platform, secrets={"us": "ours"}).start()
    phones = [carrier]
    try:
        program = launch(config=TRUNK.format(port=carrier.port), sip_udp=platform)
        api = program.api()
        made = api.post("Endpoint/", username="phone", password=PASSWORD, alias="phone")
        phones.append(Phone(loop, platform, made["username"], PASSWORD).start())
        until(lambda: phones[1].state == "registered", "the registration")
        yield Line(program, api, carrier, phones[1], made["username"])
    finally:
        for phone in phones:
            phone.stop()


def hears(sink: Sink, path: str, body: str) -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def call(line: Line, to: str, answer_url: str) -> PhoneCall:
    before = len(line.carrier.calls)
    fields = {"from": NUMBER, "to": to, "answer_url": answer_url}
    made = line.api.post("Call/", **fields)
    assert made.status == 201, made
    return until(lambda: line.carrier.calls[before:], "the call")[0]


def told(calls: list[PhoneCall]) -> Any:
    return [one.cause for one in calls if one.over and one.cause]


def test_the_far_end_of_every_leg_hears_of_the_end(line: Line, sink: Sink) -> None:
    program, api, carrier, user, username = line
    conference = hears(sink, "/conference", "<Conference>room</Conference>")
    out = call(line, "12065559901", conference)
    phone = f"sip:{username}@phone.plivo.com"
    dials = hears(sink, "/dial", f"<Dial><User>{phone}</User></Dial>")
    dialling = call(line, "12065559902", dials)
    app = api.post("Application/", app_name="in", answer_url=conference)["app_id"]
    assert api.post(f"Number/{NUMBER}/", app_id=app).status == 202
    came = carrier.dial(f"+{NUMBER}")
    dialled = until(lambda: user.calls, "the dialled phone")[0]
    legs = [out, dialling, came, dialled]
    until(lambda: all(one.answered for one in legs), "four legs")
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(4,)], "what is kept")
    # One that ended in peace is not told again.
    carrier.hang_up(came)
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(3,)], "what is left")
    came = carrier.dial(f"+{NUMBER}")
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(4,)], "the next")
    legs[2] = came

    program.kill()
    assert told(legs) == []
    program.start()
    until(lambda: len(told(legs)) == 4, "a BYE for each", WITHIN_S)
    assert {one.cause for one in legs} == {'Q.850;cause=41;text="Temporary failure"'}
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(0,)], "nothing is kept")
    parted = [one for one in program.log_events() if one["event"] == "call.parted"]
    assert [one["status"] for one in parted] == [200] * 4

    heard = carrier.heard
    program.kill()
    program.start()
    until(lambda: api.get("Call/", status="live").body["calls"] == [], "no call is left")
    assert carrier.heard == heard
    assert program.rows("SELECT count(*) FROM call_dialogs") == [(0,)]
