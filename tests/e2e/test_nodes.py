"""The API in one process and calls in two others, over PostgreSQL and NATS; and what may fail."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from e2e_api import Api
from e2e_fixtures import assert_clean
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until
from nats_server import NatsServer
from plivo import RestClient
from plivo.exceptions import InvalidRequestError, ResourceNotFoundError
from plivo.rest import client

# What several processes share. One after the other: each test leaves the processes to the next.
pytestmark = [
    pytest.mark.parametrize("engine", ["postgresql"], indirect=True),
    pytest.mark.xdist_group("nodes"),
]

NUMBER, ANSWERS, TALKS = "14155550100", "15005558000", "15005558630"
EACH = 2  # calls that a node takes
AT_ONCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """`api` serves requests alone, `nodes` calls alone."""

    nats: NatsServer
    api: Program
    nodes: list[Program]

    def node_of(self, uuid: str) -> str:
        ((node,),) = self.api.rows("SELECT node FROM calls WHERE call_uuid = :uuid", uuid=uuid)
        return str(node)

    def program_of(self, node: str) -> Program:
        (found,) = [one for one in self.nodes if f":{one.pid}:" in node]
        return found


@pytest.fixture(scope="module")
def fleet(
    new_database: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Three processes; NATS is started after the first of them."""
    nats = NatsServer()
    folder = tmp_path_factory.mktemp("api")
    settings = {
        "TRUNKLINE_LOCAL": "true",
        "TRUNKLINE_NATS": nats.url,
        "TRUNKLINE_OWN_PROCESSES": "false",
        "TRUNKLINE_SIMULATOR": "true",
        "TRUNKLINE_VOICE_MAX_CALLS": str(EACH),
        "TRUNKLINE_VOICE_MEDIA_PROCESSES": "1",
    }
    roles = ("--role", "api", "--role", "webhooks")
    first = Program(folder, new_database(), settings, command=("serve", *roles)).start()
    assert first.metrics()["bus_connected"] == 0
    nats.start()
    nodes = [_node(first, folder / f"node{n}") for n in range(2)]
    fleet = Fleet(nats, first, nodes)
    until(lambda: all(one.metrics()["bus_connected"] for one in (first, *nodes)), "NATS")
    try:
        yield fleet
        for one in (first, *nodes):
            if one.is_running:
                assert one.stop() == 0
                assert_clean(one)
    finally:
        for one in (first, *nodes):
            one.kill()
        nats.close()


