"""What the API answered, however it was asked."""

from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is decoded JSON, the text if it is none, or None when there is nothing."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return self.status < 400

    @property
    def error(self) -> str:
        """The server's words for what is wrong; "" when nothing is."""
        if self.ok:
            return ""
        found = self.body.get("error") if isinstance(self.body, dict) else self.body  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return str(found) if found else f"status {self.status}"  # pyright: ignore[reportUnknownArgumentType]


def decoded(content: bytes) -> Any:
    """Return JSON's value, the text if it is none, None for nothing."""
    if not content:
        return None
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return content.decode("utf-8", "replace")
