"""Bodies that come slowly, or not at all; and what the form's import does not load."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from trunkline.functions import received
from trunkline.functions.model import FunctionError
from trunkline.functions.received import Refusal, arguments_of, body_of


def request(*messages: Message) -> Request:
    async def coming() -> AsyncIterator[Message]:
        for message in messages:
            yield message
        await asyncio.Event().wait()

    left = coming()
    return Request({"type": "http", "method": "POST", "headers": []}, left.__anext__)


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "BODY_TIMEOUT_S", 0.02)
    with pytest.raises(Refusal, match="did not arrive in time") as caught:
        await body_of(request({"type": "http.request", "body": b"{", "more_body": True}))
    assert caught.value.http_status == 408


async def test_a_caller_who_leaves_is_told_nothing() -> None:
    with pytest.raises(ClientDisconnect):
        await body_of(request({"type": "http.disconnect"}))


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"args[src]=1&args%5Btext%5D=a+b%3C", {"src": "1", "text": "a b<"}),
        (b"src=1&text=", {"src": "1", "text": ""}),
        (b"args[callTo][]=1&args[callTo][1]=2", {"callTo": ["1", "2"]}),
        (b"callTo=1&callTo=2&callTo=3", {"callTo": ["1", "2", "3"]}),
        (b"callTo[]=1", {"callTo": ["1"]}),
        (b'{"args": {"src": "1"}}', {"src": "1"}),
        (b"", {}),
    ],
)
def test_a_form_is_read(body: bytes, found: dict[str, object]) -> None:
    assert arguments_of(body, FORM) == found


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"&".join([b"a=1"] * 1001)])
def test_rubbish_in_a_form_is_refused(body: bytes) -> None:
    with pytest.raises(FunctionError, match="the form cannot be read") as caught:
        arguments_of(body, FORM)
    assert caught.value.code == "JSON_VALIDATION"


def test_the_api_loads_no_http_client_for_it() -> None:
    code = "import sys, trunkline.functions.http; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
