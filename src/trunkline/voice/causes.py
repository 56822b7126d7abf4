"""Why calls end: one table of codes, and what each says on the wire.

PLIVO voice: hangup causes. Codes and names are the documented ones. The classic hangup cause
(`HangupCause`), the callback's status and the record's state are documented by examples only;
where no example is known they are inferred from the code's meaning.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

Status = Literal["completed", "busy", "failed", "timeout", "no-answer"]
DialStatus = Literal[Status, "cancel"]


class Source(StrEnum):
    """Who ended a call (`HangupSource`, `hangup_source`)."""

    CALLER = "Caller"
    CALLEE = "Callee"
    PLATFORM = "Plivo"
    CARRIER = "Carrier"
    API = "API Request"
    XML = "Answer XML"
    ERROR = "Error"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Cause:
    """One way in which a call ends; `classic` is the switch's word for it (`HangupCause`)."""

    code: int
    name: str
    source: Source
    classic: str = "NORMAL_CLEARING"
    unanswered: DialStatus = "failed"  # of a call that was never answered

    def by(self, source: Source) -> "Cause":
        """Return the same cause, brought about by somebody else."""
        return self if source is self.source else replace(self, source=source)

    def status(self, *, answered: bool, inbound: bool = False) -> Status:
        """Return `CallStatus` of the hangup callback; inbound calls are always completed."""
        if answered or inbound:
            return "completed"
        # PLIVO application: completed, busy, failed, timeout or no-answer, and no other.
        return "no-answer" if self.unanswered == "cancel" else self.unanswered

    def dial_status(self, *, answered: bool) -> DialStatus:
        """Return `DialStatus` of a Dial that ended so."""
        return "completed" if answered else self.unanswered

    def state(self, *, answered: bool) -> str:
        """Return `call_state` of the record (ANSWER, BUSY, CANCEL, NOANSWER, FAILED, TIMEOUT)."""
        return "ANSWER" if answered else _STATES[self.unanswered]


_STATES: dict[DialStatus, str] = {
    "busy": "BUSY",
    "failed": "FAILED",
    "timeout": "TIMEOUT",
    "no-answer": "NOANSWER",
    "cancel": "CANCEL",
    "completed": "ANSWER",
}

_CALLEE, _CALLER, _CARRIER = Source.CALLEE, Source.CALLER, Source.CARRIER
_ERROR, _US, _XML = Source.ERROR, Source.PLATFORM, Source.XML

