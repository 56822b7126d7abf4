"""`trunkline send`: one message through the API, and what became of it."""

import threading
from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, JsonOption, Refused, output, settings_for
from trunkline.cli.remote.connection import (
    AuthIdOption,
    AuthTokenOption,
    UrlOption,
    client_for,
    taken,
)
from trunkline.cli.shell.listing import show_json
from trunkline.cli.shell.progress import busy
from trunkline.client.client import Client
from trunkline.runtime.clock import SystemClock

LOOK_S = 0.2
GOOD = frozenset({"delivered", "read"})
FINAL = GOOD | {"failed", "undelivered", "rejected"}


def send(
    recipient: Annotated[str, typer.Argument(help="Number with country code.")],
    text: Annotated[str, typer.Argument(help="The text.")],
    sender: Annotated[
        str, typer.Option("--from", help="A number of yours, a short code or a name.")
    ] = "14155550100",
    callback: Annotated[
        str | None, typer.Option("--callback", help="URL that is told of its states.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is delivered or failed.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait at most.")] = 60.0,
    as_json: JsonOption = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Send one SMS and print its id."""
    with client_for(settings_for(data), url, auth_id, auth_token) as client:
        values = {"src": sender, "dst": recipient, "text": text, "url": callback}
        body = taken(client.call("message.create", **values))
        uuids: list[str] = body["message_uuid"]
        if not wait:
            if as_json:
                show_json(body)
            else:
                output.print("\n".join(uuids), highlight=False)
            return
        records = [_final(client, uuid, timeout) for uuid in uuids]
    if as_json:
        show_json(records)
    else:
        for one in records:
            output.print(_line(one), markup=False, highlight=False)
    bad = [one for one in records if one["message_state"] not in GOOD]
    if bad:
        raise Refused(f"{len(bad)} of {len(records)} not delivered")


def _final(client: Client, message_uuid: str, timeout_s: float) -> dict[str, Any]:
    clock = SystemClock()
    until = clock.now() + timeout_s
    with busy(f"{message_uuid} queued") as say:
        while True:
            record = taken(client.call("message.get", message_uuid=message_uuid))
            state = record["message_state"]
            if state in FINAL:
                return record
            if clock.now() >= until:
                raise Refused(f"{message_uuid} is still {state} after {timeout_s:g} s")
            say(f"{message_uuid} {state}")
            threading.Event().wait(LOOK_S)


def _line(record: dict[str, Any]) -> str:
    words = [record["message_uuid"], record["message_state"]]
    if record["error_code"] not in (None, "000"):
        words += [f"error {record['error_code']}"]
    return " ".join(words)
