"""`trunkline api`: every operation of the API, made from the contract."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.remote.connection import (
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    client_for,
)
from trunkline.cli.remote.fields import apart, fields_of, read_arguments
from trunkline.cli.shell.completion import operations
from trunkline.cli.shell.listing import Columns, show_rows
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
    as_json: Annotated[
        bool, typer.Option("--json", help="Lists as JSON; answers always are.")
    ] = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Call OPERATION with --field value pairs; without one, list all operations.

    Options stand before OPERATION, fields after it. Options may also follow, if no field of it is
    called so; OPERATION --help lists its fields.
    """
    if operation_id is None:
        _list_operations(as_json=as_json)
        return
    chosen = _operation(operation_id)
    words, ours = apart(chosen, context.args)
    if fields or "fields" in ours:
        _list_fields(chosen, as_json=as_json or "json" in ours)
        return
    values = read_arguments(chosen, words)
    folder = Path(ours["data"]) if "data" in ours else data
    login = [ours.get(name) or one for name, one in _named(url, auth_id, auth_token)]
    with client_for(settings_for(folder), *login) as client:
        answer = client.call(chosen.id, **values)
    if answer.body is not None:
        output.print_json(data=answer.body)
    if answer.status >= 400:
        raise Refused(f"{chosen.id}: status {answer.status}")


def _named(
    url: str | None, auth_id: str | None, auth_token: str | None
) -> list[tuple[str, str | None]]:
    return [("url", url), ("auth_id", auth_id), ("auth_token", auth_token)]


def _operation(operation_id: str) -> Operation:
    try:
        return operation(operation_id)
    except KeyError:
        raise Refused(f"there is no operation {operation_id}: `trunkline api` lists them") from None


def _list_operations(*, as_json: bool) -> None:
    rows = [{"operation": one.id, "summary": one.summary} for one in OPERATIONS]
    show_rows(rows, {"operation": "operation", "what it does": "summary"}, as_json=as_json)


def _list_fields(chosen: Operation, *, as_json: bool) -> None:
    fields = fields_of(chosen)
    rows = [{"field": one.name, "required": one.required, "meaning": one.doc} for one in fields]
    if not as_json:
        output.print(f"{chosen.id}: {chosen.summary}", markup=False, highlight=False)
    columns: Columns = {
        "field": lambda one: f"--{one['field']}",
        "": lambda one: "required" if one["required"] else "",
        "meaning": "meaning",
    }
    show_rows(rows, columns, as_json=as_json)
