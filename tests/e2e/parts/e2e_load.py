"""Customers and handsets that send as fast as they are answered, until told to stop."""

import contextlib
import http.client
import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

from e2e_api import Api
from e2e_program import Program
from e2e_smsc import Smsc

_GONE = (OSError, http.client.HTTPException)


@dataclass(slots=True)
class Load:
    """Sends messages to handsets of their own; `accepted` has what was answered with 202."""

    program: Program
    url: str
    workers: int = 4
    accepted: list[str] = field(default_factory=list)
    asked: int = 0  # requests begun, answered or not
    unanswered: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def start(self, most: int = 1_000_000) -> None:
        """Send until stopped, until the program is gone, or `most` messages."""
        self._stop.clear()
        share = most // self.workers
        self._threads = [
            threading.Thread(target=self._work, args=(share,)) for _ in range(self.workers)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until every request under way has its answer, or none."""
        self._stop.set()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _work(self, share: int) -> None:
        program = self.program
        with contextlib.closing(Api(program.url, program.auth_id, program.auth_token)) as client:
            for _ in range(share):
                if self._stop.is_set():
                    return
                number = next(self._numbers)
                self.asked += 1
                try:
                    uuid = client.send(f"1212{number:07d}", f"Number {number}", url=self.url)
                except _GONE:
                    self.unanswered += 1
                    return
                self.accepted.append(uuid)


@dataclass(slots=True)
class Handsets:
    """Send to a number of ours, one message after the other; `taken` has what was acknowledged."""

    smsc: Smsc
    to: str
    taken: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def stop(self) -> None:
        """Wait until the last one is acknowledged, if need be by the next program."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(90)
            assert not self._thread.is_alive()

    def _work(self) -> None:
        while not self._stop.is_set():
            words = f"Handset {next(self._numbers)}"
            self.sent.append(words)
            self.smsc.send("13105550177", self.to, words, timeout_s=60)
            self.taken.append(words)
