"""What the Cloud API answers to a message (CLOUD messages: responses; error codes)."""

from typing import Any, NamedTuple, cast

import msgspec


class Taken(NamedTuple):
    """The API has the message under this id (a "wamid")."""

    message_id: str


class Rejected(NamedTuple):
    """The API refused; `code` is 0 when it gave none."""

    status: int
    code: int
    text: str


class Garbled(NamedTuple):
    """The answer cannot be read: whether the message was taken is not known."""

    status: int


Answer = Taken | Rejected | Garbled


def read(status: int, body: bytes) -> Answer:
    """Read an HTTP answer to POST …/messages."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    answer = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if 200 <= status < 300:
        message_id = _first_id(answer)
        return Taken(message_id) if message_id else Garbled(status)
    return Rejected(status, *error_of(answer.get("error")))


def error_of(value: Any) -> tuple[int, str]:
    """Read an error object, in an answer or in a webhook: its code (0: none) and its words."""
    if not isinstance(value, dict):
        return 0, ""
    error = cast("dict[str, Any]", value)
    code = error.get("code")
    data = error.get("error_data")
    details = cast("dict[str, Any]", data).get("details") if isinstance(data, dict) else None
    words = details or error.get("message") or error.get("title") or ""
    known = code if isinstance(code, int) and not isinstance(code, bool) else 0
    return known, str(words)[:500]


def _first_id(answer: dict[str, Any]) -> str:
    messages = answer.get("messages")
    if not isinstance(messages, list) or not messages:
        return ""
    first = cast("list[Any]", messages)[0]
    found = cast("dict[str, Any]", first).get("id") if isinstance(first, dict) else None
    return found if isinstance(found, str) and len(found) <= 512 else ""
