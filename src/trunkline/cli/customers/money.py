"""`trunkline usage` and `trunkline ledger`: what was used, and what was charged for it."""

from typing import Annotated

import typer

from trunkline.accounts import store as accounts
from trunkline.billing import report
from trunkline.billing.store import statements, usage
from trunkline.cli.environment import DataOption, JsonOption, Refused, output, settings_for
from trunkline.cli.shell.database import ask_database
from trunkline.cli.shell.listing import show_rows
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import Connection
from trunkline.runtime.secrets import open_keyring

MOST_LINES = 100_000

FromOption = Annotated[
    str | None, typer.Option("--from", help="First day, YYYY-MM-DD, UTC; 30 days ago if absent.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day; today if absent.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="CSV instead of a table.")]


def usage_(
    first: FromOption = None,
    last: ToOption = None,
    group: Annotated[
        str, typer.Option(help=f"Lines for each of: {', '.join(report.GROUPS)}; comma-joined.")
    ] = report.DEFAULT_GROUPS,
    account: Annotated[
        str, typer.Option(help="Of that main account with its subaccounts, or that subaccount.")
    ] = "",
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Sum up what accounts used, by day, account and product."""
    settings = settings_for(data)
    try:
        groups = report.parse_groups(group)
        since, until = report.parse_period(first, last, SystemClock().now())
    except ValueError as error:
        raise Refused(str(error)) from error
    names = [report.GROUPS[name] for name in groups]
    found = ask_database(
        settings, lambda conn: usage.summarise(conn, since, until, names, account, MOST_LINES)
    )
    _show(report.usage_table(found, groups), as_csv=as_csv, as_json=as_json)


def ledger(
    auth_id: Annotated[str, typer.Argument(help="A main account, or a subaccount.")],
    first: FromOption = None,
    last: ToOption = None,
    kind: Annotated[str, typer.Option(help="Only entries of that kind.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_LINES, help="How many.")] = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List payments and costs of an account, the newest first."""
    settings = settings_for(data)
    keyring = open_keyring(settings.secrets_file)
    period = None
    if first or last:
        try:
            period = report.parse_period(first, last, SystemClock().now())
        except ValueError as error:
            raise Refused(str(error)) from error

    def unit(conn: Connection) -> list[statements.Entry]:
        account = accounts.find(conn, keyring, auth_id)
        if account is None:
            raise Refused(f"there is no account {auth_id}")
        wanted = statements.LedgerFilter(
            account.main_auth_id,
            account.auth_id if account.is_subaccount else "",
            kind,
            None if period is None else period[0] * float(usage.DAY_S),
            None if period is None else (period[1] + 1) * float(usage.DAY_S),
        )
        return statements.list_entries(conn, wanted, limit)

    found = report.ledger_table(ask_database(settings, unit))
    _show(found, as_csv=as_csv, as_json=as_json)


def _show(found: report.Table, *, as_csv: bool, as_json: bool) -> None:
    if as_csv:
        output.print(report.as_csv(found), end="", markup=False, highlight=False, soft_wrap=True)
        return
    header, rows = found
    named = [dict(zip(header, row, strict=True)) for row in rows]
    show_rows(named, {name: name for name in header}, as_json=as_json)
