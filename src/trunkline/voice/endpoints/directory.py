"""Every endpoint in memory, for the phones that register and the calls that go to them."""

from collections.abc import Sequence

from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.voice.endpoints.model import Endpoint, Secret
from trunkline.voice.endpoints.store import endpoints as store


class Directory:
    """Synchronous answers about endpoints; as fresh as the last `refresh`."""

    def __init__(self, keyring: Keyring) -> None:
        self._by_id: dict[str, Endpoint] = {}
        self._by_username: dict[str, Endpoint] = {}

        def fetch(conn: Connection, revision: int) -> Sequence[Endpoint]:
            return store.changed_since(conn, keyring, revision)

        self._follower = Follower(store.TOPIC, fetch)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply, self._by_id)

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return the endpoint, whoever owns it."""
        return self._by_id.get(endpoint_id)

    def named(self, username: str) -> Endpoint | None:
        """Return the endpoint of that username (case matters: RFC 3261 19.1.4)."""
        return self._by_username.get(username)

    def secret(self, username: str, realm: str) -> Secret | None:
        """Return what a digest of that username in that realm is checked against, if there is."""
        found = self._by_username.get(username)
        return found.secret if found is not None and found.secret.realm == realm else None

    def _apply(self, removed: Sequence[str], changed: Sequence[Endpoint]) -> None:
        for endpoint_id in removed:
            gone = self._by_id.pop(endpoint_id, None)
            if gone is not None:
                self._by_username.pop(gone.username, None)
        for endpoint in changed:
            self._by_id[endpoint.endpoint_id] = endpoint
            self._by_username[endpoint.username] = endpoint