_ROWS = (
    Cause(0, "Unknown", Source.UNKNOWN, "UNKNOWN"),
    Cause(1000, "Canceled", _CALLER, "ORIGINATOR_CANCEL", "cancel"),
    Cause(1010, "Canceled (Out Of Credits)", _US, "OUTGOING_CALL_BARRED", "cancel"),
    Cause(
        1020, "Canceled (Simultaneous dial limit reached)", _US, "OUTGOING_CALL_BARRED", "cancel"
    ),
    Cause(2000, "Invalid Destination Address", _US, "INVALID_NUMBER_FORMAT"),
    Cause(2010, "Destination Out Of Service", _CARRIER, "DESTINATION_OUT_OF_ORDER"),
    Cause(2020, "Endpoint Not Registered", _US, "USER_NOT_REGISTERED"),
    Cause(2030, "Destination Country Barred", _US, "OUTGOING_CALL_BARRED"),
    Cause(2040, "Destination Number Barred", _US, "OUTGOING_CALL_BARRED"),
    Cause(2050, "Destination Prefix Barred", _US, "OUTGOING_CALL_BARRED"),
    Cause(2060, "Loop Detected", _US, "EXCHANGE_ROUTING_ERROR"),
    Cause(2070, "Violates Media Anchoring", _US, "INCOMPATIBLE_DESTINATION"),
    Cause(3000, "No Answer", _CALLEE, "NO_ANSWER", "no-answer"),
    Cause(3010, "Busy Line", _CALLEE, "USER_BUSY", "busy"),
    Cause(3020, "Rejected", _CALLEE, "CALL_REJECTED"),
    Cause(3030, "Unknown Caller ID", _CARRIER, "CALL_REJECTED"),
    Cause(3040, "Forbidden", _CARRIER, "CALL_REJECTED"),
    Cause(3050, "Unallocated number", _CARRIER, "UNALLOCATED_NUMBER"),
    Cause(3070, "Request timeout", _CARRIER, "RECOVERY_ON_TIMER_EXPIRE", "timeout"),
    Cause(3080, "Internal server error from carrier", _CARRIER, "NETWORK_OUT_OF_ORDER"),
    Cause(3090, "Network congestion from carrier", _CARRIER, "NORMAL_TEMPORARY_FAILURE"),
    Cause(3100, "Busy everywhere", _CALLEE, "USER_BUSY", "busy"),
    Cause(3110, "Declined", _CALLEE, "CALL_REJECTED"),
    Cause(3120, "User does not exist anywhere", _CARRIER, "NO_ROUTE_DESTINATION"),
    Cause(3130, "Spam block", _CARRIER, "CALL_REJECTED"),
    Cause(3140, "DNO Caller ID", _CARRIER, "CALL_REJECTED"),
    Cause(4000, "Normal Hangup", _CALLEE),
    Cause(4010, "End Of XML Instructions", _US),
    Cause(4020, "Multiparty Call Ended", _US, "NORMAL_CLEARING", "cancel"),
    Cause(4030, "Kicked Out Of Multiparty Call", Source.API),
    Cause(4210, "SIP authentication of the caller failed", _US, "CALL_REJECTED"),
    Cause(4240, "SIP authentication at the callee failed", _US, "CALL_REJECTED"),
    Cause(4250, "SIP authentication timed out", _US, "RECOVERY_ON_TIMER_EXPIRE", "timeout"),
    Cause(5000, "Network Error", _ERROR, "NETWORK_OUT_OF_ORDER"),
    Cause(5010, "Internal Error", _ERROR, "SWITCH_CONGESTION"),
    Cause(5020, "Routing Error", _ERROR, "NO_ROUTE_DESTINATION"),
    Cause(5030, "Concurrency Limit Breached", _US, "CALL_REJECTED"),
    Cause(6000, "Scheduled Hangup", _US, "ALLOTTED_TIMEOUT", "timeout"),
    Cause(6010, "Ring Timeout Reached", _US, "NO_ANSWER", "no-answer"),
    Cause(6020, "Media Timeout", _US, "MEDIA_TIMEOUT", "timeout"),
    Cause(7011, "Error Reaching Answer URL", _ERROR),
    Cause(7012, "Error Reaching Action URL", _ERROR),
    Cause(7013, "Error Reaching Transfer URL", _ERROR),
    Cause(7014, "Error Reaching Redirect URL", _ERROR),
    Cause(7022, "Invalid Action URL", _ERROR),
    Cause(7023, "Invalid Transfer URL", _ERROR),
    Cause(7024, "Invalid Redirect URL", _ERROR),
    Cause(7032, "Invalid Method For Action URL", _ERROR),
    Cause(7033, "Invalid Method For Transfer URL", _ERROR),
    Cause(7034, "Invalid Method For Redirect URL", _ERROR),
    Cause(8011, "Invalid Answer XML", _ERROR),
    Cause(8012, "Invalid Action XML", _ERROR),
    Cause(8013, "Invalid Transfer XML", _ERROR),
    Cause(8014, "Invalid Redirect XML", _ERROR),
    Cause(9000, "Lost Race", _US, "LOSE_RACE", "cancel"),
    Cause(9100, "Machine Detected", _US),
    Cause(9110, "Confirm Key Challenge Failed", _US, "NORMAL_CLEARING", "no-answer"),
)

