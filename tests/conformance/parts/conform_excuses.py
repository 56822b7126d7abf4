"""Where an answer may differ from what is printed, and why: every entry is a decision.

`FIELDS` by operation ("*": all) and field of the example; `CELLS` by operation and SDK.
"""

FIELDS: dict[tuple[str, str], str] = {
    ("message.list", "Api_id"): "misprint: every other answer spells it api_id",
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


def excuse(operation: str, miss: str) -> str | None:
    """Return why a miss is none; it begins with the field's path."""
    field = miss.split(" ", 1)[0]
    return FIELDS.get((operation, field)) or FIELDS.get(("*", field))
