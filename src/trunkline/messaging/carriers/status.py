"""What carriers' answers and receipts mean: the one table, with the source of each row.

Sources: SMPP34/SMPP50 = the specifications; Kannel, Jasmin, vumi = what those gateways do with it;
list = the error list that most SMSC vendors share; ours = our choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final


class Outcome(Enum):
    """What to do with a message whose submit was refused."""

    THROTTLED = "throttled"  # head of this link's queue again, slow the link, never fail
    TEMPORARY = "temporary"  # retry with back-off, then the next route
    REROUTE = "reroute"  # the next route, else fail
    FAILED = "failed"  # final
    LINK = "link"  # the link is at fault, not the message: the next route, long back-off


@dataclass(frozen=True, slots=True)
class SubmitStatus:
    """One command_status; `plivo_code` is the error if it fails, `alarm` calls a person."""

    code: int
    name: str
    outcome: Outcome
    plivo_code: int
    cause: str
    source: str
    alarm: bool = False


_T, _TMP, _RR, _F, _L = (
    Outcome.THROTTLED,
    Outcome.TEMPORARY,
    Outcome.REROUTE,
    Outcome.FAILED,
    Outcome.LINK,
)
# Names and numbers: SMPP34 5.1.3 and, from 0x100, SMPP50 4.7.6.
_ROWS: Final[tuple[tuple[int, str, Outcome, int, str, str], ...]] = (
    (0x001, "RINVMSGLEN", _F, 110, "message length refused", "SMPP34 5.1.3"),
    (0x002, "RINVCMDLEN", _F, 10, "PDU length refused", "SMPP34 5.1.3"),
    (0x003, "RINVCMDID", _F, 10, "command not known", "SMPP34 5.1.3"),
    (0x004, "RINVBNDSTS", _L, 90, "bind does not allow submits", "SMPP34 5.1.3"),
    (0x005, "RALYBND", _L, 90, "already bound", "ours: the carrier still holds the old link"),
    (0x006, "RINVPRTFLG", _F, 10, "priority refused", "SMPP34 5.1.3"),
    (0x007, "RINVREGDLVFLG", _F, 10, "registered_delivery refused", "SMPP34 5.1.3"),
    (0x008, "RSYSERR", _TMP, 20, "carrier system error", "Kannel and Jasmin retry"),
    (0x00A, "RINVSRCADR", _RR, 40, "sender refused", "ours: another carrier may take it"),
    (0x00B, "RINVDSTADR", _F, 50, "destination refused", "SMPP34 5.1.3"),
    (0x00C, "RINVMSGID", _F, 20, "message id not known", "SMPP34 5.1.3"),
    (0x00D, "RBINDFAIL", _L, 90, "bind failed", "SMPP34 5.1.3"),
    (0x00E, "RINVPASWD", _L, 90, "password refused", "SMPP34 5.1.3"),
    (0x00F, "RINVSYSID", _L, 90, "system_id refused", "SMPP34 5.1.3"),
    (0x014, "RMSGQFUL", _T, 20, "carrier queue full", "Kannel, Jasmin, vumi: as throttled"),
    (0x015, "RINVSERTYP", _F, 10, "service_type refused", "SMPP34 5.1.3"),
    (0x033, "RINVNUMDESTS", _F, 50, "number of destinations refused", "SMPP34 5.1.3"),
    (0x034, "RINVDLNAME", _F, 50, "distribution list refused", "SMPP34 5.1.3"),
    (0x040, "RINVDESTFLAG", _F, 50, "destination flag refused", "SMPP34 5.1.3"),
    (0x042, "RINVSUBREP", _F, 10, "replace refused", "SMPP34 5.1.3"),
    (0x043, "RINVESMCLASS", _F, 10, "esm_class refused", "SMPP34 5.1.3"),
    (0x044, "RCNTSUBDL", _F, 50, "distribution list refused", "SMPP34 5.1.3"),
    (0x045, "RSUBMITFAIL", _TMP, 20, "submit failed", "ours: says no reason"),
    (0x048, "RINVSRCTON", _RR, 40, "sender type refused", "SMPP34 5.1.3"),
    (0x049, "RINVSRCNPI", _RR, 40, "sender plan refused", "SMPP34 5.1.3"),
    (0x050, "RINVDSTTON", _F, 50, "destination type refused", "SMPP34 5.1.3"),
    (0x051, "RINVDSTNPI", _F, 50, "destination plan refused", "SMPP34 5.1.3"),
    (0x053, "RINVSYSTYP", _L, 90, "system_type refused", "SMPP34 5.1.3"),
    (0x054, "RINVREPFLAG", _F, 10, "replace flag refused", "SMPP34 5.1.3"),
    (0x055, "RINVNUMMSGS", _F, 10, "number of messages refused", "SMPP34 5.1.3"),
    (0x058, "RTHROTTLED", _T, 20, "over the carrier's rate", "SMPP34 5.1.3; all retry"),
    (0x061, "RINVSCHED", _F, 10, "delivery time refused", "SMPP34 5.1.3"),
    (0x062, "RINVEXPIRY", _F, 10, "validity refused", "SMPP34 5.1.3"),
    (0x063, "RINVDFTMSGID", _F, 10, "predefined message not known", "SMPP34 5.1.3"),
    (0x064, "RX_T_APPN", _TMP, 20, "carrier application, temporary", "Kannel retries"),
    (0x065, "RX_P_APPN", _F, 100, "carrier application, permanent", "SMPP34 5.1.3"),
    (0x066, "RX_R_APPN", _F, 100, "carrier application, refused", "SMPP34 5.1.3"),
    (0x0C0, "RINVOPTPARSTREAM", _F, 10, "TLVs refused", "SMPP34 5.1.3"),
    (0x0C1, "ROPTPARNOTALLWD", _F, 10, "TLV not allowed", "SMPP34 5.1.3"),
    (0x0C2, "RINVPARLEN", _F, 10, "TLV length refused", "SMPP34 5.1.3"),
    (0x0C3, "RMISSINGOPTPARAM", _F, 10, "TLV missing", "SMPP34 5.1.3; DLT carriers"),
    (0x0C4, "RINVOPTPARAMVAL", _F, 10, "TLV value refused", "SMPP34 5.1.3"),
    (0x0FE, "RDELIVERYFAILURE", _F, 20, "delivery failed", "SMPP34 5.1.3"),
    (0x0FF, "RUNKNOWNERR", _TMP, 20, "unknown carrier error", "ours: says no reason"),
    (0x100, "RSERTYPUNAUTH", _F, 100, "service not authorised", "SMPP50 4.7.6"),
    (0x101, "RPROHIBITED", _F, 100, "prohibited by carrier", "SMPP50 4.7.6"),
    (0x102, "RSERTYPUNAVAIL", _TMP, 20, "service unavailable", "SMPP50 4.7.6"),
    (0x103, "RSERTYPDENIED", _F, 100, "service denied", "SMPP50 4.7.6"),
    (0x104, "RINVDCS", _F, 10, "data_coding refused", "SMPP50 4.7.6"),
    (0x105, "RINVSRCADDRSUBUNIT", _RR, 40, "sender sub-unit refused", "SMPP50 4.7.6"),
    (0x106, "RINVDSTADDRSUBUNIT", _F, 50, "destination sub-unit refused", "SMPP50 4.7.6"),
)
# Our encoding or configuration is wrong: a person must look.
_ALARMS: Final = frozenset((0x01, 0x02, 0x03, 0x43, 0x104, *range(0xC0, 0xC5)))
SUBMIT: Final[Mapping[int, SubmitStatus]] = MappingProxyType(
    {row[0]: SubmitStatus(*row, alarm=row[2] is Outcome.LINK or row[0] in _ALARMS) for row in _ROWS}
)
_NO_CODES: Final[Mapping[int, int]] = MappingProxyType({})
_NO_ERRORS: Final[Mapping[str, int]] = MappingProxyType({})


def submit_status(command_status: int, codes: Mapping[int, int] = _NO_CODES) -> SubmitStatus:
    """Look a non-zero command_status up; `codes` is the carrier's own status → Plivo code."""
    row = SUBMIT.get(command_status)
    if row is None:
        row = _unlisted(command_status)
    code = codes.get(command_status)
    if code is None or code == row.plivo_code:
        return row
    return SubmitStatus(row.code, row.name, row.outcome, code, row.cause, "carrier map", row.alarm)


