"""Accept a message for one or many destinations: check, cut, price, store, queue."""

import json
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from trunkline.billing.model import Direction
from trunkline.billing.rates import Rates
from trunkline.compliance.enforce import NOT_JUDGED, Enforcement, Standing
from trunkline.messaging import masking, status_callback
from trunkline.messaging.destinations.rules import DOMESTIC, Account, Destinations
from trunkline.messaging.errors import (
    CountryBarred,
    NoDestination,
    PoolRefused,
    SenderRefused,
    TooManyDestinations,
)
from trunkline.messaging.kinds.port import Kind
from trunkline.messaging.model import WAITING, Dispatch, ErrorCode, Failed, Row, State
from trunkline.messaging.optout import OptOuts
from trunkline.messaging.pools.choose import Chooser, Senders, Wanted
from trunkline.messaging.routing import Router
from trunkline.messaging.store import outbound, records
from trunkline.protocols.sms.segment import TooLong, segment
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.values.ids import following, new_uuid
from trunkline.values.phone import country_of, parse_phone_number, sanitise_sender, sender_kind

MAX_DESTINATIONS = 1_000  # PLIVO messaging: bulk ≤ 1,000 unique destinations
DEFAULT_EXPIRY_S = 10_800  # PLIVO messaging: message_expiry default
NO_EXTRA: Mapping[str, str] = MappingProxyType({})
ONE_FOR_ALL: Senders = MappingProxyType({})


class SendRequest(NamedTuple):
    """What is to be sent; `recipients` as the caller wrote them."""

    account_id: str
    payer: str
    sender: str
    recipients: list[str]
    text: str
    requester_ip: str = ""
    callback_url: str = ""
    callback_method: str = "POST"
    log: str = "true"
    expiry_s: int = DEFAULT_EXPIRY_S
    extra: Mapping[str, str] = NO_EXTRA
    ignore_optout: bool = False  # confirmations of STOP itself
    once: str = ""  # a uuid: the same one again stores nothing again
    kind: Kind | None = None  # None: SMS
    powerpack_uuid: str = ""  # chooses the sender of each recipient


class Prepared(NamedTuple):
    """Rows to store, ids for the caller, destinations refused."""

    rows: outbound.Outbound
    uuids: list[str]
    invalid: list[str]


class _Cut(NamedTuple):
    units: int
    error_code: int


