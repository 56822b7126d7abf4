"""What requests and answers look like on NATS: MessagePack maps.

`v` is the form's version. A field may be added without a new one: who does not know it passes over
it. What cannot be read without knowing it takes the next version, which is answered `unread` by
those who are older, so that two releases can run side by side.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec

from trunkline.values.errors import TrunklineError

VERSION: Final = 1
MOST_ID: Final = 64  # characters
MOST_PARTS: Final = 64  # of an answer: 64 MB where NATS carries 1 MB
HEAD_ROOM: Final = 512  # octets that an envelope needs besides what is in it

End = Literal["done", "failed", "full", "nobody", "unread"]
"""How a request ended: with a result, with a defect, refused for want of room, because it is no
longer served, because its version is unknown."""


class Rubbish(TrunklineError):
    """It is no envelope."""


class OtherVersion(TrunklineError):
    """It is an envelope of a version that is not known here."""


class _Head(msgspec.Struct, frozen=True):
    v: Annotated[int, msgspec.Meta(ge=1)]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request; the same `id` is the same request."""

    v: int = VERSION
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_ID)]
    payload: bytes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, or one part of it; `text` says what went wrong."""

    v: int = VERSION
    end: End
    text: str = ""
    part: Annotated[int, msgspec.Meta(ge=0, lt=MOST_PARTS)] = 0
    parts: Annotated[int, msgspec.Meta(ge=1, le=MOST_PARTS)] = 1
    payload: bytes = b""


encode = msgspec.msgpack.Encoder().encode
_heads = msgspec.msgpack.Decoder(_Head)
_asks = msgspec.msgpack.Decoder(Ask)
_answers = msgspec.msgpack.Decoder(Answer)


def read_ask(data: bytes) -> Ask:
    """Read a request; raises Rubbish, OtherVersion."""
    _check_version(data)
    try:
        return _asks.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Rubbish(str(error)) from None


def read_answer(data: bytes) -> Answer:
    """Read an answer; raises Rubbish, OtherVersion."""
    _check_version(data)
    try:
        return _answers.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Rubbish(str(error)) from None


def cut(payload: bytes, most: int) -> Iterator[Answer]:
    """Make the parts of a result, none above `most` octets; a failure if it needs too many."""
    size = max(1, most - HEAD_ROOM)
    parts = max(1, -(-len(payload) // size))
    if parts > MOST_PARTS:
        yield Answer(end="failed", text=f"the result has {len(payload)} octets: too many")
        return
    for part in range(parts):
        piece = payload[part * size : (part + 1) * size]
        yield Answer(end="done", part=part, parts=parts, payload=piece)


def _check_version(data: bytes) -> None:
    try:
        version = _heads.decode(data).v
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Rubbish(str(error)) from None
    if version != VERSION:
        raise OtherVersion(f"version {version}; {VERSION} is known")
