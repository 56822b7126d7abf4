"""Reads JSON as people print it: comments, curly quotes, lost commas, lost brackets."""

import re
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[{}\[\]:,])
      | ["“”](?P<text>[^"“”\n]*)["“”]
      | '(?P<quoted>[^'\n]*)'
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>true|false|null|True|False|None)
      | (?P<comment>//[^\n]*)
    )""",
    re.VERBOSE,
)
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}


class NotJsonError(ValueError):
    """Nothing of JSON stands there."""


def read(text: str) -> Any:
    """Return the value that `text` begins with; what follows it does not matter.

    Raises:
        NotJsonError: it does not begin with an object.
    """
    reader = _Reader(text)
    if reader.peek() != ("mark", "{"):
        raise NotJsonError(text[:60])
    return reader.value()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def peek(self) -> tuple[str, str]:
        kind, word, _ = self._next()
        return kind, word

    def value(self) -> Any:
        kind, word = self._take()
        if (kind, word) == ("mark", "{"):
            return self._object()
        if (kind, word) == ("mark", "["):
            return self._array()
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "word":
            return _WORDS[word]
        if kind in ("text", "quoted"):
            return word
        raise NotJsonError(word)

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            kind, word = self.peek()
            if kind == "end" or (word == "]" and kind == "mark"):
                return found  # its own bracket was forgotten
            self._take()
            if kind == "mark" and word == "}":
                return found
            if kind in ("text", "quoted"):
                self._colon()
                found[word] = self.value()

    def _array(self) -> list[Any]:
        found: list[Any] = []
        while True:
            kind, word = self.peek()
            if kind == "end" or (word == "}" and kind == "mark"):
                return found
            if kind == "mark" and word in ",]":
                self._take()
                if word == "]":
                    return found
                continue
            found.append(self.value())

    def _colon(self) -> None:
        if self._take() != ("mark", ":"):
            raise NotJsonError("a name without a value")

    def _take(self) -> tuple[str, str]:
        kind, word, self._at = self._next()
        return kind, word

    def _next(self) -> tuple[str, str, int]:
        at = self._at
        while True:
            found = _TOKEN.match(self._text, at)
            if found is None:
                return "end", "", at
            if found.lastgroup != "comment":
                assert found.lastgroup is not None
                return found.lastgroup, found[found.lastgroup], found.end()
            at = found.end()
