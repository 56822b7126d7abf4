"""`kill -9` at every stage of a call: what was under way ends as it should, and nothing stays."""

import io
import socket
import time
import wave
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest
from e2e_loop import BackgroundLoop
from e2e_phone import Phone, PhoneCall
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until
from free_ports import free_port

from trunkline.protocols.sip import Request, parse, respond

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

SLOW, EARLY = "14155550100", "14155550101"
TRUNK = """
[voice]
countries = "US"

[[trunks]]
name = "carrier"
host = "127.0.0.1"
port = {carrier}
routes = ["1206555"]

[[trunks]]
name = "early"
host = "127.0.0.1"
port = {early}
routes = ["1425555"]

[[trunks]]
name = "mute"
host = "127.0.0.1"
port = {mute}
routes = ["1303555"]
"""
PLAYS = "<PreAnswer><Speak loop='0'>One</Speak></PreAnswer>"
WITHIN_S = 30.0
REASON = 'Q.850;cause=41;text="Temporary failure"'


class Line(NamedTuple):
    """`early` lets those who call it hear something, and never answers; `mute` says nothing."""

    program: Program
    sink: Sink
    carrier: Phone
    early: Phone
    mute: socket.socket

    def serves(self, number: str, answer_url: str) -> None:
        api = self.program.api()
        made = api.post("Application/", app_name=f"a{number}", answer_url=answer_url)
        assert api.post(f"Number/{number}/", app_id=made["app_id"]).status == 202

    def document(self, path: str, body: str) -> str:
        text = f"<Response>{body}</Response>"
        self.sink.answers[path] = Answer(body=text, content_type="text/xml")
        return self.sink.url(path)

    def call(self, to: str, answer_url: str, callee: Phone, hangup: str = "/hangup") -> PhoneCall:
        before = len(callee.calls)
        fields = {"from": SLOW, "to": to, "answer_url": answer_url}
        made = self.program.api().post("Call/", **fields, hangup_url=self.sink.url(hangup))
        assert made.status == 201, made
        return until(lambda: callee.calls[before:], "the call")[0]


@pytest.fixture
def line(loop: BackgroundLoop, launch: Callable[..., Program], sink: Sink) -> Iterator[Line]:
    own = f"127.0.0.1:{free_port()}"
    carrier, early = Phone(loop, own).start(), Phone(loop, own, answer=183).start()
    mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        mute.bind(("127.0.0.1", 0))
        mute.settimeout(0.5)
        ports = {"carrier": carrier.port, "early": early.port, "mute": mute.getsockname()[1]}
        program = launch(config=TRUNK.format(**ports), sip_udp=own)
        yield Line(program, sink, carrier, early, mute)
    finally:
        mute.close()
        carrier.stop()
        early.stop()


def request_at(peer: socket.socket, method: str) -> Request:
    """Return the next request of a method."""
    while True:
        got = parse(peer.recv(65_535))
        if isinstance(got, Request) and got.method == method:
            return got


def answered_by(peer: socket.socket, octets: bytes, port: int, method: str) -> Request | None:
    """Say something, and return the request that comes back, if one does."""
    peer.sendto(octets, ("127.0.0.1", port))
    try:
        return request_at(peer, method)
    except TimeoutError:
        return None


def test_nothing_is_left_behind_at_any_stage(line: Line) -> None:
    program, sink, carrier, early, mute = line
    sink.answers["/slow"] = Answer(hang=True)
    line.serves(SLOW, sink.url("/slow"))
    line.serves(
        EARLY, line.document("/early", "<PreAnswer><Speak loop='0'>One</Speak></PreAnswer>")
    )
    record = f'<Record fileFormat="wav" callbackUrl="{sink.url("/record")}" playBeep="false"'
    record += f' timeout="60" action="{sink.url("/recorded")}"/>'
    recording = line.document("/recording", record)

    # It waits for its answer URL, before and after the answer.
    fetches = carrier.dial(f"+{SLOW}")
    fetched = line.call("12065559901", sink.url("/slow"), carrier)
    until(lambda: len(sink.at("/slow")) == 2, "two answer URLs")
    # Early media, both ways.
    hears = carrier.dial(f"+{EARLY}")
    until(lambda: hears.rang, "early media")
    heard = line.call("14255559902", recording, early)
    # <Record>.
    records = line.call("12065559903", recording, carrier)
    until(lambda: program.rows("SELECT count(*) FROM recordings") == [(1,)], "the recording")
    # Its end is being told.
    sink.answers["/over"] = Answer(hang=True)
    ended = line.call("12065559904", line.document("/end", "<Hangup/>"), carrier, "/over")
    until(lambda: ended.over and sink.at("/over"), "the hangup callback")
    # Nothing came back yet.
    fields = {"from": SLOW, "to": "13035559905", "answer_url": recording}
    assert program.api().post("Call/", **fields).status == 201
    unheard = request_at(mute, "INVITE")
    kept = "SELECT count(*) FROM call_dialogs"
    until(lambda: program.rows(kept) == [(6,)], "what is kept")
    time.sleep(1.0)  # so that there is something to keep

    program.kill()
    sink.answers["/over"] = sink.answers["/slow"] = Answer()
    program.start()
    live = [fetches, fetched, hears, heard, records]
    until(lambda: all(one.over for one in live), "the far ends", WITHIN_S)
    assert [one.cause for one in live] == [REASON] * 5
    assert [fetches.status, hears.status] == [503, 503]
    late = respond(unheard, 180, tag="theirs").serialise()
    port = unheard.via.port or 0
    cancel = until(lambda: answered_by(mute, late, port, "CANCEL"), "the CANCEL", WITHIN_S)
    assert (cancel.via.branch, cancel.headers.get("reason")) == (unheard.via.branch, REASON)
    for request, status in ((cancel, 200), (unheard, 487)):
        mute.sendto(respond(request, status, tag="theirs").serialise(), ("127.0.0.1", port))
    until(lambda: program.rows(kept) == [(0,)], "nothing is kept", WITHIN_S)

    # What customers are told: each end once, but for the one that was under way.
    until(lambda: len(sink.at("/hangup")) == 3, "the hangup callbacks", WITHIN_S)
    assert {one.params["HangupCauseCode"] for one in sink.at("/hangup")} == {"5010"}
    before, again = until(lambda: sink.at("/over")[1:] and sink.at("/over"), "the repetition", 60.0)
    assert before.params == again.params
    assert before.params["HangupCauseCode"] == "4000"
    (told,) = until(lambda: sink.at("/record"), "the callback of the recording", WITHIN_S)
    (acted,) = until(lambda: sink.at("/recorded"), "the action", WITHIN_S)
    assert told.params["RecordUrl"].partition("?")[0] == acted.params["RecordUrl"].partition("?")[0]
    assert (told.params["Event"], acted.params["Event"]) == ("RecordStop", "Redirect")
    with wave.open(io.BytesIO(httpx.get(told.params["RecordUrl"]).content)) as audio:
        assert audio.getnframes() > 4_000

    # And in the books.
    codes = (
        "SELECT hangup_code, count(*) FROM calls WHERE ended_at IS NOT NULL GROUP BY hangup_code"
    )
    assert sorted(program.rows(codes)) == [(4000, 1), (5010, 6)]
    api = program.api()
    for status in ("live", "queued"):
        assert api.get("Call/", status=status)["calls"] == []
    assert program.rows("SELECT count(*) FROM recordings WHERE state = 'pending'") == [(0,)]
