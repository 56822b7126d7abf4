"""A small HTTP client for one account of a running program."""

import base64
import contextlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import msgspec
import typer

from trunkline.accounts import store as accounts
from trunkline.cli.environment import Refused, ask_database
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import Settings
from trunkline.values.errors import TrunklineError

TIMEOUT_S = 60.0  # as long as the slowest operation may take
_ANSWER_LIMIT_BYTES = 64 << 20

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


class Unreachable(TrunklineError):
    """No program answers at the address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is decoded JSON, the text if it is none, or None when there is nothing."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Client:
    """One account's way to the API."""

    url: str
    auth_id: str
    auth_token: str = field(repr=False)

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Make one request and return its answer, whatever its status.

        Raises:
            Unreachable: there was none.
        """
        parts = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        login = base64.b64encode(f"{self.auth_id}:{self.auth_token}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Accept": "application/json"}
        content = None
        if body is not None:
            content = msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        target = parts.path.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        with contextlib.closing(kind(parts.netloc, timeout=TIMEOUT_S)) as connection:
            try:
                connection.request(method, target, content, headers)
                answer = connection.getresponse()
                return Answer(answer.status, _decoded(answer.read(_ANSWER_LIMIT_BYTES)))
            except (OSError, http.client.HTTPException) as error:
                raise Unreachable(
                    f"nothing answers at {self.url} ({error}): start it with `trunkline up`, or"
                    " say where it is with --url"
                ) from error


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


def _decoded(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw.decode("utf-8", "replace")
