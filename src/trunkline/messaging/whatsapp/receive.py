"""Inbound WhatsApp messages: stored once, then handed to the application of their number."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from trunkline.applications.directory import Directory as Applications
from trunkline.billing.model import Debit, Direction, Product
from trunkline.billing.store import debit
from trunkline.messaging import keywords, masking
from trunkline.messaging.errors import MessageRefused
from trunkline.messaging.kinds.port import Kind
from trunkline.messaging.media import store as media
from trunkline.messaging.model import Row, State
from trunkline.messaging.receive import KIND
from trunkline.messaging.send import Prepared, Sender, SendRequest
from trunkline.messaging.store import optouts, outbound
from trunkline.messaging.whatsapp import forward
from trunkline.messaging.whatsapp.forward import Picture
from trunkline.messaging.whatsapp.model import SERVICE, TYPE, Conversation
from trunkline.messaging.whatsapp.store import conversations
from trunkline.messaging.whatsapp.store import outbound as store
from trunkline.numbers.directory import Directory as Numbers
from trunkline.numbers.directory import application_for
from trunkline.numbers.model import OwnedNumber
from trunkline.protocols.whatsapp import outgoing
from trunkline.protocols.whatsapp.events import FileRef, MessageEvent
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.values.ids import new_uuid
from trunkline.values.phone import parse_phone_number
from trunkline.webhooks import NewWebhook, enqueue

log = structlog.get_logger(__name__)

Fetch = Callable[[str, OwnedNumber, FileRef, bool], Awaitable[Picture | None]]
"""Takes over a file that a carrier has for a number, hidden or not; None if there is none."""


class Arrival(NamedTuple):
    """A message for a number of ours."""

    uuid: str
    carrier: str
    number: OwnedNumber
    sender: str
    event: MessageEvent
    picture: Picture | None
    at: float


@dataclass(slots=True, kw_only=True)
class WhatsappReceiver:
    """Takes the messages of all WhatsApp carriers; one object a process."""

    db: Database
    clock: Clock
    numbers: Numbers
    applications: Applications
    sender: Sender
    price: Callable[[str], int]
    network: Callable[[str], str]
    fetch: Fetch
    received: int = 0
    unknown_number: int = 0

    async def take(self, carrier: str, number: str, event: MessageEvent) -> None:
        """Store a message for `number` with its forward; on return both are durable.

        A message that came before is left alone.

        Raises:
            DatabaseError, FileNotYet: it is not stored; the carrier must send it again.
        """
        owned = self.numbers.get(number)
        sender = parse_phone_number(event.sender)
        if owned is None or sender is None:
            self.unknown_number += 1
            log.warning("whatsapp.unknown_number", carrier=carrier, recipient=number)
            return
        known = await self.db.read(lambda conn: store.is_known(conn, carrier, event.message_id))
        if known:
            return
        uuid = new_uuid()
        picture = None
        if event.file is not None:
            application = application_for(owned, self.applications)
            hidden = application is not None and not application.log_incoming_messages
            picture = await self.fetch(carrier, owned, event.file, hidden)
        arrival = Arrival(uuid, carrier, owned, sender, event, picture, self.clock.now())
        await self.db.submit(self._store, arrival)

    def _store(self, conn: Connection, items: list[Arrival]) -> None:
        rows: list[Row] = []
        webhooks: list[NewWebhook] = []
        replies: list[Prepared] = []
        debits: list[Debit] = []
        for arrival in items:
            number = arrival.number
            conversation = conversations.wrote(conn, number.number, arrival.sender, arrival.at)
            noted = (arrival.uuid, conversation)
            if not store.first_time(conn, arrival.carrier, arrival.event.message_id, noted):
                continue
            intent = keywords.intent(arrival.event.text) if arrival.event.type == "text" else ""
            replies += self._obey(conn, arrival, intent)
            rate = self.price(number.country)
            forwarded, logs = self._forward(conn, arrival, conversation, rate)
            webhooks += forwarded
            debits.append(_debit(arrival, rate))
            if arrival.picture is not None and arrival.picture.media_id:
                media.link(conn, [arrival.uuid], [arrival.picture.media_id], arrival.at)
            rows.append(_row(arrival, intent, rate, logs, self.network(arrival.sender)))
        outbound.insert_messages.run(conn, rows)
        outbound.insert(conn, [reply.rows for reply in replies])
        enqueue(conn, webhooks)
        debit(conn, debits)
        self.received += len(rows)

    def _obey(self, conn: Connection, arrival: Arrival, intent: str) -> list[Prepared]:
        """Keep the opt-out list, which is one for all kinds of messages, and confirm."""
        pair = (arrival.number.number, arrival.sender)
        if intent == "optout":
            optouts.add(conn, [(*pair, arrival.at, arrival.event.text.strip()[:16])])
            return self._confirm(arrival, keywords.OPT_OUT_REPLY)
        if intent == "optin" and optouts.remove(conn, *pair):
            return self._confirm(arrival, keywords.OPT_IN_REPLY)
        return []

    def _confirm(self, arrival: Arrival, text: str) -> list[Prepared]:
        number = arrival.number
        request = SendRequest(
            number.account_id,
            number.main_auth_id,
            number.number,
            [arrival.sender],
            json.dumps(outgoing.text(text)),
            extra={"origin": SERVICE},
            ignore_optout=True,
            kind=Kind(TYPE, 1, _free),
        )
        try:
            return [self.sender.prepare(request)]
        except MessageRefused:
            return []

    def _forward(
        self, conn: Connection, arrival: Arrival, conversation: Conversation, rate: int
    ) -> tuple[list[NewWebhook], bool]:
        """Make the request to message_url, if there is one; tell also whether content is kept."""
        application = application_for(arrival.number, self.applications)
        if application is None or not application.message_url:
            return [], application is None or application.log_incoming_messages
        event = arrival.event
        context = ""
        if event.context_id:
            context = store.uuid_of(conn, arrival.carrier, event.context_id) or event.context_id
        body = forward.parameters(
            event,
            (arrival.sender, arrival.number.number),
            arrival.uuid,
            conversation,
            rate,
            context,
            arrival.picture,
        )
        webhook = NewWebhook(
            account_id=arrival.number.account_id,
            kind=KIND,
            resource_uuid=arrival.uuid,
            method=application.message_method,
            url=application.message_url,
            body=body,
            created_at=arrival.at,
        )
        return [webhook], application.log_incoming_messages


def _free(_country: str) -> int:
    return 0


def _debit(arrival: Arrival, rate: int) -> Debit:
    number = arrival.number
    return Debit(
        number.main_auth_id,
        rate,
        "message",
        arrival.uuid,
        arrival.at,
        used_by=number.account_id,
        product=Product.WHATSAPP.value,
        direction=Direction.INBOUND.value,
    )


def _row(arrival: Arrival, intent: str, rate: int, logs: bool, network: str) -> Row:
    """Lay out a row of `messages`, in the order of its columns."""
    return (
        arrival.uuid,
        arrival.number.main_auth_id,
        arrival.number.account_id,
        "inbound",
        State.RECEIVED.value,
        TYPE,
        arrival.sender if logs else masking.inbound_sender(arrival.sender),
        arrival.number.number,
        arrival.number.country,
        arrival.event.text if logs else None,
        1,
        rate,
        rate,
        None,
        "true" if logs else "false",
        "",
        arrival.at,
        None,
        None,
        arrival.at,
        "",
        "",
        intent,
        "",
        network,
        0,
        "",
    )
