"""`/media/`: the files behind media_url; the signed address is the permission."""

from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.messaging.media.library import Library
from trunkline.messaging.media.links import PATH, Links
from trunkline.messaging.media.model import Standing
from trunkline.rest.operator import refuse
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError

log = structlog.get_logger(__name__)

# What customers' handsets sent must not run in a browser as a page of ours.
_SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, max-age=86400",
    "cross-origin-resource-policy": "cross-origin",
}


def media_routes(library: Library, links: Links, clock: Clock) -> list[Route]:
    """Return `GET /media/Account/{account_id}/Media/{media_id}`."""

    async def download(request: Request) -> Response:
        account_id, media_id = (request.path_params[name] for name in ("account_id", "media_id"))
        query = request.query_params
        expires, signature = query.get("expires", ""), query.get("signature", "")
        if not links.is_valid(account_id, media_id, expires, signature, clock.now()):
            return refuse(403, "this address is not valid, or not any more")
        try:
            medium = await library.find(media_id)
            body = None if medium is None else await library.body(media_id)
        except (BlobsError, DatabaseError) as error:
            log.warning("media.unreadable", media_id=media_id, error=str(error))
            return refuse(503, "media cannot be read for now")
        if medium is None or body is None or medium.state != Standing.READY:
            return refuse(404, "this medium is gone")
        headers = {**_SAFE, "content-disposition": _disposition(medium.file_name)}
        return Response(body, media_type=medium.content_type, headers=headers)

    return [Route(PATH + slash, download, methods=["GET"]) for slash in ("", "/")]


def _disposition(file_name: str) -> str:
    if not file_name:
        return "inline"
    return f"inline; filename*=UTF-8''{quote(file_name, safe='')}"  # RFC 6266 4.3
