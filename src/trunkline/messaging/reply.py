"""What an application answers to an inbound message: taken, refused, or `<Message>` XML."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import structlog

from trunkline.messaging.errors import MessageRefused
from trunkline.messaging.send import Prepared, Sender, SendRequest
from trunkline.messaging.store import inbound, outbound
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection
from trunkline.webhooks import WebhookOutcome

log = structlog.get_logger(__name__)

MAX_XML_CHARS = 100_000  # PLIVO XML: documents ≤ 100 KB
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#x[0-9A-Fa-f]+);)")
_DOCTYPE = "<!DOCTYPE"  # XML 1.0 2.8: in capitals, or the document is not well-formed
_CDATA = "<![CDATA["


@dataclass(frozen=True, slots=True)
class MessageElement:
    """One `<Message>`; empty ends mean the inbound message's, turned round."""

    src: str
    dst: str
    text: str
    callback_url: str
    callback_method: str


def parse(document: str) -> list[MessageElement]:
    """Read the `<Message>` elements of a `<Response>`; [] when it is not one.

    Bare ampersands, which SDK users write, are taken literally (where there is no CDATA, in which
    they are so already). Document types are refused, so no entity is ever expanded. A message
    without text is none.
    """
    if len(document) > MAX_XML_CHARS or "<Response" not in document or _DOCTYPE in document:
        return []
    if _CDATA not in document:
        document = _BARE_AMPERSAND.sub("&amp;", document)
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - no document type, so no entities
    except ElementTree.ParseError:
        return []
    if root.tag != "Response":
        return []
    return [
        MessageElement(
            element.get("src", ""),
            element.get("dst", ""),
            text,
            element.get("callbackUrl", ""),
            element.get("callbackMethod", "POST").upper(),
        )
        for element in root.iter("Message")
        if element.get("type", "sms") == "sms" and (text := "".join(element.itertext()).strip())
    ]


class Replier:
    """Follows up on forwarded inbound messages, in the transaction that stores the attempt."""

    def __init__(self, *, clock: Clock, sender: Sender, payer_of: Callable[[str], str]) -> None:
        self._clock = clock
        self._sender = sender
        self._payer_of = payer_of

    def outcomes(self, conn: Connection, results: Sequence[WebhookOutcome]) -> None:
        """Note which messages were taken, and store the replies."""
        final = [result for result in results if result.final]
        with_reply = {result.resource_uuid: result for result in final if _has_reply(result)}
        ends = inbound.ends_of(conn, list(with_reply))
        inbound.mark_forwarded(
            conn, [(result.resource_uuid, result.ok) for result in final], self._clock.now()
        )
        prepared = [
            reply
            for uuid, (account_id, sender, recipient) in ends.items()
            for element in parse(with_reply[uuid].body)
            if (reply := self._prepare(element, account_id, sender, recipient)) is not None
        ]
        outbound.insert(conn, [reply.rows for reply in prepared])

    def _prepare(
        self, element: MessageElement, account_id: str, sender: str, recipient: str
    ) -> Prepared | None:
        dst = element.dst or sender
        try:
            return self._sender.prepare(
                SendRequest(
                    account_id,
                    self._payer_of(account_id),
                    element.src or recipient,
                    dst.split("<"),
                    element.text,
                    callback_url=element.callback_url,
                    callback_method="GET" if element.callback_method == "GET" else "POST",
                )
            )
        except MessageRefused as refusal:
            log.warning("reply.refused", account_id=account_id, reason=str(refusal))
            return None


def _has_reply(result: WebhookOutcome) -> bool:
    # PLIVO messaging: the reply comes with an XML content type.
    return result.ok and "xml" in result.content_type.lower()
