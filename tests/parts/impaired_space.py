"""A network namespace without a name: it is gone with the last process and socket in it."""

import contextlib
import ctypes
import os
from collections.abc import Generator
from pathlib import Path

_CLONE_NEWNET = 0x40000000  # sched.h
_MINE = Path("/proc/thread-self/ns/net")
_LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """`path` names it to commands while it is open."""

    def __init__(self) -> None:
        home = os.open(_MINE, os.O_RDONLY)
        try:
            _done(_LIBC.unshare(_CLONE_NEWNET), "a network namespace needs root (CAP_SYS_ADMIN)")
            self._there = os.open(_MINE, os.O_RDONLY)
            _done(_LIBC.setns(home, _CLONE_NEWNET), "the way back")
        finally:
            os.close(home)
        self.path = f"/proc/{os.getpid()}/fd/{self._there}"

    @contextlib.contextmanager
    def entered(self) -> Generator[None]:
        """Sockets and processes of this thread are made inside."""
        home = os.open(_MINE, os.O_RDONLY)
        try:
            _done(_LIBC.setns(self._there, _CLONE_NEWNET), "the namespace")
            try:
                yield
            finally:
                _done(_LIBC.setns(home, _CLONE_NEWNET), "the way back")
        finally:
            os.close(home)

    def close(self) -> None:
        os.close(self._there)


def _done(result: int, what: str) -> None:
    assert result == 0, f"{what}: {os.strerror(ctypes.get_errno())}"
