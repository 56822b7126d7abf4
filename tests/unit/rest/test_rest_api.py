import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from trunkline.contract.background import AsyncCall
from trunkline.contract.catalog import operation
from trunkline.contract.check import validate_response
from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.errors import Forbidden, NotFound, PaymentRequired
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.accounts import (
    SubaccountCreate,
    SubaccountCreated,
    SubaccountDelete,
)
from trunkline.contract.operations.messages import MessageCreate, MessageCreated, MessageList
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.rest.limits import HttpLimits, Rate
from trunkline.runtime.db import DatabaseUnavailable, WriterFull
from trunkline.values.ids import is_uuid

MAIN, SUB, OTHER = "MA2025RK4E639VJFZAGV", "SA2025RK4E639VJFZAMM", "SA0000000000000000AA"
A = f"/v1/Account/{MAIN}"
NO_LIMITS = HttpLimits(account_rate=None, failed_login_rate=None, max_body_bytes=10_000)
BODY = '{"dst": "14155550123", "text": "Hi"}'


class Accounts:
    """One main account with one subaccount and a disabled one; answers at once or later."""

    def __init__(self, *, later: bool = False) -> None:
        self._later = later
        self.asked = 0

    def authenticate(
        self, auth_id: str, token: str
    ) -> Principal | Awaitable[Principal | None] | None:
        self.asked += 1
        known = {
            MAIN: Principal(MAIN, MAIN, False, True),
            SUB: Principal(SUB, MAIN, True, True),
            "MADISABLED": Principal("MADISABLED", "MADISABLED", False, False),
        }
        found = known.get(auth_id) if token == "token" else None
        return _later(found) if self._later else found

    def may_act_for(self, principal: Principal, auth_id: str) -> bool | Awaitable[bool]:
        owns = principal.auth_id == MAIN and auth_id == SUB
        return _later(owns) if self._later else owns


async def _later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


class Results:
    """Keeps what a background call stored and delivered."""

    def __init__(self) -> None:
        self.accepted: list[AsyncCall] = []
        self.delivered: list[tuple[AsyncCall, int, bytes]] = []
        self.arrived = asyncio.Event()

    async def accept(self, call: AsyncCall) -> None:
        self.accepted.append(call)

    async def deliver(self, call: AsyncCall, status: int, body: bytes) -> None:
        self.delivered.append((call, status, body))
        self.arrived.set()


async def create(context: RequestContext, request: MessageCreate) -> MessageCreated:
    outcomes: dict[str | None, Exception] = {
        "forbid": Forbidden("no permission to send to this country"),
        "pay": PaymentRequired("insufficient credit"),
        "crash": RuntimeError("a defect with details"),
        "away": DatabaseUnavailable("the server at 10.0.0.1 is gone"),
        "busy": WriterFull("10,000 writes wait"),
        "fail": PaymentRequired("x", extra={"request_uuid": "1"}),
    }
    if request.text in outcomes:
        raise outcomes[request.text]
    return MessageCreated(message="message(s) queued", message_uuid=[context.account_id])


async def list_messages(_context: RequestContext, _request: MessageList) -> dict[str, Any]:
    raise NotFound


async def create_subaccount(_context: RequestContext, request: SubaccountCreate) -> Any:
    if request.name == "unencodable":
        return {"message": object()}
    return SubaccountCreated(message="created", auth_id=SUB, auth_token="t" * 40)


async def delete_subaccount(_context: RequestContext, request: SubaccountDelete) -> None:
    assert request.subauth_id == SUB


async def update_account(context: RequestContext, _request: Any) -> Confirmation:
    return Confirmation(message=f"{context.remote_ip} {context.now}")


HANDLERS: dict[str, Callable[..., Any]] = {
    "message.create": create,
    "message.list": list_messages,
    "subaccount.create": create_subaccount,
    "subaccount.delete": delete_subaccount,
    "account.update": update_account,
}


def api(**more: Any) -> RestApi:
    return RestApi(HANDLERS, Accounts(), lambda: 1000.0, **{"limits": NO_LIMITS, **more})