CAUSES = MappingProxyType({row.code: row for row in _ROWS})

UNKNOWN = CAUSES[0]
CANCELED = CAUSES[1000]
OUT_OF_CREDITS = CAUSES[1010]
INVALID_DESTINATION = CAUSES[2000]
NOT_REGISTERED = CAUSES[2020]
NO_ANSWER = CAUSES[3000]
BUSY = CAUSES[3010]
REJECTED = CAUSES[3020]
NORMAL = CAUSES[4000]
END_OF_XML = CAUSES[4010]
MULTIPARTY_ENDED = CAUSES[4020]
MULTIPARTY_KICKED = CAUSES[4030]
NETWORK_ERROR = CAUSES[5000]
INTERNAL_ERROR = CAUSES[5010]
SCHEDULED = CAUSES[6000]
RING_TIMEOUT = CAUSES[6010]
MEDIA_TIMEOUT = CAUSES[6020]
LOST_RACE = CAUSES[9000]
MACHINE_DETECTED = CAUSES[9100]
CONFIRM_FAILED = CAUSES[9110]


class Errand(StrEnum):
    """Why a document is fetched: its last digit tells the error codes apart."""

    ANSWER = "answer"
    ACTION = "action"
    TRANSFER = "transfer"
    REDIRECT = "redirect"

    @property
    def unreachable(self) -> Cause:
        """Not answered, or not with 2xx."""
        return CAUSES[7010 + _DIGITS[self]]

    @property
    def invalid_url(self) -> Cause:
        """Not an http or https URL; an answer URL was checked when it was given."""
        return CAUSES[7020 + _DIGITS[self]] if self is not Errand.ANSWER else self.unreachable

    @property
    def invalid_method(self) -> Cause:
        """Neither GET nor POST."""
        return CAUSES[7030 + _DIGITS[self]] if self is not Errand.ANSWER else self.unreachable

    @property
    def invalid_xml(self) -> Cause:
        """The body is no document of the grammar."""
        return CAUSES[8010 + _DIGITS[self]]


_DIGITS = {Errand.ANSWER: 1, Errand.ACTION: 2, Errand.TRANSFER: 3, Errand.REDIRECT: 4}

# What a far end's final status means; a class's default (4xx, 5xx, 6xx) stands under its hundred.
_FAR_END = {
    300: 5020, 400: 3080, 401: 4240, 403: 3040, 404: 3050, 407: 4240, 408: 3070, 410: 2010,
    480: 3000, 482: 2060, 483: 2060, 484: 2000, 486: 3010, 487: 1000, 488: 2070, 500: 3080,
    503: 3090, 504: 3070, 600: 3100, 603: 3110, 604: 3120, 606: 2070, 607: 3130, 608: 3130,
}  # fmt: skip


def of_far_end(status: int) -> Cause:
    """Return the cause of a call that the far end refused with a status from 300 to 699."""
    code = _FAR_END.get(status) or _FAR_END.get(status // 100 * 100, 0)
    return CAUSES[code]


# What a caller is refused with, where a call ends before it was answered.
_REFUSALS = {
    1010: 402, 2000: 484, 2010: 480, 2020: 480, 2030: 403, 2040: 403, 2050: 403, 2060: 482,
    2070: 488, 3000: 480, 3010: 486, 3020: 603, 3030: 403, 3040: 403, 3050: 404, 3070: 408,
    3080: 500, 3090: 503, 3100: 600, 3110: 603, 3120: 604, 3130: 607, 3140: 608, 4210: 403,
    5000: 502, 5010: 503, 5020: 404, 5030: 503, 6010: 480,
}  # fmt: skip


def refusal_of(cause: Cause) -> int:
    """Return the SIP status (400 to 699) for a caller whose unanswered call ends so."""
    return _REFUSALS.get(cause.code, 480)  # RFC 3261 21.4.18: temporarily unavailable
