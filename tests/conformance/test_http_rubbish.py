"""Twenty thousand requests no client should send: never a 500, always JSON with an api_id."""

import json
import random
from base64 import b64encode
from collections import Counter
from collections.abc import MutableMapping
from typing import Any

import msgspec

from trunkline.contract.catalog import OPERATIONS, catalog
from trunkline.contract.check import validate_response
from trunkline.contract.context import Principal, RequestContext
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.rest.limits import HttpLimits

REQUESTS = 20_000
SEED = 20_260_302
ME = "MA2025RK4E639VJFZAGV"
SENT = msgspec.json.Encoder()

METHODS = [
    "GET",
    "POST",
    "DELETE",
    "PUT",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "get",
    "Post",
    "BREW",
    "",
    "\x00",
]
SCALARS: list[Any] = [
    None, True, False, 0, -1, 5, 20, 2**31, 2**63, 2**64 - 1, 10**30, 1.5, -0.0, 1e308, "", " ",
    "0", "true", "False", "null", "14155550123", "+1 (415) 555-0123<14155550124", "a" * 300,
    "x" * 40_000, "\x00", "a\x00b", "é€😀", "\u202e", "\ufffe", "%00", "%ff", "../..",
    "' OR 1=1 --", "<script>", "https://a.example/", "http://", "https://a b", "ftp://x",
    "javascript:x", "SA2025RK4E639VJFZAMM", ME, "2026-01-01 00:00", "9" * 400,
    "１２", [], {}, [None], ["x", 1],
]  # fmt: skip
BYTES = [
    b"", b"{", b"}", b"[", b"null", b'""', b"0", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf",
    b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'{"dst": "\\ud800"}',
    b'{"dst":"1","text":"\\udfff"}',
    b'{"a":' * 2000, b"[" * 60_000, b'{"dst": NaN}', b'{"dst": 1e999}', b'{"dst": -}', b'{"dst"}',
    b'{"dst": "1"}{"dst": "2"}', b'{"dst":"1","dst":null}', b"dst=1&text=%FF", b"dst=%00",
    b"&&==&",
    b"=" * 5000, b"a&" * 2000, b"%",
    b"--x\r\nContent-Disposition: form-data; name=dst\r\n\r\n1\r\n",
]  # fmt: skip
TYPES = [
    None, "application/json", "application/json; charset=utf-16", "text/plain", "",
    "multipart/form-data",
    "application/x-www-form-urlencoded", "application/xml", "\x00", "json" * 500, "é",
]  # fmt: skip
FIELDS = sorted({name for known in OPERATIONS for name in known.request.__struct_fields__})
FIELDS += [
    "callback_url",
    "callback_method",
    "sub_account",
    "message_time_gte",
    "",
    "\x00",
    "é",
    "__class__",
]


class Everyone:
    def authenticate(self, auth_id: str, token: str) -> Principal | None:
        return Principal(ME, ME, False, True) if token == "token" else None

    def may_act_for(self, _principal: Principal, auth_id: str) -> bool:
        return auth_id == "SA2025RK4E639VJFZAMM"


class Forgetful:
    async def accept(self, call: Any) -> None:
        msgspec.json.decode(msgspec.json.encode(call), type=type(call))

    async def deliver(self, call: Any, status: int, body: bytes) -> None:
        assert status < 500


def handler_of(known: Any) -> Any:
    async def handle(_context: RequestContext, request: Any) -> Any:
        """Store the request as a database would: text as UTF-8 without NUL, objects as JSON."""
        assert b"\\u0000" not in SENT.encode(request)
        return None if known.response is None else dict(known.response_example)

    return handle


async def _ready() -> tuple[bool, list[str]]:
    return True, []


def _make_app() -> tuple[RestApp, RestApi]:
    handlers = {known.id: handler_of(known) for known in OPERATIONS}
    limits = HttpLimits(account_rate=None, failed_login_rate=None, max_background_calls=10**6)
    api = RestApi(handlers, Everyone(), lambda: 0.0, async_results=Forgetful(), limits=limits)
    return RestApp(api, version="0", ready=_ready, metrics=lambda: b""), api


def _value(dice: random.Random, depth: int = 0) -> Any:
    roll = dice.random()
    if roll < 0.1 and depth < 4:
        return {str(dice.choice(SCALARS))[:50]: _value(dice, depth + 1) for _ in range(3)}
    if roll < 0.2 and depth < 4:
        return [_value(dice, depth + 1) for _ in range(3)]
    return dice.choice(SCALARS)


def _json(dice: random.Random) -> bytes:
    given = {dice.choice(FIELDS): _value(dice) for _ in range(dice.randrange(6))}
    if dice.random() < 0.7:
        given |= {"dst": "14155550123", "name": "x", "app_name": "x"}

    return json.dumps(given).encode()


