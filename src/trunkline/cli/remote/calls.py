"""`trunkline calls`: calls that are on, wait or are over, and one call's record."""

from enum import StrEnum
from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, JsonOption, settings_for
from trunkline.cli.remote.connection import (
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    client_for,
    pages,
    taken,
)
from trunkline.cli.remote.moments import wire_time
from trunkline.cli.shell.listing import Row, show_record, show_rows
from trunkline.client.client import Client

app = typer.Typer(help="Calls: on, waiting, over.", no_args_is_help=True)

MOST_ROWS = 10_000
_OVER = {
    "call_uuid": "call_uuid",
    "ended": "end_time",
    "direction": "call_direction",
    "from": "from_number",
    "to": "to_number",
    "state": "call_state",
    "seconds": "bill_duration",
    "hangup": "hangup_cause_name",
    "amount": "total_amount",
}
_ON = {
    "call_uuid": "call_uuid",
    "direction": "direction",
    "from": "from",
    "to": "to",
    "state": "call_status",
    "since": "session_start",
}


class Which(StrEnum):
    OVER = "over"
    LIVE = "live"
    QUEUED = "queued"


class CallDirection(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


@app.command("list")
def list_(
    which: Annotated[Which, typer.Option(help="Those over, on, or waiting.")] = Which.OVER,
    to: Annotated[str | None, typer.Option(help="Only to numbers that begin so.")] = None,
    sender: Annotated[
        str | None, typer.Option("--from", help="Only from numbers that begin so.")
    ] = None,
    direction: Annotated[CallDirection | None, typer.Option(help="Only that direction.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Ended not before 30m, 2h, 7d ago, or a time, UTC.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many.")] = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """List calls, the newest first."""
    filters: dict[str, object] = {
        "to_number": to,
        "from_number": sender,
        "call_direction": direction,
    }
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        if which is Which.OVER:
            filters["end_time__gte"] = None if since is None else wire_time(since, client)
            found = list(pages(client, "call.list", limit, **filters))
            show_rows(found, _OVER, as_json=as_json)
            return
        found = _present(client, which, filters, limit)
    show_rows(found, _ON, as_json=as_json)


def _present(client: Client, which: Which, filters: dict[str, object], limit: int) -> list[Row]:
    lists, one = (
        ("call.list_live", "call.get_live")
        if which is Which.LIVE
        else ("call.list_queued", "call.get_queued")
    )
    uuids = taken(client.call(lists, **filters))["calls"][:limit]
    answers = [client.call(one, call_uuid=uuid) for uuid in uuids]
    return [answer.body for answer in answers if answer.ok]  # those over meanwhile are left out


@app.command("show")
def show(
    call_uuid: Annotated[str, typer.Argument(help="As `calls list` shows it.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Show one call: its record if it is over, else how it stands."""
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        answer = client.call("call.get", call_uuid=call_uuid)
        for operation_id in ("call.get_live", "call.get_queued"):
            if answer.status != 404:
                break
            present = client.call(operation_id, call_uuid=call_uuid)
            answer = present if present.ok else answer
    record = taken(answer)
    show_record({name: one for name, one in record.items() if name != "api_id"}, as_json=as_json)