def _node(first: Program, folder: Path) -> Program:
    (folder / "data").mkdir(parents=True)
    shutil.copy(first.folder / "data" / "secrets.key", folder / "data")
    settings = {
        **first.settings,
        "TRUNKLINE_LOCAL": "false",
        "TRUNKLINE_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    return Program(folder, first.database, settings, command=("serve", "--role", "voice")).start()


@pytest.fixture
def api(fleet: Fleet) -> Iterator[Api]:
    made = fleet.api.api()
    yield made
    made.delete("Call/")
    until(lambda: not made.get("Call/", status="live")["calls"], "the end of all calls")
    made.close()


@pytest.fixture
def sdk(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> RestClient:
    """The official client, unmodified but for the address."""
    for name in ("PLIVO_API_BASE_URI", "API_VOICE_BASE_URI"):
        monkeypatch.setattr(client, name, f"{fleet.api.url}/v1/Account")
    return RestClient(fleet.api.auth_id, fleet.api.auth_token)


def hears(sink: Sink, path: str, body: str) -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def placed(fleet: Fleet, sdk: RestClient, sink: Sink, to: str = TALKS) -> list[list[str]]:
    """Place as many calls as there is room for; return those of each node."""
    url = hears(sink, "/waits", '<Wait length="3600"/>')
    made = [
        sdk.calls.create(from_=NUMBER, to_=to, answer_url=url).request_uuid for _ in range(2 * EACH)
    ]

    def answered() -> bool:
        live = [sdk.live_calls.get(uuid) for uuid in sdk.live_calls.list_ids().calls]
        return {one.call_uuid for one in live if one.call_status == "in-progress"} == set(made)

    until(answered, "all calls to be answered")
    by_node: dict[str, list[str]] = {}
    for uuid in made:
        by_node.setdefault(fleet.node_of(uuid), []).append(uuid)
    assert [len(one) for one in by_node.values()] == [EACH, EACH]
    return list(by_node.values())


def refusal(api: Api, method: str, path: str, body: dict[str, Any] | None = None) -> str:
    """Return why a request is refused with 503, which must be told at once."""
    begun = time.monotonic()
    answer = api.call(method, path, body)
    assert time.monotonic() - begun < AT_ONCE_S
    assert answer.status == 503, answer
    return str(answer["error"])


def readiness(program: Program) -> tuple[int, dict[str, Any]]:
    with contextlib.closing(Api(program.url, "", "")) as anybody:
        answer = anybody.get("/readyz")
    return answer.status, answer.body


def test_a_call_is_reached_wherever_it_is(
    fleet: Fleet, api: Api, sdk: RestClient, sink: Sink
) -> None:
    for uuid, other in placed(fleet, sdk, sink):
        assert sdk.calls.speak(uuid, "You are on hold.").message == "speak started"
        sdk.calls.stop_speaking(uuid)
        sdk.calls.play(uuid, sink.url("/none.mp3"))
        sdk.calls.send_digits(uuid, "12")
        recorded = sdk.calls.record(uuid, file_format="wav")
        assert recorded.recording_id
        assert api.delete(f"Call/{uuid}/Record/").status == 204
        moved = hears(sink, f"/moved/{uuid}", '<Wait length="3600"/>')
        sdk.calls.transfer(uuid, legs="aleg", aleg_url=moved)
        until(lambda uuid=uuid: sink.at(f"/moved/{uuid}"), "the other document")
        sdk.calls.hangup(uuid)
        with pytest.raises(ResourceNotFoundError):
            sdk.calls.hangup(uuid)
        until(lambda uuid=uuid: api.get(f"Call/{uuid}/").status == 200, "its record")
        sdk.calls.cancel(other)  # by its request
        until(lambda uuid=other: api.get(f"Call/{uuid}/").status == 200, "its record")
    with pytest.raises((ResourceNotFoundError, InvalidRequestError)):
        sdk.calls.speak("6f0e1b3a-0000-4000-8000-000000000000", "nobody")


def test_conferences_are_found_where_they_are(
    fleet: Fleet, api: Api, sdk: RestClient, sink: Sink
) -> None:
    ours, theirs = placed(fleet, sdk, sink)
    for uuids, name in ((ours, "Alpha"), (theirs, "Beta")):
        url = hears(sink, f"/{name}", f"<Conference>{name}</Conference>")
        for uuid in uuids:
            sdk.calls.transfer(uuid, legs="aleg", aleg_url=url)

    def members(name: str) -> list[Any]:
        found = api.get(f"Conference/{name}/")
        return found["members"] if found.status == 200 else []

    until(lambda: [len(members(name)) for name in ("Alpha", "Beta")] == [2, 2], "all members")
    assert sorted(api.get("Conference/")["conferences"]) == ["Alpha", "Beta"]
    for name, uuids in (("Alpha", ours), ("Beta", theirs)):
        first, second = members(name)
        assert {first["call_uuid"], second["call_uuid"]} == set(uuids)
        assert sdk.conferences.member_mute(name, first["member_id"]).message
        assert [one["muted"] for one in members(name)] == [True, False]
        sdk.conferences.member_kick(name, second["member_id"])
        until(lambda name=name: len(members(name)) == 1, "one member")
    assert api.post("Conference/Gamma/Member/all/Mute/").status == 404

    # Members whose calls are in two processes are in two rooms of one name.
    url = hears(sink, "/Split", "<Conference>Split</Conference>")
    split = {members(name)[0]["call_uuid"] for name in ("Alpha", "Beta")}
    for uuid in split:
        sdk.calls.transfer(uuid, legs="aleg", aleg_url=url)
    until(lambda: {one["call_uuid"] for one in members("Split")} == split, "both")
    assert api.get("Conference/")["conferences"] == ["Split"]
    one = members("Split")[0]["member_id"]
    ambiguous = api.post(f"Conference/Split/Member/{one}/Mute/")
    assert (ambiguous.status, "several voice processes" in ambiguous["error"]) == (409, True)
    assert len(api.post("Conference/Split/Member/all/Mute/")["member_id"]) == 2
    assert api.delete("Conference/").status == 204
    until(lambda: not members("Split"), "the end of both")


def test_participants_of_one_name_are_called_by_one_process(fleet: Fleet, api: Api) -> None:
    path = "MultiPartyCall/name_Sales/"
    fields = {"role": "agent", "from": NUMBER, "to": TALKS}
    uuids = []
    for n in range(EACH):
        added = api.post(f"{path}Participant/", **fields)
        assert added.status == 201, added
        uuids.append(added["calls"][0]["call_uuid"])

        def members() -> list[Any]:
            found = api.get(f"{path}Participant/")
            return found["objects"] if found.status == 200 else []

        until(lambda n=n: len(members()) == n + 1, "the participant")
    assert len({fleet.node_of(uuid) for uuid in uuids}) == 1
    assert api.post(f"{path}Participant/2/", mute=True).status == 202
    assert [one["mute"] for one in members()] == [False, True]
    assert api.delete(path).status == 200


def test_calls_outlive_nats(fleet: Fleet, api: Api, sdk: RestClient, sink: Sink) -> None:
    uuids = [uuid for of_node in placed(fleet, sdk, sink) for uuid in of_node]
    everyone = (fleet.api, *fleet.nodes)
    fleet.nats.kill()
    until(lambda: not any(one.metrics()["bus_connected"] for one in everyone), "the loss")
    for uuid in uuids:
        error = refusal(api, "POST", f"Call/{uuid}/Speak/", {"text": "Hello"})
        assert "NATS is not connected" in error
    assert "NATS" in refusal(api, "GET", "Conference/")
    for one in everyone:
        assert readiness(one) == (200, {"status": "ready", "ailing": ["bus"]})
    assert set(api.get("Call/", status="live")["calls"]) == set(uuids)

    fleet.nats.start()
    until(lambda: all(one.metrics()["bus_connected"] for one in everyone), "the connections")
    until(lambda: api.get("Conference/").status == 200, "the way to calls")
    for uuid in uuids:
        assert api.post(f"Call/{uuid}/Speak/", text="Hello").status == 202
    assert readiness(fleet.api) == (200, {"status": "ready"})
    for one in everyone:
        events = [event["event"] for event in one.log_events()]
        assert events.count("bus.disconnected") <= 3  # not one for each attempt


def test_the_end_of_a_node_is_told_at_once(
    fleet: Fleet, api: Api, sdk: RestClient, sink: Sink
) -> None:
    dead, alive = placed(fleet, sdk, sink)
    fleet.program_of(fleet.node_of(dead[0])).kill()
    for uuid in dead:
        error = refusal(api, "POST", f"Call/{uuid}/Speak/", {"text": "Hello"})
        assert "cannot be reached" in error
    for uuid in alive:
        assert api.post(f"Call/{uuid}/Speak/", text="Hello").status == 202
        assert api.delete(f"Call/{uuid}/").status == 204

    def is_over(uuid: str) -> bool:
        return api.get(f"Call/{uuid}/").status == 200

    until(lambda: all(map(is_over, dead)), "the end of its calls", 40)
    assert api.get(f"Call/{dead[0]}/")["hangup_cause_code"] == 5010
    assert api.delete(f"Call/{dead[0]}/").status == 404
    until(lambda: api.get("Conference/").status == 200, "the living alone to be asked", 20)
