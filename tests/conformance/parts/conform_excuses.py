"""Where an answer may differ from what is printed, and why: every entry is a decision.

`FIELDS` by operation ("*": all) and field of the example; `CELLS` by operation and SDK.
"""

from collections.abc import Iterable

Keys = frozenset[tuple[str, str]]

FIELDS: dict[tuple[str, str], str] = {
    ("phone_number.search", "objects[].prerequisites"): "no number of the sample needs papers",
    ("message.list", "Api_id"): "misprint: every other answer spells it api_id",
    ("media.list", "objects[].message_uuid"): "an older answer's: uploads belong to no message",
    **{
        (operation, f"{prefix}{field}"): "null until the networks' table is there"
        for operation, prefix in (("message.get", ""), ("message.list", "objects[]."))
        for field in ("destination_network", "is_domestic", "mcc", "mnc")
    },
    **{
        (operation, f"{prefix}{field}"): "null until registration is there"
        for operation, prefix in (("message.get", ""), ("message.list", "objects[]."))
        for field in ("tendlc_campaign_id", "tendlc_registration_status", "powerpack_id")
    },
}
CELLS: dict[tuple[str, str], str] = {
    (f"incoming_carrier.{verb}", sdk): "no official SDK has it: tested by plain requests"
    for verb in ("create", "delete", "get", "list", "update")
    for sdk in ("python", "node")
}


def excused(operation: str, found: Iterable[str]) -> tuple[tuple[str, ...], Keys]:
    """Part misses that count from those with an excuse; return the former and the excuses used.

    A miss begins with the field's path.
    """
    counted: list[str] = []
    used: set[tuple[str, str]] = set()
    for miss in dict.fromkeys(found):
        field = miss.split(" ", 1)[0]
        key = next((k for k in ((operation, field), ("*", field)) if k in FIELDS), None)
        if key is None:
            counted.append(miss)
        else:
            used.add(key)
    return tuple(counted), frozenset(used)
