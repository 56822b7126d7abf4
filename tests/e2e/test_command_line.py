"""The commands that speak to a running program: tables, JSON, and what happens live."""

import contextlib
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from e2e_program import TRUNKLINE, Program
from e2e_sink import Sink
from e2e_waiting import until
from typer.testing import CliRunner, Result

from trunkline.cli.environment import Refused
from trunkline.cli.main import app

Run = Callable[..., Result]
NUMBER = "14155550100"


@pytest.fixture
def trunkline(program: Program, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process, with the program's address and credentials."""
    for name, value in program.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TRUNKLINE_URL", program.url)
    monkeypatch.setenv("PLIVO_AUTH_ID", program.auth_id)
    monkeypatch.setenv("PLIVO_AUTH_TOKEN", program.auth_token)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_message_is_sent_awaited_listed_and_shown(
    trunkline: Run, sink: Sink, handset: str
) -> None:
    sent = done(trunkline("send", handset, "Hello", "--wait", "--callback", sink.url("/status")))
    uuid, state = sent.split()
    assert state == "delivered"
    listed = json.loads(done(trunkline("messages", "list", "--to", handset, "--json")))
    assert [one["message_uuid"] for one in listed] == [uuid]
    table = done(trunkline("messages", "list", "--to", handset, "--since", "1h"))
    assert uuid in table
    assert done(trunkline("messages", "list", "--to", handset, "--state", "failed", "--json")) == (
        "[]\n"
    )
    until(lambda: sink.statuses(uuid)[-1:] == ["delivered"], "the callbacks")
    shown = json.loads(done(trunkline("messages", "show", uuid, "--json")))
    assert shown["record"]["to_number"] == handset
    steps = [one["state"] for one in shown["story"]["steps"]]
    assert steps == ["queued", "sent", "delivered"]
    assert len(shown["story"]["webhooks"]) == 3
    text = done(trunkline("messages", "show", uuid))
    assert sink.url("/status") in text
    webhooks = json.loads(done(trunkline("webhooks", "list", "--resource", uuid, "--json")))
    assert len(webhooks) == 3
    again = done(trunkline("webhooks", "replay", webhooks[0]["id"]))
    assert "queued again as" in again
    until(lambda: len(sink.statuses(uuid)) == 4, "the replay")
    assert sink.url("/status") in done(trunkline("webhooks", "show", webhooks[0]["id"]))


def test_a_message_that_fails_is_an_error(trunkline: Run) -> None:
    failed = trunkline("send", "15005550017", "x", "--wait")
    assert isinstance(failed.exception, Refused)
    assert "not delivered" in str(failed.exception)


def test_carriers_numbers_calls_and_the_clock(trunkline: Run) -> None:
    def simulator_up() -> dict[str, Any] | None:
        carriers = json.loads(done(trunkline("carriers", "--json")))
        found = {one["name"]: one for one in carriers}["simulator"]
        return found if found["up"] else None  # another process's figures are a second old

    simulator = until(simulator_up, "the bind")
    assert (simulator["up"], simulator["binds"], simulator["protocol"]) == (1, 1, "smpp")
    assert simulator["window"] > 0
    assert "simulator" in done(trunkline("carriers"))
    numbers = json.loads(done(trunkline("numbers", "list", "--json", "--begins", "1415")))
    assert NUMBER in {one["number"] for one in numbers}
    assert NUMBER in done(trunkline("numbers", "list"))
    found = json.loads(done(trunkline("numbers", "search", "US", "--limit", "25", "--json")))
    assert len(found) == 25  # more than a page
    assert done(trunkline("calls", "list", "--which", "live"))
    assert isinstance(trunkline("calls", "show", "x").exception, Refused)
    assert json.loads(done(trunkline("clock", "show", "--json")))["controlled"] is False
    for words in (("advance", "1h"), ("set", "2099-01-01")):
        refused = trunkline("clock", *words)
        assert "--clock controlled" in str(refused.exception)
    assert "no span of time" in str(trunkline("clock", "advance", "soon").exception)


def test_tail_tells_each_step_once_as_it_happens(
    program: Program, handset: str, tmp_path: Path
) -> None:
    # What a script runs in the background, these tests perhaps, would ignore Ctrl-C.
    heeding = ["env", "--default-signal=INT"]
    command = [*heeding, str(TRUNKLINE), "tail", "--json", "--kind", "message"]
    environment = program.environment() | {"TRUNKLINE_URL": program.url}
    shown, said = tmp_path / "shown", tmp_path / "said"
    with shown.open("wb") as output, said.open("wb") as errors:
        tail = subprocess.Popen(command, env=environment, stdout=output, stderr=errors)
    try:
        until(lambda: said.read_text().startswith("watching"), "the watch")
        api = program.api()
        uuids = [api.send(handset, f"number {number}") for number in range(20)]
        wanted = {(uuid, state) for uuid in uuids for state in ("queued", "sent", "delivered")}

        def told() -> list[tuple[str, str]]:
            lines = shown.read_text().split("\n")[:-1]
            return [(one["id"], one["state"]) for one in map(json.loads, lines)]

        with contextlib.suppress(AssertionError):
            until(lambda: wanted <= set(told()), "all steps")
        assert wanted <= set(told()), said.read_text()
        tail.send_signal(signal.SIGINT)
        assert tail.wait(20) == 0
    finally:
        tail.kill()
        tail.wait()
    mine = [one for one in told() if one in wanted]
    assert len(mine) == len(wanted)
    for uuid in uuids:
        assert [state for one, state in mine if one == uuid] == ["queued", "sent", "delivered"]


def test_rubbish_is_refused_by_name(program: Program) -> None:
    api = program.api()
    for path, status, name in (
        ("/admin/events?kind=fax", 400, "kind"),
        ("/admin/events?after=x", 400, "after"),
        ('/admin/events?after={"message":5}', 400, "message"),
        ("/admin/messages/x", 404, "message_uuid"),
        ("/admin/messages/01a20359-3edc-7c6d-ab7b-ccab2f7c0ac3", 404, "not found"),
    ):
        answer = api.get(quote(path, safe="/?=&"))
        assert answer.status == status, answer
        assert name in answer["error"]
