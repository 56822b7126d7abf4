"""Files of WhatsApp messages in our media store: uploads that are sent, files that came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from trunkline.contract.context import RequestContext
from trunkline.contract.errors import InvalidParameter
from trunkline.messaging.media import store
from trunkline.messaging.media.library import Library
from trunkline.messaging.media.links import Links
from trunkline.messaging.media.model import NewMedium, Origin, Standing
from trunkline.messaging.whatsapp.forward import Picture
from trunkline.messaging.whatsapp.parts import LinkedFile
from trunkline.numbers.model import OwnedNumber
from trunkline.protocols.whatsapp.events import FileRef
from trunkline.protocols.whatsapp.media import kind_of_type
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database


@dataclass(frozen=True, slots=True)
class Files:
    """One object a process."""

    db: Database
    clock: Clock
    library: Library
    links: Links

    async def linked(self, context: RequestContext, media_ids: Sequence[str]) -> list[LinkedFile]:
        """Return the files that uploads stand for, each with an address that Meta can fetch.

        Raises:
            InvalidParameter: one is not there, or of no kind that WhatsApp takes.
        """
        main_id, now = context.principal.main_auth_id, self.clock.now()
        found = await self.db.read(
            lambda conn: store.of_account(conn, main_id, context.account_id, media_ids, now)
        )
        files: list[LinkedFile] = []
        for media_id in media_ids:
            medium = found.get(media_id)
            if medium is None or medium.state != Standing.READY:
                raise InvalidParameter("media_ids", f"there is no upload {media_id[:64]!r}")
            kind = kind_of_type(medium.content_type)
            if kind is None:
                raise InvalidParameter("media_ids", f"WhatsApp takes no {medium.content_type}")
            url = self.links.url(medium.account_id, media_id, now)
            files.append(LinkedFile(kind, url, medium.file_name))
        return files

    async def keep(
        self, number: OwnedNumber, file: FileRef, body: bytes, *, hidden: bool
    ) -> Picture:
        """Keep a file that came in; `hidden` if content is not logged."""
        mime = file.mime_type.partition(";")[0].strip().lower() or "application/octet-stream"
        (medium,) = await self.library.keep(
            (number.main_auth_id, number.account_id),
            Origin.RECEIVED,
            [NewMedium(mime, file.filename, body)],
            hidden=hidden,
        )
        url = self.links.url(number.account_id, medium.media_id, self.clock.now())
        return Picture(url, mime, medium.media_id)


def attach(media_ids: Sequence[str], now: float) -> partial[None]:
    """Make what gives messages their media, for `Kind.attach`."""

    def give(conn: store.Connection, uuids: Sequence[str]) -> None:
        store.link(conn, uuids, media_ids, now)

    return partial(give)
