"""What the Java SDK's decoder refuses, by the fields' Java types; unknown fields do not matter."""

from collections.abc import Iterator, Mapping
from typing import Any

from conform_shapes import type_of

_ENUMS = {
    "AccountType": {"standard", "developer"},
    "CallDirection": {"inbound", "outbound"},
    "CallStatus": {"ringing", "in-progress", "queued"},
    "BillingMode": {"prepaid", "postpaid"},
    "NumberType": {"fixed", "mobile", "any", "local", "tollfree", "shortcode", "national"},
}
_SCALARS = {"string", "integer", "number", "boolean"}
_INTEGERS = {"Integer", "int", "Long", "long"}


def java_misses(java: Mapping[str, Any], value: Any) -> Iterator[str]:
    """Tell the fields that its class does not take; of a list each object is of that class."""
    rows = value.get("objects", []) if java["is_list"] else [value]
    for row in rows if isinstance(rows, list) else []:
        for name, wanted in java["fields"].items():
            if row.get(name) is not None and not _takes(wanted, row[name]):
                yield f"Java: {name} is {type_of(row[name])} {row[name]!r:.40}, not {wanted}"


def _takes(wanted: str, value: Any) -> bool:
    if wanted == "JsonNode":
        return True
    if wanted in _ENUMS:
        return value in _ENUMS[wanted]
    if wanted == "String":
        return type_of(value) in _SCALARS
    if wanted in ("Boolean", "boolean"):
        return isinstance(value, bool) or value in ("true", "false")
    if wanted in ("Float", "float"):
        return type_of(value) in ("integer", "number")
    if wanted in _INTEGERS:
        return type_of(value) in ("integer", "number") or _is_numeric(value)
    if wanted.startswith("List<") or wanted.endswith("[]"):
        return isinstance(value, list)
    return isinstance(value, dict)


def _is_numeric(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip("-").isdecimal()
