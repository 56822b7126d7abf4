"""`trunkline messages`: what was sent and received, and one message's story."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, JsonOption, Refused, output, settings_for
from trunkline.cli.remote.connection import (
    AdminTokenOption,
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    client_for,
    operator_for,
    pages,
    taken,
)
from trunkline.cli.remote.moments import wire_time
from trunkline.cli.shell.listing import at_utc, show_json, show_record, show_rows
from trunkline.client.client import Unreachable

app = typer.Typer(help="Messages: what was sent and received.", no_args_is_help=True)

MOST_ROWS = 10_000
_COLUMNS = {
    "message_uuid": "message_uuid",
    "time": "message_time",
    "direction": "message_direction",
    "type": "message_type",
    "from": "from_number",
    "to": "to_number",
    "state": "message_state",
    "error": "error_code",
    "amount": "total_amount",
}


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    RECEIVED = "received"
    READ = "read"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class MessageType(StrEnum):
    SMS = "sms"
    MMS = "mms"
    WHATSAPP = "whatsapp"


@app.command("list")
def list_(
    state: Annotated[MessageState | None, typer.Option(help="Only in that state.")] = None,
    to: Annotated[str | None, typer.Option(help="Only to that number.")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Only from that sender.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="Only that direction.")] = None,
    message_type: Annotated[
        MessageType | None, typer.Option("--type", help="Only that kind.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Not older than 30m, 2h, 7d, or a time, UTC; a day if absent."),
    ] = None,
    subaccount: Annotated[str | None, typer.Option(help="Only of that subaccount.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many.")] = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """List messages, the newest first."""
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        filters = {
            "message_state": state,
            "to_number": to,
            "from_number": sender,
            "message_direction": direction,
            "message_type": message_type,
            "message_time__gte": None if since is None else wire_time(since, client),
            "subaccount": subaccount,
        }
        found = list(pages(client, "message.list", limit, **filters))
    show_rows(found, _COLUMNS, as_json=as_json)


@app.command("show")
def show(
    message_uuid: Annotated[str, typer.Argument(help="As `messages list` shows it.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Show one message: its record, its steps, queue and parts, and its webhooks.

    What is more than the record comes from the operator's API; where that is closed it is left out.
    """
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        record = taken(client.call("message.get", message_uuid=message_uuid))
    try:
        path = f"/admin/messages/{record['message_uuid']}"
        story = operator_for(data, url, admin_token).ask("GET", path)
    except (Refused, Unreachable):
        story = None
    if as_json:
        show_json({"record": record, "story": story})
        return
    show_record({name: one for name, one in record.items() if name != "api_id"}, as_json=False)
    if story is not None:
        _show_story(story)


def _show_story(story: dict[str, Any]) -> None:
    lines = [f"{at_utc(one['at'])}  {one['state']}" for one in story["steps"]]
    queue = story["queue"]
    if queue is not None and queue["state"] != "sent":
        tries = f"{queue['attempts']} tries" if queue["attempts"] else "not tried yet"
        due = at_utc(queue["due_at"])
        lines.append(f"{queue['state']} at {queue['carrier']}, {tries}, due {due}")
    for part in story["parts"]:
        word = part["state"] or "awaits its receipt"
        lines.append(f"part {part['part']} of {part['total']}: {part['carrier_key']} {word}")
    for webhook in story["webhooks"]:
        lines.append(f"webhook {webhook['id']} {webhook['state']}: {webhook['url']}")
        for step in webhook["steps"]:
            if step["state"] == "attempted":
                came = step.get("status") or step.get("error")
                lines.append(f"  {at_utc(step['at'])}  attempt {step['attempt']}: {came}")
    output.print("\n".join(["", *lines]), markup=False, highlight=False)
