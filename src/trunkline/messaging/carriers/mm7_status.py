"""What an MMSC's answers and reports mean, as `status` has it for SMPP."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trunkline.messaging.carriers.status import Outcome, SubmitStatus
from trunkline.messaging.model import State
from trunkline.protocols.mm7 import status as mm7

_SOURCE = "TS 23.140 8.7.8.3.3"
_T, _TMP, _RR, _F, _L = (
    Outcome.THROTTLED,
    Outcome.TEMPORARY,
    Outcome.REROUTE,
    Outcome.FAILED,
    Outcome.LINK,
)
_ROWS: Final[Mapping[int, tuple[Outcome, int]]] = MappingProxyType(
    {
        mm7.CLIENT_ERROR: (_F, 10),
        mm7.OPERATION_RESTRICTED: (_F, 100),
        mm7.ADDRESS_ERROR: (_F, 50),
        mm7.ADDRESS_NOT_FOUND: (_F, 50),
        mm7.CONTENT_REFUSED: (_F, 10),
        mm7.FORMAT_CORRUPT: (_F, 10),
        mm7.SERVER_ERROR: (_TMP, 20),
        mm7.NOT_POSSIBLE: (_RR, 20),
        mm7.MESSAGE_REJECTED: (_F, 100),
        mm7.GENERAL_SERVICE_ERROR: (_TMP, 20),
        mm7.IMPROPER_IDENTIFICATION: (_L, 90),
        mm7.UNSUPPORTED_VERSION: (_L, 90),
        mm7.UNSUPPORTED_OPERATION: (_L, 90),
        mm7.VALIDATION_ERROR: (_F, 10),
        mm7.SERVICE_ERROR: (_TMP, 20),
        mm7.SERVICE_UNAVAILABLE: (_TMP, 20),
        mm7.SERVICE_DENIED: (_RR, 100),
        mm7.APPLICATION_DENIED: (_RR, 100),
    }
)
_STATES: Final[Mapping[str, tuple[State, int]]] = MappingProxyType(
    {  # TS 23.140 8.7.4: MMStatus; Deferred and Forwarded are not final
        "retrieved": (State.DELIVERED, 0),
        "expired": (State.UNDELIVERED, 80),
        "rejected": (State.UNDELIVERED, 100),
        "indeterminate": (State.UNDELIVERED, 1000),
        "unrecognised": (State.UNDELIVERED, 1000),
        "unreachable": (State.UNDELIVERED, 80),
        "system error": (State.UNDELIVERED, 20),
    }
)


def submit_status(code: int) -> SubmitStatus:
    """Look up a StatusCode other than success; an unknown one is judged by its class."""
    found = _ROWS.get(code) or _ROWS.get(code // 1000 * 1000, (_TMP, 20))
    outcome, plivo_code = found
    name = mm7.NAMES.get(code, f"status {code}")
    return SubmitStatus(code, name, outcome, plivo_code, name, _SOURCE, outcome is _L)


def refused(outcome: Outcome, plivo_code: int, why: str) -> SubmitStatus:
    """Make the status of a message that was refused by no StatusCode."""
    return SubmitStatus(0, why, outcome, plivo_code, why, "ours", outcome is _L)


def reported(status: str) -> tuple[State, int] | None:
    """Return the final state and error code that an MMStatus means, None while it is not final."""
    return _STATES.get(status.strip().lower())
