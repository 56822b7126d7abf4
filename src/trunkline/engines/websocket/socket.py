"""An open WebSocket: sends without waiting, receives whole messages, bounded both ways."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Final

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from trunkline.engines.websocket.errors import PeerGone

MOST_MESSAGE: Final = 64 * 1024
_MOST_WAITING: Final = 256 * 1024  # octets received and not taken; then reading pauses
_CLOSE_S: Final = 1.0
_TEXT: Final = WSMsgType.TEXT


class WebSocket(WSListener):
    """One connection. `on_writable` is called when a slow peer takes octets again.

    `on_message` is shown each message that follows on none that waits for `receive`; it returns
    whether it has taken it.
    """

    def __init__(self) -> None:
        self.on_writable: Callable[[], None] = _nothing
        self.on_message: Callable[[bytes], bool] = _none
        self._transport: WSTransport | None = None
        self._writable = False
        self._received: deque[bytes] = deque()
        self._waiting = 0
        self._reading = True
        self._woken = asyncio.Event()
        self._parts: list[bytes] = []
        self._parts_size = 0
        self._gone: PeerGone | None = None
        self._left = asyncio.Event()

    # --- for its user ----------------------------------------------------------------------------

    @property
    def writable(self) -> bool:
        """Whether the peer takes what is sent; else `send` refuses."""
        return self._writable

    def send(self, text: bytes) -> bool:
        """Send a text message; False if the peer is behind or gone, and nothing was sent."""
        transport = self._transport
        if transport is None or not self._writable:
            return False
        transport.send(_TEXT, text)
        return True

    async def receive(self) -> bytes:
        """Return the next message, text or binary.

        Raises:
            PeerGone: there will be none.
        """
        while not self._received:
            if self._gone is not None:
                raise self._gone
            self._woken.clear()
            await self._woken.wait()
        message = self._received.popleft()
        self._waiting -= len(message)
        if not self._reading and self._waiting < _MOST_WAITING // 2 and self._transport:
            self._reading = True
            self._transport.underlying_transport.resume_reading()
        return message

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say good-bye and close, whatever the peer does; may be called twice."""
        transport = self._transport
        if transport is None:
            return
        self._end(PeerGone("The WebSocket was closed here.", code))
        if not transport.is_disconnected:
            if not transport.is_close_frame_sent:
                transport.send_close(WSCloseCode(code), reason.encode()[:120])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await self._left.wait()
            if not self._left.is_set():
                transport.underlying_transport.abort()  # a peer that says no good-bye

    # --- for picows ------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """It is open."""
        self._transport = transport
        self._writable = self._gone is None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame; RFC 6455 5.4: messages may come in several."""
        kind = frame.msg_type
        if self._gone is not None:
            if kind == WSMsgType.CLOSE:
                transport.disconnect()
            return
        if kind == _TEXT and frame.fin and not self._parts:  # as nearly all are
            message = frame.get_payload_as_bytes()
            if self._received or not self.on_message(message):
                self._keep(transport, message)
            return
        match kind:
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.CONTINUATION:
                self._take(transport, frame)
            case WSMsgType.CLOSE:
                code = int(frame.get_close_code().value) or 1005
                if transport.is_close_frame_sent:
                    # picows said good-bye first, for what came before: this only answers it.
                    code = int(WSCloseCode.PROTOCOL_ERROR.value)
                else:
                    transport.send_close(WSCloseCode.OK)
                transport.disconnect()
                self._end(PeerGone(f"The peer closed the WebSocket with {code}.", code))
            case _:
                pass  # picows answers pings itself

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        """It is closed."""
        self._left.set()
        self._end(PeerGone("The connection of the WebSocket broke.", 1006))

    def pause_writing(self) -> None:
        """The peer does not take what was sent."""
        self._writable = False

    def resume_writing(self) -> None:
        """The peer takes octets again."""
        if self._gone is None:
            self._writable = True
            self.on_writable()

    def _take(self, transport: WSTransport, frame: WSFrame) -> None:
        begins = frame.msg_type != WSMsgType.CONTINUATION
        if begins == bool(self._parts):
            self._refuse(transport, WSCloseCode.PROTOCOL_ERROR, "parts of messages are mixed up")
            return
        self._parts_size += frame.payload_size
        if self._parts_size > MOST_MESSAGE:
            self._refuse(transport, WSCloseCode.MESSAGE_TOO_BIG, "a message is too large")
            return
        parts = self._parts
        parts.append(frame.get_payload_as_bytes())
        if not frame.fin:
            return
        self._parts, self._parts_size = [], 0
        message = b"".join(parts)
        if self._received or not self.on_message(message):
            self._keep(transport, message)

    def _keep(self, transport: WSTransport, message: bytes) -> None:
        self._received.append(message)
        self._waiting += len(message)
        if self._waiting > _MOST_WAITING and self._reading:
            self._reading = False
            transport.underlying_transport.pause_reading()
        self._woken.set()

    def _refuse(self, transport: WSTransport, code: WSCloseCode, why: str) -> None:
        transport.send_close(code, why.encode())
        transport.disconnect()
        self._end(PeerGone(f"The peer broke the rules of WebSockets: {why}.", int(code.value)))

    def _end(self, gone: PeerGone) -> None:
        self._gone = self._gone or gone
        self._writable = False
        self._woken.set()


def _none(_: bytes) -> bool:
    """Nobody takes messages as they come."""
    return False


def _nothing() -> None:
    """Nobody minds."""
