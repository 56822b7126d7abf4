"""What can be wrong with SIP, as a tree.

SipError
Malformed          received octets that break the grammar; some can be answered
EncodeError        a message of ours that cannot be written
"""

from typing import Any


class SipError(Exception):
    """Root of what this package raises."""


class Malformed(SipError):
    """Octets that are no SIP message.

    `status` is what a request is answered with: 400, 413 or 505. `request` holds the Request
    as far as it could be read, if that is enough for an answer to find its way back; None says
    drop it. Responses and
    ACKs that are malformed are always dropped (RFC 3261 8.1.3.3, 17.2.1).
    """

    def __init__(self, reason: str, status: int = 400, request: Any = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.request: Any = request


class EncodeError(SipError, ValueError):
    """A header value with a line end in it: it would write headers of its own."""
