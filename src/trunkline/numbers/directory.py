"""Every owned number in memory, for sending and receiving."""

from collections.abc import Sequence

from trunkline.applications.directory import Directory as Applications
from trunkline.applications.model import Application
from trunkline.numbers import store
from trunkline.numbers.model import OwnedNumber
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database


class Directory:
    """Synchronous answers about numbers; as fresh as the last `refresh`."""

    def __init__(self) -> None:
        self._numbers: dict[str, OwnedNumber] = {}
        self._follower = Follower(store.TOPIC, store.changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply, self._numbers)

    def get(self, number: str) -> OwnedNumber | None:
        """Return the number, whoever owns it; digits only, the country code first."""
        return self._numbers.get(number)

    def _apply(self, removed: Sequence[str], changed: Sequence[OwnedNumber]) -> None:
        for number in removed:
            self._numbers.pop(number, None)
        for owned in changed:
            self._numbers[owned.number] = owned


def application_for(owned: OwnedNumber, applications: Applications) -> Application | None:
    """Return where a number's messages and calls go: its application or its account's default."""
    own = None if owned.app_id is None else applications.get(owned.app_id)
    return own or applications.number_default(owned.account_id)
