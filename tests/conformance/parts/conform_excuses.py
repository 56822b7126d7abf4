"""Where an answer may differ from what is printed, and why: every entry is a decision.

`FIELDS` by operation, or curl line, and field of the example; `CELLS` by operation and SDK.
"""

from collections.abc import Iterable

Keys = frozenset[tuple[str, str]]

FIELDS: dict[tuple[str, str], str] = {
    ("phone_number.search", "objects[].prerequisites"): "no number of the sample needs papers",
    ("message.list", "Api_id"): "misprint: every other answer spells it api_id",
    ("campaign_number.unlink", "status"): "plivo-ruby takes only 200 and 204 for a DELETE",
    ("brand.list", "brands[].Address"): "misprint: a single brand's is address",
    ("brand.list", "brands[].Authorized_contact"): "misprint: a single brand's is in lower case",
    **{
        ("campaign_number.list", f"phone_numbers_summary.{state}"): "it has the states that occur"
        for state in ("COMPLETED", "PROCESSING")
    },
    ("profile.get", "profile.authorized_contact.name"): "one SDK's fixture alone has it",
    ("tollfree_verification.list", "meta.count"): "one SDK's fixture alone; it is total_count",
    ("message.get", "tendlc_campaign_id"): "null but for numbers of a campaign",
    ("002:832", "invalid_number"): "only where a number is invalid, as none of this line is",
    ("media.list", "objects[].message_uuid"): "an older answer's: uploads belong to no message",
    **{
        (f"conference_member.{verb}", "member_id"): "plivo-go and plivo-java read a list"
        for verb in ("deaf", "hangup", "kick", "mute", "play", "speak")
    },
    ("call.stream_get", "rounded_bill_duration"): "plivo-go reads text",
    ("call.stream_get", "start_time"): "null until it has started",
    ("call.stream_get", "end_time"): "null until it has ended",
    ("mpc_participant.get", "exit_cause"): "null as long as it is there",
    ("mpc_participant.update", "message"): "plivo-go, node and java read its parts at the top",
    **{
        ("endpoint.list", f"objects[].{name}"): "only while a phone is registered"
        for name in ("sip_contact", "sip_expires", "sip_user_agent")
    },
}
SOMETIMES = {key for key in FIELDS if key[0] == "campaign_number.list"}  # by what is in process
CELLS: dict[tuple[str, str], str] = (
    {
        (f"incoming_carrier.{verb}", sdk): "no official SDK has it: tested by plain requests"
        for verb in ("create", "delete", "get", "list", "update")
        for sdk in ("python", "node")
    }
    | {
        (operation, sdk): "no official SDK for it: tested by plain requests"
        for operation in ("call.hangup_all", "mpc_member.speak_start", "mpc_member.speak_stop")
        for sdk in ("python", "node")
    }
    | {("call_feedback.create", "node"): "plivo-node sends no body with it"}
    | {
        (f"transcription.{verb}", "node"): "the Node SDK has no transcriptions"
        for verb in ("create", "delete", "get")
    }
)


def excused(found: Iterable[str], *places: str) -> tuple[tuple[str, ...], Keys]:
    """Part misses that count from those with an excuse; return the former and the excuses used.

    A miss begins with the field's path; `places` are the operation and, of a curl line, its source.
    """
    counted: list[str] = []
    used: set[tuple[str, str]] = set()
    for miss in dict.fromkeys(found):
        field = miss.split(" ", 1)[0]
        key = next(((place, field) for place in places if (place, field) in FIELDS), None)
        if key is None:
            counted.append(miss)
        else:
            used.add(key)
    return tuple(counted), frozenset(used)
