"""What a user agent counts."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stats:
    """Counted since the start."""

    received: int = 0
    sent: int = 0
    malformed: int = 0
    strangers: int = 0
    """Requests of unknown addresses that were dropped without an answer."""
    banned: int = 0
    """Datagrams and messages dropped unread because their address is banned."""
    unauthorised: int = 0
    """Wrong credentials."""
    overload: int = 0
    """Calls refused with 503."""
    stray: int = 0
    """Responses and ACKs that belong to nothing."""
    faults: int = 0
    """Errors of our own, each answered with 500 where that was possible."""
    calls_in: int = 0
    calls_out: int = 0
