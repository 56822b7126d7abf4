"""`/carriers/mm7/{name}`: where MMSCs bring messages and delivery reports."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from trunkline.messaging.media.arrive import MmsReceiver, TooMuch, UnknownNumber
from trunkline.protocols.mm7 import status
from trunkline.protocols.mm7.decode import decode
from trunkline.protocols.mm7.encode import encode
from trunkline.protocols.mm7.messages import (
    DeliverReq,
    DeliveryReportReq,
    Message,
    Mm7Error,
    Response,
)
from trunkline.rest.gate import read_basic
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.db import DatabaseError
from trunkline.values.phone import parse_phone_number, sanitise_sender

log = structlog.get_logger(__name__)

PATH = "/carriers/mm7/"
MAX_BODY = 12 * 1024 * 1024  # 5 MB of media, in base64, and some

Report = Callable[[str, DeliveryReportReq], Awaitable[None]]


class Gateway(NamedTuple):
    """An MMSC and what it logs in with; without a password it is never let in."""

    name: str
    username: str
    password: str


def mm7_routes(gateways: Sequence[Gateway], receiver: MmsReceiver, report: Report) -> list[Route]:
    """Return `POST /carriers/mm7/{name}` for these MMSCs."""
    known = {one.name: one for one in gateways}

    async def take(request: Request) -> HttpResponse:
        gateway = known.get(request.path_params["name"])
        if gateway is None or not _may(request, gateway):
            return HttpResponse(status_code=401, headers={"www-authenticate": 'Basic realm="MM7"'})
        try:
            body = await _body(request)
        except ClientDisconnect:
            return HttpResponse(status_code=400)
        if body is None:
            return HttpResponse(status_code=413)
        try:
            message = decode(request.headers.get("content-type", ""), body)
        except Mm7Error as error:
            log.warning("mm7.rubbish", carrier=gateway.name, error=str(error))
            return _answer(Response("VASPErrorRsp", "", status.FORMAT_CORRUPT, str(error)))
        return _answer(await _handle(gateway.name, message, receiver, report))

    return [Route(f"{PATH}{{name}}{slash}", take, methods=["POST"]) for slash in ("", "/")]


async def _handle(
    carrier: str, message: Message, receiver: MmsReceiver, report: Report
) -> Response:
    ident = message.transaction_id
    try:
        if isinstance(message, DeliveryReportReq):
            await report(carrier, message)
            return Response("DeliveryReportRsp", ident, status.SUCCESS, "Success")
        if not isinstance(message, DeliverReq):
            return Response("VASPErrorRsp", ident, status.UNSUPPORTED_OPERATION)
        sender, recipient = sanitise_sender(message.sender), parse_phone_number(message.recipient)
        if not sender or recipient is None:
            return Response("DeliverRsp", ident, status.ADDRESS_ERROR, "Address error")
        await receiver.take(sender, recipient, message.parts)
    except UnknownNumber as error:
        log.warning("mm7.unknown_number", carrier=carrier, recipient=str(error))
        return Response("DeliverRsp", ident, status.ADDRESS_NOT_FOUND, "Address not found")
    except TooMuch as error:
        return Response("DeliverRsp", ident, status.CONTENT_REFUSED, str(error))
    except (BlobsError, DatabaseError, LookupError) as error:
        log.warning("mm7.not_stored", carrier=carrier, error=str(error))
        kind = "DeliverRsp" if isinstance(message, DeliverReq) else "DeliveryReportRsp"
        return Response(kind, ident, status.SERVICE_UNAVAILABLE, "Service unavailable")
    return Response("DeliverRsp", ident, status.SUCCESS, "Success")


def _may(request: Request, gateway: Gateway) -> bool:
    given = read_basic(request.headers.get("authorization", "").encode("latin-1", "replace"))
    if given is None or not gateway.password:
        return False
    user, password = given
    same = hmac.compare_digest(user.encode(), gateway.username.encode())
    return hmac.compare_digest(password.encode(), gateway.password.encode()) and same


async def _body(request: Request) -> bytes | None:
    """Read the body; None when it is larger than any message."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _answer(message: Response) -> HttpResponse:
    kind, body = encode(message)
    return HttpResponse(body, headers={"content-type": kind})
