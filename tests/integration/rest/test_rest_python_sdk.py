"""The official Python SDK, unchanged but for the addresses it calls."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import plivo
import plivo.rest.client
import pytest
from plivo import exceptions

from trunkline.contract.catalog import operation
from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.errors import Forbidden, InvalidParameter, NotFound, PaymentRequired
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.accounts import SubaccountAnswer, SubaccountPage
from trunkline.contract.operations.applications import ApplicationCreate, ApplicationCreated
from trunkline.contract.operations.messages import (
    MessageCreate,
    MessageCreated,
    MessageGet,
    MessageList,
    MessagePage,
    MessageRecord,
)
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.values.pages import Page, page_meta

Result = TypeVar("Result")

AUTH_ID, TOKEN = "MA2025RK4E639VJFZAGV", "NWM3YjliMjk0ZGYxMGM2YjJiYWE0MjEwZDM5YWU5"
SUB = "SA2025RK4E639VJFZAMM"
UUID = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
CONSTANTS = (
    "PLIVO_API_BASE_URI",
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)


class OneAccount:
    def authenticate(self, auth_id: str, token: str) -> Principal | None:
        return (
            Principal(AUTH_ID, AUTH_ID, False, True)
            if (auth_id, token) == (AUTH_ID, TOKEN)
            else None
        )

    def may_act_for(self, _principal: Principal, _auth_id: str) -> bool:
        return False


class Backend:
    """Remembers each request, and answers with the contract's examples unless told otherwise."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.answers: dict[str, Any] = {}

    def handler(self, name: str) -> Callable[..., Any]:
        async def handle(_context: RequestContext, request: Any) -> Any:
            self.requests.append(request)
            answer = self.answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            known = operation(name)
            if answer is None and known.response is not None:
                return dict(known.response_example)
            return answer

        return handle


NAMES = [
    "account.get", "account.update", "subaccount.create", "subaccount.get", "subaccount.list",
    "subaccount.update", "subaccount.delete", "application.create", "application.get",
    "application.list", "application.update", "application.delete", "message.create",
    "message.get", "message.list", "message_media.list",
]  # fmt: skip


