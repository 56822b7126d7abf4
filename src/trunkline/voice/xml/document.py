"""A checked document: elements with all their values, defaults filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trunkline.voice.xml.grammar import Value


@dataclass(frozen=True, slots=True)
class Element:
    """One element as the grammar has it; `given` are the attributes that were written.

    `text` is stripped; of `<Speak>` it is what is said without markup, and `markup` the same as
    the content of an SSML `<speak>`, "" when there is none.
    """

    name: str
    line: int
    values: Mapping[str, Value]
    given: frozenset[str] = frozenset()
    children: tuple["Element", ...] = ()
    text: str = ""
    markup: str = ""

    def flag(self, name: str) -> bool:
        """Return a value that is true or false."""
        value = self.values[name]
        assert isinstance(value, bool), (self.name, name)  # noqa: S101 - the table's own promise
        return value

    def number(self, name: str) -> int:
        """Return a number that has a default."""
        value = self.maybe(name)
        assert value is not None, (self.name, name)  # noqa: S101 - the table's own promise
        return value

    def maybe(self, name: str) -> int | None:
        """Return a number, None when it was not given and has no default."""
        value = self.values[name]
        assert value is None or type(value) is int, (self.name, name)  # noqa: S101 - as above
        return value

    def string(self, name: str) -> str:
        """Return a text, "" when there is none."""
        value = self.values[name]
        assert isinstance(value, str), (self.name, name)  # noqa: S101 - the table's own promise
        return value


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be done, one element after the other; `doubts` are sentences for a person."""

    elements: tuple[Element, ...]
    doubts: tuple[str, ...] = field(default=())
