"""`/media/…/Recording/…`: the audio behind recording_url, whole or in ranges.

The signed address is the permission; so are the credentials of the account or its main account, for
who kept an address for longer than it lasts.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from trunkline.accounts.directory import Directory as Accounts
from trunkline.messaging.media.links import Links
from trunkline.rest.operator import refuse
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError
from trunkline.voice.recordings.library import RecordingLibrary
from trunkline.voice.recordings.links import PATH, path_of
from trunkline.voice.recordings.model import CONTENT_TYPES, Recording

log = structlog.get_logger(__name__)

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_HEADERS = {
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=86400",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


def recording_routes(
    library: RecordingLibrary, links: Links, accounts: Accounts, clock: Clock
) -> list[Route]:
    """Return `GET /media/Account/{account_id}/Recording/{recording_id}.{mp3|wav}`."""

    def permitted(request: Request, account_id: str, file_name: str) -> bool:
        query = request.query_params
        path = path_of(account_id, file_name)
        expires, signature = query.get("expires", ""), query.get("signature", "")
        return links.is_address(path, expires, signature, clock.now()) or _owns(
            accounts, request.headers.get("authorization", ""), account_id
        )

    async def download(request: Request) -> Response:
        account_id, file_name = (request.path_params[one] for one in ("account_id", "file_name"))
        if not permitted(request, account_id, file_name):
            return refuse(403, "this address is not valid, or not any more")
        try:
            found = await library.find(file_name.partition(".")[0])
        except DatabaseError as error:
            log.warning("recording.unreadable", file_name=file_name, error=str(error))
            return refuse(503, "recordings cannot be read for now")
        if found is None or found.file_name != file_name or found.account_id != account_id:
            return refuse(404, "this recording is gone")
        return await _answer(library, found, request)

    return [Route(PATH + slash, download, methods=["GET", "HEAD"]) for slash in ("", "/")]


def _owns(accounts: Accounts, authorization: str, account_id: str) -> bool:
    """Tell whether these Basic credentials are the account's or its main account's."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        auth_id, _, token = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError):
        return False
    caller, owner = accounts.authenticate(auth_id, token), accounts.get(account_id)
    if caller is None or owner is None:
        return False
    return caller.auth_id in (owner.auth_id, owner.main_auth_id)


async def _answer(library: RecordingLibrary, one: Recording, request: Request) -> Response:
    headers = {**_HEADERS, "content-disposition": f'inline; filename="{one.file_name}"'}
    asked = request.headers.get("range", "")
    bounds = _bounds(asked, one.size) if "if-range" not in request.headers else None
    start, end = bounds or (0, one.size)
    if start >= end:
        # RFC 9110 15.5.17
        return Response(status_code=416, headers={"content-range": f"bytes */{one.size}"})
    if bounds is not None:
        headers["content-range"] = f"bytes {start}-{end - 1}/{one.size}"
    headers["content-length"] = str(end - start)
    kind = CONTENT_TYPES[one.format]
    status = 200 if bounds is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, media_type=kind, headers=headers)
    chunks = library.audio(one, start, end)
    try:
        first = await anext(chunks)  # before the status leaves: it may be gone
    except BlobsError as error:
        log.warning("recording.unreadable", recording_id=one.recording_id, error=str(error))
        return refuse(503, "this recording cannot be read for now")
    return StreamingResponse(
        _all(first, chunks), status_code=status, media_type=kind, headers=headers
    )


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _bounds(asked: str, size: int) -> tuple[int, int] | None:
    """Return from where up to but without where; None for all, when no single range is asked for.

    RFC 9110 14.1.2; an empty stretch cannot be satisfied.
    """
    found = _RANGE.fullmatch(asked.strip())
    if found is None or asked.strip() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    start = int(first)
    end = int(last) + 1 if last else size
    if last and end <= start:
        return None  # RFC 9110 14.1.1: an invalid range is ignored
    return min(start, size), min(end, size)
