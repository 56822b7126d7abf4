"""The program's clock, for tests that have it to themselves."""

from dataclasses import dataclass, field
from datetime import timedelta

from trunkline.testing.kit.wire import RequestRefused, Wire

_REFUSED = 409


class ClockIsShared(Exception):
    """The program's time is the system's: other tests live in it."""


@dataclass(frozen=True, slots=True)
class TestClock:
    """Seconds since 1970 UTC, as the program has them."""

    __test__ = False  # pytest would take the name for a test's
    _wire: Wire = field(repr=False)

    def now(self) -> float:
        """Return the program's time."""
        return self._wire.ask("GET", "/admin/clock")["now"]

    def advance(self, by: float | timedelta) -> float:
        """Move time on by seconds, and return the new time; what became due happens now.

        Raises:
            ClockIsShared: the test is not marked `trunkline_clock`.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        try:
            return self._wire.ask("POST", "/admin/clock/advance", {"seconds": seconds})["now"]
        except RequestRefused as error:
            if error.status != _REFUSED:
                raise
            raise ClockIsShared(
                "this program's time is the system's, and other tests live in it: mark the test"
                " with @pytest.mark.trunkline_clock, which gives it another program"
            ) from error
