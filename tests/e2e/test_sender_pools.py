"""A sender pool over the whole program: stickiness, opt-outs, callbacks, records, restarts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e_api import Api
from e2e_fixtures import new_handset
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

CALIFORNIA = ("14155550100", "14155550101")
NEW_YORK = "12125550102"


def make_pool(api: Api, *numbers: str, **fields: Any) -> dict[str, Any]:
    made = api.post("Powerpack/", name=f"Pool {new_handset()}", **fields)
    assert made.status == 200, made
    for number in numbers:
        added = api.post(f"{members(made.body)}Number/{number}/")
        assert added.status == 200, added
    return made.body


def members(pool: dict[str, Any]) -> str:
    return f"NumberPool/{pool['number_pool'].split('/')[5]}/"


@pytest.fixture
def pool(api: Api) -> Iterator[dict[str, Any]]:
    made = make_pool(api, *CALIFORNIA, NEW_YORK)
    yield made
    assert api.delete(f"Powerpack/{made['uuid']}/").status == 200


def send(api: Api, pool: dict[str, Any], dst: str, **more: Any) -> Any:
    answer = api.post("Message/", powerpack_uuid=pool["uuid"], dst=dst, text="Hi", **more)
    assert answer.status == 202, answer
    return answer["message_uuid"]


def test_a_message_by_a_pool(
    program: Program, api: Api, sink: Sink, pool: dict[str, Any], handset: str
) -> None:
    (uuid,) = send(api, pool, handset, url=sink.url("/status"))
    record = api.final(uuid)
    assert record["message_state"] == "delivered"
    assert record["powerpack_id"] == pool["uuid"]
    assert record["from_number"] in (*CALIFORNIA, NEW_YORK)
    until(lambda: len(sink.seen) == 3, "the callbacks")
    assert {one.params["PowerpackUUID"] for one in sink.seen} == {pool["uuid"]}
    listed = api.records(powerpack_id=pool["uuid"])
    assert [one["message_uuid"] for one in listed] == [uuid]
    for _ in range(3):
        (again,) = send(api, pool, handset)
        assert api.final(again)["from_number"] == record["from_number"]


def test_senders_are_local(api: Api, pool: dict[str, Any]) -> None:
    to_new_york = [f"1917555{number:04d}" for number in range(2000, 2010)]
    uuids = send(api, pool, "<".join(to_new_york))
    assert {api.final(uuid)["from_number"] for uuid in uuids} == {NEW_YORK}
    uuids = send(api, pool, "<".join(f"1213555{number:04d}" for number in range(2000, 2010)))
    used = [api.final(uuid)["from_number"] for uuid in uuids]
    assert sorted(used) == sorted(CALIFORNIA * 5)


def test_stop_to_the_sender_of_a_pool(
    program: Program, api: Api, pool: dict[str, Any], handset: str
) -> None:
    (uuid,) = send(api, pool, handset)
    sender = api.final(uuid)["from_number"]
    program.handset_sends(handset, sender, "STOP")
    until(lambda: len(program.handset(handset)) == 2, "the confirmation")
    record = api.final(send(api, pool, handset)[0])
    assert (record["message_state"], record["error_code"]) == ("failed", "200")
    assert record["from_number"] == sender
    program.handset_sends(handset, sender, "START")
    until(lambda: len(program.handset(handset)) == 3, "the confirmation")
    assert api.final(send(api, pool, handset)[0])["message_state"] == "delivered"


def test_what_a_pools_numbers_receive_goes_to_its_application(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    made = api.post("Application/", app_name="pool", message_url=sink.url("/inbound"))
    app_id = made["app_id"]
    pool = make_pool(api, "13125550103", application_id=app_id, application_type="xml")
    program.handset_sends(handset, "13125550103", "Hello")
    (callback,) = until(lambda: sink.at("/inbound"), "the callback")
    assert callback.params["PowerpackUUID"] == pool["uuid"]
    record = api.message(callback.params["MessageUUID"])
    assert record["powerpack_id"] == pool["uuid"]
    assert api.delete(f"Powerpack/{pool['uuid']}/").status == 200
    program.handset_sends(handset, "13125550103", "Hello again")
    until(lambda: len(sink.at("/inbound")) == 2, "the callback")
    assert sink.at("/inbound")[1].params["PowerpackUUID"] == ""
    assert api.delete(f"Application/{app_id}/").status == 204


def test_refusals(api: Api, pool: dict[str, Any], handset: str) -> None:
    both = api.post("Message/", powerpack_uuid=pool["uuid"], src=NEW_YORK, dst=handset, text="x")
    unknown = api.post("Message/", powerpack_uuid="nobody's", dst=handset, text="x")
    empty = make_pool(api)
    nobody = api.post("Message/", powerpack_uuid=empty["uuid"], dst=handset, text="x")
    for answer in (both, unknown, nobody):
        assert answer.status == 400
        assert "powerpack_uuid" in answer["error"]
    assert api.delete(f"Powerpack/{empty['uuid']}/").status == 200


def test_pairs_survive_a_crash(launch: Callable[..., Program]) -> None:
    program = launch()
    api = program.api()
    pool = make_pool(api, *CALIFORNIA, NEW_YORK, local_connect=False)
    handsets = [new_handset() for _ in range(30)]
    uuids = send(api, pool, "<".join(handsets))
    before = [api.message(uuid)["from_number"] for uuid in uuids]
    assert sorted(set(before)) == sorted((*CALIFORNIA, NEW_YORK))
    program.kill()
    program.start()
    api = program.api()
    uuids = send(api, pool, "<".join(handsets))
    assert [api.message(uuid)["from_number"] for uuid in uuids] == before
