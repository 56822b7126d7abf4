"""Wire ↔ domain for media."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec

from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound, Unavailable
from trunkline.contract.operations.media import (
    MediaGet,
    MediaList,
    MediaObject,
    MediaPage,
    MediaUpload,
    MediaUploaded,
    MediaUploads,
    MessageMedia,
    MessageMediaDelete,
    MessageMediaGet,
    MessageMediaList,
    MessageMediaPage,
)
from trunkline.contract.upload import Upload
from trunkline.messaging.media import store
from trunkline.messaging.media.library import Library
from trunkline.messaging.media.links import Links
from trunkline.messaging.media.model import (
    MAX_UPLOAD_BYTES,
    Medium,
    NewMedium,
    Origin,
    Standing,
)
from trunkline.messaging.media.sniff import uploadable
from trunkline.messaging.store import records
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.db import Database
from trunkline.values.pages import Page, page_meta

REACH_S = 90 * 86_400.0  # PLIVO messaging: records of the last 90 days


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaApi:
    """What the media operations work with."""

    db: Database
    library: Library
    links: Links

    async def upload(self, context: RequestContext, request: MediaUpload) -> MediaUploads:
        items = [_taken(upload) for upload in request.file]
        if not items:
            raise InvalidParameter("file", "needs at least one file")
        try:
            kept = await self.library.keep(_owner(context), Origin.UPLOADED, items)
        except BlobsError as error:
            raise Unavailable("media cannot be stored for now") from error
        return MediaUploads(
            objects=[
                msgspec.convert(msgspec.to_builtins(self._object(one, context)), MediaUploaded)
                for one in kept
            ]
        )

    async def get(self, context: RequestContext, request: MediaGet) -> MediaObject:
        media_id = request.media_id.lower()
        main_id = context.principal.main_auth_id
        found = await self.db.read(
            lambda conn: store.of_account(
                conn, main_id, context.account_id, [media_id], context.now
            )
        )
        if media_id not in found:
            raise NotFound(f"medium {request.media_id!r} not found", "media_id")
        return self._object(found[media_id], context)

    async def list(self, context: RequestContext, request: MediaList) -> MediaPage:
        wanted = Page(request.limit, request.offset)
        main_id = context.principal.main_auth_id
        rows, total = await self.db.read(
            lambda conn: store.page(conn, main_id, context.account_id, wanted, context.now)
        )
        path = f"/v1/Account/{context.account_id}/Media/"
        return MediaPage(
            meta=page_meta(wanted, total, path),
            objects=[self._object(row, context) for row in rows],
        )

    async def list_of_message(
        self, context: RequestContext, request: MessageMediaList
    ) -> MessageMediaPage:
        uuid, media = await self._of_message(context, request.message_uuid)
        wanted = Page(request.limit, request.offset)
        path = f"/v1/Account/{context.account_id}/Message/{uuid}/Media/"
        shown = media[wanted.offset : wanted.offset + wanted.limit]
        return MessageMediaPage(
            meta=page_meta(wanted, len(media), path),
            message_uuid=uuid,
            objects=[self._object_of_message(uuid, one, context) for one in shown],
        )

    async def get_of_message(
        self, context: RequestContext, request: MessageMediaGet
    ) -> MessageMedia:
        uuid, media = await self._of_message(context, request.message_uuid)
        for one in media:
            if one.media_id == request.media_id.lower():
                return self._object_of_message(uuid, one, context)
        raise NotFound(f"medium {request.media_id!r} not found", "media_id")

    async def delete_of_message(self, context: RequestContext, request: MessageMediaDelete) -> None:
        uuid, _ = await self._of_message(context, request.message_uuid)
        await self.library.forget_of(uuid)

    async def _of_message(
        self, context: RequestContext, message_uuid: str
    ) -> tuple[str, tuple[Medium, ...]]:
        uuid, main_id = message_uuid.lower(), context.principal.main_auth_id
        row = await self.db.read(lambda conn: records.get(conn, main_id, context.account_id, uuid))
        if row is None or row.created_at < context.now - REACH_S:
            raise NotFound(f"message {message_uuid!r} not found", "message_uuid")
        media = await self.db.read(partial(store.of_message, message_uuid=uuid))
        # PLIVO messaging: log false, an empty list of media
        shown = (one for one in media if one.state == Standing.READY and not one.hidden)
        return uuid, tuple(shown)

    def _object(self, medium: Medium, context: RequestContext) -> MediaObject:
        url = self.links.url(medium.account_id, medium.media_id, context.now)
        return MediaObject(
            media_id=medium.media_id,
            content_type=medium.content_type,
            file_name=medium.file_name,
            size=medium.size,
            upload_time=_wire_time(medium.created_at),
            media_url=url,
            url=url,
        )

    def _object_of_message(
        self, message_uuid: str, medium: Medium, context: RequestContext
    ) -> MessageMedia:
        return MessageMedia(
            content_type=medium.content_type,
            media_id=medium.media_id,
            media_url=self.links.url(medium.account_id, medium.media_id, context.now),
            message_uuid=message_uuid,
            size=medium.size,
            file_name=medium.file_name,
            upload_time=_wire_time(medium.created_at),
        )


def handlers(api: MediaApi) -> Mapping[str, Handler]:
    """Return the handler of each media operation by its id."""
    return {
        "media.upload": api.upload,
        "media.get": api.get,
        "media.list": api.list,
        "message_media.list": api.list_of_message,
        "message_media.get": api.get_of_message,
        "message_media.delete": api.delete_of_message,
    }


def _owner(context: RequestContext) -> tuple[str, str]:
    return context.principal.main_auth_id, context.account_id


def _taken(upload: Upload) -> NewMedium:
    """Check one file.

    Raises:
        InvalidParameter: it is empty, too large, or of a type that cannot be sent.
    """
    name = upload.file_name
    if not upload.body:
        raise InvalidParameter("file", f"{name!r} is empty")
    if len(upload.body) > MAX_UPLOAD_BYTES:
        raise InvalidParameter("file", f"{name!r} is larger than 2 MB")
    kind = uploadable(upload.body, upload.content_type, name)
    if kind is None:
        raise InvalidParameter("file", f"{name!r} is of a type that cannot be sent")
    return NewMedium(kind, name, upload.body)


def _wire_time(at: float) -> str:
    """Write a time as media have it, `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat("T", "microseconds").replace("+00:00", "Z")
