"""All live conferences and multiparty calls of this process, by account and name."""

from collections import deque
from collections.abc import Callable

from trunkline.runtime.clock import Clock
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import Kind
from trunkline.voice.telephony import Telephony

MOST_PAST = 1_000  # gatherings that have ended, that are remembered


class Register:
    """Names are unique among those that live, of one account and one kind.

    The last ones that have ended are remembered.
    """

    def __init__(self, *, clock: Clock, telephony: Telephony, new_uuid: Callable[[], str]) -> None:
        self._clock = clock
        self._telephony = telephony
        self._new_uuid = new_uuid
        self._live: dict[tuple[Kind, str, str], Gathering] = {}
        self._past: deque[Gathering] = deque(maxlen=MOST_PAST)

    def find(self, kind: Kind, account_id: str, name: str) -> Gathering | None:
        """Return a live one by its name."""
        return self._live.get((kind, account_id, name))

    def by_uuid(self, kind: Kind, uuid: str) -> Gathering | None:
        """Return one by its uuid, whoever owns it, also when it has ended."""
        everything = [*self._live.values(), *self._past]
        return next((one for one in everything if (one.kind, one.uuid) == (kind, uuid)), None)

    def past_of(self, kind: Kind, account_id: str) -> list[Gathering]:
        """Return the last ones of an account that have ended, the oldest first."""
        return [one for one in self._past if (one.kind, one.account_id) == (kind, account_id)]

    def with_uuid(self, uuid: str) -> Gathering | None:
        """Return a live one by its uuid, whoever owns it."""
        return next((one for one in self._live.values() if one.uuid == uuid), None)

    def all_of(self, kind: Kind, account_id: str) -> list[Gathering]:
        """Return all of an account, the oldest first."""
        return [
            one
            for (of_kind, owner, _), one in self._live.items()
            if of_kind == kind and owner == account_id
        ]

    def find_or_open(self, kind: Kind, account_id: str, main_id: str, name: str) -> Gathering:
        """Return the one of this name that takes members, made now if there is none."""
        key = (kind, account_id, name)
        found = self._live.get(key)
        if found is None or found.ended:
            found = Gathering(
                kind,
                name,
                self._new_uuid(),
                account_id,
                main_id,
                self._clock,
                self._telephony,
                self._forget,
                self._clock.now(),
            )
            self._live[key] = found
        return found

    def _forget(self, gathering: Gathering) -> None:
        key = (gathering.kind, gathering.account_id, gathering.name)
        if self._live.get(key) is gathering:
            del self._live[key]
        self._past.append(gathering)
