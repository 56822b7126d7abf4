"""Hours in moments: retries, expiry and limits on a clock that the test moves."""

import json
from collections.abc import Callable, Iterator

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_smsc import Smsc, carrier
from e2e_waiting import until
from typer.testing import CliRunner, Result

from trunkline.cli.main import app

NUMBER = "14155550100"


@pytest.fixture(scope="module")
def still(
    new_database: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory, loop: object
) -> Iterator[Program]:
    """The program with its time standing still, and one carrier that refuses every bind."""
    smsc = Smsc(loop).start()  # type: ignore[arg-type]
    config = carrier("refusing", smsc.port, "sim-refusing", prefixes=["1999"])
    settings = {"TRUNKLINE_SIMULATOR_RECEIPT_DELAY_S": "0"}
    started = Program(
        tmp_path_factory.mktemp("still"),
        new_database(),
        settings,
        ("--clock", "controlled"),
        config,
    ).start()
    yield started
    assert started.stop() == 0
    smsc.stop()


@pytest.fixture
def api(still: Program) -> Iterator[Api]:
    client = still.api()
    yield client
    client.close()


@pytest.fixture
def application(api: Api, sink: Sink) -> Iterator[str]:
    made = api.post("Application/", app_name="inbound", message_url=sink.url("/inbound"),
                    default_number_app=True)  # fmt: skip
    yield made["app_id"]
    assert api.delete(f"Application/{made['app_id']}/").status == 204


def test_time_stands_still(still: Program, api: Api, handset: str) -> None:
    first, second = api.send(handset, "one"), api.send(handset, "two")
    times = {api.final(uuid)["message_time"] for uuid in (first, second)}
    assert len(times) == 1
    still.advance(3_600)
    third = api.final(api.send(handset, "three"))
    assert third["message_time"] > max(times)
    assert third["message_time"][11:13] != max(times)[11:13]


def test_a_failing_message_url_is_tried_again(
    still: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    sink.answers["/inbound"] = Answer(status=503)
    still.handset_sends(handset, NUMBER, "Anybody there?")
    until(lambda: len(sink.at("/inbound")) == 1, "the first attempt")
    uuid = sink.seen[0].params["MessageUUID"]
    assert api.message(uuid)["message_state"] == "received"
    settled(still, uuid, 1)
    still.advance(59)
    assert len(sink.at("/inbound")) == 1
    still.advance(2)
    until(lambda: len(sink.at("/inbound")) == 2, "the second attempt")
    settled(still, uuid, 2)
    sink.answers["/inbound"] = Answer(
        body="<Response><Message>Sorry for the delay</Message></Response>",
        content_type="application/xml",
    )
    still.advance(121)
    until(lambda: len(sink.at("/inbound")) == 3, "the third attempt")
    api.state(uuid, "delivered")
    arrived = until(lambda: still.handset(handset), "the reply")
    assert [one["text"] for one in arrived] == ["Sorry for the delay"]
    assert len({one.headers["x-plivo-signature-v2-nonce"] for one in sink.seen}) == 3
    assert {one.params["Text"] for one in sink.seen} == {"Anybody there?"}


def test_an_inbound_message_nobody_takes_is_undelivered(
    still: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    sink.answers["/inbound"] = Answer(status=500, body="<Response><Message>no</Message></Response>",
                                      content_type="text/xml")  # fmt: skip
    still.handset_sends(handset, NUMBER, "Is this on?")
    for attempt, wait_s in enumerate((61, 121, 241, 100_000), 1):
        until(lambda n=attempt: len(sink.at("/inbound")) == n, f"attempt {attempt}")
        settled(still, sink.seen[0].params["MessageUUID"], attempt)
        still.advance(wait_s)
    uuid = sink.seen[0].params["MessageUUID"]
    api.state(uuid, "undelivered")
    assert len(sink.at("/inbound")) == 4
    assert still.handset(handset) == []


def test_a_status_callback_is_given_up_after_its_retries(
    still: Program, api: Api, sink: Sink, handset: str
) -> None:
    sink.answers["/status"] = Answer(status=404)
    uuid = api.send(handset, url=sink.url("/status"))
    api.final(uuid)
    for attempt, wait_s in enumerate((61, 121, 241, 100_000), 1):
        until(lambda n=attempt: len(sink.seen) == 3 * n, f"attempt {attempt}")
        settled(still, uuid, attempt, webhooks=3)
        still.advance(wait_s)
    until(lambda: still.rows("SELECT 1 FROM webhooks WHERE state < 2") == [], "the end")
    assert len(sink.seen) == 12


def test_a_message_expires_in_the_queue_of_a_carrier_that_is_down(
    still: Program, api: Api, sink: Sink
) -> None:
    before = api.credit()
    late = api.send("19995550101", "Too late", message_expiry=30, url=sink.url("/status"))
    later = api.send("19995550102", "Later still", url=sink.url("/status"))
    assert api.message(late)["message_state"] == "queued"
    still.advance(29)
    assert api.message(late)["message_state"] == "queued"
    still.advance(2)
    record = api.final(late)
    assert (record["message_state"], record["error_code"]) == ("failed", "420")
    assert api.message(later)["message_state"] == "queued"
    still.advance(10_800)
    assert api.final(later)["error_code"] == "420"
    until(lambda: len(sink.seen) == 4, "the callbacks")
    for uuid in (late, later):
        assert sink.statuses(uuid) == ["queued", "failed"]
    assert {one.params["ErrorCode"] for one in sink.of(Status="failed")} == {"420"}
    assert api.credit() == before


def test_records_fall_out_of_the_default_window_after_a_day(
    still: Program, api: Api, handset: str
) -> None:
    uuid = api.send(handset)
    api.final(uuid)
    assert [one["message_uuid"] for one in api.records(to_number=handset)] == [uuid]
    still.advance(86_401)
    assert api.records(to_number=handset) == []
    day = api.message(uuid)["message_time"][:10]
    listed = api.records(to_number=handset, message_time__gte=f"{day} 00:00")
    assert [one["message_uuid"] for one in listed] == [uuid]
    still.advance(90 * 86_400)
    assert api.get(f"Message/{uuid}/").status == 404


def settled(still: Program, uuid: str, attempts: int, webhooks: int = 1) -> None:
    """Wait until so many attempts are stored, for time must not move before."""
    sql = (
        "SELECT count(*) FROM webhook_attempts a JOIN webhooks w ON w.id = a.webhook_id"
        " WHERE w.resource_uuid = :id"
    )
    until(lambda: still.rows(sql, id=uuid)[0][0] == attempts * webhooks, "the attempt's record")


def test_the_command_moves_time(still: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA", str(still.folder / "data"))
    runner = CliRunner()

    def clock(*words: str) -> Result:
        return runner.invoke(app, ["clock", *words, "--url", still.url])

    before = json.loads(clock("show", "--json").stdout)
    assert before["controlled"] is True
    after = json.loads(clock("advance", "90m", "--json").stdout)
    assert after["now"] == before["now"] + 5_400
    back = clock("set", "2020-01-01")
    assert "forward only" in str(back.exception)
    later = json.loads(clock("set", "2100-01-01 12:00", "--json").stdout)
    assert later["time"] == "2100-01-01 12:00:00"
