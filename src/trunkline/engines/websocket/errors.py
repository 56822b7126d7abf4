"""What can go wrong with a WebSocket; `str(error)` is a sentence for a person.

WebSocketError
├── NotOpened           no connection: unreachable, forbidden, in vain, no WebSocket there
│   └── UpgradeRefused  the server answered with another status than 101
└── PeerGone            it was open, and is no more
"""

from trunkline.values.errors import TrunklineError


class WebSocketError(TrunklineError):
    """The WebSocket cannot be used."""


class NotOpened(WebSocketError):
    """It could not be opened; with `lasting` it need not be tried again."""

    def __init__(self, text: str, *, lasting: bool = False) -> None:
        super().__init__(text)
        self.lasting = lasting


class UpgradeRefused(NotOpened):
    """The server does not want it."""

    def __init__(self, text: str, status: int) -> None:
        # 401 will not become better by asking again, 503 may.
        super().__init__(text, lasting=400 <= status < 500)
        self.status = status


class PeerGone(WebSocketError):
    """The peer has closed it, broke its rules, or cannot be reached; `code` is RFC 6455 7.4's."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code
