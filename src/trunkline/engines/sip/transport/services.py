"""Which servers a domain names for SIP: SRV records (RFC 3263 4.2, RFC 2782).

NAPTR is not asked for: it would choose the transport, and that is always given here (RFC 3263 4.1).
"""

import asyncio
import importlib
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from trunkline.engines.sip.transport.hop import TransportName

_TIMEOUT_S: Final = 2.0
_LEAST_KEPT_S, _MOST_KEPT_S, _NONE_KEPT_S = 5.0, 300.0, 60.0
_MAX_KEPT: Final = 10_000
_NAMES: Final[dict[TransportName, str]] = {
    "udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"
}  # fmt: skip


class Record(NamedTuple):
    """One SRV record; `target` without its final dot."""

    priority: int
    weight: int
    port: int
    target: str


class Found(NamedTuple):
    """What was answered, and for how many seconds it holds."""

    records: Sequence[Record]
    ttl_s: float


Ask = Callable[[str], Awaitable[Found]]
"""Asks for the SRV records of a name; OSError: there is no answer."""


class Services:
    """Remembers what was answered."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ask: Ask | None = None) -> None:
        self._loop = loop
        self._ask: Ask = ask or ask_dns
        self._kept: dict[str, tuple[Sequence[Record], float]] = {}

    async def of(self, domain: str, transport: TransportName) -> list[Record]:
        """Give a domain's servers in the order they are to be tried; none: it names none."""
        name = f"{_NAMES[transport]}.{domain}"
        kept = self._kept.get(name)
        if kept is None or kept[1] <= self._loop.time():
            records, ttl_s = await self._found(name)
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            kept = self._kept[name] = records, self._loop.time() + ttl_s
        return _in_order(kept[0])

    async def _found(self, name: str) -> Found:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                found = await self._ask(name)
        except (OSError, TimeoutError):
            return Found((), _NONE_KEPT_S)
        if not found.records:
            return Found((), _NONE_KEPT_S)
        return Found(found.records, min(_MOST_KEPT_S, max(_LEAST_KEPT_S, found.ttl_s)))


def _in_order(records: Sequence[Record]) -> list[Record]:
    """By priority, and within one by chance with the weights (RFC 2782)."""
    left = sorted(records, key=lambda one: (one.priority, one.weight))
    ordered: list[Record] = []
    while left:
        same = [one for one in left if one.priority == left[0].priority]
        weights = [one.weight or 0.01 for one in same]  # of weight 0 there is a small chance
        chosen = random.choices(same, weights)[0]  # noqa: S311 - no secret
        left.remove(chosen)
        ordered.append(chosen)
    return ordered


async def ask_dns(name: str, at: tuple[str, int] | None = None) -> Found:
    """Ask the system's name servers, or the one at this address and port. Raises OSError."""
    # A tenth of a second to import, and few installations have trunks without a port.
    library: Any = await asyncio.to_thread(importlib.import_module, "dns.asyncresolver")
    errors: Any = importlib.import_module("dns.exception")
    try:
        resolver = library.Resolver(configure=at is None)
        if at is not None:
            resolver.nameservers, resolver.port = [at[0]], at[1]
        answer = await resolver.resolve(name, "SRV", lifetime=_TIMEOUT_S)
    except errors.DNSException as error:
        raise OSError(str(error)) from error
    records = [
        Record(one.priority, one.weight, one.port, one.target.to_text(omit_final_dot=True))
        for one in answer
    ]
    return Found(records, float(answer.rrset.ttl))
