"""A WebSocket client (RFC 6455) that goes where the callbacks' HTTP client may go.

dialler = Dialler(AddressPolicy(...))
socket = await dialler.open("wss://…", headers)
socket.send(text) -> bool;  await socket.receive() -> bytes;  await socket.close(1000)
"""

from trunkline.engines.websocket.dialler import Dialler
from trunkline.engines.websocket.errors import (
    NotOpened,
    PeerGone,
    UpgradeRefused,
    WebSocketError,
)
from trunkline.engines.websocket.socket import WebSocket

__all__ = ["Dialler", "NotOpened", "PeerGone", "UpgradeRefused", "WebSocket", "WebSocketError"]