def _unlisted(status: int) -> SubmitStatus:
    if 0x400 <= status <= 0x4FF:  # SMPP34 5.1.3: vendor specific; ours: carrier policy
        return SubmitStatus(status, f"0x{status:X}", _F, 100, "carrier's own error", "SMPP34 5.1.3")
    return SubmitStatus(status, f"0x{status:X}", _F, 1000, "unlisted error", "ours")


class DeliveryState(StrEnum):
    SENT = "sent"  # not final
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class ReceiptOutcome:
    """`plivo_code` is None unless undelivered; `known` is False for a stat we keep raw."""

    state: DeliveryState
    plivo_code: int | None = None
    known: bool = True


DELIVERED: Final = ReceiptOutcome(DeliveryState.DELIVERED)
NOT_FINAL: Final = ReceiptOutcome(DeliveryState.SENT)

# stat → state, fixed Plivo code (wins over err) or None, code when err says nothing, source.
STATS: Final[Mapping[str, tuple[DeliveryState, int | None, int | None, str]]] = MappingProxyType(
    {
        "DELIVRD": (DeliveryState.DELIVERED, None, None, "SMPP34 appendix B"),
        "DELIVERED": (DeliveryState.DELIVERED, None, None, "seen at carriers"),
        "ENROUTE": (DeliveryState.SENT, None, None, "SMPP34 5.2.28"),
        "ACCEPTD": (DeliveryState.SENT, None, None, "SMPP34 appendix B"),
        "ACCEPTED": (DeliveryState.SENT, None, None, "seen at carriers"),
        "ACKED": (DeliveryState.SENT, None, None, "seen at carriers"),
        "BUFFRED": (DeliveryState.SENT, None, None, "seen at carriers"),
        "BUFFERD": (DeliveryState.SENT, None, None, "seen at carriers"),
        "BUFFERED": (DeliveryState.SENT, None, None, "seen at carriers"),
        "SCHEDULED": (DeliveryState.SENT, None, None, "SMPP50 4.7.15"),
        "UNDELIV": (DeliveryState.UNDELIVERED, None, 1000, "SMPP34 appendix B"),
        "UNDELIVERABLE": (DeliveryState.UNDELIVERED, None, 1000, "seen at carriers"),
        "FAILED": (DeliveryState.UNDELIVERED, None, 1000, "seen at carriers"),
        "EXPIRED": (DeliveryState.UNDELIVERED, 80, 80, "SMPP34 appendix B"),
        "REJECTD": (DeliveryState.UNDELIVERED, None, 100, "SMPP34 appendix B"),
        "REJECTED": (DeliveryState.UNDELIVERED, None, 100, "seen at carriers"),
        "DELETED": (DeliveryState.UNDELIVERED, None, 100, "SMPP34 appendix B"),
        "SKIPPED": (DeliveryState.UNDELIVERED, None, 100, "SMPP50 4.7.15"),
        "UNKNOWN": (DeliveryState.UNDELIVERED, 1000, 1000, "ours; vumi: pending"),
    }
)


