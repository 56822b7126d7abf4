"""Accounts for tests side by side: each sees its own messages and calls, and has its own faults."""

from collections.abc import Iterator
from typing import Any

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

SHARED = "12065559999"


@pytest.fixture
def anybody(program: Program) -> Iterator[Api]:
    client = Api(program.url, "", "")
    yield client
    client.close()


class Tenant:
    """One test's account."""

    def __init__(self, program: Program, anybody: Api, **wanted: Any) -> None:
        made = anybody.post("/sim/accounts", **wanted)
        assert made.status == 201, made
        self.auth_id, self.app_id = made["auth_id"], made["app_id"]
        self.numbers, self.phones = made["numbers"], made["phones"]
        self.api = program.api(made["auth_id"], made["auth_token"])
        self._anybody = anybody

    def send(self, dst: str, text: str) -> str:
        return self.api.send(dst, text, src=self.numbers[0])

    def sees(self, phone: str, **look: Any) -> list[str]:
        path = f"/sim/handsets/{phone}/messages"
        answer = self._anybody.get(path, account=self.auth_id, **look)
        assert answer.status == 200, answer
        return [one["text"] for one in answer["messages"]]


@pytest.fixture
def tenants(program: Program, anybody: Api) -> list[Tenant]:
    return [Tenant(program, anybody, name=f"tenant {place}") for place in range(2)]


def test_accounts_have_nothing_in_common(tenants: list[Tenant]) -> None:
    one, other = tenants
    assert len({*one.numbers, *other.numbers, *one.phones, *other.phones}) == 14
    assert one.auth_id != other.auth_id
    owned = one.api.get("Number/", limit=20)
    assert {number["number"] for number in owned["objects"]} == set(one.numbers)
    applications = one.api.get("Application/")
    assert [(a["app_id"], a["default_app"]) for a in applications["objects"]] == [
        (one.app_id, True)
    ]


def test_each_sees_its_own_messages_on_a_phone_of_both(tenants: list[Tenant]) -> None:
    one, other = tenants
    for tenant, text in ((one, "for one"), (other, "for other")):
        tenant.api.final(tenant.send(SHARED, text))
    assert one.sees(SHARED) == ["for one"]
    assert other.sees(SHARED) == ["for other"]


def test_a_look_waits_for_the_message(tenants: list[Tenant]) -> None:
    one, _ = tenants
    one.send(one.phones[0], "soon")
    assert one.sees(one.phones[0], beyond=0, wait_s=20) == ["soon"]


def test_numbers_send_without_the_limits_of_unregistered_ones(tenants: list[Tenant]) -> None:
    one, _ = tenants
    uuids = [one.send(one.phones[1], f"{place}") for place in range(70)]
    assert {one.api.final(uuid)["message_state"] for uuid in uuids} == {"delivered"}


def test_a_fault_is_of_one_account_and_one_destination(tenants: list[Tenant], anybody: Api) -> None:
    one, other = tenants
    faults = f"/sim/accounts/{one.auth_id}/faults"
    made = anybody.post(faults, like="+1 500 555 2030", to=SHARED)
    assert made.status == 201, made
    failed = one.api.final(one.send(SHARED, "lost"))
    assert (failed["message_state"], failed["error_code"]) == ("undelivered", "30")
    assert one.api.final(one.send(one.phones[0], "fine"))["message_state"] == "delivered"
    assert other.api.final(other.send(SHARED, "fine"))["message_state"] == "delivered"
    assert [fault["like"] for fault in anybody.get(faults)["faults"]] == ["15005552030"]
    assert anybody.delete(f"{faults}/{made['id']}").status == 200
    assert anybody.delete(f"{faults}/{made['id']}").status == 404
    assert one.api.final(one.send(SHARED, "better"))["message_state"] == "delivered"


def test_a_call_meets_a_fault_too(tenants: list[Tenant], anybody: Api) -> None:
    one, _ = tenants
    busy = anybody.post(f"/sim/accounts/{one.auth_id}/faults", kind="call", like="15005558001")
    assert busy.status == 201, busy
    url = "http://127.0.0.1:9/"
    placed = one.api.post("Call/", **{"from": one.numbers[0]}, to=SHARED, answer_url=url)
    assert placed.status == 201, placed
    path = f"Call/{placed['request_uuid']}/"
    record = until(lambda: one.api.get(path).body.get("hangup_cause_name") and one.api.get(path))
    assert record["hangup_cause_name"] == "Busy Line"
    calls = anybody.get(f"/sim/handsets/{SHARED}/calls", account=one.auth_id)["calls"]
    assert [(call["other"], call["sip_status"]) for call in calls] == [(one.numbers[0], 486)]


def test_more_phones(tenants: list[Tenant], anybody: Api) -> None:
    one, other = tenants
    more = anybody.post(f"/sim/accounts/{one.auth_id}/phones", count=3)["phones"]
    assert len({*more, *one.phones, *other.phones}) == 11


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("/sim/accounts", {"nmae": "x"}, "nmae"),
        ("/sim/accounts", {"numbers": 0}, "numbers"),
        ("/sim/accounts", {"phones": "many"}, "phones"),
        ("/sim/accounts", {"credit": "lots"}, "credit"),
        ("/sim/accounts", {"credit": "-1"}, "credit"),
        ("/sim/accounts", {"name": "a\0b"}, "name"),
        ("{one}/phones", {"count": 0}, "count"),
        ("{one}/faults", {}, "like"),
        ("{one}/faults", {"like": "14155550100"}, "like"),
        ("{one}/faults", {"like": "15005558001"}, "like"),
        ("{one}/faults", {"like": "15005550001", "kind": "call"}, "like"),
        ("{one}/faults", {"like": "15005550001", "to": "nobody"}, "to"),
        ("{one}/faults", {"like": "15005550001", "times": 0}, "times"),
        ("{one}/faults", {"like": "15005550001", "kind": "fax"}, "kind"),
    ],
)
def test_rubbish_is_refused_by_name(
    tenants: list[Tenant], anybody: Api, path: str, body: dict[str, Any], word: str
) -> None:
    answer = anybody.post(path.format(one=f"/sim/accounts/{tenants[0].auth_id}"), **body)
    assert answer.status == 400
    assert word in answer["error"]


@pytest.mark.parametrize("page", ["phones", "faults"])
def test_an_account_that_is_not_there_is_not_found(anybody: Api, page: str) -> None:
    assert anybody.post(f"/sim/accounts/MANOBODY/{page}", count=1).status == 404


def test_a_look_that_cannot_be_read_is_refused(anybody: Api) -> None:
    for page in ("messages", "calls"):
        answer = anybody.get(f"/sim/handsets/{SHARED}/{page}", wait_s="soon")
        assert answer.status == 400
        assert "wait_s" in answer["error"]