class Sender:
    """Turns requests into stored, queued messages; one object a process."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        rates: Rates,
        router: Router,
        optouts: OptOuts,
        destinations: Destinations,
        pools: Chooser | None = None,
        us_rules: Enforcement | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._rates = rates
        self._router = router
        self._optouts = optouts
        self._destinations = destinations
        self._pools = pools
        self._us_rules = us_rules

    async def send(self, request: SendRequest) -> Prepared:
        """Accept `request`: on return its messages are durable and on their way.

        Raises:
            NoDestination, TooManyDestinations, SenderRefused, CountryBarred, PoolRefused:
                nothing was accepted.
            DatabaseError: nothing was accepted.
        """
        if request.powerpack_uuid:
            return await self._send_by_pool(request)
        prepared = self.prepare(request)
        if request.once and await self._db.read(partial(records.exists, uuid=prepared.uuids[0])):
            return prepared
        await self._db.submit(outbound.insert, prepared.rows)
        return prepared

    def prepare(self, request: SendRequest, senders: Senders = ONE_FOR_ALL) -> Prepared:
        """Check `request` and make its rows, without storing them."""
        sender = sanitise_sender(request.sender)
        if sender_kind(sender) is None and not request.powerpack_uuid:
            raise SenderRefused(request.sender)
        recipients, invalid = _destinations(request.recipients)
        if sender in recipients:
            raise SenderRefused(request.sender, "it is among the destinations")
        now = self._clock.now()
        kind = request.kind
        cut = _cut(request.text) if kind is None else _Cut(kind.units, 0)
        rows = outbound.Outbound([], [], [], None if kind is None else kind.attach)
        prepared = Prepared(rows, [], invalid)
        extra = self._extra(request)
        for recipient in recipients:
            own = senders.get(recipient, sender)
            self._add(prepared, request, own, recipient, cut, now, extra)
        if not rows.dispatches:
            self._raise_if_barred(request, recipients)
        return prepared

    def _raise_if_barred(self, request: SendRequest, recipients: list[str]) -> None:
        account = Account(request.account_id, request.payer)
        countries = {country_of(recipient) for recipient in recipients}
        if not any(self._destinations.may_send_to(account, one) for one in countries):
            raise CountryBarred(countries)

    def _extra(self, request: SendRequest) -> str:
        if not request.extra:
            return ""
        extra = dict(request.extra)
        if self._destinations.is_domestic(Account(request.account_id, request.payer), extra):
            extra[DOMESTIC] = "true"
        return json.dumps(extra)

    async def _send_by_pool(self, request: SendRequest) -> Prepared:
        if self._pools is None:
            raise PoolRefused("there is no such Powerpack")
        service = "sms" if request.kind is None else request.kind.type
        recipients, _ = _destinations(request.recipients)
        self._raise_if_barred(request, recipients)
        wanted = self._pools.wanted(request.account_id, request.powerpack_uuid, service, recipients)
        if request.once:
            before = self.prepare(request)
            if await self._db.read(partial(records.exists, uuid=before.uuids[0])):
                return before
        senders = self._pools.from_memory(wanted)
        if senders is not None:
            prepared = self.prepare(request, senders)
            await self._db.submit(outbound.insert, prepared.rows)
            return prepared
        prepared, senders = await self._db.submit(self._store_by_pool, (request, wanted))
        self._pools.remember(wanted, senders)
        return prepared

    def _store_by_pool(
        self, conn: Connection, items: list[tuple[SendRequest, Wanted]]
    ) -> list[tuple[Prepared, Senders]]:
        """Choose senders and store the messages in one transaction: either both hold or none."""
        assert self._pools is not None  # noqa: S101 - asked before
        wanted = [want for _, want in items]
        settled = self._pools.settle(conn, wanted, self._clock.now())
        prepared = [
            self.prepare(request, senders)
            for (request, _), senders in zip(items, settled, strict=True)
        ]
        outbound.insert(conn, [one.rows for one in prepared])
        return list(zip(prepared, settled, strict=True))

    def _add(
        self,
        prepared: Prepared,
        request: SendRequest,
        sender: str,
        recipient: str,
        cut: _Cut,
        now: float,
        extra: str,
    ) -> None:
        country = country_of(recipient)
        kind = request.kind
        type_ = "sms" if kind is None else kind.type
        carriers = self._router.candidates(recipient, country, sender, type_)
        error = cut.error_code or self._refusal(request, sender, recipient, country, carriers)
        standing = NOT_JUDGED if error else self._standing(request, sender, country, cut, now)
        error = error or standing.error_code
        uuid = following(request.once, len(prepared.uuids)) if request.once else new_uuid()
        network = self._destinations.network(recipient, country)
        rate = (
            self._rates.sms(country, Direction.OUTBOUND, network.name)
            if kind is None
            else kind.rate(country)
        )
        dispatch = Dispatch(
            uuid,
            request.account_id,
            request.payer,
            WAITING,
            carriers[0] if carriers else "",
            max(now, standing.due_at),
            0,
            "",
            now + request.expiry_s,
            now,
            None,
            sender,
            recipient,
            country,
            request.text,
            cut.units,
            rate,
            request.callback_url,
            request.callback_method,
            request.requester_ip,
            request.powerpack_uuid,
            "",
            extra,
            type_,
            network.text,
            self._destinations.fee(country, network, sender, type_),
        )
        prepared.uuids.append(uuid)
        prepared.rows.messages.append(_row(dispatch, request.log, error, standing.campaign_id))
        if request.callback_url:
            prepared.rows.webhooks.append(status_callback.of_queued(dispatch))
        if not error:
            prepared.rows.dispatches.append(dispatch)
        elif request.callback_url:
            prepared.rows.webhooks.extend(status_callback.of_failed([Failed(dispatch, error, now)]))

    def _standing(
        self, request: SendRequest, sender: str, country: str, cut: _Cut, now: float
    ) -> Standing:
        if self._us_rules is None or (request.kind is not None and request.kind.type != "mms"):
            return NOT_JUDGED
        return self._us_rules.judge(request.payer, sender, country, cut.units, now)

    def _refusal(
        self,
        request: SendRequest,
        sender: str,
        recipient: str,
        country: str,
        carriers: list[str],
    ) -> int:
        if not sender:  # no number of the pool fits
            return ErrorCode.INVALID_SOURCE
        account = Account(request.account_id, request.payer)
        type_ = "sms" if request.kind is None else request.kind.type
        refused = self._destinations.refusal(account, country, request.extra, type_)
        if refused:
            return refused
        # PLIVO messaging: a pair blocked by STOP fails with 200.
        if not request.ignore_optout and self._optouts.blocked(sender, recipient):
            return ErrorCode.OPTED_OUT
        if request.kind is not None and (refused := request.kind.refuse(sender, recipient)):
            return refused
        return 0 if carriers else ErrorCode.NO_ROUTE


def _destinations(written: list[str]) -> tuple[list[str], list[str]]:
    """Clean, drop duplicates, set aside what is no number.

    Raises:
        NoDestination: none is left.
        TooManyDestinations: more than 1,000 are.
    """
    valid: dict[str, None] = {}
    invalid: list[str] = []
    for text in written:
        number = parse_phone_number(text)
        if number is not None:
            valid[number] = None
        elif text.strip():
            invalid.append(text)
    if len(valid) + len(invalid) > MAX_DESTINATIONS:
        raise TooManyDestinations(len(valid) + len(invalid))
    if not valid:
        raise NoDestination(invalid)
    return list(valid), invalid


def _cut(text: str) -> _Cut:
    try:
        return _Cut(len(segment(text).parts), 0)
    except TooLong:
        return _Cut(0, ErrorCode.TOO_LONG)


def _row(dispatch: Dispatch, log: str, error: int, campaign_id: str) -> Row:
    """Lay out a row of `messages`, in the order of its columns."""
    return (
        dispatch.message_uuid,
        dispatch.payer,
        dispatch.account_id,
        "outbound",
        State.FAILED.value if error else State.QUEUED.value,
        dispatch.type,
        dispatch.sender,
        masking.number(dispatch.recipient) if log in masking.HIDES_NUMBER else dispatch.recipient,
        dispatch.country,
        None if log in masking.HIDES_CONTENT else dispatch.body,
        dispatch.units,
        dispatch.rate,
        0 if error else dispatch.rate * dispatch.units,
        error or None,
        log,
        dispatch.requester_ip,
        dispatch.created_at,
        None,
        None,
        dispatch.created_at,
        dispatch.carrier,
        dispatch.powerpack_uuid,
        "",
        dispatch.extra,
        dispatch.network,
        dispatch.fee_rate,
        campaign_id,
    )
