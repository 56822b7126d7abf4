"""`/sim/handsets/{number}/calls`: rubbish gets an error that names it, calls their outcome."""

import asyncio
import json
from typing import Any, NamedTuple

import pytest
from starlette.applications import Starlette

from trunkline.rest.voice.handsets import handset_call_routes
from trunkline.simulator.voice import Dialling, Does, NoAudio, NoPlatform
from trunkline.simulator.voice.log import Entry

PATH = "/sim/handsets/4915112345678/calls"


class Phones:
    """Dials nobody: gives the outcome that was asked for, and writes down what was wanted."""

    def __init__(self) -> None:
        self.outcome: Exception | int = 200
        self.dialled: list[tuple[str, str, Dialling | None]] = []

    def _call(self, number: str, to: str = "14155550100"):
        entry = Entry("c1", number, to, True, 1.0, digits="5")
        if isinstance(self.outcome, int) and self.outcome >= 300:
            entry.ended(2.0, "platform", "", self.outcome)
        return entry.shown(3.0)

    def calls(self, number: str):
        return [self._call(number)]

    async def dial(self, number, to, dialling=None, *, timeout_s=10.0):
        self.dialled.append((number, to, dialling))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self._call(number, to)


@pytest.fixture
def phones():
    return Phones()


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]


@pytest.fixture
def ask(phones):
    """Give a function that makes one request of the pages."""
    app = Starlette(routes=handset_call_routes(phones))

    async def request(method: str, path: str, content: bytes) -> Answer:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
        await app(scope, receive, send)
        return Answer(sent[0]["status"], json.loads(sent[1]["body"]))

    def made(method: str, path: str = PATH, body: Any = b"") -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return asyncio.run(request(method, path, content))

    return made


def test_a_call_is_dialled(phones, ask):
    body = {"to": "+1 415 555 0100", "digits": "1w#", "digits_after_s": 2, "does": "machine"}
    answer = ask("POST", body=body)
    assert answer.status == 202
    assert answer.body["call"]["state"] == "calling"
    assert phones.dialled == [
        ("4915112345678", "14155550100",
         Dialling(digits="1w#", digits_after_s=2.0, does=Does.MACHINE)),
    ]  # fmt: skip
    answer = ask("POST", PATH + "/", {"to": "14155550100", "hang_up_after_s": 0})
    assert answer.status == 202
    assert phones.dialled[-1][2] == Dialling(hang_up_after_s=0.0)


def test_calls_are_shown(ask):
    answer = ask("GET")
    assert answer.status == 200
    assert answer.body["number"] == "4915112345678"
    (call,) = answer.body["calls"]
    assert (call["digits"], call["placed"], call["headers"]) == ("5", True, {})


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"", "truncated"),
        (b"[]", "object"),
        (b"{}", "to"),
        (b'{"to": 5}', "$.to"),
        (b'{"to": "alice"}', "to must be a phone number"),
        (b'{"to": "14155550100", "digits": "12x"}', "$.digits"),
        (b'{"to": "14155550100", "digits": "' + b"1" * 101 + b'"}', "$.digits"),
        (b'{"to": "14155550100", "digits_after_s": -1}', "$.digits_after_s"),
        (b'{"to": "14155550100", "hang_up_after_s": 1e9}', "$.hang_up_after_s"),
        (b'{"to": "14155550100", "does": "dance"}', "$.does"),
        (b'{"to": "14155550100", "sound_s": 1e9}', "$.sound_s"),
        (b'{"to": "14155550100", "caller_name": "a\\r\\nVia: x"}', "$.caller_name"),
        (b'{"to": "14155550100", "colour": 1}', "colour"),
        (b'\xff{"to": "14155550100"}', "body"),
        (b'{"to": "\xff"}', "body"),
    ],
)
def test_rubbish_is_refused_by_name(phones, ask, body, names):
    answer = ask("POST", body=body)
    assert answer.status == 400
    assert names in answer.body["error"]
    assert not phones.dialled


def test_a_number_that_is_none(ask):
    for method in ("GET", "POST"):
        answer = ask(method, "/sim/handsets/alice/calls")
        assert answer.status == 404
        assert "number must be" in answer.body["error"]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (NoPlatform("the platform takes no calls"), 503),
        (NoAudio("full"), 503),
        (TimeoutError(), 504),
        (404, 404),
        (486, 202),
    ],
)
def test_outcomes(phones, ask, outcome, status):
    phones.outcome = outcome
    answer = ask("POST", body={"to": "14155550100"})
    assert answer.status == status
    assert "api_id" in answer.body
