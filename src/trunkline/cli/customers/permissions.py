"""`trunkline accounts permit`: where an account may send to, and India's registered route."""

from enum import StrEnum
from typing import Annotated

import typer

from trunkline.accounts import store as accounts
from trunkline.accounts.permissions import store
from trunkline.accounts.permissions.model import Permissions
from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.shell.database import ask_database
from trunkline.runtime.db import Connection
from trunkline.runtime.secrets import open_keyring
from trunkline.values.networks.countries import parse_countries

INHERIT = "inherit"


class Switch(StrEnum):
    ON = "on"
    OFF = "off"
    INHERIT = "inherit"


def permit(
    auth_id: Annotated[str, typer.Argument(help="A main account, or a subaccount.")],
    countries: Annotated[
        str | None,
        typer.Option(
            help="Where it may send to: two letters each, comma-joined; * for all, inherit for"
            " what its main account or the settings say."
        ),
    ] = None,
    india_dlt: Annotated[
        Switch | None,
        typer.Option(help="Whether messages to India go by the registered route (DLT)."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Set what an account may do, and show it; without options only show it."""
    settings = settings_for(data)
    keyring = open_keyring(settings.secrets_file)
    try:
        listed = None if countries in (None, INHERIT) else parse_countries(countries or "")
    except ValueError as error:
        raise Refused(str(error)) from error

    def unit(conn: Connection) -> Permissions:
        if accounts.find(conn, keyring, auth_id) is None:
            raise Refused(f"there is no account {auth_id}")
        old = store.get(conn, auth_id)
        if countries is None and india_dlt is None:
            return old
        new = Permissions(
            auth_id,
            old.countries if countries is None else listed,
            old.india_dlt if india_dlt is None else _switched(india_dlt),
        )
        store.put(conn, new)
        return new

    found = ask_database(settings, unit)
    shown = INHERIT if found.countries is None else ",".join(sorted(found.countries)) or "none"
    dlt = INHERIT if found.india_dlt is None else "on" if found.india_dlt else "off"
    output.print(f"countries  {shown}\nindia_dlt  {dlt}", markup=False, highlight=False)


def _switched(switch: Switch) -> bool | None:
    return None if switch is Switch.INHERIT else switch is Switch.ON
