"""One life of a companion: forked before the program did anything else, or executed anew.

A fork taken when everything is imported and nothing is open yet starts at once and shares the
memory of the code. The lives after it, and all lives where Linux's pidfd is missing, are executed.
Either way the child reads its orders from standard input, and standard input's end ends it.
"""

import asyncio
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

import structlog

logger = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_NAME = 15
_MODULE = "trunkline.processes.beside.companion"


@dataclass(frozen=True, slots=True)
class Forked:
    """A child that waits for its orders; the descriptors are the parent's ends of its pipes."""

    pid: int
    stdin: int
    stdout: int


@dataclass(frozen=True, slots=True)
class Life:
    """A running child: what it says, what is said to it, and how it ends."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    wait: "Callable[[], asyncio.Future[int]]"


def fork(be: Callable[[], None], others: Iterable[Forked] = ()) -> Forked | None:
    """Fork a child that does `be` and closes `others`' ends; None where it cannot be done safely.

    Call it while there is one thread, no event loop and no open file of the program's own, and
    after `gc.freeze`: the collector would touch, and so copy, every page.
    """
    if not hasattr(os, "pidfd_open") or threading.active_count() != 1:
        return None
    child_in, parent_out = os.pipe()
    parent_in, child_out = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(child_in)
        os.close(child_out)
        return Forked(pid, parent_out, parent_in)
    for descriptor in (parent_out, parent_in, *(end for one in others for end in _ends(one))):
        os.close(descriptor)
    os.dup2(child_in, 0)
    os.dup2(child_out, 1)
    os.close(child_in)
    os.close(child_out)
    return _be(be, parent)


def _be(be: Callable[[], None], parent: int) -> NoReturn:
    code = 1
    try:
        die_with(parent)
        be()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except Exception:  # the edge of a process
        logger.exception("companion.broken")
    finally:
        sys.stderr.flush()
        os._exit(code)


def die_with(parent: int) -> None:
    """Be killed when the parent ends, however it does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)


def take_name(role: str) -> None:
    """Let lists of processes show the role."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, f"tl-{role}".encode())


async def join(forked: Forked, limit: int) -> Life:
    """Take over a forked child on the running loop."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limit)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(forked.stdout, "rb", buffering=0)
    )
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(forked.stdin, "wb", buffering=0)
    )
    ended = _end_of(forked.pid, loop)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    return Life(forked.pid, reader, writer, lambda: asyncio.shield(ended))


async def execute(limit: int) -> Life:
    """Start a child from nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=limit,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the companion has no pipes")
    waiting = asyncio.ensure_future(process.wait())
    return Life(process.pid, process.stdout, process.stdin, lambda: asyncio.shield(waiting))


def _end_of(pid: int, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[int]":
    ended: asyncio.Future[int] = loop.create_future()
    pidfd = os.pidfd_open(pid)

    def reap() -> None:
        loop.remove_reader(pidfd)
        os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        if not ended.done():
            ended.set_result(os.waitstatus_to_exitcode(status))

    loop.add_reader(pidfd, reap)
    return ended


def _ends(forked: Forked) -> tuple[int, int]:
    return (forked.stdin, forked.stdout)
