"""`trunkline tail`: messages, calls and webhooks as they change, one line each."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from trunkline.cli.environment import DataOption, Refused, errors, output
from trunkline.cli.remote.connection import AdminTokenOption, Operator, UrlOption, operator_for
from trunkline.cli.shell.listing import json_line
from trunkline.client.client import Answer, Unreachable
from trunkline.client.events import watch
from trunkline.client.request import bearer

AGAIN_S = 1.0  # between attempts to reach a program that went away
REMEMBERED = 50_000  # events that are not shown twice after a break


class Kind(StrEnum):
    MESSAGE = "message"
    CALL = "call"
    WEBHOOK = "webhook"


def tail(
    kind: Annotated[
        list[Kind] | None, typer.Option(help="Only these; may be given more than once.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only of that account.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many lines.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Show messages, calls and webhooks as they change, until Ctrl-C."""
    operator = operator_for(data, url, admin_token)
    query = {"kind": ",".join(kind or ()), "account": account or ""}
    shown = 0
    try:
        for event in _events(operator, {name: one for name, one in query.items() if one}):
            if as_json:
                json_line(event)
            else:
                output.print(_line(event), markup=False, highlight=False, soft_wrap=True)
            shown += 1
            if shown == limit:
                return
    except KeyboardInterrupt:
        return


def _events(operator: Operator, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield each event once; a program that goes away is waited for, and nothing is missed."""
    told: OrderedDict[tuple[str, str, str], None] = OrderedDict()
    after, was_there, is_here = "", False, False
    while True:
        more = {"after": after} if after else {}
        try:
            for one in watch(
                operator.url, bearer("GET", "/admin/events", operator.token, query | more)
            ):
                if isinstance(one, Answer):
                    raise Refused(f"status {one.status}: {one.error}")
                if not was_there:
                    errors.print(f"watching {operator.url}; Ctrl-C ends", highlight=False)
                was_there, is_here, after = True, True, one.id or after
                if one.name == "dropped":
                    errors.print("too much is open: the oldest is followed no more")
                elif one.name == "activity":
                    yield from _new(msgspec.json.decode(one.data), told)
        except Unreachable:
            if not was_there:
                raise
        if is_here:
            errors.print("the program went away; waiting for it", highlight=False)
        is_here = False
        threading.Event().wait(AGAIN_S)


def _new(
    event: dict[str, Any], told: "OrderedDict[tuple[str, str, str], None]"
) -> Iterator[dict[str, Any]]:
    key = (event["kind"], str(event["id"]), event.pop("step"))
    if key in told:
        return
    told[key] = None
    if len(told) > REMEMBERED:
        told.popitem(last=False)
    yield event


def _line(event: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(event["at"], UTC).strftime("%H:%M:%S.%f")[:-3]
    return f"{at}  {event['kind']:<7}  {event['state']:<11}  {_rest(event)}"


def _rest(event: dict[str, Any]) -> str:
    if event["kind"] == "webhook":
        number = event["attempt"] if event["state"] == "attempted" else ""
        came = event.get("status") or event.get("error") or ""
        words = (event["id"], event["of"], number and f"attempt {number}:", came, event["url"])
    else:
        ends = f"{event['from']} > {event['to']}"
        code = event.get("error_code")
        words = (
            event["id"],
            ends,
            event.get("type", event["direction"]),
            f"error {code}" if code else event.get("hangup", ""),
            repr(event["text"]) if event.get("text") else "",
        )
    return "  ".join(str(word) for word in words if word not in ("", None))
