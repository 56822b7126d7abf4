"""Every account in memory, for the questions each request asks."""

import hmac
from collections.abc import Sequence

from trunkline.accounts import store
from trunkline.accounts.model import Account
from trunkline.contract.context import Principal
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring

_NO_TOKEN = b"no such account, compared all the same"


class Directory:
    """Synchronous answers about accounts; as fresh as the last `refresh`.

    Whoever changes accounts refreshes after the commit; the composition root refreshes every two
    seconds for the changes of other processes.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._accounts: dict[str, Account] = {}
        self._principals: dict[str, Principal] = {}
        self._tokens: dict[str, bytes] = {}

        def fetch(conn: Connection, revision: int) -> Sequence[Account]:
            return store.changed_since(conn, keyring, revision)

        self._follower = Follower(store.TOPIC, fetch)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply, self._accounts)

    def get(self, auth_id: str) -> Account | None:
        """Return the account or subaccount, enabled or not."""
        return self._accounts.get(auth_id)

    def subaccount(self, main_auth_id: str, auth_id: str) -> Account | None:
        """Return `auth_id` if it is a subaccount of that main account."""
        account = self._accounts.get(auth_id)
        if account is None or account.main_auth_id != main_auth_id or not account.is_subaccount:
            return None
        return account

    def authenticate(self, auth_id: str, token: str) -> Account | None:
        """Return the account that these credentials open, None if none or if it is disabled.

        Takes as long for a wrong id as for a wrong token.
        """
        expected = self._tokens.get(auth_id, _NO_TOKEN)
        same = hmac.compare_digest(expected, token.encode("utf-8", "surrogatepass"))
        account = self._accounts.get(auth_id)
        return account if same and account is not None and account.may_authenticate else None

    def principal(self, auth_id: str) -> Principal | None:
        """Return the account as the HTTP layer knows it."""
        return self._principals.get(auth_id)

    def _apply(self, removed: Sequence[str], changed: Sequence[Account]) -> None:
        for auth_id in removed:
            self._accounts.pop(auth_id, None)
            self._principals.pop(auth_id, None)
            self._tokens.pop(auth_id, None)
        for account in changed:
            self._accounts[account.auth_id] = account
            self._tokens[account.auth_id] = account.auth_token.encode("utf-8", "surrogatepass")
            self._principals[account.auth_id] = Principal(
                auth_id=account.auth_id,
                main_auth_id=account.main_auth_id,
                is_subaccount=account.is_subaccount,
                enabled=account.may_authenticate,
            )
