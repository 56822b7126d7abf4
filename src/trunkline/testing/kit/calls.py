"""Calls of a simulated phone: what was heard in them, how they ended."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from trunkline.testing.kit.waiting import TIMEOUT_S, Unmet, until
from trunkline.testing.kit.wire import Wire

State = Literal["calling", "ringing", "answered", "ended"]
_ORDER = ("calling", "ringing", "answered", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What a phone does in a call that it dials; seconds of the program's clock.

    `digits` are pressed one after the other, `w` waits half a second and `W` a whole one.
    """

    digits: str = ""
    digits_after_s: float = 1.0
    hang_up_after_s: float | None = None
    does: Literal["listen", "greet", "speak", "echo", "machine", "talk", "mute"] = "listen"
    sound_s: float = 3.0
    caller_name: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came out of the phone: digits that were pressed at the other end, seconds of sound."""

    digits: str
    sound_s: float


class Call:
    """A call as its phone has it; what is read is as of now."""

    def __init__(self, call_id: str, look: Callable[[], dict[str, Any]]) -> None:
        self.call_id = call_id
        self._look = look

    def __repr__(self) -> str:
        now = self._look()
        return f"<Call {now['number']} – {now['other']}: {now['state']} {now['sip_status'] or ''}>"

    @property
    def details(self) -> dict[str, Any]:
        """All that the program tells of it."""
        return self._look()

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._look()["state"]

    @property
    def other(self) -> str:
        """The number at the other end."""
        return self._look()["other"]

    @property
    def heard(self) -> Heard:
        """What was heard until now."""
        now = self._look()
        return Heard(now["digits"], now["sound_s"])

    def expect(self, state: State = "ended", timeout_s: float = TIMEOUT_S) -> "Call":
        """Wait until it has come so far, and return it.

        Raises:
            Unmet: it has not in time, or ended before.
        """
        wanted = _ORDER.index(state)

        def look() -> str | None:
            now = self.state
            return now if _ORDER.index(now) >= wanted else None

        found = until(look, timeout_s)
        ended_before = found == "ended" and state == "answered" and not self.details["answered_at"]
        if found is None or ended_before:
            raise Unmet(f"{self!r} was not {state} in {timeout_s:g} s: {self.details}")
        return self

    def expect_digits(self, digits: str, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until these digits were heard; raises Unmet."""
        if until(lambda: digits in self.heard.digits or None, timeout_s) is None:
            raise Unmet(f"{self!r} did not hear {digits!r} in {timeout_s:g} s: {self.heard}")

    def expect_sound(self, seconds: float = 0.5, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until something was heard for so long; raises Unmet."""
        if until(lambda: self.heard.sound_s >= seconds or None, timeout_s) is None:
            raise Unmet(f"{self!r} did not hear {seconds:g} s in {timeout_s:g} s: {self.heard}")


@dataclass(frozen=True, slots=True)
class CallView:
    """The calls of one phone, of one account unless that is ""."""

    wire: Wire
    path: str
    number: str
    account: str

    def all(self) -> list[Call]:
        """Return them, the oldest first."""
        return [self._call(one["call_id"]) for one in self._rows()]

    def expect(self, met: set[str], timeout_s: float) -> Call:
        """Wait for a call that came and is not in `met`, and put it there; raises Unmet."""

        def look() -> str | None:
            ids = (one["call_id"] for one in self._rows() if not one["placed"])
            return next((call_id for call_id in ids if call_id not in met), None)

        found = until(look, timeout_s)
        if found is None:
            raise Unmet(f"nobody called {self.number} in {timeout_s:g} s; calls: {self.all()}")
        met.add(found)
        return self._call(found)

    def dial(self, to: str, options: CallOptions) -> Call:
        """Dial; raises RequestRefused."""
        placed = self.wire.ask("POST", self.path, {"to": to, **asdict(options)})
        return self._call(placed["call"]["call_id"])

    def _call(self, call_id: str) -> Call:
        def look() -> dict[str, Any]:
            found = (one for one in self._rows() if one["call_id"] == call_id)
            row = next(found, None)
            if row is None:
                raise Unmet(f"{self.number} has forgotten call {call_id}: it keeps a hundred")
            return row

        return Call(call_id, look)

    def _rows(self) -> list[dict[str, Any]]:
        query: dict[str, Any] = {"account": self.account} if self.account else {}
        return self.wire.ask("GET", self.path, **query)["calls"]