async def test_an_answer(call: Any) -> None:
    seen = await call(api(), "POST", f"{A}/Message/", BODY)
    assert seen.status == 202
    assert seen.json["message_uuid"] == [MAIN]
    assert is_uuid(seen.json["api_id"])
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["content-length"] == str(len(seen.body))
    assert seen.headers["x-request-id"] == seen.json["api_id"]
    validate_response(operation("message.create"), seen.status, seen.body)


async def test_an_empty_answer_has_a_content_type_and_no_body(call: Any) -> None:
    seen = await call(api(), "DELETE", f"{A}/Subaccount/{SUB}/", "{}")
    assert (seen.status, seen.body) == (204, b"")
    assert seen.headers["content-type"] == "application/json"
    assert "content-length" not in seen.headers


async def test_what_the_handler_is_told(call: Any) -> None:
    seen = await call(api(), "POST", f"/v1/Account/{MAIN}//", "", address="198.51.100.7")
    assert seen.json["message"] == "198.51.100.7 1000.0"


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "error"),
    [
        ("POST", f"{A}/Message/", "{}", 400, "dst parameter is missing"),
        ("POST", f"{A}/Message/", "{bad", 400, "request body is not valid JSON"),
        ("POST", f"{A}/Message/", '{"dst": "1", "text": "forbid"}', 403, "no permission"),
        ("POST", f"{A}/Message/", '{"dst": "1", "text": "pay"}', 402, "insufficient credit"),
        ("POST", f"{A}/Message/", '{"dst": "1", "text": "crash"}', 500, "internal server error"),
        ("POST", f"{A}/Message/", '{"dst": "1", "text": "away"}', 503, "the database cannot be"),
        ("POST", f"{A}/Message/", '{"dst": "1", "text": "busy"}', 503, "the database cannot keep"),
        ("POST", f"{A}/Subaccount/", '{"name": "unencodable"}', 500, "internal server error"),
        ("GET", f"{A}/Message/?limit=21", "", 400, "limit parameter is invalid"),
        ("GET", f"{A}/Message/", "", 404, "resource not found"),
        ("GET", f"{A}/Nothing/", "", 404, "no operation of the API has this path"),
        ("PUT", f"{A}/Message/", "", 405, "method PUT is not allowed here"),
        ("HEAD", f"{A}/Message/", "", 405, "method HEAD is not allowed here"),
        ("OPTIONS", f"{A}/Message/", "", 405, "method OPTIONS is not allowed here"),
        (
            "POST",
            f"{A}/JWT/Token/",
            "{}",
            404,
            "token.create is not available in this release: browsers",
        ),
        ("GET", f"{A}/", "", 404, "account.get is not available in this release"),
        ("GET", "/v1/", "", 404, "no operation"),
    ],
)
async def test_refusals(
    call: Any, method: str, target: str, body: str, status: int, error: str
) -> None:
    seen = await call(api(), method, target, body)
    assert seen.status == status
    assert seen.json["error"].startswith(error)
    assert "details" not in seen.body.decode()
    assert is_uuid(seen.json["api_id"])
    assert seen.headers["content-type"] == "application/json"
    if status == 405:
        assert seen.headers["allow"] == "GET, POST"
    is_list = method == "GET" and ("Message" in target)
    assert seen.json.get("objects") == ([] if is_list else None)


async def test_a_refusal_of_a_list_that_is_not_served_has_objects(call: Any) -> None:
    seen = await call(api(), "GET", f"{A}/Endpoint/")
    assert (seen.status, seen.json["objects"]) == (404, [])


