"""The official Python SDK, unchanged but for the addresses it calls, against the whole program."""

from collections.abc import Callable, Iterator
from typing import Any

import plivo
import plivo.rest.client
import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until
from plivo import exceptions

UNKNOWN = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
CONSTANTS = (
    "PLIVO_API_BASE_URI",
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)


@pytest.fixture
def connect(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., plivo.RestClient]]:
    """Make clients of the running program."""
    for name in CONSTANTS:
        monkeypatch.setattr(plivo.rest.client, name, f"{program.url}/v1/Account")
    made: list[plivo.RestClient] = []

    def make(auth_id: str = "", token: str = "") -> plivo.RestClient:
        made.append(
            plivo.RestClient(auth_id or program.auth_id, token or program.auth_token, timeout=20)
        )
        return made[-1]

    yield make
    for client in made:
        client.session.close()
        client.multipart_session.close()


@pytest.fixture
def client(connect: Callable[..., plivo.RestClient]) -> plivo.RestClient:
    return connect()


def test_account(client: plivo.RestClient, program: Program) -> None:
    account = client.account.get()
    assert account.auth_id == program.auth_id
    changed = client.account.update(name="Example Inc.", city="Berlin", address="1 Street")
    assert changed.message == "changed"
    again = client.account.get()
    assert (again.name, again.city, again.address) == ("Example Inc.", "Berlin", "1 Street")
    assert float(again.cash_credits) > 0


def test_subaccounts(client: plivo.RestClient, connect: Callable[..., plivo.RestClient]) -> None:
    made = client.subaccounts.create("Python office", True)
    sub = client.subaccounts.get(made.auth_id)
    assert (sub.name, sub.enabled, sub.auth_token) == ("Python office", True, made.auth_token)
    listed = client.subaccounts.list(limit=20, offset=0)
    assert made.auth_id in {one.auth_id for one in listed}
    assert listed.meta.total_count >= 1
    own = connect(made.auth_id, made.auth_token)
    assert own.messages.list().objects == []
    client.subaccounts.update(made.auth_id, "Python offices", False)
    with pytest.raises(exceptions.AuthenticationError):
        own.messages.list()
    assert client.subaccounts.get(made.auth_id).name == "Python offices"
    client.subaccounts.delete(made.auth_id, cascade=True)
    with pytest.raises(exceptions.ResourceNotFoundError):
        client.subaccounts.get(made.auth_id)


def test_applications(client: plivo.RestClient, sink: Sink) -> None:
    made = client.applications.create(
        "SDK application",
        answer_url="https://app.example.com/answer",
        message_url=sink.url("/inbound"),
        log_incoming_messages=False,
    )
    got = client.applications.get(made.app_id)
    assert (got.app_name, got.message_url) == ("SDK application", sink.url("/inbound"))
    assert got.log_incoming_messages is False
    client.applications.update(made.app_id, answer_url="https://app.example.com/other")
    assert client.applications.get(made.app_id).answer_url == "https://app.example.com/other"
    listed = client.applications.list(limit=20, app_name="SDK application")
    assert [one.app_id for one in listed] == [made.app_id]
    spawned = client.applications.list(callback_url=sink.url("/list"), callback_method="POST")
    assert spawned["message"] == "async api spawned"
    until(lambda: sink.at("/list"), "the list")
    client.applications.delete(made.app_id)
    with pytest.raises(exceptions.ResourceNotFoundError):
        client.applications.get(made.app_id)


def test_messages(client: plivo.RestClient, api: Api, sink: Sink, handset: str) -> None:
    sent = client.messages.create(
        src="14155550100", dst=handset, text="Hello", url=sink.url("/status"), log="content_only",
        message_expiry=600, trackable=False,
    )  # fmt: skip
    (uuid,) = sent.message_uuid
    api.final(uuid)
    record = client.messages.get(uuid)
    assert (record.message_state, record.message_direction) == ("delivered", "outbound")
    assert record.to_number == f"{handset[:3]}XXXXX{handset[-3:]}"
    media = record.listMedia()
    assert media["objects"] == []
    day = record.message_time[:10]
    listed = client.messages.list(
        message_direction="outbound", message_state="delivered", limit=20,
        message_time__gte=f"{day} 00:00", message_type="sms", from_number="14155550100",
    )  # fmt: skip
    assert uuid in {one.message_uuid for one in listed.objects}
    assert listed.meta.limit == 20
    callbacks = until(lambda: len(sink.seen) == 3 and sink.seen, "the callbacks")
    assert all(one.is_signed_by(api.auth_token) for one in callbacks)


def test_many_destinations(client: plivo.RestClient) -> None:
    sent = client.messages.create(
        src="14155550100", dst="14155550121<14155550122<12", text="All of you"
    )
    assert len(sent.message_uuid) == 2
    assert sent.invalid_number == ["12"]


ERRORS: list[tuple[type[Exception], Callable[[Any], Any]]] = [
    (exceptions.ResourceNotFoundError, lambda c: c.messages.get(UNKNOWN)),
    (exceptions.ResourceNotFoundError, lambda c: c.applications.get("12345678901234567")),
    (exceptions.ValidationError, lambda c: c.messages.create(
        src="14155550100", dst="12", text="x")),
    (exceptions.ValidationError, lambda c: c.messages.create(
        src="14155550100", dst="14155550123", text="x", powerpack_uuid=None, message_expiry=1)),
    (exceptions.ValidationError, lambda c: c.messages.create(src="14155550100", dst="14155550123")),
    (exceptions.ResourceNotFoundError, lambda c: c.verify_session.list()),
]  # fmt: skip


@pytest.mark.parametrize(("error", "use"), ERRORS)
def test_errors(
    client: plivo.RestClient, error: type[Exception], use: Callable[[Any], Any]
) -> None:
    with pytest.raises(error) as caught:
        use(client)
    assert str(caught.value)


def test_wrong_credentials(connect: Callable[..., plivo.RestClient]) -> None:
    with pytest.raises(exceptions.AuthenticationError):
        connect(token="wrong").account.get()


def test_iteration_over_pages(client: plivo.RestClient, api: Api, handset: str) -> None:
    uuids = [api.send(handset, f"Page {number}") for number in range(25)]
    seen = [
        one.message_uuid
        for offset in (0, 20)
        for one in client.messages.list(limit=20, offset=offset, to_number=handset).objects
    ]
    assert sorted(seen) == sorted(uuids)
