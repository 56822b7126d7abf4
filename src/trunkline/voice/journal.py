"""The journal of calls over their records: rows, prices and bills."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from trunkline.billing.rates import Rates
from trunkline.runtime.db import Connection
from trunkline.values.money import format_amount
from trunkline.voice import rating
from trunkline.voice.callbacks import webhook_of
from trunkline.voice.causes import Cause
from trunkline.voice.rating import CallPrice
from trunkline.voice.records.book import CallBook
from trunkline.voice.records.model import Call, CallState, Ended, Hangup, Stir
from trunkline.voice.session.facts import Bill, Facts
from trunkline.voice.session.ports import Callback, Recorded
from trunkline.webhooks import enqueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the record of a call holds besides its facts; `price` None: that of a call out."""

    app_id: str = ""
    endpoint_id: str = ""
    carrier: str = ""
    source_ip: str = ""
    stir_verification: str = Stir.NOT_APPLICABLE.value
    stir_attestation: str = ""
    hangup_url: str = ""
    hangup_method: str = "POST"
    price: CallPrice | None = None


_NOTHING = Details()


class RecordedCalls:
    """Notes the steps of calls and legs of one node; `ports.Journal`."""

    def __init__(
        self,
        book: CallBook,
        rates: Rates,
        node: str,
        *,
        on_recorded: Callable[[Recorded], None] | None = None,
    ) -> None:
        """`on_recorded` hears of recordings that the shelf has kept."""
        self.node = node
        self._on_recorded = on_recorded
        self._book = book
        self._rates = rates
        self._facts: dict[str, Facts] = {}
        self._details: dict[str, Details] = {}
        self._wanted: set[str] = set()
        self._out: Counter[str] = Counter()  # by main account
        self._to: Counter[str] = Counter()  # by address

    def facts(self, call_uuid: str) -> Facts | None:
        """Return what a call or leg in hand tells about itself."""
        return self._facts.get(call_uuid)

    def calls_out(self, main_id: str) -> int:
        """Count the legs to numbers that a main account is calling or talks with."""
        return self._out[main_id]

    def calls_to(self, address: str) -> int:
        """Count the legs to an address, whoever calls it."""
        return self._to[address]

    def expect(self, call_uuid: str, details: Details) -> None:
        """Say more about a call that will be `started`."""
        self._details[call_uuid] = details

    def taken(self, call: Call, facts: Facts, now: float) -> bool:
        """A queued call is in hand: its row is there, and says so.

        Return whether its first minute is paid. If not, it ends before it begins, and must not
        hold what others can pay theirs with that are taken together with it.
        """
        paid = self._book.credit.can_call(call.main_id, call.rate, now)
        if paid:
            self._book.credit.open(call.call_uuid, call.main_id, call.rate)
        self._keep(facts)
        return paid

    def wanted(
        self, facts: Facts, hangup_url: str, hangup_method: str
    ) -> asyncio.Future[Call | None]:
        self._wanted.add(facts.call_uuid)
        price = rating.outbound(self._rates, facts.recipient, facts.sender)
        facts.bill_rate = format_amount(price.rate)
        details = Details(hangup_url=hangup_url, hangup_method=hangup_method)
        row = self._row(facts, details, price)
        return self._book.started(row._replace(state=CallState.QUEUED.value))

    def started(self, facts: Facts) -> None:
        if facts.call_uuid in self._facts:
            return  # taken from the queue
        if facts.call_uuid in self._wanted:
            self._wanted.discard(facts.call_uuid)
            self._keep(facts)
            self._book.begun(facts.call_uuid, self.node)
            return
        details = self._details.pop(facts.call_uuid, _NOTHING)
        price = details.price or rating.outbound(self._rates, facts.recipient, facts.sender)
        facts.bill_rate = format_amount(price.rate)
        self._keep(facts)
        self._book.started(self._row(facts, details, price))

    def ringing(self, facts: Facts) -> None:
        self._book.ringing(facts.call_uuid, facts.ringing_at or facts.started_at)

    def answered(self, facts: Facts) -> asyncio.Future[Call | None]:
        return self._book.answered(facts.call_uuid, facts.answered_at or facts.started_at)

    async def ended(
        self, facts: Facts, cause: Cause, at: float, tell: Callable[[Bill], Callback] | None = None
    ) -> Bill:
        if self._facts.pop(facts.call_uuid, None) is not None and not facts.inbound:
            for counter, one in self._counted(facts):
                counter[one] -= 1
                if counter[one] <= 0:
                    del counter[one]
        self._wanted.discard(facts.call_uuid)
        answered = facts.answered_at is not None
        state = CallState.COMPLETED if answered else CallState(cause.unanswered)
        hangup = Hangup(cause.code, cause.name, cause.source.value, cause.classic)
        queue = None if tell is None else partial(_queue, tell=tell, at=at)
        end = Ended(facts.call_uuid, at, hangup, state, facts.conference_uuid, queue)
        record = await self._book.ended(end)
        return Bill(rate=facts.bill_rate) if record is None else bill_of(record)

    def recorded(self, recorded: Recorded) -> None:
        """Pass it on: the shelf has kept it before its end was told."""
        if self._on_recorded is not None:
            self._on_recorded(recorded)

    def _keep(self, facts: Facts) -> None:
        self._facts[facts.call_uuid] = facts
        if not facts.inbound:
            for counter, one in self._counted(facts):
                counter[one] += 1

    def _counted(self, facts: Facts) -> list[tuple[Counter[str], str]]:
        to = (self._to, facts.recipient)
        return [to, (self._out, facts.main_auth_id)] if facts.recipient.isdigit() else [to]

    def _row(self, facts: Facts, details: Details, price: CallPrice) -> Call:
        return Call(
            call_uuid=facts.call_uuid,
            main_id=facts.main_auth_id,
            account_id=facts.account_id,
            direction=facts.direction,
            state=CallState.RINGING.value,
            sender=facts.sender,
            recipient=facts.recipient,
            initiated_at=facts.started_at,
            request_uuid=facts.request_uuid or facts.call_uuid,
            caller_name=facts.caller_name,
            parent_uuid=facts.parent_uuid,
            app_id=details.app_id,
            endpoint_id=details.endpoint_id,
            carrier=details.carrier,
            node=self.node,
            rate=price.rate,
            network_group=price.group,
            stir_verification=details.stir_verification,
            stir_attestation=details.stir_attestation,
            source_ip=details.source_ip,
            hangup_url=details.hangup_url,
            hangup_method=details.hangup_method,
        )


def bill_of(call: Call) -> Bill:
    """Return what a call that has ended came to."""
    return Bill(
        call.billed_duration,
        format_amount(call.rate),
        format_amount(call.amount),
        call.bill_duration,
    )


def _queue(conn: Connection, call: Call, *, tell: Callable[[Bill], Callback], at: float) -> None:
    enqueue(conn, [webhook_of(tell(bill_of(call)), at)])