async def test_a_refusal_may_say_more(call: Any) -> None:
    seen = await call(api(), "POST", f"{A}/Message/", '{"dst": "1", "text": "fail"}')
    assert (seen.status, seen.json["request_uuid"]) == (402, "1")


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ((MAIN, "token"), MAIN, 202),
        ((MAIN, "token"), MAIN.lower(), 202),
        ((MAIN, "token"), SUB, 202),
        ((MAIN, "token"), SUB.lower(), 202),
        ((MAIN, "token"), OTHER, 401),
        ((MAIN, "token"), "MA0000000000000000AA", 401),
        ((SUB, "token"), SUB, 202),
        ((SUB, "token"), MAIN, 401),
        ((SUB, "token"), OTHER, 401),
        ((MAIN, "wrong"), MAIN, 401),
        (("", ""), MAIN, 401),
        (("MADISABLED", "token"), "MADISABLED", 401),
        (None, MAIN, 401),
        (b"Bearer abc", MAIN, 401),
        (b"Basic", MAIN, 401),
        (b"Basic !!!!", MAIN, 401),
        (b"Basic \xff\xfe", MAIN, 401),
        (b"Basic " + b"A" * 5000, MAIN, 401),
        (b"Basic " + b64encode(b"\xff:\xff"), MAIN, 401),
        (b"Basic " + b64encode(b"a\0b:c"), MAIN, 401),
        (b"Basic " + b64encode(b"nocolon"), MAIN, 401),
        (b"basic " + b64encode(f"{MAIN}:token".encode()), MAIN, 202),
    ],
)
async def test_who_may_use_which_path(
    call: Any, who: Any, path: str, status: int, later: bool
) -> None:
    app = RestApi(HANDLERS, Accounts(later=later), lambda: 0.0, limits=NO_LIMITS)
    seen = await call(app, "POST", f"/v1/Account/{path}/Message/", BODY, auth=who)
    assert seen.status == status
    if status == 202:
        assert seen.json["message_uuid"] == [path.upper()]
    else:
        assert seen.headers["www-authenticate"].startswith("Basic ")
        assert seen.json["error"]


async def test_unknown_paths_are_not_told_to_strangers(call: Any) -> None:
    seen = await call(api(), "GET", f"{A}/Nothing/", auth=None)
    assert seen.status == 401
    assert seen.json["error"] == "authentication credentials were not provided"


async def test_an_account_over_its_rate(call: Any) -> None:
    app = api(limits=HttpLimits(account_rate=Rate(3, 600.0)))
    statuses = [(await call(app, "POST", f"{A}/Message/", BODY)).status for _ in range(4)]
    assert statuses == [202, 202, 202, 429]
    seen = await call(app, "GET", f"{A}/Message/")
    assert seen.status == 429
    assert 0 < int(seen.headers["retry-after"]) <= 200
    assert seen.json["objects"] == []
    theirs = await call(app, "POST", f"/v1/Account/{SUB}/Message/", BODY, auth=(SUB, "token"))
    assert theirs.status == 202


async def test_an_address_that_guesses(call: Any) -> None:
    accounts = Accounts()
    limits = HttpLimits(failed_login_rate=Rate(2, 600.0))
    app = RestApi(HANDLERS, accounts, lambda: 0.0, limits=limits)
    for _ in range(5):
        await call(app, "GET", f"{A}/Message/", auth=(MAIN, "guess"))
    assert accounts.asked == 2
    assert (await call(app, "POST", f"{A}/Message/", BODY)).status == 429
    other = await call(app, "POST", f"{A}/Message/", BODY, address="192.0.2.99")
    assert other.status == 202


async def test_a_body_in_parts(call: Any) -> None:
    parts = [BODY[:5].encode(), b"", BODY[5:].encode()]
    assert (await call(api(), "POST", f"{A}/Message/", parts=parts)).status == 202


async def test_bodies_that_are_too_large(call: Any) -> None:
    for more in (
        {"body": b" " * 10_001},
        {"parts": [b" " * 6000, b" " * 6000]},
        {"body": BODY, "headers": {"Content-Length": "10001"}},
        {"body": BODY, "headers": {"Content-Length": "9" * 30}},
        {"body": BODY, "headers": {"Content-Length": "-1"}},
    ):
        seen = await call(api(), "POST", f"{A}/Message/", **more)
        assert (seen.status, seen.json["error"]) == (413, "request body is larger than 10000 bytes")


