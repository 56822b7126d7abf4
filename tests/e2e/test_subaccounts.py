"""Subaccounts: their own credentials, their own records, the main account's money."""

from collections.abc import Iterator

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until


@pytest.fixture
def sub(program: Program, api: Api) -> Iterator[Api]:
    """A new subaccount's client."""
    made = api.post("Subaccount/", name="Berlin office", enabled=True)
    assert made.status == 201
    client = program.api(made["auth_id"], made["auth_token"])
    yield client
    client.close()


def test_a_subaccount_sends_and_the_main_account_pays(
    program: Program, api: Api, sub: Api, sink: Sink, handset: str
) -> None:
    before = api.credit()
    uuid = sub.send(handset, url=sink.url("/sub"))
    assert sub.final(uuid)["message_state"] == "delivered"
    until(lambda: len(sink.seen) >= 3, "the callbacks")
    for one in sink.seen:
        # Signed by the subaccount's token, and by the main account's in the header for it.
        assert one.is_signed_by(sub.auth_token)
        assert one.is_signed_by(program.auth_token, header="x-plivo-signature-ma-v2")
        assert not one.is_signed_by(program.auth_token)
    assert before - api.credit() == 850


def test_a_subaccount_sees_its_own_and_the_main_account_sees_all(
    api: Api, sub: Api, handset: str
) -> None:
    own, foreign = sub.send(handset, "mine"), api.send(handset, "the main account's")
    api.final(own)
    api.final(foreign)
    assert [one["message_uuid"] for one in sub.records()] == [own]
    assert sub.get(f"Message/{foreign}/").status == 404
    assert sub.get(f"Message/{own}/").status == 200
    seen = {one["message_uuid"] for one in api.records(to_number=handset)}
    assert seen == {own, foreign}
    assert [one["message_uuid"] for one in api.records(subaccount=sub.auth_id)] == [own]
    # The main account may act for its subaccount.
    listed = api.get(f"/v1/Account/{sub.auth_id}/Message/")
    assert [one["message_uuid"] for one in listed["objects"]] == [own]


def test_subaccounts_do_not_see_each_other(program: Program, api: Api, sub: Api) -> None:
    made = api.post("Subaccount/", name="Paris office", enabled=True)
    other = program.api(made["auth_id"], made["auth_token"])
    uuid = other.send("14155550123", "ours")
    other.final(uuid)
    assert sub.get(f"Message/{uuid}/").status == 404
    assert sub.get(f"/v1/Account/{other.auth_id}/Message/").status in (401, 403, 404)
    assert sub.get(f"/v1/Account/{api.auth_id}/Message/").status in (401, 403, 404)
    assert sub.get(f"/v1/Account/{api.auth_id}/").status in (401, 403, 404)
    application = other.post("Application/", app_name="ours")
    assert application.status == 201
    assert sub.get(f"Application/{application['app_id']}/").status == 404
    assert sub.delete(f"Application/{application['app_id']}/").status == 404


def test_a_disabled_subaccount_is_locked_out_at_once(api: Api, sub: Api) -> None:
    path = f"Subaccount/{sub.auth_id}/"
    assert sub.get("Message/").status == 200
    assert api.post(path, name="Berlin office", enabled=False).status == 202
    assert sub.get("Message/").status == 401
    assert sub.post("Message/", src="14155550100", dst="14155550123", text="x").status == 401
    assert api.post(path, name="Berlin office", enabled=True).status == 202
    assert sub.get("Message/").status == 200


def test_a_deleted_subaccount_is_locked_out_and_its_records_stay(
    api: Api, sub: Api, handset: str
) -> None:
    uuid = sub.send(handset)
    api.final(uuid)
    assert api.delete(f"Subaccount/{sub.auth_id}/").status == 204
    assert sub.get("Message/").status == 401
    assert api.get(f"Subaccount/{sub.auth_id}/").status == 404
    assert api.message(uuid)["message_state"] == "delivered"


def test_wrong_credentials(program: Program, api: Api, sub: Api) -> None:
    for auth_id, token in (
        (program.auth_id, "wrong"),
        (sub.auth_id, program.auth_token),
        ("MA00000000000000NONE", program.auth_token),
    ):
        stranger = program.api(auth_id, token)
        answer = stranger.get("Message/")
        assert answer.status == 401
        assert isinstance(answer["error"], str)
