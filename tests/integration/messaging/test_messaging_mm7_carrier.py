"""What an MMSC's answers, silences and absence become."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from trunkline.engines.http.guard import AddressPolicy
from trunkline.messaging.carriers.mm7 import Mm7Carrier, Mm7Rules
from trunkline.messaging.carriers.port import Accepted, Outcome, Refused, Uncertain, Unsent
from trunkline.messaging.carriers.status import Outcome as Verdict
from trunkline.messaging.media import store
from trunkline.messaging.media.gather import Gatherer
from trunkline.messaging.media.library import Library
from trunkline.messaging.media.model import NewMedium, Origin
from trunkline.messaging.model import Dispatch
from trunkline.protocols.mm7.encode import encode
from trunkline.protocols.mm7.messages import Response
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database

PNG = NewMedium("image/png", "a.png", b"\x89PNG\r\n\x1a\n" + bytes(100))


class Mmsc:
    """Answers every request with the same octets; None: never."""

    def __init__(self) -> None:
        self.answer: bytes | None = b""
        self.bodies: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                self.bodies.append(await reader.readexactly(length))
                if self.answer is None:
                    await asyncio.sleep(5)
                writer.write(self.answer or b"")
                if not self.answer:
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


@pytest.fixture
async def mmsc() -> AsyncIterator[Mmsc]:
    made = Mmsc()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.fixture
async def submit(
    mmsc: Mmsc, database: Database, clock: ControlledClock, tmp_path: Path
) -> AsyncIterator[Callable[..., "asyncio.Future[Outcome]"]]:
    library = Library(db=database, clock=clock, blobs=FolderBlobs(tmp_path / "media"))
    (medium,) = await library.keep(("MA1", "MA1"), Origin.UPLOADED, [PNG])
    await database.write(lambda conn: store.link(conn, ["m-1"], [medium.media_id], 1.0))
    opened: list[Mm7Carrier] = []

    async def one(port: int = 0, uuid: str = "m-1") -> Outcome:
        told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        url = f"http://127.0.0.1:{port or mmsc.port}/mm7"
        carrier = Mm7Carrier(
            name="pictures",
            rules=Mm7Rules(url=url, username="u", password="p", response_timeout_s=0.5),
            clock=clock,
            gatherer=lambda: Gatherer(library, AddressPolicy(allow_loopback=True)),
            on_outcome=lambda _dispatch, outcome: told.set_result(outcome),
            on_room=lambda: None,
        )
        opened.append(carrier)
        await carrier.start()
        assert carrier.capacity() == 10
        carrier.submit(dispatch(uuid, clock.now()))
        outcome = await asyncio.wait_for(told, 5)
        assert carrier.is_up == (port == 0)
        return outcome

    yield one  # type: ignore[misc]
    for carrier in opened:
        await carrier.close(0.1)


def dispatch(uuid: str, now: float) -> Dispatch:
    return Dispatch(
        uuid, "MA1", "MA1", "sending", "pictures", now, 0, "me", now + 60, now, None, "14155550100",
        "14155550123", "US", "Hi", 1, 1600, "", "POST", "", "", "", "", "mms",
    )  # fmt: skip


def http(body: bytes = b"", status: int = 200, kind: str = "text/xml") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def mm7(code: int, message_id: str = "") -> bytes:
    return http(encode(Response("SubmitRsp", "t", code, "", message_id))[1])


async def test_what_is_taken_has_the_carriers_id(
    mmsc: Mmsc, submit: Callable[..., Outcome]
) -> None:
    mmsc.answer = mm7(1000, "M7")
    outcome = await submit()  # type: ignore[misc]
    assert isinstance(outcome, Accepted)
    assert [part.key for part in outcome.parts] == ["M7"]
    assert b"+14155550123" in mmsc.bodies[0]


@pytest.mark.parametrize(
    ("answer", "verdict", "code"),
    [
        (mm7(2002), Verdict.FAILED, 50),
        (mm7(3000), Verdict.TEMPORARY, 20),
        (mm7(4001), Verdict.LINK, 90),
        (http(status=401), Verdict.LINK, 90),
        (http(status=500), Verdict.TEMPORARY, 20),
        (http(status=400), Verdict.FAILED, 20),
    ],
)
async def test_a_refusal_is_judged(
    mmsc: Mmsc, submit: Callable[..., Outcome], answer: bytes, verdict: Verdict, code: int
) -> None:
    mmsc.answer = answer
    outcome = await submit()  # type: ignore[misc]
    assert isinstance(outcome, Refused)
    assert (outcome.status.outcome, outcome.status.plivo_code) == (verdict, code)


@pytest.mark.parametrize("answer", [mm7(4006), http(status=503), http(status=429)])
async def test_a_busy_one_gets_it_later(
    mmsc: Mmsc, submit: Callable[..., Outcome], answer: bytes
) -> None:
    mmsc.answer = answer
    outcome = await submit()  # type: ignore[misc]
    assert isinstance(outcome, Unsent)
    assert outcome.after_s > 0


@pytest.mark.parametrize("answer", [None, b"", http(), http(b"<html/>", kind="text/html")])
async def test_without_an_answer_nobody_knows(
    mmsc: Mmsc, submit: Callable[..., Outcome], answer: bytes | None
) -> None:
    mmsc.answer = answer
    assert isinstance(await submit(), Uncertain)  # type: ignore[misc]


async def test_one_that_is_not_there_has_nothing(submit: Callable[..., Outcome]) -> None:
    assert isinstance(await submit(port=1), Unsent)  # type: ignore[misc]


async def test_a_message_without_its_media_fails(submit: Callable[..., Outcome]) -> None:
    outcome = await submit(uuid="m-2")  # type: ignore[misc]
    assert isinstance(outcome, Refused)
    assert (outcome.status.outcome, outcome.status.plivo_code) == (Verdict.FAILED, 10)
