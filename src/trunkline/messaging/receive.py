"""Inbound messages: store, then acknowledge, then tell the application that owns the number."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog

from trunkline.applications.directory import Directory as Applications
from trunkline.billing.model import Debit, Direction
from trunkline.billing.rates import Rates
from trunkline.billing.store import debit
from trunkline.compliance.directory import Directory as Registrations
from trunkline.compliance.words import CampaignWords, words_of
from trunkline.messaging import keywords
from trunkline.messaging.destinations.rules import Destinations
from trunkline.messaging.errors import MessageRefused
from trunkline.messaging.inbound.arrival import (
    Arrival,
    Picked,
    content_of,
    debit_of,
    kept,
    row_of,
)
from trunkline.messaging.media import store as media_store
from trunkline.messaging.model import Row
from trunkline.messaging.send import Prepared, Sender, SendRequest
from trunkline.messaging.store import inbound, optouts, outbound
from trunkline.messaging.store.inbound import InboundPart
from trunkline.numbers.directory import Directory as Numbers
from trunkline.numbers.directory import application_for
from trunkline.protocols.sms import decode
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.values.ids import new_uuid
from trunkline.values.money import format_amount
from trunkline.webhooks import NewWebhook, enqueue

log = structlog.get_logger(__name__)

KIND = "message.inbound"


def in_no_pool(_number: str) -> str:
    """Tell of a number that it is in no sender pool."""
    return ""


Acknowledge = Callable[[bool], None]


@dataclass(slots=True)
class Arrivals:
    """Counts for the metrics."""

    received: int = 0
    unknown_number: int = 0


class Receiver:
    """Takes what carriers deliver; one object a process."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        *,
        db: Database,
        clock: Clock,
        numbers: Numbers,
        applications: Applications,
        rates: Rates,
        sender: Sender,
        destinations: Destinations,
        pool_of: Callable[[str], str] = in_no_pool,
        registrations: Registrations | None = None,
    ) -> None:
        self.counters = Arrivals()
        self._db = db
        self._clock = clock
        self._numbers = numbers
        self._applications = applications
        self._rates = rates
        self._sender = sender
        self._destinations = destinations
        self._pool_of = pool_of
        self._registrations = registrations or Registrations()

    def knows(self, recipient: str) -> bool:
        """Tell whether a number is somebody's here; others are refused to the carrier."""
        if self._numbers.get(recipient) is not None:
            return True
        self.counters.unknown_number += 1
        log.warning("inbound.unknown_number", recipient=recipient)
        return False

    def picked(self, recipient: str) -> Picked | None:
        """Return whose number it is, None when nobody has it."""
        number = self._numbers.get(recipient) if self.knows(recipient) else None
        if number is None:
            return None
        application = application_for(number, self._applications)
        hidden = application is not None and not application.log_incoming_messages
        return Picked((number.main_auth_id, number.account_id), hidden)

    def take_mms(
        self, sender: str, recipient: str, text: str, media: Sequence[tuple[str, str]]
    ) -> "asyncio.Future[None]":
        """Store an MMS whose media are kept already, given as (id, address)."""
        number = self._numbers.get(recipient)
        if number is None:
            raise LookupError(f"{recipient} is nobody's number")
        now = self._clock.now()
        arrival = Arrival(number, sender, recipient, text, 1, now, "mms", tuple(media))
        return self._db.submit(self._store_arrivals, arrival)

    def receive(
        self,
        carrier: str,
        ends: tuple[str, str],
        content: decode.Content,
        alphabet: decode.Alphabet,
        acknowledge: Acknowledge,
    ) -> None:
        """Store a message or a part of one, given its (sender, recipient).

        `acknowledge(True)` follows once it is durable, `(False)` when it could not be stored: the
        carrier then delivers it again.
        """
        sender, recipient = ends
        now = self._clock.now()
        concat = content.concat
        stored: asyncio.Future[None]
        try:
            if concat is None or concat.total <= 1:
                text = decode.text_of(content.body, content.data_coding, alphabet)
                stored = self._store(sender, recipient, text, content.body, 1, now)
            else:
                part = InboundPart(
                    new_uuid(),
                    carrier,
                    sender,
                    recipient,
                    concat.reference,
                    concat.total,
                    concat.sequence,
                    content.data_coding,
                    content.body.hex(),
                    now,
                )
                stored = self._db.submit(self._store_parts, (part, alphabet))
        except Exception as error:  # noqa: BLE001 - edge: the carrier must hear "try again"
            log.warning("inbound.not_stored", carrier=carrier, error=str(error))
            acknowledge(False)
            return
        stored.add_done_callback(lambda done: self._stored(done, acknowledge))

    def deliver_incomplete(self, before: float) -> "asyncio.Future[None]":
        """Deliver long messages whose missing parts will not come any more, as far as they came."""
        return self._db.submit(self._take_incomplete, before)

    def _store(
        self, sender: str, recipient: str, text: str | None, raw: bytes, units: int, now: float
    ) -> "asyncio.Future[None]":
        number = self._numbers.get(recipient)
        if number is None:
            raise LookupError(f"{recipient} is nobody's number")
        arrival = Arrival(number, sender, recipient, kept(text, raw), units, now)
        return self._db.submit(self._store_arrivals, arrival)

    def _stored(self, done: "asyncio.Future[None]", acknowledge: Acknowledge) -> None:
        error = None if done.cancelled() else done.exception()
        if done.cancelled() or error is not None:
            log.warning("inbound.not_stored", error=str(error))
            acknowledge(False)
            return
        acknowledge(True)

    def _store_parts(
        self, conn: Connection, items: list[tuple[InboundPart, decode.Alphabet]]
    ) -> None:
        alphabets = {part.key: alphabet for part, alphabet in items}
        whole = inbound.add_parts(conn, [part for part, _ in items])
        self._join(conn, whole, alphabets)

    def _take_incomplete(self, conn: Connection, limits: list[float]) -> None:
        self._join(conn, inbound.take_incomplete(conn, max(limits)), {})

    def _join(
        self,
        conn: Connection,
        whole: Sequence[list[InboundPart]],
        alphabets: dict[tuple[str, str, str, int, int], decode.Alphabet],
    ) -> None:
        arrivals: list[Arrival] = []
        for parts in whole:
            first = parts[0]
            number = self._numbers.get(first.recipient)
            if number is None:
                continue
            body = b"".join(bytes.fromhex(part.content) for part in parts)
            alphabet = alphabets.get(first.key, decode.Alphabet.GSM)
            text = decode.text_of(body, first.data_coding, alphabet)
            arrivals.append(
                Arrival(
                    number,
                    first.sender,
                    first.recipient,
                    kept(text, body),
                    first.total,
                    self._clock.now(),
                )
            )
        self._store_arrivals(conn, arrivals)

    def _store_arrivals(self, conn: Connection, items: list[Arrival]) -> None:
        """Write records, forwards, opt-outs and confirmations of a batch."""
        rows: list[Row] = []
        webhooks: list[NewWebhook] = []
        replies: list[Prepared] = []
        debits: list[Debit] = []
        for arrival in items:
            uuid = new_uuid()
            intent, answers = self._intent(arrival)
            replies += self._obey(conn, arrival, intent, answers)
            price = self._rates.mms if arrival.type == "mms" else self._rates.sms
            rate = price(arrival.number.country, Direction.INBOUND)
            webhook, logs = self._forward(arrival, uuid, intent, rate)
            webhooks += webhook
            network = self._destinations.network_of_sender(arrival.sender)
            fee = self._rates.fee(arrival.product, arrival.number.country, Direction.INBOUND)
            pool_id = self._pool_of(arrival.recipient)
            rows.append(row_of(arrival, uuid, intent, rate, logs, network, fee, pool_id))
            debits.append(debit_of(arrival, uuid, rate, fee))
            if arrival.media:
                ids = [media_id for media_id, _ in arrival.media]
                media_store.link(conn, [uuid], ids, arrival.at)
        outbound.insert_messages.run(conn, rows)
        outbound.insert(conn, [reply.rows for reply in replies])
        enqueue(conn, webhooks)
        debit(conn, debits)
        self.counters.received += len(items)

    def _intent(self, arrival: Arrival) -> tuple[str, Mapping[str, str]]:
        """Tell what a message asks for, and the answers of the number's campaign."""
        campaign = self._registrations.campaign_of(arrival.recipient)
        intent = keywords.intent(arrival.text)
        if campaign is None:
            return intent, {}
        words: CampaignWords = words_of(campaign)
        return intent or words.intent(arrival.text), words.answers

    def _obey(
        self, conn: Connection, arrival: Arrival, intent: str, answers: Mapping[str, str]
    ) -> list[Prepared]:
        """Keep the opt-out list and confirm; an opt-in is confirmed only if it was blocked.

        PLIVO messaging: DND service: a word to one number of a campaign counts for all of them.
        """
        if not intent:
            return []
        group = self._registrations.group_of(arrival.recipient)
        if intent == "optout":
            word = arrival.text.strip()[:16]
            names = (arrival.recipient, group) if group else (arrival.recipient,)
            optouts.add(conn, [(name, arrival.sender, arrival.at, word) for name in names])
            return self._confirm(arrival, answers.get(intent) or keywords.OPT_OUT_REPLY)
        if intent == "optin":
            freed = {arrival.recipient}
            if group:
                freed |= {group, *self._registrations.numbers_of(group)}
            blocked = [optouts.remove(conn, name, arrival.sender) for name in sorted(freed)]
            if True not in blocked:
                return []
            return self._confirm(arrival, answers.get(intent) or keywords.OPT_IN_REPLY)
        return self._confirm(arrival, answers.get(intent) or keywords.HELP_REPLY)

    def _confirm(self, arrival: Arrival, text: str) -> list[Prepared]:
        """Answer the handset, unless a name or a short code wrote, which cannot be answered."""
        request = SendRequest(
            arrival.number.account_id,
            arrival.number.main_auth_id,
            arrival.recipient,
            [arrival.sender],
            text,
            ignore_optout=True,
        )
        try:
            return [self._sender.prepare(request)]
        except MessageRefused:
            return []

    def _forward(
        self, arrival: Arrival, uuid: str, intent: str, rate: int
    ) -> tuple[list[NewWebhook], bool]:
        """Make the request to message_url, if there is one; tell also whether content is kept."""
        application = application_for(arrival.number, self._applications)
        if application is None or not application.message_url:
            return [], application is None or application.log_incoming_messages
        body = urlencode(
            {
                "MessageUUID": uuid,
                "From": arrival.sender,
                "To": arrival.recipient,
                **content_of(arrival),
                "Type": arrival.type,
                "Units": arrival.units,
                "TotalRate": format_amount(rate),
                "TotalAmount": format_amount(rate * arrival.units),
                "MessageIntent": intent,
                "PowerpackUUID": self._pool_of(arrival.recipient),
            }
        )
        webhook = NewWebhook(
            account_id=arrival.number.account_id,
            kind=KIND,
            resource_uuid=uuid,
            method=application.message_method,
            url=application.message_url,
            body=body,
            created_at=arrival.at,
        )
        return [webhook], application.log_incoming_messages