async def test_a_caller_that_hangs_up_is_not_answered(call: Any) -> None:
    assert await call(api(), "POST", f"{A}/Message/", BODY, hang_up=True) is None


async def test_a_body_that_never_ends() -> None:
    app = api(limits=HttpLimits(body_timeout_s=0.02))
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    token = b64encode(f"{MAIN}:token".encode())
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"{A}/Message/",
        "query_string": b"",
        "headers": [(b"authorization", b"Basic " + token)],
        "client": None,
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert b"did not arrive in time" in sent[1]["body"]


async def test_a_background_call(call: Any) -> None:
    results = Results()
    app = api(async_results=results)
    body = '{"dst": "14155550123", "text": "Hi", "callback_url": "https://a.example/x"}'
    seen = await call(app, "POST", f"{A}/Message/", body)
    assert seen.status == 202
    assert seen.json == {"api_id": seen.json["api_id"], "message": "async api spawned"}
    async with asyncio.timeout(5):
        await results.arrived.wait()
    [(accepted, status, answer)] = results.delivered
    assert results.accepted == [accepted]
    assert (accepted.url, accepted.method, status) == ("https://a.example/x", "POST", 202)
    assert msgspec.json.decode(answer) == {
        "api_id": seen.json["api_id"],
        "message": "message(s) queued",
        "message_uuid": [MAIN],
    }
    await app.aclose()


async def test_background_refusals_and_defects_are_delivered_too(call: Any) -> None:
    for text, expected in (("pay", 402), ("crash", 500), ("away", 503)):
        results = Results()
        app = api(async_results=results)
        query = f"callback_url=https://a.example/&callback_method=GET&text={text}&dst=1"
        assert (await call(app, "POST", f"{A}/Message/?{query}")).status == 202
        async with asyncio.timeout(5):
            await results.arrived.wait()
        [(accepted, status, answer)] = results.delivered
        assert (accepted.method, status) == ("GET", expected)
        assert msgspec.json.decode(answer)["api_id"] == accepted.api_id
        await app.aclose()


async def test_a_bad_callback_is_refused_at_once(call: Any) -> None:
    results = Results()
    app = api(async_results=results)
    body = '{"dst": "14155550123", "callback_url": "javascript:alert(1)"}'
    seen = await call(app, "POST", f"{A}/Message/", body)
    assert seen.status == 400
    assert seen.json["error"].startswith("callback_url parameter is invalid")
    assert results.accepted == []


async def test_background_calls_without_a_keeper_are_refused(call: Any) -> None:
    body = '{"dst": "14155550123", "callback_url": "https://a.example"}'
    seen = await call(api(), "POST", f"{A}/Message/", body)
    assert (seen.status, seen.json["error"].split()[0]) == (400, "callback_url")


async def test_background_calls_are_bounded_and_outlive_a_restart(call: Any) -> None:
    release = asyncio.Event()

    async def slow(context: RequestContext, request: MessageCreate) -> MessageCreated:
        await release.wait()
        return await create(context, request)

    results = Results()
    handlers = {**HANDLERS, "message.create": slow}
    limits = HttpLimits(max_background_calls=1)
    app = RestApi(handlers, Accounts(), lambda: 5.0, async_results=results, limits=limits)
    body = '{"dst": "14155550123", "callback_url": "https://a.example"}'
    assert (await call(app, "POST", f"{A}/Message/", body)).status == 202
    assert (await call(app, "POST", f"{A}/Message/", body)).status == 429
    await app.aclose(timeout_s=0.01)
    assert (await call(app, "POST", f"{A}/Message/", body)).status == 503
    assert results.delivered == []
    [stored] = results.accepted

    release.set()
    copy = msgspec.json.decode(msgspec.json.encode(stored), type=AsyncCall)
    again = RestApi(handlers, Accounts(), lambda: 9.0, async_results=results, limits=limits)
    again.resume(copy)
    async with asyncio.timeout(5):
        await results.arrived.wait()
    assert results.delivered[0][0] == stored
    assert results.delivered[0][1] == 202
    await again.aclose()


