"""A customer's WebSocket that calls are streamed to."""

import asyncio
import json
from typing import Any

from e2e_loop import BackgroundLoop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,
)


class StreamServer(WSListener):
    """Takes one stream after the other, and keeps what all of them say."""

    def __init__(self, loop: BackgroundLoop) -> None:
        self._loop = loop
        self._server: asyncio.Server | None = None
        self._transport: WSTransport | None = None
        self.told: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}

    def start(self) -> "StreamServer":
        self._loop.run(self._start())
        return self

    def stop(self) -> None:
        self._loop.run(self._stop())

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/stream"

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in list(self.told) if one["event"] == event]

    def say(self, **message: object) -> None:
        async def send() -> None:
            assert self._transport is not None
            self._transport.send(WSMsgType.TEXT, json.dumps(message).encode())

        self._loop.run(send())

    def leave(self) -> None:
        """Say good-bye."""

        async def close() -> None:
            assert self._transport is not None
            self._transport.send_close()
            self._transport.disconnect()

        self._loop.run(close())

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self.headers = {key.lower(): value for key, value in transport.request.headers.items()}

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self.told.append(json.loads(frame.get_payload_as_bytes()))

    async def _start(self) -> None:
        def arrives(_request: WSUpgradeRequest) -> WSListener:
            return self

        self._server = await ws_create_server(arrives, "127.0.0.1", 0)

    async def _stop(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
        if self._server is not None:
            self._server.close()
