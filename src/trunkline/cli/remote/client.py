"""The client of one account of a running program, as the command line finds it."""

from typing import Annotated

import typer

from trunkline.accounts import store as accounts
from trunkline.cli.environment import Refused, ask_database
from trunkline.client.client import Client
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import Settings

UrlOption = Annotated[
    str | None,
    typer.Option("--url", envvar="TRUNKLINE_URL", help="Where the program answers."),
]
AuthIdOption = Annotated[
    str | None, typer.Option("--auth-id", envvar="PLIVO_AUTH_ID", help="The account.")
]
AuthTokenOption = Annotated[
    str | None, typer.Option("--auth-token", envvar="PLIVO_AUTH_TOKEN", help="Its token.")
]


def client_for(
    settings: Settings, url: str | None, auth_id: str | None, auth_token: str | None
) -> Client:
    """Make the client of the given account, or of this installation's first one.

    Raises:
        Refused: no credentials were given and the data folder has none.
    """
    url = url or f"http://{settings.http}"
    if auth_id and auth_token:
        return Client(url, auth_id, auth_token)
    if not settings.secrets_file.exists():
        raise Refused("give --auth-id and --auth-token, or the --data folder of the program")
    keyring = open_keyring(settings.secrets_file)
    found = ask_database(settings, lambda conn: accounts.list_main_accounts(conn, keyring))
    matching = [one for one in found if auth_id in (None, one.auth_id)]
    if not matching:
        raise Refused(f"there is no main account {auth_id or ''} here: start the program once")
    return Client(url, matching[0].auth_id, matching[0].auth_token)
