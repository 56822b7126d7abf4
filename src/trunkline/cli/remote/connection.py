"""How commands reach a running program: as an account by the API, as its operator by /admin."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, Refused, settings_for
from trunkline.cli.shell.lazy import late
from trunkline.client.client import Answer, Client
from trunkline.client.request import bearer
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
AdminTokenOption = Annotated[
    str | None,
    typer.Option(help="Token of the operator's API (TRUNKLINE_ADMIN_TOKEN); none in local mode."),
]

_CREDENTIALS = "trunkline.cli.remote.credentials:first_account"
_PAGE = 20  # PLIVO: objects of a page, at most


def client_for(
    settings: Settings, url: str | None, auth_id: str | None, auth_token: str | None
) -> Client:
    """Make the client of the given account, or of this installation's first one; raises Refused."""
    return Client(*credentials_for(settings, url, auth_id, auth_token))


def credentials_for(
    settings: Settings, url: str | None, auth_id: str | None, auth_token: str | None
) -> tuple[str, str, str]:
    """Return address, auth id and token: those given, or of this installation's first account.

    Raises:
        Refused: no credentials were given and the data folder has none.
    """
    url = url or f"http://{settings.http}"
    if auth_id and auth_token:
        return url, auth_id, auth_token
    if not settings.secrets_file.exists():
        raise Refused("give --auth-id and --auth-token, or the --data folder of the program")
    found: tuple[str, str] | None = late(_CREDENTIALS)(settings, auth_id)
    if found is None:
        raise Refused(f"there is no main account {auth_id or ''} here: start the program once")
    return url, *found


def taken(answer: Answer) -> Any:
    """Return what the program answered.

    Raises:
        Refused: it refused; the words are its own.
    """
    if not answer.ok:
        raise Refused(f"status {answer.status}: {answer.error}")
    return answer.body


def pages(client: Client, operation_id: str, limit: int, **filters: Any) -> Iterator[Any]:
    """Yield up to `limit` objects of a list, page by page; raises Refused."""
    offset = 0
    while offset < limit:
        size = min(_PAGE, limit - offset)
        body = taken(client.call(operation_id, limit=size, offset=offset, **filters))
        found = body["objects"]
        yield from found
        offset += len(found)
        if len(found) < size:
            return


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator's API of a program."""

    url: str
    token: str | None

    def ask(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Any:
        """Make a request and return the answer's body; Unreachable, or Refused in its words."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        with Client(self.url, "", "") as client:
            return taken(client.send(bearer(method, path, self.token, given, body)))


def operator_for(data: DataOption, url: str | None, token: str | None) -> Operator:
    """Find the operator's API by what was given, or else by the settings."""
    settings = settings_for(data)
    return Operator((url or f"http://{settings.http}").rstrip("/"), token or settings.admin_token)
