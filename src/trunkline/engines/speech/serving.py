"""The child's side of `child.Child`: reads requests, writes answers, until its input ends."""

import contextlib
import os
import signal
import struct
from collections.abc import Callable
from typing import BinaryIO, Final

LENGTH: Final = struct.Struct("!I")
_NICER: Final = 5  # the media process, which has 20 ms, goes first


def serve(make: Callable[[], Callable[[bytes], bytes]]) -> None:
    """Answer requests with the function that `make` returns; an exception in it ends the process.

    It ends in silence when who asks is gone, also in the middle of a request or an answer. What
    libraries print to the standard output goes to the standard error.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    os.nice(_NICER)
    answers = os.dup(1)
    os.dup2(2, 1)
    answer = make()
    with os.fdopen(os.dup(0), "rb") as requests, contextlib.suppress(BrokenPipeError):
        while (request := _read(requests)) is not None:
            _write(answers, answer(request))


def _read(requests: BinaryIO) -> bytes | None:
    head = requests.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    request = requests.read(size)
    return request if len(request) == size else None


def _write(answers: int, octets: bytes) -> None:
    left = memoryview(LENGTH.pack(len(octets)) + octets)
    while left:
        left = left[os.write(answers, left) :]
