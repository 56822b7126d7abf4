"""What documented answers look like: every field and its JSON type, and what an answer lacks of it.

A shape is JSON itself, so that fixtures keep it as it is: an object's is {"fields": {name: shape}},
an array's {"items": shape} (of all its elements together), anything else a list of type names.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

Shape = dict[str, Any] | list[str]

_PAGES = ("next", "previous")  # null where there is no such page
_PYTHON = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def shape_of(value: Any) -> Shape:
    """Return the shape of one documented example."""
    if isinstance(value, dict):
        return {"fields": {name: shape_of(one) for name, one in sorted(value.items())}}
    if isinstance(value, list):
        shape: Shape = []
        for one in value:
            shape = merged(shape, shape_of(one))
        return {"items": shape}
    return [_PYTHON[type(value)]]


def merged(one: Shape, other: Shape) -> Shape:
    """Return the shape that documents both; where they disagree, either type will do."""
    if not one or not other:
        return one or other
    if isinstance(one, list) and isinstance(other, list):
        return sorted({*one, *other})
    if isinstance(one, list) or isinstance(other, list):
        # An object beats the null or the text that stands for it elsewhere.
        return other if isinstance(one, list) else one
    if "items" in one and "items" in other:
        return {"items": merged(one["items"], other["items"])}
    if "fields" in one and "fields" in other:
        names = sorted({*one["fields"], *other["fields"]})
        empty: Shape = []
        return {
            "fields": {
                name: merged(one["fields"].get(name, empty), other["fields"].get(name, empty))
                for name in names
            }
        }
    return one


def misses(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Tell each documented field that `value` lacks or has in another JSON type."""
    if isinstance(shape, list):
        if shape and not _is_one_of(shape, value):
            yield f"{path or 'answer'} is {type_of(value)}, not {'|'.join(shape)}"
    elif "items" in shape:
        yield from _array_misses(shape["items"], value, path)
    else:
        yield from _object_misses(shape["fields"], value, path)


def _array_misses(items: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is {type_of(value)}, not an array"
        return
    if not value and items:
        yield f"{path} is empty: nothing to look at"
    found = Counter(miss for one in value for miss in set(misses(items, one, f"{path}[]")))
    for miss, count in found.items():
        # What one element lacks another may show: only null in all of them tells nothing.
        if count == len(value) or " is null, " not in miss:
            yield miss


def _object_misses(fields: dict[str, Shape], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path or 'answer'} is {type_of(value)}, not an object"
        return
    for name, shape in fields.items():
        at = f"{path}.{name}" if path else name
        if name in _PAGES and value.get(name, "") is None:
            continue
        if name not in value:
            yield f"{at} is missing"
        else:
            yield from misses(shape, value[name], at)


def _is_one_of(names: list[str], value: Any) -> bool:
    if names == ["null"]:
        return True  # the example does not tell what it is when it is something
    found = type_of(value)
    return found in names or (found == "integer" and "number" in names)


def type_of(value: Any) -> str:
    """Return the JSON type's name."""
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else _PYTHON[type(value)]


_GO = {
    "string": {"string"},
    "bool": {"boolean"},
    "int": {"integer"},
    "float": {"integer", "number"},
    "time.Time": {"string"},
}


def go_misses(struct: Any, value: Any, path: str = "") -> Iterator[str]:
    """Tell what Go's decoder refuses: a field of a type that its struct does not take.

    Absent and unknown fields and null are fine to it, and the case of names does not matter.
    """
    if value is None:
        return
    if isinstance(struct, list):
        if isinstance(value, list):
            for one in value:
                yield from go_misses(struct[0] if struct else None, one, f"{path}[]")
        else:
            yield f"Go: {path} is {type_of(value)}, not an array"
    elif isinstance(struct, dict):
        yield from _go_object_misses(struct, value, path)
    elif isinstance(struct, str):
        yield from _go_scalar_misses(struct, value, path)


def _go_object_misses(struct: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"Go: {path or 'answer'} is {type_of(value)}, not an object"
        return
    known = {name.lower(): one for name, one in struct.items()}
    for name, one in value.items():
        if name.lower() in known:
            yield from go_misses(known[name.lower()], one, f"{path}.{name}" if path else name)


def _go_scalar_misses(name: str, value: Any, path: str) -> Iterator[str]:
    plain = name.removeprefix("*")
    if plain.startswith("[]"):
        yield from go_misses([plain[2:]], value, path)
        return
    wanted = _GO.get(plain.rstrip("0123456789").removeprefix("u"))
    if wanted is not None and type_of(value) not in wanted:
        yield f"Go: {path} is {type_of(value)}, not {plain}"