def _spread(code: int, *errors: int) -> dict[str, int]:
    return {str(error): code for error in errors}


# Source: list. Numbers are written without leading zeros.
COMMON_ERRORS: Final[Mapping[str, int]] = MappingProxyType(
    _spread(50, 1, 2, 5)  # unknown or unidentified subscriber
    | _spread(70, 9, 11, 12, 13)  # illegal subscriber or device, no SMS subscription, barred
    | _spread(100, 15, 21, 22)  # closed user group, SMS not supported
    | _spread(80, 31, 32)  # subscriber busy
    | _spread(20, 34, 35, 36)  # network or system failure
    | _spread(80, 40, 49, 50, 52)  # memory or SIM full
    | _spread(80, *range(41, 49), 51, 53, 54, 55)  # handset errors
    | _spread(80, *range(60, 70))  # absent subscriber
)
# Carriers known to differ from the common list; merged over it.
TWILIO_ERRORS: Final[Mapping[str, int]] = MappingProxyType({"1": 80})  # absent subscriber
SINCH_ERRORS: Final[Mapping[str, int]] = MappingProxyType({"15": 30, "62": 30})  # screening
EIGHT_X_EIGHT_ERRORS: Final[Mapping[str, int]] = MappingProxyType({"43": 30})  # spam


def receipt_outcome(
    stat: str,
    err: str,
    errors: Mapping[str, int] = _NO_ERRORS,
    unknown: DeliveryState = DeliveryState.UNDELIVERED,
) -> ReceiptOutcome:
    """Judge a receipt by its upper-case `stat` (from message_state when given) and raw `err`.

    `errors` is the carrier's own err → Plivo code, without leading zeros; it wins over the
    common list and over the fixed code of EXPIRED. `unknown` is what stat UNKNOWN means there.
    A word we do not know changes nothing: not final, and the caller keeps it raw.
    """
    if stat == "DELIVRD":
        return DELIVERED
    row = STATS.get(stat)
    if row is None:
        return ReceiptOutcome(DeliveryState.SENT, None, known=False)
    state, fixed, default, _ = row
    if stat == "UNKNOWN" and unknown is not DeliveryState.UNDELIVERED:
        return ReceiptOutcome(unknown)
    if state is not DeliveryState.UNDELIVERED:
        return ReceiptOutcome(state)
    key = err.strip().lstrip("0")
    code = errors.get(key) or fixed or COMMON_ERRORS.get(key) or default
    return ReceiptOutcome(state, code)
