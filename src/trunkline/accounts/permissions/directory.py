"""Every account's permissions in memory: asked for each message."""

from collections.abc import Sequence

from trunkline.accounts.permissions import store
from trunkline.accounts.permissions.model import Permissions
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database
from trunkline.values.networks.countries import EVERYWHERE


class PermissionDirectory:
    """Synchronous answers; as fresh as the last `refresh`."""

    def __init__(self, default: frozenset[str] = frozenset({EVERYWHERE})) -> None:
        """Allow the countries of `default` to accounts that nothing is stored of."""
        self._default = default
        self._stored: dict[str, Permissions] = {}
        self._follower = Follower(store.TOPIC, store.changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply, self._stored)

    def may_send_to(self, account_id: str, main_id: str, country: str) -> bool:
        """Tell whether the account may send to that country; "" is a country of its own."""
        allowed = self.countries(account_id, main_id)
        return EVERYWHERE in allowed or country in allowed

    def countries(self, account_id: str, main_id: str) -> frozenset[str]:
        """Return where an account may send to: its own word, its main account's, the setting's."""
        for one in (account_id, main_id):
            stored = self._stored.get(one)
            if stored is not None and stored.countries is not None:
                return stored.countries
        return self._default

    def needs_dlt(self, account_id: str, main_id: str) -> bool:
        """Tell whether the account's messages to India go by the registered route."""
        for one in (account_id, main_id):
            stored = self._stored.get(one)
            if stored is not None and stored.india_dlt is not None:
                return stored.india_dlt
        return False

    def _apply(self, removed: Sequence[str], changed: Sequence[Permissions]) -> None:
        for account_id in removed:
            self._stored.pop(account_id, None)
        self._stored.update((one.account_id, one) for one in changed)
