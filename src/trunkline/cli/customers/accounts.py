"""`trunkline accounts`: main accounts, their credit, their tokens."""

from typing import Annotated

import typer

from trunkline.accounts import store
from trunkline.accounts.model import Account, BillingMode, NewAccount
from trunkline.billing import store as billing
from trunkline.billing.recharge import rules
from trunkline.billing.store import recharges
from trunkline.cli.customers import permissions
from trunkline.cli.environment import DataOption, JsonOption, Refused, errors, output, settings_for
from trunkline.cli.shell.database import ask_database
from trunkline.cli.shell.listing import show_record, show_rows
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import Connection
from trunkline.runtime.secrets import open_keyring
from trunkline.values.ids import new_uuid
from trunkline.values.money import format_amount, parse_amount

app = typer.Typer(help="Main accounts and their credit.", no_args_is_help=True)
app.command("permit")(permissions.permit)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whose account it is.")],
    credit: Annotated[
        str | None, typer.Option(help="US dollars to start with; the setting's if not given.")
    ] = None,
    postpaid: Annotated[bool, typer.Option(help="Sending never stops for lack of credit.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Open a main account and print its credentials."""
    settings = settings_for(data)
    keyring = open_keyring(settings.secrets_file)
    amount = settings.starting_credit if credit is None else _amount(credit)
    now = SystemClock().now()
    mode = BillingMode.POSTPAID if postpaid else BillingMode.PREPAID

    def unit(conn: Connection) -> Account:
        account = store.create_account(conn, keyring, NewAccount(name, billing_mode=mode), now)
        if amount:
            billing.credit(
                conn,
                account.auth_id,
                amount,
                kind="starting_credit",
                resource_id=account.auth_id,
                at=now,
            )
        return account

    account = ask_database(settings, unit)
    show_record({"auth_id": account.auth_id, "auth_token": account.auth_token}, as_json=as_json)


@app.command("list")
def list_(as_json: JsonOption = False, data: DataOption = None) -> None:
    """List main accounts with what they have left."""
    settings = settings_for(data)
    keyring = open_keyring(settings.secrets_file)

    def unit(conn: Connection) -> list[tuple[Account, int]]:
        found = store.list_main_accounts(conn, keyring)
        return [(one, billing.balance(conn, one.auth_id)) for one in found]

    rows = [
        {
            "auth_id": account.auth_id,
            "billing": account.billing_mode.value,
            "credit": format_amount(cash),
            "name": account.name,
        }
        for account, cash in ask_database(settings, unit)
    ]
    show_rows(
        rows, {name: name for name in ("auth_id", "billing", "credit", "name")}, as_json=as_json
    )


@app.command("credit")
def credit(
    auth_id: Annotated[str, typer.Argument(help="The main account.")],
    amount: Annotated[str, typer.Argument(help="US dollars to add, such as 25 or 12.50.")],
    data: DataOption = None,
) -> None:
    """Put money on a main account."""
    settings = settings_for(data)
    keyring = open_keyring(settings.secrets_file)
    units = _amount(amount)
    now = SystemClock().now()

    def unit(conn: Connection) -> int:
        if auth_id not in {one.auth_id for one in store.list_main_accounts(conn, keyring)}:
            raise Refused(f"there is no main account {auth_id}")
        billing.credit(conn, auth_id, units, kind="credit", resource_id=new_uuid(), at=now)
        return billing.balance(conn, auth_id)

    output.print(f"{auth_id} has {format_amount(ask_database(settings, unit))}", highlight=False)


@app.command("recharge")
def recharge(
    auth_id: Annotated[str, typer.Argument(help="The main account.")],
    below: Annotated[
        str | None, typer.Option(help="Top up when it has less than so many US dollars.")
    ] = None,
    amount: Annotated[str | None, typer.Option(help="By how many US dollars.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Top it up no more.")] = False,
    data: DataOption = None,
) -> None:
    """Top a prepaid account up when its credit runs low; without options show whether."""
    settings = settings_for(data)
    keyring = open_keyring(settings.secrets_file)
    now = SystemClock().now()
    if (below is None) != (amount is None):
        raise Refused("give both --below and --amount")
    wanted = None if below is None else (_amount(below), _amount(amount or ""))

    def unit(conn: Connection) -> recharges.Rule | None:
        account = store.find(conn, keyring, auth_id)
        if account is None or account.is_subaccount:
            raise Refused(f"there is no main account {auth_id}")
        if wanted is not None:
            rules.set_rule(conn, account, recharges.Rule(auth_id, *wanted), now)
        elif off:
            rules.stop(conn, auth_id, now)
        return recharges.get(conn, auth_id)

    found = ask_database(settings, unit)
    if found is None or not found.enabled:
        output.print(f"{auth_id} is not topped up", highlight=False)
        return
    by, threshold = format_amount(found.amount), format_amount(found.threshold)
    output.print(f"{auth_id} is topped up by {by} below {threshold}", highlight=False)
    if not settings.payment_url and not settings.local:
        errors.print("nothing takes payments yet: set billing.payment_url", highlight=False)


def _amount(text: str) -> int:
    try:
        units = parse_amount(text)
    except ValueError as error:
        raise Refused(str(error)) from error
    if units < 0:
        raise Refused("an amount must not be negative")
    return units
