"""How a setting is declared: a dataclass field that knows its key, parser, default and meaning."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")

_MARK = "setting"


class Required:
    """The default of a key that has none."""


REQUIRED = Required()


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of one key.

    `default` is as it would be written in TOML (None: unset). `form` says in words what may be
    written. `columns` names the dataclass of an array of tables; of several that share a key,
    `kind` tells which tables are its own.
    """

    key: str
    parse: Callable[[object], Any]
    default: object
    form: str
    doc: str
    env: str | None
    secret: bool
    columns: type[Any] | None = None
    kind: str = ""


def setting(
    key: str,
    parse: Callable[[object], T],
    default: object,
    doc: str,
    *,
    env: str | None = None,
    secret: bool = False,
) -> T:
    """Declare a field read from `key`; `parse` gets TOML's value or the variable's text.

    The parser's docstring says what may be written. The default goes through it too.
    """
    made = Setting(key, parse, default, _form(parse), doc, env, secret)
    return cast(T, dataclasses.field(repr=not secret, metadata={_MARK: made}))


def tables(key: str, columns: type[T], doc: str, *, kind: str = "") -> tuple[T, ...]:
    """Declare a field read from an array of tables, `[[key]]`, each with the keys of `columns`.

    With a `kind` it takes only tables whose key `kind` says so (the first declared also those
    without), and `columns` declares that key.
    """
    made = Setting(key, _never, None, "tables", doc, None, False, columns, kind)
    return cast("tuple[T, ...]", dataclasses.field(metadata={_MARK: made}))


def declared(owner: type[Any]) -> Iterator[tuple[str, Setting]]:
    """Give (field name, declaration) of every setting of a dataclass, in order."""
    for field in dataclasses.fields(owner):
        found = field.metadata.get(_MARK)
        if isinstance(found, Setting):
            yield field.name, found


def _form(parse: Callable[[object], object]) -> str:
    return (parse.__doc__ or "").strip().splitlines()[0].rstrip(".")


def _never(_value: object) -> Any:
    raise AssertionError("an array of tables is read table by table")
