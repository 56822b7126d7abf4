"""Two processes serve calls; one is killed in the midst of them, and the other ends them for it."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest
from e2e_loop import BackgroundLoop
from e2e_phone import Phone
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until
from free_ports import free_port

from trunkline.voice.records.closing import BEAT_S, SWEEP_S

# What several machines share.
pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

TALKS, DIALS = "14155550100", "14155550101"
CALLED = "12065559901"
CONFIG = """
[voice]
countries = "US"

[[trunks]]
name = "carrier"
host = "127.0.0.1"
port = {port}
"""
WITHIN_S = 30.0
REASON = 'Q.850;cause=41;text="Temporary failure"'


class Nodes(NamedTuple):
    """`first` has all roles, `second` serves calls alone; a caller for each, and who is called."""

    first: Program
    second: Program
    caller: Phone
    other_caller: Phone
    called: Phone


@pytest.fixture
def nodes(loop: BackgroundLoop, launch: Callable[..., Program], sink: Sink) -> Iterator[Nodes]:
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    callers = [Phone(loop, address).start() for address in addresses]
    called = Phone(loop, addresses[1], answer=0).start()
    config = CONFIG.format(port=called.port)
    first = launch(config=config, sip_udp=addresses[0])
    settings = {**first.settings, "TRUNKLINE_SIP_UDP": addresses[1]}
    settings["TRUNKLINE_WEBHOOK_ALLOWED_NETWORKS"] = "127.0.0.0/8"
    folder = first.folder / "second"
    (folder / "data").mkdir(parents=True)
    shutil.copy(first.folder / "data" / "secrets.key", folder / "data")
    command = ("serve", "--role", "voice")
    second = Program(folder, first.database, settings, config=config, command=command)
    try:
        yield Nodes(first, second, *callers, called)
    finally:
        second.kill()
        for phone in (*callers, called):
            phone.stop()


def serves(nodes: Nodes, sink: Sink, number: str, path: str, body: str) -> None:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    api = nodes.first.api()
    fields = {"answer_url": sink.url(path), "hangup_url": sink.url("/hangup")}
    app = api.post("Application/", app_name=path[1:], **fields)["app_id"]
    assert api.post(f"Number/{number}/", app_id=app).status == 202


def test_the_living_node_ends_what_the_dead_one_had(nodes: Nodes, sink: Sink) -> None:
    first, second, caller, other_caller, called = nodes
    record = f'<Record recordSession="true" fileFormat="wav" callbackUrl="{sink.url("/record")}"/>'
    serves(nodes, sink, TALKS, "/talks", record + '<Wait length="120"/>')
    serves(nodes, sink, DIALS, "/dials", f"<Dial><Number>{CALLED}</Number></Dial>")
    second.start()  # it knows what there is, and need not be waited for to see it
    ours = caller.dial(f"+{TALKS}")
    theirs = other_caller.dial(f"+{TALKS}")
    waits = other_caller.dial(f"+{DIALS}")
    until(lambda: ours.answered and theirs.answered and waits.rang, "three calls")
    (rings,) = until(lambda: called.calls, "who is called")
    until(lambda: first.rows("SELECT count(*) FROM call_dialogs") == [(4,)], "what is kept")
    until(lambda: first.rows("SELECT count(*) FROM recordings") == [(2,)], "two recordings")
    uuids = {row[0] for row in first.rows("SELECT call_uuid FROM calls WHERE ended_at IS NULL")}
    nodes_of = Counter(row[0] for row in first.rows("SELECT node FROM calls"))
    assert sorted(nodes_of.values()) == [1, 3]
    time.sleep(BEAT_S + 0.5)  # it costs what it had lasted when the node was last seen

    second.kill()
    killed_at = time.monotonic()
    until(lambda: all(one.over for one in (theirs, waits, rings)), "the far ends", WITHIN_S)
    assert [one.cause for one in (theirs, waits, rings)] == [REASON] * 3
    assert waits.status == 503
    until(lambda: len(sink.at("/hangup")) == 2, "the hangup callbacks", WITHIN_S)
    (told,) = until(lambda: sink.at("/record"), "the callback of the recording", WITHIN_S)
    assert time.monotonic() - killed_at < WITHIN_S
    audio = httpx.get(told.params["RecordUrl"])
    assert audio.status_code == 200
    assert len(audio.content) > 8_000

    time.sleep(SWEEP_S + 0.5)  # it looks again, and finds nothing
    assert not ours.over
    records = first.rows(
        "SELECT call_uuid, hangup_code, answered_at IS NULL FROM calls WHERE ended_at IS NOT NULL"
    )
    assert sorted(row[1:] for row in records) == [(5010, False), (5010, True), (5010, True)]
    assert {one.params["CallUUID"] for one in sink.at("/hangup")} < {row[0] for row in records}
    paid = Counter(row[0] for row in first.rows("SELECT resource_id FROM ledger WHERE kind='call'"))
    answered = next(row[0] for row in records if not row[2])
    assert paid == {answered: 1}
    caller.hang_up(ours)
    hangups = until(lambda: sink.at("/hangup")[2:], "the hangup callback of the call that lived")
    assert [one.params["HangupCauseCode"] for one in sink.at("/hangup")] == ["5010", "5010", "4000"]
    assert {one.params["CallUUID"] for one in hangups} < uuids
    until(lambda: first.rows("SELECT count(*) FROM call_dialogs") == [(0,)], "nothing is kept")
    parted = [one for one in first.log_events() if one["event"] == "call.parted"]
    found = sorted((one["what"], one["status"]) for one in parted)
    assert found == [("farewell", 200), ("invitation", 200), ("unanswered", 202)]
