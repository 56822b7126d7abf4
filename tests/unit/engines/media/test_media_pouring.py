"""What is said between a media process and its client goes together, once a tick."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from trunkline.engines.media.messages import Command, Piece, Pour, Poured, Result
from trunkline.engines.media.pouring import MediaGone, Pouring
from trunkline.engines.media.process import Outbox

PIECE = Piece("tap", bytes(160), "mulaw", 8000)


class Media:
    """Takes commands, and refuses the second piece of each."""

    def __init__(self) -> None:
        self.sent: list[Pour] = []
        self.at: list[float] = []
        self.came = asyncio.Event()

    def send(self, command: Command) -> asyncio.Future[Result]:
        loop = asyncio.get_running_loop()
        assert isinstance(command, Pour)
        self.sent.append(command)
        self.at.append(loop.time())
        self.came.set()
        answer: asyncio.Future[Result] = loop.create_future()
        answer.set_result(Poured(((1, "full"),)))
        return answer


async def test_pieces_of_a_turn_go_together_and_each_hears_its_own() -> None:
    media, told = Media(), []
    pouring = Pouring(media.send)
    began = asyncio.get_running_loop().time()
    for _ in range(3):
        pouring.add(PIECE, told.append)
    assert media.sent == []
    await asyncio.wait_for(media.came.wait(), 10)
    await asyncio.sleep(0)
    assert [len(one.pieces) for one in media.sent] == [3]
    assert media.at[0] - began >= 0.003  # the loop's clock has a resolution of 1 ms
    assert told == ["", "full", ""]


async def test_after_a_tick_they_wait_for_those_that_come_before_the_next() -> None:
    media, told = Media(), []
    pouring = Pouring(media.send)
    pouring.ticked()
    began = asyncio.get_running_loop().time()
    pouring.add(PIECE, told.append)
    await asyncio.wait_for(media.came.wait(), 10)
    assert media.at[0] - began >= 0.013


async def test_a_command_sends_what_was_poured_before_it() -> None:
    media, told = Media(), []
    pouring = Pouring(media.send)
    pouring.ticked()
    pouring.add(PIECE, told.append)
    pouring.flush()
    assert len(media.sent) == 1
    pouring.flush()
    assert len(media.sent) == 1


async def test_a_process_that_is_gone_is_told_to_each() -> None:
    def send(_: Command) -> asyncio.Future[Result]:
        raise MediaGone("dead")

    told: list[str | None] = []
    pouring = Pouring(send)
    pouring.add(PIECE, told.append)
    pouring.flush()
    assert told == [None]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_answers_nobody_waits_for_go_with_what_comes_next(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    outbox = Outbox(ours)
    outbox.put(b"lazy ", urgent=False)
    outbox.flush()
    assert not outbox.waiting
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
    outbox.put(b"urgent")
    outbox.flush()
    assert theirs.recv(100) == b"lazy urgent"
    outbox.put(b"lazy", urgent=False)
    outbox.hurry()
    outbox.flush()
    assert theirs.recv(100) == b"lazy"


def test_what_the_socket_does_not_take_stays_urgent(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    outbox = Outbox(ours)
    octets = bytes(range(256)) * 8192
    outbox.put(octets)
    outbox.flush()
    assert outbox.waiting
    got = b""
    while len(got) < len(octets):
        got += theirs.recv(1 << 20)
        outbox.flush()
    assert got == octets
    assert not outbox.waiting
