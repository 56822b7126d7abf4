"""`trunkline mcp`: tools for agents, by stdio or HTTP."""

import asyncio
import logging
import sys
from contextlib import suppress
from typing import Annotated

import typer

from trunkline.agents.budget import Budget
from trunkline.agents.http import PATH, listen, serve_http
from trunkline.agents.prices import Prices
from trunkline.agents.server import serve_stdio
from trunkline.agents.toolbox import Toolbox
from trunkline.cli.environment import DataOption, Refused, errors, settings_for
from trunkline.cli.remote.connection import (
    AdminTokenOption,
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    credentials_for,
)
from trunkline.client.client import AsyncClient
from trunkline.runtime.settings.parse import host_port
from trunkline.values.ids import new_auth_token
from trunkline.values.money import parse_amount


def mcp(
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Offer only tools that change nothing.")
    ] = False,
    spend_limit: Annotated[
        str | None,
        typer.Option(help="US dollars that messages, calls and numbers may cost, such as 0.50."),
    ] = None,
    http: Annotated[
        str | None, typer.Option("--http", help="Serve HTTP there, such as 127.0.0.1:8650.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="TRUNKLINE_MCP_TOKEN", help="Bearer token for HTTP; one is made if absent."
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="Web page's origin that may use it over HTTP.")
    ] = None,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Serve the functions as tools to agents (Model Context Protocol), by stdio or HTTP."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)  # stdout is the protocol's
    settings = settings_for(data)
    limit = None if spend_limit is None else _amount(spend_limit)
    where = None if http is None else _address(http)
    address, account, secret = credentials_for(settings, url, auth_id, auth_token)
    client = AsyncClient(address, account, secret)
    toolbox = Toolbox(
        client,
        account,
        read_only=read_only,
        budget=None if limit is None else Budget(limit, client, Prices(client)),
        admin_token=admin_token or settings.admin_token,
    )
    with suppress(KeyboardInterrupt):
        if where is None:
            asyncio.run(serve_stdio(toolbox))
            return
        listener = listen(*where)
        token = token or new_auth_token()
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        errors.print(f"url    http://{shown}:{port}{PATH}\ntoken  {token}", highlight=False)
        asyncio.run(serve_http(toolbox, listener, token, allow_origin or ()))


def _amount(text: str) -> int:
    try:
        units = parse_amount(text)
    except ValueError as error:
        raise Refused(f"--spend-limit: {error}") from error
    if units < 0:
        raise Refused("--spend-limit must not be negative")
    return units


def _address(text: str) -> tuple[str, int]:
    try:
        return host_port(text)
    except ValueError as error:
        raise Refused(f"--http: {error}") from error
