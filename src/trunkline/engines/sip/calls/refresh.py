"""The session timer of one call (RFC 4028)."""

import asyncio
from collections.abc import Callable

from trunkline.protocols.sip.session_timer import Agreed


class SessionClock:
    """Calls `refresh` at half of the interval if that is ours to do.

    `expire` shortly before its end.
    """

    __slots__ = ("_expire", "_handles", "_loop", "_refresh", "agreed")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        refresh: Callable[[], None],
        expire: Callable[[], None],
    ) -> None:
        self.agreed: Agreed | None = None
        self._loop = loop
        self._refresh = refresh
        self._expire = expire
        self._handles: list[asyncio.TimerHandle] = []

    def start(self, agreed: Agreed | None) -> None:
        """The session was set up or refreshed: the interval begins anew."""
        self.stop()
        self.agreed = agreed
        if agreed is None:
            return
        later = self._loop.call_later
        self._handles.append(later(agreed.expires_after_s(), self._expire))
        if agreed.ours:
            self._handles.append(later(agreed.refresh_after_s(), self._refresh))

    def stop(self) -> None:
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
