"""`trunkline api`: every operation of the API, made from the contract."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.remote.connection import (
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    client_for,
)
from trunkline.cli.remote.fields import fields_of, read_arguments
from trunkline.cli.shell.completion import operations
from trunkline.contract.catalog import OPERATIONS, operation
from trunkline.contract.operation import Operation


def api(
    context: typer.Context,
    operation_id: Annotated[
        str | None,
        typer.Argument(
            metavar="OPERATION", help="Such as message.create.", autocompletion=operations
        ),
    ] = None,
    fields: Annotated[
        bool, typer.Option("--fields", help="List the operation's fields, call nothing.")
    ] = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Call OPERATION with --field value pairs; without one, list all operations."""
    if operation_id is None:
        _list_operations()
        return
    chosen = _operation(operation_id)
    if fields:
        _list_fields(chosen)
        return
    values = read_arguments(chosen, context.args)
    client = client_for(settings_for(data), url, auth_id, auth_token)
    answer = client.call(chosen.id, **values)
    if answer.body is not None:
        output.print_json(data=answer.body)
    if answer.status >= 400:
        raise Refused(f"{chosen.id}: status {answer.status}")


def _operation(operation_id: str) -> Operation:
    try:
        return operation(operation_id)
    except KeyError:
        raise Refused(f"there is no operation {operation_id}: `trunkline api` lists them") from None


def _list_operations() -> None:
    table = Table("operation", "what it does", box=None, padding=(0, 1))
    for one in OPERATIONS:
        table.add_row(one.id, escape(one.summary))
    output.print(table, highlight=False)


def _list_fields(chosen: Operation) -> None:
    output.print(f"{chosen.id}: {chosen.summary}", markup=False, highlight=False)
    table = Table("field", "", "meaning", box=None, padding=(0, 1))
    for field in fields_of(chosen):
        need = "required" if field.required else ""
        table.add_row(f"--{field.name}", need, escape(field.doc))
    output.print(table, highlight=False)