def _mangle(dice: random.Random, data: bytes) -> bytes:
    if not data or dice.random() < 0.6:
        return data
    at = dice.randrange(len(data))
    return data[:at] + dice.randbytes(dice.randrange(4)) + data[at + dice.randrange(3) :]


def _body(dice: random.Random) -> bytes:
    roll = dice.random()
    if roll < 0.55:
        return _mangle(dice, _json(dice))
    if roll < 0.85:
        return _mangle(dice, dice.choice(BYTES))
    return dice.randbytes(dice.randrange(200))


def _path(dice: random.Random) -> bytes:
    roll = dice.random()
    if roll < 0.05:
        return b"/v1/" + dice.randbytes(dice.randrange(60))
    path = dice.choice(OPERATIONS if roll < 0.8 else catalog()).path
    while "{" in path:
        before, _, rest = path.partition("{")
        filled = (
            ME if "{auth_id" in path[len(before) : len(before) + 9] else str(dice.choice(SCALARS))
        )
        path = before + filled[:500].replace("{", "") + rest.partition("}")[2]
    data = path.encode("utf-8", "replace")
    return _mangle(dice, data) if dice.random() < 0.3 else data


def _query(dice: random.Random) -> bytes:
    if dice.random() < 0.5:
        return b""
    pairs = [
        f"{dice.choice(FIELDS)}={dice.choice(SCALARS)}"[:2000] for _ in range(dice.randrange(5))
    ]
    return _mangle(dice, "&".join(pairs).encode("utf-8", "replace"))


def _headers(dice: random.Random, body: bytes) -> list[tuple[bytes, bytes]]:
    token = b"Basic " + b64encode(f"{ME}:token".encode())
    if dice.random() < 0.1:
        token = dice.choice(
            [b"", b"Basic", b"Basic \xff", b"Basic Og==", dice.randbytes(40), token[:-3]]
        )
    headers = [(b"authorization", token)]
    content_type = dice.choice(TYPES)
    if content_type is not None:
        headers.append((b"content-type", content_type.encode("latin-1")))
    if dice.random() < 0.8:
        headers.append((b"content-length", str(len(body)).encode()))
    elif dice.random() < 0.2:
        headers.append((b"content-length", dice.choice([b"-1", b"x", b"9" * 50, b"1e9"])))
    return headers


async def _ask(
    app: Any, scope: dict[str, Any], body: bytes
) -> tuple[int, bytes, dict[bytes, bytes]]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(part.get("body", b"") for part in sent[1:])
    return sent[0]["status"], body, dict(sent[0]["headers"])


async def test_rubbish_is_refused_in_good_order() -> None:
    dice = random.Random(SEED)
    app, api = _make_app()
    statuses: Counter[int] = Counter()
    for number in range(REQUESTS):
        body, path = _body(dice), _path(dice)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": dice.choice(METHODS) if dice.random() < 0.2 else dice.choice(METHODS[:3]),
            "scheme": "http",
            "path": path.decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": _query(dice),
            "root_path": "",
            "headers": _headers(dice, body),
            "client": ("192.0.2.1", 1),
            "server": ("127.0.0.1", 80),
        }
        status, answer, headers = await _ask(app, scope, body)
        case = f"request {number}: {scope} {body[:300]!r} -> {status} {answer[:300]!r}"
        statuses[status] += 1
        assert status < 500, case
        assert headers[b"content-type"] == b"application/json", case
        if status == 204:
            assert answer == b"", case
            continue
        value = msgspec.json.decode(answer)
        assert len(value["api_id"]) == 36, case
        assert (status >= 400) == isinstance(value.get("error"), str), case
    await api.aclose()
    # The net is fine enough only if every kind of answer was seen.
    for status in (200, 201, 202, 204, 400, 401, 404, 405, 413):
        assert statuses[status] > 20, statuses


async def test_every_answer_of_a_served_operation_keeps_the_contract() -> None:
    dice = random.Random(SEED)
    app, api = _make_app()
    token = b"Basic " + b64encode(f"{ME}:token".encode())
    for known in OPERATIONS:
        own = [f"{name}={value}".encode() for name, value in known.query]
        for _ in range(50):
            body = _json(dice)
            path = known.path.replace("{auth_id}", ME)
            for name in known.path_parameters:
                path = path.replace(f"{{{name}}}", "x")
            scope = {
                "type": "http",
                "method": known.method,
                "path": path,
                "query_string": b"&".join((*own, _query(dice))),
                "headers": [(b"authorization", token)],
                "client": None,
            }
            status, answer, _ = await _ask(app, scope, body)
            validate_response(known, status, answer)
    await api.aclose()
