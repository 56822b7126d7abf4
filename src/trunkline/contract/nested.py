"""What may stand inside a JSON object that is passed on as it is."""

import math
from typing import Any, cast

_MAX_DEPTH = 32
_INT_64 = 1 << 63


def refusal(value: Any, depth: int = 0) -> str | None:
    """Say why `value` cannot be stored and sent on again as JSON, None if it can."""
    if isinstance(value, str):
        return "must not contain NUL characters" if "\0" in value else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return None if -_INT_64 <= value < _INT_64 else "has a number out of range"
    if isinstance(value, float):
        return None if math.isfinite(value) else "has a number out of range"
    if depth >= _MAX_DEPTH:
        return f"is nested more than {_MAX_DEPTH} levels deep"
    return _refusal_inside(value, depth + 1)


def _refusal_inside(value: Any, depth: int) -> str | None:
    items: list[Any] = []
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        items.extend(mapping)
        items.extend(mapping.values())
    else:
        items.extend(cast("list[Any]", value))
    for item in items:
        why = refusal(item, depth)
        if why is not None:
            return why
    return None
