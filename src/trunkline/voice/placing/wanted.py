"""What is wanted of a call that waits for its turn, as the row of the call keeps it."""

from typing import Literal

import msgspec

from trunkline.voice.call import Machine, Plan
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.records.model import Call
from trunkline.voice.session.facts import Facts
from trunkline.voice.telephony import Destination, MachineSpec


class Detection(msgspec.Struct, frozen=True, omit_defaults=True):
    """How to look for an answering machine; times in milliseconds."""

    mode: Literal["true", "hangup"] = "true"
    time_ms: int = 5_000
    maximum_speech_ms: int = 5_000
    initial_silence_ms: int = 4_500
    url: str = ""
    method: str = "POST"


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """JSON in `calls.extra`; URLs are "" when not set, times in seconds."""

    answer_url: str
    answer_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    ring_url: str = ""
    ring_method: str = "POST"
    ring_timeout_s: int = 120
    hangup_on_ring_s: int | None = None
    time_limit_s: int = 14_400
    send_digits: str = ""
    tone_ms: int = 0
    send_on_preanswer: bool = False
    machine: Detection | None = None
    headers: dict[str, str] = {}

    def written(self) -> str:
        """Return it as the row keeps it."""
        return msgspec.json.encode(self).decode()


_decode = msgspec.json.Decoder(Wanted).decode


def read(call: Call) -> Wanted:
    """Return what is wanted of a call. Raises msgspec.MsgspecError: no such thing is written."""
    return _decode(call.extra)


def plan_of(call: Call, wanted: Wanted) -> Plan:
    """Return what is to be done with a call."""
    machine = wanted.machine
    return Plan(
        Start(
            wanted.answer_url,
            wanted.answer_method,
            wanted.fallback_url,
            wanted.fallback_method,
        ),
        hangup_url=call.hangup_url,
        hangup_method=call.hangup_method,
        time_limit_s=wanted.time_limit_s,
        ring_url=wanted.ring_url,
        ring_method=wanted.ring_method,
        ring_timeout_s=wanted.ring_timeout_s,
        hangup_on_ring_s=wanted.hangup_on_ring_s,
        send_digits=wanted.send_digits,
        send_digits_ms=wanted.tone_ms,
        send_on_preanswer=wanted.send_on_preanswer,
        machine=None
        if machine is None
        else Machine(
            machine.mode,
            MachineSpec(machine.time_ms, machine.maximum_speech_ms, machine.initial_silence_ms),
            machine.url,
            machine.method,
        ),
    )


def destination_of(call: Call, wanted: Wanted) -> Destination:
    """Return whom to call."""
    return Destination(
        call.recipient, call.sender, call.caller_name, wanted.headers, call.account_id
    )


def facts_of(call: Call, headers: dict[str, str], bill_rate: str) -> Facts:
    """Return what a recorded call tells about itself."""
    return Facts(
        call.call_uuid,
        call.account_id,
        call.main_id,
        call.direction,
        call.sender,
        call.recipient,
        call.initiated_at,
        request_uuid=call.request_uuid,
        parent_uuid=call.parent_uuid,
        caller_name=call.caller_name,
        bill_rate=bill_rate,
        headers=dict(headers),
        ringing_at=call.ringing_at,
        answered_at=call.answered_at,
    )