async def _ready() -> tuple[bool, list[str]]:
    return True, []


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def ask(backend: Backend, serve: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `use(client)` in a thread against a server on a real socket."""

    async def run(use: Callable[[plivo.RestClient], Result], token: str = TOKEN) -> Result:
        handlers = {name: backend.handler(name) for name in NAMES}
        api = RestApi(handlers, OneAccount(), lambda: 0.0)
        app = RestApp(api, version="0", ready=_ready, metrics=lambda: b"")
        async with serve(app) as port:
            for constant in CONSTANTS:
                base = f"http://127.0.0.1:{port}/v1/Account"
                monkeypatch.setattr(plivo.rest.client, constant, base)
            client = plivo.RestClient(AUTH_ID, token)
            try:
                return await asyncio.to_thread(use, client)
            finally:
                client.session.close()
                client.multipart_session.close()

    return run


async def test_send(ask: Any, backend: Backend) -> None:
    backend.answers["message.create"] = MessageCreated(
        message="message(s) queued", message_uuid=[UUID], invalid_number=["12"]
    )
    answer = await ask(
        lambda client: client.messages.create(
            src="14155550100",
            dst="14155550123<14155550124",
            text="Grüße 😀",
            url="https://app.example.com/status",
            message_expiry=60,
            log="content_only",
        )
    )
    assert answer.message_uuid == [UUID]
    assert answer.invalid_number == ["12"]
    assert len(answer.api_id) == 36
    [request] = backend.requests
    assert isinstance(request, MessageCreate)
    assert (request.dst, request.text) == ("14155550123<14155550124", "Grüße 😀")
    assert (request.message_expiry, request.log, request.trackable) == (60, "content_only", False)


async def test_read_messages(ask: Any, backend: Backend) -> None:
    record = MessageRecord(**operation("message.get").response_example)
    meta = page_meta(Page(2, 2), 9, f"/v1/Account/{AUTH_ID}/Message/")
    backend.answers = {
        "message.get": record,
        "message.list": MessagePage(meta=meta, objects=[record, record]),
    }

    def use(client: plivo.RestClient) -> tuple[Any, Any, Any]:
        one = client.messages.get(UUID)
        page = client.messages.list(
            limit=2, offset=2, message_state="delivered", message_time__gte="2026-01-01 00:00"
        )
        media = client.messages.list_media(UUID) if hasattr(client.messages, "list_media") else None
        return one, page, media

    one, page, _ = await ask(use)
    assert one.message_uuid == UUID
    assert one.units == 1
    assert [item.message_state for item in page.objects] == ["delivered", "delivered"]
    assert page.meta["next"] == f"/v1/Account/{AUTH_ID}/Message/?limit=2&offset=4"
    assert backend.requests[0] == MessageGet(message_uuid=UUID)
    assert backend.requests[1] == MessageList(
        limit=2, offset=2, message_state="delivered", message_time__gte="2026-01-01 00:00"
    )


async def test_account(ask: Any, backend: Backend) -> None:
    def use(client: plivo.RestClient) -> tuple[Any, Any]:
        return client.account.get(), client.account.update(name="Example", city="Berlin")

    account, changed = await ask(use)
    assert (account.auth_id, account.cash_credits) == (AUTH_ID, "1.80900")
    assert changed.message == "changed"
    assert (backend.requests[1].name, backend.requests[1].address) == ("Example", None)


async def test_subaccounts(ask: Any, backend: Backend) -> None:
    answer = SubaccountAnswer(**operation("subaccount.get").response_example)
    meta = page_meta(Page(), 1, "/")
    backend.answers = {
        "subaccount.get": answer,
        "subaccount.list": SubaccountPage(meta=meta, objects=[answer]),
        "subaccount.update": Confirmation(message="changed"),
    }

    def use(client: plivo.RestClient) -> list[Any]:
        return [
            client.subaccounts.create(name="Berlin", enabled=True),
            client.subaccounts.get(SUB),
            client.subaccounts.list(limit=5),
            client.subaccounts.update(SUB, name="Bonn", enabled=False),
            client.subaccounts.delete(SUB, cascade=True),
        ]

    created, one, page, changed, _ = await ask(use)
    assert created.auth_id == SUB
    assert one.auth_id == SUB
    assert [item.name for item in page] == ["Berlin office"]
    assert changed.message == "changed"
    sent = backend.requests
    assert (sent[0].name, sent[0].enabled) == ("Berlin", True)
    assert (sent[3].subauth_id, sent[3].name, sent[3].enabled) == (SUB, "Bonn", False)
    assert (sent[4].subauth_id, sent[4].cascade) == (SUB, True)


async def test_applications(ask: Any, backend: Backend) -> None:
    backend.answers["application.create"] = ApplicationCreated(message="created", app_id="1")

    def use(client: plivo.RestClient) -> list[Any]:
        applications = client.applications
        return [
            applications.create(app_name="Reception", answer_url="https://a.example/"),
            applications.get("1"),
            applications.list(subaccount=SUB),
            applications.update("1", message_url="https://a.example/in", public_uri=True),
            applications.delete("1", cascade=False),
        ]

    created, one, page, changed, _ = await ask(use)
    assert created.app_id == "1"
    assert one.app_name == "Reception"
    assert [item.app_id for item in page] == ["20468599130939380"]
    assert changed.message == "changed"
    first = backend.requests[0]
    assert isinstance(first, ApplicationCreate)
    assert (first.app_name, first.answer_url) == ("Reception", "https://a.example/")
    assert backend.requests[3].public_uri is True
    assert (backend.requests[4].app_id, backend.requests[4].cascade) == ("1", False)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (InvalidParameter("dst", "must be a number"), exceptions.ValidationError),
        (NotFound(), exceptions.ResourceNotFoundError),
        (Forbidden("no permission for this country"), exceptions.GeoPermissionError),
        (PaymentRequired("insufficient credit"), exceptions.PlivoRestError),
        (RuntimeError("defect"), exceptions.PlivoServerError),
    ],
)
async def test_refusals_become_the_right_exception(
    ask: Any, backend: Backend, refusal: Exception, expected: type[Exception]
) -> None:
    backend.answers["message.create"] = refusal
    with pytest.raises(expected) as caught:
        await ask(
            lambda client: client.messages.create(src="14155550100", dst="14155550123", text="x")
        )
    assert type(caught.value) is expected


async def test_refusals_of_lists_do_not_crash_the_client(ask: Any, backend: Backend) -> None:
    backend.answers["application.list"] = NotFound()
    with pytest.raises(exceptions.ResourceNotFoundError):
        await ask(lambda client: client.applications.list())
    with pytest.raises(exceptions.ResourceNotFoundError):
        await ask(lambda client: client.endpoints.list())


async def test_wrong_credentials(ask: Any) -> None:
    with pytest.raises(exceptions.AuthenticationError):
        await ask(lambda client: client.account.get(), token="wrong")
    with pytest.raises(exceptions.AuthenticationError):
        await ask(lambda client: client.applications.list(), token="wrong")


async def test_what_is_not_served_says_so(ask: Any) -> None:
    with pytest.raises(exceptions.ResourceNotFoundError, match=r"powerpack\.list is not available"):
        await ask(lambda client: client.powerpacks.list())
