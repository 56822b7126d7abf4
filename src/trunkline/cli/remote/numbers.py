"""`trunkline numbers list | search | rent | release`: an account's numbers, through the API."""

from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, JsonOption, output, settings_for
from trunkline.cli.remote.connection import (
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    client_for,
    pages,
    taken,
)
from trunkline.cli.shell.listing import Columns, Row, show_rows

MOST_ROWS = 100_000

LimitOption = Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many.")]


def list_(
    begins: Annotated[str | None, typer.Option(help="Only numbers that begin so.")] = None,
    number_type: Annotated[
        str | None, typer.Option("--type", help="local, tollfree, mobile, fixed or shortcode.")
    ] = None,
    subaccount: Annotated[str | None, typer.Option(help="Only that subaccount's.")] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """List the numbers of the account."""
    filters = {"number_startswith": begins, "type": number_type, "subaccount": subaccount}
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        found = list(pages(client, "number.list", limit, **filters))
    columns: Columns = {
        "number": "number",
        "type": "number_type",
        "country": "country",
        "services": _services,
        "alias": "alias",
        "application": lambda one: (one["application"] or "").strip("/").rpartition("/")[2],
        "subaccount": "sub_account",
        "month": "monthly_rental_rate",
        "renewed": "renewal_date",
    }
    show_rows(found, columns, as_json=as_json)


def search(
    country: Annotated[str, typer.Argument(help="Two letters, such as US.")],
    pattern: Annotated[str | None, typer.Option(help="Digits after the country code.")] = None,
    number_type: Annotated[
        str | None, typer.Option("--type", help="local, tollfree, mobile or fixed.")
    ] = None,
    services: Annotated[str | None, typer.Option(help="Such as sms or voice,sms.")] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Search numbers that can be rented."""
    filters = {
        "country_iso": country,
        "pattern": pattern,
        "type": number_type,
        "services": services,
    }
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        found = list(pages(client, "phone_number.search", limit, **filters))
    columns: Columns = {
        "number": "number",
        "type": "sub_type",
        "region": "region",
        "city": "city",
        "services": _services,
        "set-up": "setup_rate",
        "month": "monthly_rental_rate",
    }
    show_rows(found, columns, as_json=as_json)


def rent(
    number: Annotated[list[str], typer.Argument(help="As `numbers search` shows them.")],
    app_id: Annotated[str | None, typer.Option("--app", help="The application's id.")] = None,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Rent numbers; each is charged for."""
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        for one in number:
            body = taken(client.call("phone_number.buy", number=one, app_id=app_id))
            output.print(f"{one} {body['status']}", highlight=False)


def release(
    number: Annotated[list[str], typer.Argument(help="As `numbers list` shows them.")],
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Give numbers up."""
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        for one in number:
            taken(client.call("number.unrent", number=one))
            output.print(f"{one} released", highlight=False)


def _services(one: Row) -> str:
    return ",".join(name for name in ("sms", "mms", "voice") if one[f"{name}_enabled"])
