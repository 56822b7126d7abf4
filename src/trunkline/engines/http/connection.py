"""One socket: a request goes out in one write, httptools parses the answer."""

import asyncio
from collections.abc import Callable
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from trunkline.engines.http.errors import (
    BadResponse,
    ClientClosed,
    HttpError,
    StaleConnection,
    TimedOut,
    Unanswered,
)
from trunkline.engines.http.message import HttpLimits

# A chunk of one byte costs six on the wire: more framing than this is an attack, not an answer.
_FRAMING_FACTOR = 8


class Connection(asyncio.Protocol):
    """Owns one transport and its single timer; serves one request at a time.

    After `exchange` returns, `status`, `headers`, `body()` and `truncated` hold the answer until
    the next one begins.
    """

    __slots__ = (
        "_body_bytes",
        "_chunks",
        "_complete",
        "_deadline",
        "_in_body",
        "_keep",
        "_limits",
        "_loop",
        "_on_lost",
        "_parser",
        "_received",
        "_timer",
        "_timer_at",
        "_transport",
        "_waiter",
        "headers",
        "served",
        "status",
        "truncated",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: HttpLimits,
        on_lost: "Callable[[Connection], None]",
    ) -> None:
        self._loop = loop
        self._limits = limits
        self._on_lost = on_lost
        self._parser: HttpResponseParser | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._deadline = 0.0
        self._keep = False
        self.served = 0
        self._begin()

    def _begin(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.truncated = False
        self._chunks: list[bytes] = []
        self._body_bytes = 0
        self._received = 0
        self._in_body = False
        self._complete = False

    # What the pool and the client use.

    @property
    def usable(self) -> bool:
        """Whether another request may go out."""
        return self._keep and self._transport is not None and not self._transport.is_closing()

    def body(self) -> bytes:
        """Return the body of the last answer, cut at the limit."""
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def exchange(self, request: bytes, deadline: float) -> None:
        """Send one request and wait for its answer until the loop's time `deadline`.

        Raises TimedOut, BadResponse, ConnectFailed, or StaleConnection when a reused connection
        closed before any byte of the answer.
        """
        transport = self._transport
        if transport is None:
            raise StaleConnection("The connection was closed by the other side.")
        self._begin()
        self._keep = False
        self._waiter = waiter = self._loop.create_future()
        self._watch(deadline)
        transport.write(request)
        try:
            await waiter
        except asyncio.CancelledError:
            self._waiter = None
            self.abort()
            raise
        self.served += 1

    def rest(self) -> None:
        """Go idle: the connection closes itself when it is not used for the keep-alive time."""
        self._watch(self._loop.time() + self._limits.keep_alive_s)

    def close(self) -> None:
        """Close in good order; nothing is awaited."""
        self._keep = False
        if self._transport is not None:
            self._transport.close()

    def abort(self, error: HttpError | None = None) -> None:
        """Drop the connection now; a waiting exchange raises the error."""
        self._keep = False
        self._settle(error or ClientClosed("The HTTP client was closed."))
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = HttpResponseParser(self)
        self._keep = True

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._parser is None:
            self.close()  # an answer nobody asked for
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.abort(BadResponse("The answer switches to another protocol."))
            return
        except HttpParserError as error:
            self._keep = False
            if not self._complete:
                own = error.__context__  # what a callback below raised
                known = own if isinstance(own, BadResponse) else None
                self.abort(known or BadResponse(f"The answer is not HTTP/1.1: {error}."))
                return
        if self._complete:
            self._finish()
        elif self._received > self._most_bytes():
            self.abort(_too_large())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None and not self._complete:
            if exc is None and self._ends_with_close():
                self._complete = True
                self._settle(None)
            else:
                self._settle(self._broken(exc))
        self._keep = False
        self._transport = None
        self._parser = None  # breaks the cycle parser -> bound methods -> self
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._on_lost(self)

    # What httptools calls.

    def on_message_begin(self) -> None:
        if self._complete:
            self._keep = False  # a second answer to one request
        elif self.status:  # the interim one is over
            self.status = 0
            self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # trailers are dropped
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        most = self._limits.head_bytes
        if self._received > most and sum(len(n) + len(v) + 4 for n, v in self.headers) > most:
            raise _too_large()
        parser = cast("HttpResponseParser", self._parser)
        self.status = parser.get_status_code()
        self._in_body = self.status >= 200

    def on_body(self, data: bytes) -> None:
        if self._complete:
            return
        room = self._limits.body_bytes - self._body_bytes
        if len(data) > room:
            data = data[:room]
            self.truncated = True
            self._complete = True
        self._body_bytes += len(data)
        self._chunks.append(data)

    def on_message_complete(self) -> None:
        if self._complete or not self._in_body:  # RFC 9110 15.2: interim answers are skipped
            return
        self._complete = True
        self._keep = cast("HttpResponseParser", self._parser).should_keep_alive()

    # Inside.

    def _finish(self) -> None:
        if not self._keep:
            self.close()
        self._settle(None)

    def _settle(self, error: HttpError | None) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is None or waiter.done():
            return
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)

    def _most_bytes(self) -> int:
        if not self._in_body:
            return self._limits.head_bytes
        return self._limits.head_bytes + _FRAMING_FACTOR * self._limits.body_bytes

    def _ends_with_close(self) -> bool:
        """RFC 9112 6.3 (8): without a length, the close is the end of the body."""
        if not self._in_body:
            return False
        for name, value in self.headers:
            key = name.lower()
            if key == b"content-length":
                return False
            if key == b"transfer-encoding" and value.strip().lower().endswith(b"chunked"):
                return False
        return True

    def _broken(self, exc: Exception | None) -> HttpError:
        if self._received:
            return BadResponse("The connection closed in the middle of the answer.")
        kind = StaleConnection if self.served else Unanswered
        why = f" ({exc})" if exc is not None and str(exc) else ""
        return kind(f"The connection closed before any answer{why}.")

    def _watch(self, deadline: float) -> None:
        # One timer a connection, moved only when it must ring earlier: a kept-alive connection
        # re-arms it once a time-out, not once a request.
        self._deadline = deadline
        if self._timer is None or deadline < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = deadline
            self._timer = self._loop.call_at(deadline, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._loop.time() < self._deadline:
            self._watch(self._deadline)
        elif self._waiter is not None:
            self.abort(TimedOut("No complete answer in time."))
        else:
            self.close()


def _too_large() -> BadResponse:
    return BadResponse("The answer has too large a head or too much framing.")
