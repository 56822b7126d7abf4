"""The child's side of `child.Child`: reads requests, writes answers, until its input ends."""

import os
import signal
import struct
from collections.abc import Callable
from typing import BinaryIO, Final

LENGTH: Final = struct.Struct("!I")
_NICER: Final = 5  # the media process, which has 20 ms, goes first


def serve(make: Callable[[], Callable[[bytes], bytes]]) -> None:
    """Answer requests with the function that `make` returns; an exception in it ends the process.

    What libraries print to the standard output goes to the standard error.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    os.nice(_NICER)
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        answer = make()
        while head := requests.read(LENGTH.size):
            _write(answers, answer(requests.read(LENGTH.unpack(head)[0])))


def _write(answers: BinaryIO, octets: bytes) -> None:
    answers.write(LENGTH.pack(len(octets)) + octets)
    answers.flush()
