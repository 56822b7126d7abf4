"""One pool as sending sees it: who can carry what, and how much each has carried."""

from collections.abc import Set as AbstractSet

from trunkline.messaging.pools.areas import region_of
from trunkline.messaging.pools.model import DEFAULT_KINDS, Kind, Member, Pool, Service
from trunkline.numbers.model import area_code

_LOOKED_AT = 64  # of a larger group only so many are compared, the next ones each time

_Key = tuple[Service, Kind, str]


class LivePool:
    """Members by what they can be chosen for. Local numbers are found under their area and state.

    `generation` changes when a member leaves: what was remembered about pairs is void then.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.members: dict[str, Member] = {}
        self.loads: dict[str, int] = {}
        self.generation = 0
        self._groups: dict[_Key, list[str]] | None = None
        self._turns: dict[_Key, int] = {}

    def add(self, member: Member) -> None:
        """Take a member in; it starts as the least used, so that it is not flooded."""
        self.members[member.number] = member
        self.loads[member.number] = min(self.loads.values(), default=0)
        self._groups = None

    def drop(self, number: str) -> None:
        """Leave a member out from now on."""
        self.members.pop(number, None)
        self.loads.pop(number, None)
        self.generation += 1
        self._groups = None

    def usable(self, number: str, service: Service) -> bool:
        """Tell whether a number is still in the pool and carries that service."""
        member = self.members.get(number)
        return member is not None and member.carries(service)

    def carries(self, service: Service) -> bool:
        """Tell whether any member carries that service."""
        return any(member.carries(service) for member in self.members.values())

    def count(self, number: str) -> None:
        """Note that a message leaves through a number."""
        if number in self.loads:
            self.loads[number] += 1

    def choose(
        self,
        recipient: str,
        country: str,
        service: Service,
        avoid: AbstractSet[str] = frozenset(),
    ) -> str:
        """Return the sender for a recipient that knows none, "" if no member fits.

        Short codes and toll-free numbers reach their own country only. Long codes of the area come
        first, then of the state (local connect), then of the country, then all.
        """
        for kind in self._kinds(country, service):
            for place in self._places(recipient, country, kind):
                number = self._least_used((service, kind, place), recipient, avoid)
                if number:
                    return number
        return ""

    def _kinds(self, country: str, service: Service) -> tuple[Kind, ...]:
        for priority in self.pool.priorities:
            if priority.country == country and priority.service is service:
                return priority.kinds
        return DEFAULT_KINDS

    def _places(self, recipient: str, country: str, kind: Kind) -> tuple[str, ...]:
        if kind is not Kind.LONG_CODE:
            return (country,)
        area = area_code(recipient) if self.pool.local else ""
        region = region_of(area) if area else ""
        return (area, region, country, "all") if region else (country, "all")

    def _least_used(self, key: _Key, recipient: str, avoid: AbstractSet[str]) -> str:
        groups = self._groups
        if groups is None:
            groups = self._groups = self._grouped()
        group = groups.get(key)
        if not group:
            return ""
        if avoid or recipient in self.members:
            group = [one for one in group if one != recipient and one not in avoid]
        elif len(group) > _LOOKED_AT:
            at = self._turns.get(key, 0)
            self._turns[key] = (at + _LOOKED_AT) % len(group)
            group = (group[at : at + _LOOKED_AT] + group)[:_LOOKED_AT]
        return min(group, key=self._load, default="")

    def _load(self, number: str) -> int:
        return self.loads.get(number, 0)

    def _grouped(self) -> dict[_Key, list[str]]:
        groups: dict[_Key, list[str]] = {}
        for member in sorted(self.members.values()):
            places = {member.country}
            if member.kind is Kind.LONG_CODE:
                area = area_code(member.number)
                places |= {"all", area, region_of(area)} - {""}
            for service in Service:
                if member.carries(service):
                    for place in places:
                        groups.setdefault((service, member.kind, place), []).append(member.number)
        return groups
