"""Where users are: the bindings of a registrar (RFC 3261 10.3). No sockets; the time is given."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from trunkline.engines.sip.config import RegistrarPolicy
from trunkline.engines.sip.transport import Hop, place_of
from trunkline.protocols.sip import Address, Malformed, Request, Uri, parse_address
from trunkline.protocols.sip.grammar import parse_number, readable

T = TypeVar("T")

_MAX_EXPIRES: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Binding:
    """One contact of a user. `hop` is where requests go.

    For phones behind NAT, where they registered from.

    `expires_at` counts by the loop's clock; `q` is 0 to 1, the highest is preferred.
    """

    contact: str
    hop: Hop
    expires_at: float
    q: float
    call_id: str
    cseq: int
    user_agent: str
    source: Hop

    def seconds_left(self, now: float) -> int:
        return max(0, round(self.expires_at - now))


class Rejected(NamedTuple):
    """The REGISTER changes nothing; answer with this."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()


OnChange = Callable[[str, list[Binding]], None]
"""Called with a user and what is now bound, when contacts came, went or were refreshed."""


class Bindings:
    """The bindings of all users."""

    def __init__(self, policy: RegistrarPolicy, on_change: OnChange | None = None) -> None:
        self._policy = policy
        self._on_change = on_change
        self._users: dict[str, list[Binding]] = {}
        self._hosts: Counter[str] = Counter()
        self._places: Counter[tuple[str, str, int]] = Counter()
        self._flows: dict[tuple[str, str, int], set[str]] = {}
        self._ends: list[tuple[float, str]] = []

    def __len__(self) -> int:
        """How many users are bound."""
        return len(self._users)

    def of(self, username: str, now: float) -> list[Binding]:
        """Give the live bindings of a user, the preferred first.

        The youngest first among equals.
        """
        live = [each for each in self._users.get(username, ()) if each.expires_at > now]
        return sorted(live, key=lambda each: (-each.q, -each.expires_at))

    def is_source(self, host: str) -> bool:
        """Whether somebody is registered from this address."""
        return host in self._hosts

    def is_place(self, hop: Hop) -> bool:
        """Whether somebody is registered at, or from, this very port."""
        return hop[:3] in self._places

    def update(self, username: str, request: Request, source: Hop, now: float) -> Rejected | None:
        """Do what a REGISTER says, wholly or not at all. Malformed when its contacts are."""
        lines = request.headers.values("contact")
        if not lines:
            return None  # a query
        if "*" in lines:
            return self._remove_all(username, request, lines, now)
        present = self.of(username, now)
        kept = present.copy()
        for line in lines:
            address = parse_address(line)
            made = self._bind(request, source, address, now)
            if isinstance(made, Rejected):
                return made
            uri = address.parsed
            before = next((each for each in kept if _same(each.contact, uri)), None)
            if before is not None:
                if before in present and _is_older(request, before):
                    return Rejected(500, "CSeq is out of order")
                kept.remove(before)
            if made is not None:
                kept.append(made)
        if len(self._users) >= self._policy.addresses and username not in self._users and kept:
            return Rejected(503, headers=(("Retry-After", "60"),))
        kept.sort(key=lambda each: each.expires_at)
        self._store(username, kept[-self._policy.contacts :])
        return None

    def expire(self, now: float) -> None:
        """Forget what is over."""
        while self._ends and self._ends[0][0] <= now:
            _, username = heapq.heappop(self._ends)
            present = self._users.get(username, [])
            live = [each for each in present if each.expires_at > now]
            if len(live) != len(present):
                self._store(username, live)

    def flow_lost(self, hop: Hop) -> None:
        """A connection is closed: who was reached by it only, is not any more (RFC 5626 6)."""
        for username in self._flows.pop(hop[:3], set()):
            present = self._users.get(username, [])
            live = [each for each in present if each.source[:3] != hop[:3]]
            if len(live) != len(present):
                self._store(username, live)

    def restore(self, username: str, bindings: list[Binding]) -> None:
        """Take bindings that were kept elsewhere over a restart; nobody is told of them."""
        on_change, self._on_change = self._on_change, None
        self._store(username, bindings)
        self._on_change = on_change

    def remove(self, username: str) -> bool:
        """Forget a user; False when nothing was bound."""
        if username not in self._users:
            return False
        self._store(username, [])
        return True

    def _bind(
        self, request: Request, source: Hop, address: Address, now: float
    ) -> Binding | Rejected | None:
        """Make the binding of one contact; None when it is to be removed."""
        uri = address.parsed
        contact = str(uri._replace(headers=""))
        if not uri.is_sip or contact != readable(contact):
            return Rejected(400, "Contact is no SIP URI")
        seconds = self._seconds(request, address)
        if seconds == 0:
            return None
        if seconds < self._policy.min_s:
            return Rejected(423, headers=(("Min-Expires", str(self._policy.min_s)),))
        return Binding(
            contact=contact,
            hop=_reach(uri, source),
            expires_at=now + min(seconds, self._policy.max_s),
            q=_preference(address.params.get("q")),
            call_id=request.call_id,
            cseq=request.cseq.number,
            user_agent=readable(request.headers.get("user-agent") or "")[:200],
            source=source,
        )

    def _seconds(self, request: Request, address: Address) -> int:
        """RFC 3261 10.3 step 7; what is no number counts as not said (RFC 4475 3.1.2.4)."""
        for text in (address.params.get("expires"), request.headers.get("expires")):
            if text is not None:
                said = parse_number(text.strip(), _MAX_EXPIRES)
                return self._policy.default_s if said is None else said
        return self._policy.default_s

    def _remove_all(
        self, username: str, request: Request, lines: list[str], now: float
    ) -> Rejected | None:
        if lines != ["*"] or (request.headers.get("expires") or "").strip() != "0":
            return Rejected(400, "Contact * wants Expires 0 and nothing beside it")
        kept = self.of(username, now)
        if any(_is_older(request, each) for each in kept):
            return Rejected(500, "CSeq is out of order")
        self._store(username, [])
        return None

    def _store(self, username: str, bindings: list[Binding]) -> None:
        for each in self._users.get(username, ()):
            _decrement(self._hosts, each.source.host)
            for place in _places(each):
                _decrement(self._places, place)
        if bindings:
            self._users[username] = bindings
        else:
            self._users.pop(username, None)
        for each in bindings:
            self._hosts[each.source.host] += 1
            self._places.update(_places(each))
            heapq.heappush(self._ends, (each.expires_at, username))
            if each.source.reliable:
                self._flows.setdefault(each.source[:3], set()).add(username)
        if self._on_change is not None:
            self._on_change(username, list(bindings))


def _places(binding: Binding) -> set[tuple[str, str, int]]:
    return {binding.source[:3], binding.hop[:3]}


def _decrement(counter: Counter[T], key: T) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


def _is_older(request: Request, present: Binding) -> bool:
    return request.call_id == present.call_id and request.cseq.number <= present.cseq


def _same(contact: str, uri: Uri) -> bool:
    try:
        return parse_address(f"<{contact}>").parsed.same_as(uri._replace(headers=""))
    except Malformed:
        return False


def _reach(uri: Uri, source: Hop) -> Hop:
    """Where the contact is: by its connection, or its datagrams' source if that is another host."""
    if source.reliable:
        return source._replace(dial=False)
    transport, host, port = place_of(uri)
    return Hop(transport, host, port) if host == source.host else source


def _preference(text: str | None) -> float:
    try:
        return min(max(float(text or 1.0), 0.0), 1.0)
    except ValueError:
        return 1.0
