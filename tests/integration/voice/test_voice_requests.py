"""Requests of calls for real: documents fetched over sockets, callbacks put into the queue."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from plivo.utils.signature_v3 import validate_v3_signature
from sqlalchemy import text

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits
from trunkline.runtime.clock import ControlledClock, SystemClock
from trunkline.runtime.db import Database
from trunkline.voice.callbacks import QueuedCallbacks
from trunkline.voice.causes import Errand
from trunkline.voice.documents.fetch import Fetcher
from trunkline.voice.session.ports import Callback, FetchFailed
from trunkline.voice.xml.decode import MAX_BYTES
from trunkline.webhooks import Credentials

TOKEN = "a-token"
LIMITS = HttpLimits(body_bytes=2 * MAX_BYTES)


class Application:
    """Answers every request with the next of its bodies, the last one again and again."""

    def __init__(self) -> None:
        self.bodies = [b"<Response><Speak>caf\xc3\xa9</Speak></Response>"]
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.split(": ", 1) for line in head[1:] if line)
                await reader.readexactly(int(headers.get("Content-Length", 0)))
                self.requests.append((head[0], headers))
                body = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    application = Application()
    server = await asyncio.start_server(application.serve, "127.0.0.1", 0)
    application.port = server.sockets[0].getsockname()[1]
    yield application
    server.close()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    http = HttpClient(AddressPolicy(allow_loopback=True), LIMITS)
    yield Fetcher(clock=SystemClock(), http=http, credentials=lambda _: Credentials(TOKEN, TOKEN))
    await http.close()


async def test_a_document_is_fetched_and_signed(application: Application, fetcher: Fetcher) -> None:
    url = f"http://127.0.0.1:{application.port}/answer?x=1"
    params = {"CallUUID": "u", "From": "1"}
    document = await fetcher.fetch("MA", f"{url}#ct=500", "POST", params, Errand.ANSWER)
    assert document.elements[0].text == "café"
    ((line, headers),) = application.requests
    assert line == "POST /answer?x=1 HTTP/1.1"
    nonce, signature = headers["X-Plivo-Signature-V3-Nonce"], headers["X-Plivo-Signature-V3"]
    assert validate_v3_signature("POST", url, nonce, TOKEN, signature, params)


async def test_a_document_of_full_size(application: Application, fetcher: Fetcher) -> None:
    url = f"http://127.0.0.1:{application.port}/"
    rest = len(b"<Response><!----></Response>")
    application.bodies = [b"<Response><!--" + b"x" * (MAX_BYTES - rest) + b"--></Response>"]
    document = await fetcher.fetch("MA", url, "GET", {"a": "b"}, Errand.ACTION)
    assert document.elements == ()
    application.bodies = [b"<Response><!--" + b"x" * 3 * MAX_BYTES + b"--></Response>"]
    with pytest.raises(FetchFailed) as caught:
        await fetcher.fetch("MA", url, "GET", {"a": "b"}, Errand.ACTION)
    assert caught.value.cause.code == 8012


async def test_nobody_listens(fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed) as caught:
        await fetcher.fetch("MA", "http://127.0.0.1:1/#rc=0", "POST", {"a": "b"}, Errand.REDIRECT)
    assert caught.value.cause.code == 7014


async def test_callbacks_go_into_the_queue(database: Database, clock: ControlledClock) -> None:
    callbacks = QueuedCallbacks(clock=clock, db=database)
    for event in ("Ring", "Hangup"):
        callbacks.tell(
            Callback(
                "voice.hangup", "MA", "u-1", "https://app.test/h#rc=2", "POST",
                {"CallUUID": "u-1", "Event": event, "To": "sip:a@b c"},
            )
        )  # fmt: skip
    await asyncio.gather(*callbacks._writing)
    rows = await database.read(
        lambda conn: conn.execute(
            text("SELECT account_id, kind, resource_uuid, method, url, body FROM webhooks "
                 "ORDER BY id")
        ).all()
    )  # fmt: skip
    assert [tuple(row)[:5] for row in rows] == [
        ("MA", "voice.hangup", "u-1", "POST", "https://app.test/h#rc=2")
    ] * 2
    assert rows[0].body == "CallUUID=u-1&Event=Ring&To=sip%3Aa%40b+c"
