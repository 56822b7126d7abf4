"""The media of a message on its way out: read, or fetched from their addresses first."""

import asyncio
from urllib.parse import unquote, urlsplit

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import Blocked, HttpError, InvalidUrl
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits, Timeouts
from trunkline.messaging.media import store
from trunkline.messaging.media.library import Library
from trunkline.messaging.media.model import (
    MAX_MESSAGE_BYTES,
    Attachment,
    MediaUnavailable,
    MediaUnsendable,
    Medium,
    NewMedium,
    Standing,
)
from trunkline.messaging.media.sniff import sniff
from trunkline.messaging.model import ErrorCode
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.db import DatabaseError

log = structlog.get_logger(__name__)

_TIMEOUTS = Timeouts(connect_s=5.0, total_s=20.0)
_LIMITS = HttpLimits(connections=64, connections_per_origin=8, body_bytes=MAX_MESSAGE_BYTES)
_AT_ONCE = 16  # bounds the memory of bodies under way
_HEADERS = [(b"Accept", b"*/*"), (b"User-Agent", b"Trunkline")]


class Gatherer:
    """One object a process; made inside the event loop, ended by `close`."""

    def __init__(self, library: Library, policy: AddressPolicy) -> None:
        self._library = library
        self._http = HttpClient(policy, _LIMITS)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._fetching: dict[str, asyncio.Lock] = {}

    async def of_message(self, message_uuid: str) -> list[Attachment]:
        """Return a message's media with their bodies, in their order.

        Raises:
            MediaUnsendable: one cannot be had or sent, or all are too large together.
            MediaUnavailable: one cannot be had for now.
        """
        async with self._room:
            try:
                media = await self._library.db.read(
                    lambda conn: store.of_message(conn, message_uuid)
                )
                found = [await self._attachment(medium) for medium in media]
            except (BlobsError, DatabaseError) as error:
                raise MediaUnavailable(str(error)) from error
        if not found:
            raise MediaUnsendable("its media are gone", ErrorCode.INVALID_MESSAGE)
        if sum(len(one.body) for one in found) > MAX_MESSAGE_BYTES:
            raise MediaUnsendable("more than 5 MB of media", ErrorCode.MEDIA_TOO_LARGE)
        return found

    async def close(self) -> None:
        """Drop the connections."""
        await self._http.close()

    async def _attachment(self, medium: Medium) -> Attachment:
        if medium.state == Standing.READY:
            return await self._library.attachment(medium)
        if medium.state == Standing.FAILED:
            raise MediaUnsendable("a medium could not be fetched", ErrorCode.INVALID_MESSAGE)
        # Messages of one request share their media: the first fetches, the others find them.
        lock = self._fetching.setdefault(medium.media_id, asyncio.Lock())
        try:
            async with lock:
                known = await self._library.find(medium.media_id)
                if known is not None and known.state == Standing.READY:
                    return await self._library.attachment(known)
                new = await self._fetch(medium)
                return Attachment(await self._library.fill(medium, new), new.body)
        finally:
            if not lock.locked():
                self._fetching.pop(medium.media_id, None)

    async def _fetch(self, medium: Medium) -> NewMedium:
        url = medium.source_url
        try:
            response = await self._http.request("GET", url, _HEADERS, timeouts=_TIMEOUTS)
        except (Blocked, InvalidUrl) as error:
            await self._library.fail(medium)
            raise MediaUnsendable(str(error), ErrorCode.INVALID_MESSAGE) from error
        except HttpError as error:
            raise MediaUnavailable(str(error)) from error
        if response.truncated:
            raise MediaUnsendable(f"{url} is more than 5 MB", ErrorCode.MEDIA_TOO_LARGE)
        if response.status >= 500 or response.status == 429:
            raise MediaUnavailable(f"{url} answers {response.status}")
        declared = (response.header(b"content-type") or b"").decode("latin-1")
        name = unquote(urlsplit(url).path.rpartition("/")[2])[:255].replace("\0", "")
        kind = sniff(response.body, declared.partition(";")[0].strip().lower(), name)
        if response.status != 200 or kind is None:
            await self._library.fail(medium)
            raise MediaUnsendable(
                f"{url} answers {response.status} {declared[:80]}", ErrorCode.INVALID_MESSAGE
            )
        return NewMedium(kind, name, response.body)