async def test_what_is_not_stored_is_not_accepted(call: Any) -> None:
    class Broken(Results):
        async def accept(self, call: AsyncCall) -> None:
            raise OSError("disk full")

    results = Broken()
    app = api(async_results=results)
    body = '{"dst": "14155550123", "callback_url": "https://a.example"}'
    assert (await call(app, "POST", f"{A}/Message/", body)).status == 500
    await app.aclose()
    assert results.delivered == []


def test_a_handler_needs_an_operation() -> None:
    with pytest.raises(KeyError):
        RestApi({"message.crate": create}, Accounts(), lambda: 0.0)


async def test_answers_are_observed(call: Any) -> None:
    seen: list[tuple[str, int]] = []
    app = api(observe=lambda name, status, _seconds: seen.append((name, status)))
    await call(app, "POST", f"{A}/Message/", BODY)
    await call(app, "GET", "/v1/nothing")
    assert seen == [("message.create", 202), ("", 404)]


def surface(ready: bool = True) -> RestApp:
    async def is_ready() -> tuple[bool, list[str]]:
        return ready, ["bus"] if ready else ["database"]

    async def crash(_request: Request) -> Response:
        raise RuntimeError("details")

    return RestApp(
        api(),
        version="1.2.3",
        ready=is_ready,
        metrics=lambda: b"answers_total 1\n",
        routes=[Route("/crash", crash), Route("/only-get", crash, methods=["GET"])],
    )


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/openapi.json", 200, "application/json"),
        ("/docs", 200, "text/html; charset=utf-8"),
        ("/healthz", 200, "application/json"),
        ("/readyz", 200, "application/json"),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"),
        ("/nothing", 404, "application/json"),
        ("/docs/", 404, "application/json"),
        ("/", 404, "application/json"),
        (f"/V1/account/{MAIN}/Nothing", 404, "application/json"),
        (f"//v1//Account/{MAIN}/Nothing", 404, "application/json"),
        ("/v1", 404, "application/json"),
    ],
)
async def test_the_pages_around_the_api(call: Any, path: str, status: int, kind: str) -> None:
    seen = await call(surface(), "GET", path)
    assert (seen.status, seen.headers["content-type"]) == (status, kind)
    if status == 404:
        assert is_uuid(seen.json["api_id"])
        assert isinstance(seen.json["error"], str)


async def test_only_what_has_a_handler_is_in_the_document(call: Any) -> None:
    document = (await call(surface(), "GET", "/openapi.json")).json
    listed = {
        entry["operationId"] for path in document["paths"].values() for entry in path.values()
    }
    assert listed == {name.replace(".", "_") for name in HANDLERS}
    assert document["info"]["version"] == "1.2.3"


async def test_not_ready(call: Any) -> None:
    seen = await call(surface(ready=False), "GET", "/readyz")
    assert (seen.status, seen.json) == (503, {"status": "not ready", "ailing": ["database"]})


async def test_a_page_with_the_wrong_method(call: Any) -> None:
    seen = await call(surface(), "POST", "/only-get")
    assert (seen.status, {*seen.headers["allow"].split(", ")}) == (405, {"GET", "HEAD"})
    assert is_uuid(seen.json["api_id"])


class Connection:
    """A server's request whose caller hung up after the head of the answer, as uvloop tells it."""

    def __init__(self, why: str) -> None:
        self.disconnected = False
        self._why = why
        self._started = False

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, _message: Any) -> None:
        if self._started:
            raise RuntimeError(self._why)
        self._started = True


def get(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.1", 1),
    }


@pytest.mark.parametrize("path", ["/docs", "/v1/Account/"])
async def test_who_hangs_up_amid_an_answer_harms_nobody(path: str) -> None:
    gone = Connection("unable to perform operation on <TCPTransport closed=True>; it is closed")
    with capture_logs() as logs:
        await surface()(get(path), gone.receive, gone.send)
    assert (gone.disconnected, logs) == (True, [])
    with pytest.raises(RuntimeError, match="broken"):
        await surface()(get(path), gone.receive, Connection("broken").send)
