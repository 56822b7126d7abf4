"""`trunkline run`: a program as it is, with its calls to Plivo answered here."""

import asyncio
import os
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.markup import escape

from trunkline.cli.environment import DataOption, Refused, errors, settings_for
from trunkline.cli.remote.connection import UrlOption
from trunkline.cli.shell.lazy import late
from trunkline.client.client import Client, Unreachable
from trunkline.processes.intercept.guest import Guest, Host, NoSuchProgram, receive
from trunkline.processes.intercept.served import home_of
from trunkline.runtime import log
from trunkline.runtime.settings import Settings

ASK_S = 5.0

_CREDENTIALS = "trunkline.cli.remote.credentials:first_account"


def run(
    command: Annotated[list[str], typer.Argument(metavar="PROGRAM")],
    url: UrlOption = None,
    data: DataOption = None,
    keep_credentials: Annotated[
        bool,
        typer.Option(
            "--keep-credentials", help="Leave PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN as they are."
        ),
    ] = False,
) -> None:
    """Run PROGRAM with its requests to Plivo answered by Trunkline; none leaves the machine.

    It is led here by its environment alone: a running program's (--url, or the data folder's), or
    one that is started for it and ends with it. Give it after `--`: trunkline run -- python app.py

    PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN are set to an account of that Trunkline, unless they are
    accepted there already. The exit code is the program's; standard error tells what was caught.
    """
    settings = settings_for(data)
    host = _find(settings, url)
    log.configure(settings.log_level, settings.log_format)
    guest = Guest(command, dict(os.environ), keep_credentials)
    try:
        outcome = asyncio.run(receive(guest, host, settings))
    except NoSuchProgram as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(error.code) from error
    errors.print(f"trunkline: {outcome.summary}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(outcome.code)


def _find(settings: Settings, url: str | None) -> Host | None:
    """Return a running program; None if one is to be started."""
    if url is None and not settings.http.port:
        return None  # it would be on any port
    address = url or f"http://{settings.http}"
    home_of(address)
    for auth_id, auth_token in _credentials(settings):
        try:
            with Client(address, auth_id, auth_token, timeout_s=ASK_S) as client:
                accepted = client.call("account.get").ok
        except Unreachable:
            if url is not None:
                raise Refused(f"no program answers at {url}") from None
            return None
        if accepted:
            return Host(address, auth_id, auth_token)
    # One that was named is used, though its accounts are not known: the program may know one.
    return None if url is None else Host(url)


def _credentials(settings: Settings) -> Iterator[tuple[str, str]]:
    given = (os.environ.get("PLIVO_AUTH_ID", ""), os.environ.get("PLIVO_AUTH_TOKEN", ""))
    if all(given):
        yield given
    if settings.secrets_file.exists():
        found = late(_CREDENTIALS)(settings, None)
        if found is not None:
            yield found
