"""A simulated phone: what came to it, and what its owner does with it."""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from trunkline.testing.kit.calls import Call, CallOptions, CallView
from trunkline.testing.kit.waiting import TIMEOUT_S, Unmet
from trunkline.testing.kit.wire import Wire

_MOST_WAIT_S = 20.0  # of one request: a server that stops is not held up for longer


@dataclass(frozen=True, slots=True)
class Sms:
    """A message on a phone; `text` is "" for binary ones, `at` is on the program's clock.

    `details` is all that the program tells: parts, media and so on.
    """

    sender: str
    text: str
    at: float
    details: dict[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return json.dumps(self.details, sort_keys=True)


@dataclass(slots=True)
class Phone:
    """One phone; messages are expected one after the other: each is met by one expectation."""

    number: str
    _wire: Wire = field(repr=False)
    _account: str = field(repr=False)
    _default: str = field(repr=False)
    _met: set[str] = field(default_factory=set[str], repr=False)

    @property
    def sms(self) -> list[Sms]:
        """Every message that came, the oldest first: the last hundred."""
        return self._inbox()

    def expect_sms(
        self, pattern: str | re.Pattern[str] = "", timeout_s: float = TIMEOUT_S
    ) -> re.Match[str]:
        """Wait for a message in whose text `pattern` is found, and return the match.

        A message that met an expectation meets no other.

        Raises:
            Unmet: none came in time; tells what did.
        """
        wanted = re.compile(pattern)
        end, left, seen = time.monotonic() + timeout_s, timeout_s, -1
        while True:
            inbox = self._inbox(beyond=seen, wait_s=min(max(left, 0.0), _MOST_WAIT_S))
            found = self._first(inbox, wanted)
            if found is not None:
                return found
            if left <= 0:
                raise Unmet(
                    f"{self.number} got no SMS that matches {wanted.pattern!r} in {timeout_s:g} s;"
                    f" {self._told()}"
                )
            left, seen = end - time.monotonic(), len(inbox)

    def send_sms(self, to: str, text: str) -> None:
        """Write to one of the account's numbers, and wait until the program has taken it.

        Raises:
            RequestRefused: no account has that number.
        """
        self._wire.ask("POST", self._path("messages"), {"to": to, "text": text})

    def reply(self, text: str) -> None:
        """Write to whom the last message came from, or to the account's first number."""
        inbox = self._inbox()
        self.send_sms(inbox[-1].sender if inbox else self._default, text)

    @property
    def calls(self) -> list[Call]:
        """Every call of this phone, the oldest first: the last hundred."""
        return self._calls.all()

    def expect_call(self, timeout_s: float = TIMEOUT_S) -> Call:
        """Wait for a call that comes to this phone and that was not expected before.

        Raises:
            Unmet: none came in time.
        """
        return self._calls.expect(self._met, timeout_s)

    def call(self, to: str | None = None, **options: Any) -> Call:
        """Dial one of the account's numbers, the first if none is given.

        Returns once it rings, is answered or is refused. Options are those of CallOptions:
        `digits`, `digits_after_s`, `hang_up_after_s`, `does`, `sound_s`, `caller_name`.

        Raises:
            RequestRefused: no account has that number.
        """
        return self._calls.dial(to or self._default, CallOptions(**options))

    @property
    def _calls(self) -> CallView:
        return CallView(self._wire, self._path("calls"), self.number, self._account)

    def _path(self, page: str) -> str:
        return f"/sim/handsets/{self.number}/{page}"

    def _inbox(self, **look: Any) -> list[Sms]:
        if self._account:
            look["account"] = self._account
        found = self._wire.ask("GET", self._path("messages"), **look)["messages"]
        return [Sms(one["sender"], one.get("text") or "", one["at"], one) for one in found]

    def _first(self, inbox: list[Sms], wanted: re.Pattern[str]) -> re.Match[str] | None:
        for one in inbox:
            found = wanted.search(one.text)
            if found is not None and one.key not in self._met:
                self._met.add(one.key)
                return found
        return None

    def _told(self) -> str:
        inbox = self._inbox()
        if not inbox:
            return "none came at all"
        lines = [
            f"  from {one.sender}: {one.text!r}{' (met before)' * (one.key in self._met)}"
            for one in inbox
        ]
        return "what came:\n" + "\n".join(lines)
