"""`<Stream>`: send the call's audio to a WebSocket, and hear what comes back."""

from urllib.parse import urlsplit

import structlog

from trunkline.voice.events import StreamTold
from trunkline.voice.session.obey import forget_stream, watch_stream
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import Refused, StreamSpec
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)

MOST_URL_CHARS = 2_048  # PLIVO streams
MOST_HEADER_BYTES = 512


async def run(element: Element, session: Session) -> None:
    """Start the stream; with `keepCallAlive` the next element follows when it has ended."""
    await session.answer()
    problem = _problem(element, session)
    if problem:
        log.warning("call.stream", call=session.facts.call_uuid, reason=problem)
        return
    spec = _spec(element, session)
    watch_stream(
        session, spec, element.string("statusCallbackUrl"), element.string("statusCallbackMethod")
    )
    try:
        await session.leg.start_stream(spec)
    except Refused as refusal:
        forget_stream(session, spec.stream_id)
        log.warning("call.stream", call=session.facts.call_uuid, reason=str(refusal))
        return
    if not element.flag("keepCallAlive"):
        return
    over = False
    while not over:
        event = await session.next()
        over = (
            isinstance(event, StreamTold)
            and event.stream_id == spec.stream_id
            and event.what == "StopStream"
        )


def _problem(element: Element, session: Session) -> str:
    url = urlsplit(element.text)
    if url.scheme not in ("ws", "wss") or not url.hostname or len(element.text) > MOST_URL_CHARS:
        return "The URL of a Stream must begin with ws:// or wss://."
    if len(element.string("extraHeaders").encode()) > MOST_HEADER_BYTES:
        return f"The extraHeaders of a Stream have at most {MOST_HEADER_BYTES} bytes."
    return "The call has a stream already." if session.beside.streamed(session.leg) else ""


def _spec(element: Element, session: Session) -> StreamSpec:
    both_ways = element.flag("bidirectional")
    return StreamSpec(
        session.ports.new_uuid(),
        element.text,
        both_ways,
        # PLIVO streams: outbound and both are not for bidirectional ones.
        "inbound" if both_ways else element.string("audioTrack"),
        element.string("contentType"),
        element.number("streamTimeout"),
        element.string("extraHeaders"),
        element.number("noiseCancellationLevel") if element.flag("noiseCancellation") else None,
        session.ports.documents.signature_headers(session.facts.account_id, element.text),
        session.facts.account_id,
    )
