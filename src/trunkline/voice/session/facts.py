"""What a call tells about itself in every request (PLIVO voice: callback parameters)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from trunkline.voice.causes import Cause
from trunkline.voice.xml.headers import PREFIX, is_key

Params = dict[str, str]
Direction = Literal["inbound", "outbound"]


@dataclass(slots=True)
class Facts:
    """One call or leg. Ends are numbers without "+", or SIP addresses; times are unix seconds.

    `account_id` (MA… or SA…) owns it, `main_auth_id` is billed. `extra` holds what only some
    calls have, under its name on the wire: SIP-H-To, ForwardedFrom, STIRVerification, SIPAuthType…
    """

    call_uuid: str
    account_id: str
    main_auth_id: str
    direction: Direction
    sender: str
    recipient: str
    started_at: float
    request_uuid: str = ""
    parent_uuid: str = ""
    caller_name: str = ""
    bill_rate: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    extra: dict[str, str] = field(default_factory=dict[str, str])
    ringing_at: float | None = None
    answered_at: float | None = None
    machine: bool | None = None
    conference_uuid: str = ""  # of the last conference that it was in
    over: bool = False  # what is told from now on is told of a call that has ended

    @property
    def inbound(self) -> bool:
        """The far end has called us."""
        return self.direction == "inbound"

    @property
    def status(self) -> str:
        """`CallStatus`, but of a call that was never answered after its end."""
        if self.over:
            return "completed"
        return "ringing" if self.answered_at is None else "in-progress"

    def params(self, event: str = "", status: str = "") -> Params:
        """Return the parameters that every request about this call has."""
        params = {
            "CallUUID": self.call_uuid,
            "From": bare(self.sender),
            "To": bare(self.recipient),
            "Direction": self.direction,
            "CallStatus": status or self.status,
            "BillRate": self.bill_rate,
            "ParentAuthID": self.main_auth_id,
            "SessionStart": stamp(self.started_at),
        }
        if event:
            params["Event"] = event
        if not self.inbound:
            # PLIVO application: outbound calls only; all of them name the same call.
            first = self.parent_uuid or self.call_uuid
            params["RequestUUID"] = self.request_uuid or self.call_uuid
            params["ALegUUID"] = first
            params["ALegRequestUUID"] = self.request_uuid or first
        if self.caller_name:
            params["CallerName"] = self.caller_name
        if self.machine:
            params["Machine"] = "true"
        return params | self.extra | self.headers

    def hangup_params(self, cause: Cause, ended_at: float, bill: "Bill") -> Params:
        """Return the parameters of the hangup callback."""
        answered = self.answered_at is not None
        status = cause.status(answered=answered, inbound=self.inbound)
        params = self.params("Hangup", status)
        params |= {
            "HangupCause": cause.classic,
            "HangupCauseName": cause.name,
            "HangupCauseCode": str(cause.code),
            "HangupSource": cause.source.value,
            "Duration": str(bill.duration_s),
            "BillDuration": str(bill.seconds),
            "BillRate": bill.rate,
            "TotalCost": bill.total,
            "StartTime": plain_time(self.started_at),
            "EndTime": plain_time(ended_at),
            "CarrierFailoverTriggered": "false",
        }
        if self.answered_at is not None:
            params["AnswerTime"] = plain_time(self.answered_at)
        return params


@dataclass(frozen=True, slots=True)
class Bill:
    """What a call came to: billed seconds, and dollars as text.

    `duration_s` are the seconds from answer to end, a begun one counted, as the record has them.
    """

    seconds: int = 0
    rate: str = "0.00000"
    total: str = "0.00000"
    duration_s: int = 0


def bare(address: str) -> str:
    """Return a number without its "+"; other addresses as they are."""
    return address.removeprefix("+")


def stamp(at: float) -> str:
    """Write a time as `YYYY-MM-DD HH:MM:SS.ffffff`, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def plain_time(at: float) -> str:
    """Write a time as `YYYY-MM-DD HH:MM:SS`, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def received_headers(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Choose of a caller's headers those that requests about the call carry on: X-PH-name."""
    prefix = PREFIX.lower()
    return {
        PREFIX + name[len(prefix) :]: value[:120]
        for name, value in headers
        if name.lower().startswith(prefix) and is_key(name[len(prefix) :])
    }
