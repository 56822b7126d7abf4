"""Bytes on a real socket, through uvicorn."""

import asyncio
from base64 import b64encode
from typing import Any

import msgspec
import pytest

from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.operations.messages import MessageCreate, MessageCreated
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.rest.limits import HttpLimits

AUTH_ID = "MA2025RK4E639VJFZAGV"
AUTH = b"Authorization: Basic " + b64encode(f"{AUTH_ID}:token".encode()) + b"\r\n"
HOST = b"Host: api.example.com\r\n"
PATH = f"/v1/Account/{AUTH_ID}/Message/".encode()
BODY = b'{"dst": "14155550123"}'


class OneAccount:
    def authenticate(self, auth_id: str, token: str) -> Principal | None:
        return Principal(AUTH_ID, AUTH_ID, False, True) if token == "token" else None

    def may_act_for(self, _principal: Principal, _auth_id: str) -> bool:
        return False


async def create(context: RequestContext, request: MessageCreate) -> MessageCreated:
    return MessageCreated(message=request.dst, message_uuid=[context.remote_ip])


async def _ready() -> tuple[bool, list[str]]:
    return True, []


def make_app() -> RestApp:
    limits = HttpLimits(account_rate=None, failed_login_rate=None, body_timeout_s=0.3)
    api = RestApi({"message.create": create}, OneAccount(), lambda: 0.0, limits=limits)
    return RestApp(api, version="0", ready=_ready, metrics=lambda: b"")


class Connection:
    """One connection that sends bytes and reads whole answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, data: bytes, *, has_body: bool = True) -> tuple[int, bytes, Any]:
        self._writer.write(data)
        async with asyncio.timeout(10):
            head = await self._reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            length = 0
            if has_body and b"content-length: " in lower:
                length = int(lower.partition(b"content-length: ")[2].split(b"\r\n")[0])
            body = await self._reader.readexactly(length)
        return int(head[9:12]), lower, msgspec.json.decode(body) if body else None

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def request(method: bytes, path: bytes, body: bytes, more: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return method + b" " + path + b" HTTP/1.1\r\n" + HOST + AUTH + more + length + b"\r\n" + body


async def test_many_requests_on_one_connection(serve: Any) -> None:
    async with serve(make_app()) as port:
        connection = await Connection.open(port)
        good = request(b"POST", PATH, BODY)
        for data, status in (
            (good, 202),
            (request(b"POST", PATH.lower(), BODY), 202),
            (request(b"POST", PATH.replace(b"/", b"//"), BODY), 202),
            (request(b"POST", PATH.rstrip(b"/"), BODY), 202),
            (request(b"PUT", PATH, BODY), 405),
            (request(b"POST", PATH, b"{"), 400),
            (request(b"POST", b"/nothing", BODY), 404),
            (request(b"POST", PATH + b"%FF%00/x", BODY), 404),
            (request(b"GET", PATH + b"?limit=%FF", b"{ignored"), 404),
            (good, 202),
        ):
            seen, head, answer = await connection.ask(data)
            assert seen == status, data
            assert b"content-type: application/json" in head
            assert len(answer["api_id"]) == 36
        await connection.close()


async def test_head_and_options(serve: Any) -> None:
    async with serve(make_app()) as port:
        connection = await Connection.open(port)
        status, head, _ = await connection.ask(request(b"HEAD", PATH, b""), has_body=False)
        assert status == 405
        assert b"allow: get, post" in head
        status, head, answer = await connection.ask(request(b"OPTIONS", PATH, b""))
        assert (status, bool(answer["error"])) == (405, True)
        assert (await connection.ask(request(b"POST", PATH, BODY)))[0] == 202
        await connection.close()


async def test_a_chunked_body_and_one_in_two_writes(serve: Any) -> None:
    async with serve(make_app()) as port:
        connection = await Connection.open(port)
        chunks = b"5\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\n\r\n"
        head = b"POST " + PATH + b" HTTP/1.1\r\n" + HOST + AUTH
        status, _, answer = await connection.ask(
            head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
        )
        assert (status, answer["message"]) == (202, "14155550123")
        await connection.close()


async def test_a_body_that_stops_coming(serve: Any) -> None:
    async with serve(make_app()) as port:
        connection = await Connection.open(port)
        data = request(b"POST", PATH, BODY)[:-3]
        status, _, answer = await connection.ask(data)
        assert status == 400
        assert "did not arrive in time" in answer["error"]
        await connection.close()


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
async def test_a_body_that_is_too_large(serve: Any, size: int) -> None:
    async with serve(make_app()) as port:
        connection = await Connection.open(port)
        status, _, answer = await connection.ask(request(b"POST", PATH, b" " * size))
        assert (status, answer["error"]) == (413, "request body is larger than 1048576 bytes")
        await connection.close()


async def test_strangers_are_answered_without_their_body(serve: Any) -> None:
    async with serve(make_app()) as port:
        connection = await Connection.open(port)
        head = b"POST " + PATH + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000\r\n\r\n"
        status, head, answer = await connection.ask(head)
        assert status == 401
        assert b"www-authenticate: basic" in head
        assert answer["error"] == "authentication credentials were not provided"
        await connection.close()


async def test_a_caller_that_leaves_harms_nobody(serve: Any) -> None:
    async with serve(make_app()) as port:
        for cut in (10, 60, 150, len(request(b"POST", PATH, BODY)) - 2):
            connection = await Connection.open(port)
            connection._writer.write(request(b"POST", PATH, BODY)[:cut])
            await connection.close()
        connection = await Connection.open(port)
        assert (await connection.ask(request(b"POST", PATH, BODY)))[0] == 202
        await connection.close()
