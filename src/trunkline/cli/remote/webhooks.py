"""`trunkline webhooks`: what was sent, what came back, and once more.

The running program is asked; when none answers and none was named, the data folder is.
"""

from enum import StrEnum
from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, JsonOption, Refused, output, settings_for
from trunkline.cli.remote.connection import AdminTokenOption, Operator, UrlOption, operator_for
from trunkline.cli.shell.lazy import late
from trunkline.cli.shell.listing import Columns, at_utc, show_json, show_rows
from trunkline.client.client import Unreachable
from trunkline.runtime.settings import Settings

app = typer.Typer(help="Webhooks: what was sent, and once more.", no_args_is_help=True)

MOST_ROWS = 1_000
_PAGE = 100  # rows that the operator's API gives at once
_LOG = "trunkline.cli.remote.webhook_log"


class StateChoice(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@app.command("list")
def list_(
    state: Annotated[StateChoice | None, typer.Option(help="Only in that state.")] = None,
    account: Annotated[str | None, typer.Option(help="Only of that account.")] = None,
    resource: Annotated[
        str | None, typer.Option(help="Only of that message or call, by its uuid.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many.")] = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """List webhooks, the newest first."""
    query = {
        "state": None if state is None else state.value,
        "account": account,
        "resource": resource,
        "limit": limit,
    }
    operator, offline = _ways(data, url, admin_token)
    try:
        found = _listed(operator, query)
    except Unreachable:
        if offline is None:
            raise
        found = late(f"{_LOG}:listed")(offline, query)
    columns: Columns = {
        "id": "id",
        "created": lambda one: at_utc(one["created_at"]),
        "kind": "kind",
        "state": "state",
        "attempts": "attempts",
        "url": "url",
    }
    show_rows(found, columns, as_json=as_json)


@app.command("show")
def show(
    webhook_id: Annotated[int, typer.Argument(help="As `webhooks list` shows it.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Show one webhook, its parameters and every attempt with its answer."""
    operator, offline = _ways(data, url, admin_token)
    try:
        found = operator.ask("GET", f"/admin/webhooks/{webhook_id}")
    except Unreachable:
        if offline is None:
            raise
        found = late(f"{_LOG}:one")(offline, webhook_id)
    if found is None:
        raise Refused(f"there is no webhook {webhook_id}")
    found.pop("api_id", None)
    if as_json:
        show_json(found)
        return
    lines = [f"{found['method']} {found['url']}", found["body"]]
    for one in found["attempts_made"]:
        lines += _attempt_lines(one)
    output.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


@app.command("replay")
def replay(
    webhook_id: Annotated[list[int], typer.Argument(help="As `webhooks list` shows them.")],
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Send webhooks again, as fresh copies with signatures of their own."""
    operator, offline = _ways(data, url, admin_token)
    for one in webhook_id:
        try:
            copy = operator.ask("POST", f"/admin/webhooks/{one}/replay")["id"]
        except Unreachable:
            if offline is None:
                raise
            copy = late(f"{_LOG}:replayed")(offline, one)
        if copy is None:
            raise Refused(f"there is no webhook {one}")
        output.print(f"{one} queued again as {copy}", highlight=False)


def _ways(data: DataOption, url: str | None, token: str | None) -> tuple[Operator, Settings | None]:
    """Give the running program, and the settings whose data folder may stand in for it."""
    return operator_for(data, url, token), settings_for(data) if url is None else None


def _listed(operator: Operator, query: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    before: int | None = None
    while len(found) < query["limit"]:
        size = min(_PAGE, query["limit"] - len(found))
        page = operator.ask("GET", "/admin/webhooks", {**query, "limit": size, "before": before})
        found += page["objects"]
        before = page["next_before"]
        if before is None:
            break
    return found


def _attempt_lines(one: dict[str, Any]) -> list[str]:
    outcome = f"status {one['status']}" if one["status"] is not None else f"{one['error']}"
    started = at_utc(one["started_at"])
    lines = [f"attempt {one['attempt']} at {started}: {outcome} in {one['duration_ms']} ms"]
    lines += [f"  {name}: {value}" for name, value in one["request_headers"]]
    if one["body"]:
        lines.append(f"  answer: {one['body']}")
    return lines
