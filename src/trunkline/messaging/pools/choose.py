"""Choose the sender of each recipient of a message that is sent by a pool."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import islice
from typing import NamedTuple

from trunkline.messaging.errors import PoolRefused
from trunkline.messaging.pools.directory import Directory
from trunkline.messaging.pools.live import LivePool
from trunkline.messaging.pools.model import Service
from trunkline.messaging.pools.store import pairs
from trunkline.messaging.pools.store.pairs import Known, Pair
from trunkline.numbers.directory import Directory as Numbers
from trunkline.runtime.db import Connection
from trunkline.values.phone import country_of

REMEMBERED = 200_000  # pairs in memory, of all pools; the others are looked up in the table

Senders = Mapping[str, str]
"""Recipient → sender, "" where no number of the pool fits."""

Blocked = Callable[[str, str], bool]
"""Tells whether a number was told by a handset to stop."""


class Wanted(NamedTuple):
    """Senders wanted for the recipients of one request."""

    live: LivePool
    service: Service
    recipients: Sequence[str]


class Chooser:
    """Chooses from memory; what recipients know is looked up when it is not remembered."""

    def __init__(self, directory: Directory, numbers: Numbers, blocked: Blocked) -> None:
        self._directory = directory
        self._numbers = numbers
        self._blocked = blocked
        self._remembered: dict[tuple[str, int, Service, str], str] = {}

    def wanted(
        self, account_id: str, pool_id: str, service: str, recipients: Sequence[str]
    ) -> Wanted:
        """Say what has to be chosen for a request.

        Raises:
            PoolRefused: the account has no such pool, or no number of it carries the service.
        """
        live = self._directory.get(pool_id.lower())
        if live is None or account_id not in (live.pool.account_id, live.pool.main_auth_id):
            raise PoolRefused("there is no such Powerpack")
        kind = Service.MMS if service == "mms" else Service.SMS
        if not live.carries(kind):
            raise PoolRefused(f"its number pool has no number for {kind.value.upper()}")
        return Wanted(live, kind, recipients)

    def from_memory(self, wanted: Wanted) -> Senders | None:
        """Choose without asking the database; None if a recipient may know a sender."""
        live, service = wanted.live, wanted.service
        if not live.pool.sticky:
            return {one: self._spread(wanted, one) for one in wanted.recipients}
        prefix = (live.pool.pool_id, live.generation, service)
        found: dict[str, str] = {}
        for recipient in wanted.recipients:
            sender = self._remembered.get((*prefix, recipient))
            if sender is None or not self._usable(live, sender, service):
                return None
            found[recipient] = sender
        for sender in found.values():
            live.count(sender)
        return found

    def settle(self, conn: Connection, items: Sequence[Wanted], at: float) -> list[Senders]:
        """Look up what recipients know, choose for the others and keep that, for all items."""
        settled: list[dict[str, str]] = [{} for _ in items]
        by_pool: dict[str, list[int]] = {}
        for at_item, item in enumerate(items):
            by_pool.setdefault(item.live.pool.pool_id, []).append(at_item)
        for pool_id, places in sorted(by_pool.items()):
            known, fresh = self._known(conn, pool_id, [items[place] for place in places], at)
            for place in places:
                live, service, recipients = items[place]
                for recipient in recipients:
                    key = (recipient, service.value)
                    settled[place][recipient] = sender = known.get(key, "")
                    if key not in fresh:
                        live.count(sender)
        return [*settled]

    def remember(self, wanted: Wanted, senders: Senders) -> None:
        """Keep what was settled, the oldest giving way."""
        prefix = (wanted.live.pool.pool_id, wanted.live.generation, wanted.service)
        for recipient, sender in senders.items():
            if sender:
                self._remembered[*prefix, recipient] = sender
        excess = len(self._remembered) - REMEMBERED
        for key in list(islice(self._remembered, max(0, excess))):
            del self._remembered[key]

    def _known(
        self, conn: Connection, pool_id: str, items: list[Wanted], at: float
    ) -> tuple[Known, Set[tuple[str, str]]]:
        """Return everybody's sender, and for whom it was chosen just now."""
        recipients = {recipient for item in items for recipient in item.recipients}
        known = pairs.known(conn, pool_id, recipients)
        new = self._missing(items, known)
        if new and not pairs.keep(conn, list(new.values()), at):
            known = pairs.known(conn, pool_id, recipients)  # another process was first
            new = self._missing(items, known)
        return known, new.keys()

    def _missing(self, items: Iterable[Wanted], known: Known) -> dict[tuple[str, str], Pair]:
        """Choose for whoever knows no usable sender, and note it in `known`."""
        new: dict[tuple[str, str], Pair] = {}
        for item in items:
            for recipient in item.recipients:
                key = (recipient, item.service.value)
                before = known.get(key, "")
                if key in new or (before and self._usable(item.live, before, item.service)):
                    continue
                sender = self._of_other_service(item, recipient, known)
                sender = sender or self._fresh(item, recipient)
                known[key] = sender
                if sender:
                    item.live.count(sender)
                    pool_id = item.live.pool.pool_id
                    new[key] = Pair(pool_id, recipient, item.service.value, sender, before)
        return new

    def _of_other_service(self, item: Wanted, recipient: str, known: Known) -> str:
        """Prefer the sender that the recipient knows from the other service."""
        for service in Service:
            sender = known.get((recipient, service.value), "")
            if sender and self._usable(item.live, sender, item.service):
                return sender
        return ""

    def _fresh(self, item: Wanted, recipient: str) -> str:
        live = item.live
        for number in list(live.members):
            # PLIVO messaging: STOP holds for the number it was sent to. A pool does not go round
            # it: it chooses that number, and the message fails with 200.
            if self._blocked(number, recipient) and self._usable(live, number, item.service):
                return number
        country = country_of(recipient)
        avoid: set[str] = set()
        while True:
            sender = live.choose(recipient, country, item.service, avoid)
            if not sender or self._usable(live, sender, item.service):
                return sender
            avoid.add(sender)  # another account's now, or not heard of yet

    def _usable(self, live: LivePool, sender: str, service: Service) -> bool:
        if not live.usable(sender, service):
            return False
        owned = self._numbers.get(sender)
        pool = live.pool
        if owned is None or owned.main_auth_id != pool.main_auth_id:
            return False
        return pool.account_id in (pool.main_auth_id, owned.account_id)

    def _spread(self, item: Wanted, recipient: str) -> str:
        sender = self._fresh(item, recipient)
        item.live.count(sender)
        return sender
