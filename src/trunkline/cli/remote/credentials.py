"""Credentials of this installation's accounts, from its data folder."""

from trunkline.accounts import store as accounts
from trunkline.cli.shell.database import ask_database
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import Settings


def first_account(settings: Settings, auth_id: str | None) -> tuple[str, str] | None:
    """Return auth id and token of the first main account, or of the one named; None if absent."""
    keyring = open_keyring(settings.secrets_file)
    found = ask_database(settings, lambda conn: accounts.list_main_accounts(conn, keyring))
    matching = [one for one in found if auth_id in (None, one.auth_id)]
    return (matching[0].auth_id, matching[0].auth_token) if matching else None
