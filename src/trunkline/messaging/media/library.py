"""Keeps media: the row says what there is, the blob holds it, and neither stays without the other.

A row is written first, as pending, then the blob, then the row is made ready: whatever dies in
between leaves a pending row, which goes with its blob like an upload that nobody used.
"""

from collections.abc import Sequence
from functools import partial

import structlog

from trunkline.messaging.media import store
from trunkline.messaging.media.model import (
    UNUSED_LIFE_S,
    Attachment,
    MediaUnavailable,
    MediaUnsendable,
    Medium,
    NewMedium,
    Origin,
    Standing,
)
from trunkline.messaging.model import ErrorCode
from trunkline.runtime.blobs import Blobs, BlobsError
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.values.ids import new_uuid

log = structlog.get_logger(__name__)


class Library:
    """One object a process."""

    def __init__(self, *, db: Database, clock: Clock, blobs: Blobs) -> None:
        self.db = db
        self._clock = clock
        self._blobs = blobs

    async def keep(
        self,
        owner: tuple[str, str],
        origin: Origin,
        items: Sequence[NewMedium],
        *,
        hidden: bool = False,
    ) -> list[Medium]:
        """Keep bodies for an owner given as (main account, account); durable on return.

        Raises:
            BlobsError, DatabaseError: nothing can be seen of them.
        """
        now = self._clock.now()
        kept = [
            Medium(
                new_uuid(),
                *owner,
                origin.value,
                Standing.PENDING.value,
                item.content_type,
                item.file_name,
                len(item.body),
                "",
                now,
                None,
                hidden,
            )
            for item in items
        ]
        await self.db.write(partial(store.add, items=kept))
        for medium, item in zip(kept, items, strict=True):
            await self._blobs.put(medium.media_id, item.body)
        ready = [medium._replace(state=Standing.READY.value) for medium in kept]
        await self.db.write(lambda conn: [store.finish(conn, medium) for medium in ready])
        return ready

    async def fill(self, medium: Medium, new: NewMedium) -> Medium:
        """Give a pending medium the body that was fetched for it. Raises as `keep` does."""
        await self._blobs.put(medium.media_id, new.body)
        ready = medium._replace(
            state=Standing.READY.value,
            content_type=new.content_type,
            file_name=new.file_name,
            size=len(new.body),
        )
        await self.db.write(partial(store.finish, item=ready))
        return ready

    async def fail(self, medium: Medium) -> None:
        """Note that a medium can never be had."""
        failed = medium._replace(state=Standing.FAILED.value)
        await self.db.write(partial(store.finish, item=failed))

    async def find(self, media_id: str) -> Medium | None:
        """Return a medium unless its time is over."""
        medium = (await self.db.read(partial(store.find, media_ids=[media_id]))).get(media_id)
        if medium is None:
            return None
        over = medium.used_at is None and medium.created_at <= self._clock.now() - UNUSED_LIFE_S
        return None if over else medium

    async def body(self, media_id: str) -> bytes | None:
        """Return the body of a medium, None if it is gone. Raises BlobsError."""
        return await self._blobs.get(media_id)

    async def attachment(self, medium: Medium) -> Attachment:
        """Return a medium that is ready, with its body.

        Raises:
            MediaUnsendable: it is gone.
            MediaUnavailable: it cannot be read for now.
        """
        try:
            body = await self._blobs.get(medium.media_id)
        except BlobsError as error:
            raise MediaUnavailable(str(error)) from error
        if body is None:
            raise MediaUnsendable(f"medium {medium.media_id} is gone", ErrorCode.INVALID_MESSAGE)
        return Attachment(medium, body)

    async def forget_of(self, message_uuid: str) -> None:
        """Take a message's media from it."""
        gone = await self.db.write(partial(store.unlink, message_uuid=message_uuid))
        await self._delete(gone)

    async def sweep(self) -> int:
        """Forget what is over; returns how many media."""
        now = self._clock.now()
        gone = await self.db.write(partial(store.take_unused, now=now))
        gone += await self.db.write(partial(store.take_hidden, now=now))
        await self._delete(gone)
        return len(gone)

    async def _delete(self, media_ids: Sequence[str]) -> None:
        for media_id in media_ids:
            try:
                await self._blobs.delete(media_id)
            except BlobsError as error:  # it is in no table any more: lost space, nothing else
                log.warning("media.not_deleted", media_id=media_id, error=str(error))
