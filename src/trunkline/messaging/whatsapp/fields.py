"""Takes the fields of a JSON object of a request one by one; the path to each is in every error."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from trunkline.contract.errors import InvalidParameter, MissingParameter

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{0,20})?")


class Fields:
    """One object; null and "" count as absent, as SDKs send every field they know."""

    __slots__ = ("_values", "path")

    def __init__(self, values: dict[str, Any], path: str) -> None:
        self._values = values
        self.path = path

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}{name}" if name.startswith("[") else f"{self.path}.{name}"

    def has(self, name: str) -> bool:
        """Tell whether a field is given."""
        return self._values.get(name) not in (None, "", [], {})

    def refuse(self, name: str, why: str) -> InvalidParameter:
        """Make the error of a field."""
        return InvalidParameter(self.at(name), why)

    def text(self, name: str, most: int) -> str:
        """Return a text of 1 to `most` characters."""
        found = self.optional_text(name, most)
        if found is None:
            raise MissingParameter(self.at(name))
        return found

    def optional_text(self, name: str, most: int) -> str | None:
        """Return a text of up to `most` characters, None without one."""
        if not self.has(name):
            return None
        value = self._values[name]
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self.refuse(name, "must be a string")
        if not value.strip():
            raise self.refuse(name, "must not be blank")
        if len(value) > most:
            raise self.refuse(
                name, f"must have at most {most:,} characters (it has {len(value):,})"
            )
        return value

    def pattern(self, name: str, form: "re.Pattern[str]", words: str, most: int) -> str:
        """Return a text of a form that `words` describe."""
        found = self.text(name, most)
        if form.fullmatch(found) is None:
            raise self.refuse(name, f"must be {words}")
        return found

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """Return one of `allowed`."""
        found = self.text(name, 64)
        if found not in allowed:
            raise self.refuse(name, f"must be one of {', '.join(allowed)}")
        return found

    def integer(self, name: str, least: int, most: int) -> int:
        """Return a whole number, also when it comes as a text."""
        if not self.has(name):
            raise MissingParameter(self.at(name))
        value = self._values[name]
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refuse(name, f"must be a whole number from {least} to {most}")
        return value

    def degrees(self, name: str, most: float) -> float:
        """Return an angle between -`most` and `most`, also when it comes as a text."""
        if not self.has(name):
            raise MissingParameter(self.at(name))
        angle = _number(self._values[name])
        if angle is None or abs(angle) > most:
            raise self.refuse(name, f"must be a number of degrees from -{most:g} to {most:g}")
        return angle

    def object(self, name: str) -> "Fields":
        """Return an object."""
        found = self.optional_object(name)
        if found is None:
            raise MissingParameter(self.at(name))
        return found

    def optional_object(self, name: str) -> "Fields | None":
        """Return an object, None without one."""
        if not self.has(name):
            return None
        value = self._values[name]
        if not isinstance(value, dict):
            raise self.refuse(name, "must be an object")
        return Fields(cast("dict[str, Any]", value), self.at(name))

    def objects(self, name: str, most: int, least: int = 0) -> "list[Fields]":
        """Return a list of `least` to `most` objects."""
        if not self.has(name):
            if least:
                raise MissingParameter(self.at(name))
            return []
        value = self._values[name]
        if not isinstance(value, list):
            raise self.refuse(name, "must be a list")
        items = cast("list[Any]", value)
        if not least <= len(items) <= most:
            few = f"from {least} to {most}" if least != most else f"{most}"
            raise self.refuse(name, f"must have {few} items (it has {len(items)})")
        found: list[Fields] = []
        for at, item in enumerate(items):
            path = f"{self.at(name)}[{at}]"
            if not isinstance(item, dict):
                raise InvalidParameter(path, "must be an object")
            found.append(Fields(cast("dict[str, Any]", item), path))
        return found


def distinct(items: Sequence[Fields], key: Callable[[Fields], str | None], name: str) -> None:
    """Refuse the second of two items with the same key.

    Raises:
        InvalidParameter: there are two.
    """
    seen: set[str] = set()
    for item in items:
        value = key(item)
        if value is not None and value in seen:
            raise item.refuse(name, "is there twice")
        if value is not None:
            seen.add(value)


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return float(value) if _DEGREES.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
