"""Inbound MMS: media kept, then the message stored with its forward in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trunkline.messaging.media.library import Library
from trunkline.messaging.media.links import Links
from trunkline.messaging.media.model import (
    MAX_FILES,
    MAX_MESSAGE_BYTES,
    NewMedium,
    Origin,
)
from trunkline.messaging.media.sniff import sniff
from trunkline.protocols.mm7.messages import ContentPart
from trunkline.runtime.clock import Clock


class Picked(Protocol):
    """What is known of the number that a message came for."""

    @property
    def owner(self) -> tuple[str, str]:
        """The main account and the account that has the number."""
        ...

    @property
    def hidden(self) -> bool:
        """Whether content is not to be logged."""
        ...


class Taker(Protocol):
    """Who stores inbound messages."""

    def picked(self, recipient: str) -> Picked | None:
        """Return who has a number, None when nobody does."""
        ...

    def take_mms(
        self, sender: str, recipient: str, text: str, media: Sequence[tuple[str, str]]
    ) -> "asyncio.Future[None]":
        """Store a message whose media are given as (id, address)."""
        ...


class UnknownNumber(Exception):
    """A message for a number that nobody has here."""


class TooMuch(Exception):
    """More media, or larger ones, than a message may have."""


@dataclass(frozen=True, slots=True)
class MmsReceiver:
    """Takes what MMSCs deliver."""

    library: Library
    links: Links
    taker: Taker
    clock: Clock

    async def take(self, sender: str, recipient: str, parts: Sequence[ContentPart]) -> None:
        """Store a message; on return it is durable.

        Raises:
            UnknownNumber, TooMuch: it is refused for good.
            BlobsError, DatabaseError: it may be delivered again.
        """
        picked = self.taker.picked(recipient)
        if picked is None:
            raise UnknownNumber(recipient)
        texts = [part.body for part in parts if _is_text(part)]
        media = [_new(part) for part in parts if not _is_text(part)]
        if len(media) > MAX_FILES:
            raise TooMuch(f"{len(media)} media")
        if sum(len(part.body) for part in parts) > MAX_MESSAGE_BYTES:
            raise TooMuch("more than 5 MB")
        kept = []
        if media:
            kept = await self.library.keep(
                picked.owner, Origin.RECEIVED, media, hidden=picked.hidden
            )
        now, account_id = self.clock.now(), picked.owner[1]
        named = [(one.media_id, self.links.url(account_id, one.media_id, now)) for one in kept]
        text = b"\n".join(texts).decode("utf-8", "replace").replace("\0", "\ufffd")
        await self.taker.take_mms(sender, recipient, text, named)


def _is_text(part: ContentPart) -> bool:
    return part.content_type == "text/plain"


def _new(part: ContentPart) -> NewMedium:
    kind = sniff(part.body, part.content_type, part.name)
    name = part.name.replace("\\", "/").rpartition("/")[2].replace("\0", "")[:255]
    return NewMedium(kind or "application/octet-stream", name, part.body)
