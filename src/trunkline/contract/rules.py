"""How one field of a request is read: forgiving about form, strict about type and range.

A rule takes whatever JSON, a form or a query string brought and returns the field's value, or
raises `ValueError` with words that complete "… parameter is invalid: ".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec
from msgspec import inspect

from trunkline.contract.nested import refusal
from trunkline.contract.upload import Upload

Rule = Callable[[Any], Any]

_TRUE = frozenset(("true", "1", "yes", "on"))
_FALSE = frozenset(("false", "0", "no", "off"))
_MAX_INT_TEXT = 20
_DECIMAL = re.compile(r"[-+]?[0-9]{1,20}(\.[0-9]{1,20})?")


def rule_for(kind: inspect.Type, extra: Mapping[str, Any] | None = None) -> Rule:
    """Make the rule of a field's type as `msgspec.inspect` describes it.

    `extra` comes from `Meta(extra=…)`: `join` joins a list into a string, `pairs` an object into
    `name=value` with that between them, `split` cuts a string into a list, `form` names what a
    pattern stands for.

    Raises:
        TypeError: the type is none of those a request may have.
    """
    extra = extra or {}
    if isinstance(kind, inspect.Metadata):
        return rule_for(kind.type, {**extra, **extra_of(kind)})
    if isinstance(kind, inspect.UnionType):
        inner = [item for item in kind.types if not isinstance(item, inspect.NoneType)]
        if len(inner) == 1:
            return rule_for(inner[0], extra)
    return _simple_rule(kind, extra)


def extra_of(kind: inspect.Type) -> Mapping[str, Any]:
    """Return what `Meta(extra=…)` says about the outermost layer of a type."""
    if isinstance(kind, inspect.Metadata):
        return cast("dict[str, Any]", kind.extra or {})  # pyright: ignore[reportUnknownMemberType]
    return {}


def _simple_rule(kind: inspect.Type, extra: Mapping[str, Any]) -> Rule:
    match kind:
        case inspect.StrType():
            return _string(kind, extra)
        case inspect.LiteralType():
            return _choice(kind)
        case inspect.BoolType():
            return read_bool
        case inspect.IntType():
            return _integer(kind)
        case inspect.FloatType():
            return _number(kind)
        case inspect.ListType():
            return _list(kind, extra)
        case inspect.DictType():
            return _object
        case inspect.StructType(cls=cls) if cls is Upload:
            return _file
        case _:
            raise TypeError(f"a request field cannot be {kind}")


def _string(kind: inspect.StrType, extra: Mapping[str, Any]) -> Rule:
    if "join" in extra:
        return _joined(_text(kind, extra), extra["join"])
    if "pairs" in extra:
        return _paired(_text(kind, extra), extra["pairs"])
    return _text(kind, extra)


def _text(kind: inspect.StrType, extra: Mapping[str, Any]) -> Rule:
    shortest, longest = kind.min_length or 0, kind.max_length
    pattern = re.compile(kind.pattern) if kind.pattern else None
    form = str(extra.get("form", f"of the form {kind.pattern}"))

    def read(value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = _small_int_text(value)
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if "\0" in value:
            raise ValueError("must not contain NUL characters")
        if pattern is not None:
            value = value.strip()
        if longest is not None and len(value) > longest:
            raise ValueError(f"must have at most {longest} characters")
        if len(value) < shortest:
            raise ValueError(
                "must not be empty" if shortest == 1 else f"needs {shortest} characters"
            )
        if pattern is not None and not pattern.search(value):
            raise ValueError(f"must be {form}")
        return value

    return read


def _small_int_text(value: int) -> str:
    if abs(value) >= 10**_MAX_INT_TEXT:
        raise ValueError("is too large a number")
    return str(value)


def _joined(read_text: Rule, separator: str) -> Rule:
    def read(value: Any) -> str:
        if isinstance(value, list):
            items = cast("list[Any]", value)
            value = separator.join(read_text(item) for item in items)
        return read_text(value)

    return read


def _paired(read_text: Rule, separator: str) -> Rule:
    def read(value: Any) -> str:
        if isinstance(value, dict):
            pairs = cast("dict[str, Any]", value)
            parts = [f"{name}={read_text(item)}" for name, item in pairs.items()]
            value = separator.join(parts)
        return read_text(value)

    return read


def _choice(kind: inspect.LiteralType) -> Rule:
    known = {str(value).lower(): value for value in kind.values}
    listed = ", ".join(sorted(map(str, kind.values)))

    def read(value: Any) -> Any:
        if isinstance(value, bool):
            value = "true" if value else "false"
        chosen = known.get(value.strip().lower()) if isinstance(value, str) else None
        if chosen is None:
            raise ValueError(f"must be one of {listed}")
        return chosen

    return read


def read_bool(value: Any) -> bool:
    """Read true and false as JSON, as 1 and 0, or as a word in any case."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    elif isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise ValueError("must be true or false")


def _integer(kind: inspect.IntType) -> Rule:
    least, most = kind.ge, kind.le

    def read(value: Any) -> int:
        number = _whole(value)
        if number is None:
            raise ValueError("must be an integer")
        if least is not None and number < least:
            raise ValueError(f"must be at least {least}")
        if most is not None and number > most:
            raise ValueError(f"must be at most {most}")
        return number

    return read


def _number(kind: inspect.FloatType) -> Rule:
    least, most = kind.ge, kind.le

    def read(value: Any) -> float:
        number = _real(value)
        if number is None:
            raise ValueError("must be a number")
        if least is not None and number < least:
            raise ValueError(f"must be at least {least:g}")
        if most is not None and number > most:
            raise ValueError(f"must be at most {most:g}")
        return number

    return read


def _real(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MAX_INT_TEXT:
        return None
    return int(text)


def _list(kind: inspect.ListType, extra: Mapping[str, Any]) -> Rule:
    item_rule = rule_for(kind.item_type)
    separator = str(extra.get("split", ","))
    most = kind.max_length

    def read(value: Any) -> list[Any]:
        if isinstance(value, str):
            value = _items(value, separator)
        if not isinstance(value, list):
            raise ValueError("must be a list")
        items = cast("list[Any]", value)
        if most is not None and len(items) > most:
            raise ValueError(f"must have at most {most} items")
        return [item_rule(item) for item in items]

    return read


def _file(value: Any) -> Upload:
    if not isinstance(value, Upload):
        raise ValueError("must be a file in a multipart/form-data body")
    return value


def _items(text: str, separator: str) -> Any:
    """Cut a string into a list, or read it as one in JSON, which is how a form carries objects."""
    if text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise ValueError("must be a list") from None
    return [item.strip() for item in text.split(separator) if item.strip()]


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):  # a form can carry an object only as text
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise ValueError("must be a JSON object") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    mapping = cast("dict[str, Any]", value)
    why = refusal(mapping)
    if why is not None:
        raise ValueError(why)
    return mapping
