"""`trunkline webhooks`: what was sent, what came back, and once more."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trunkline.cli.environment import DataOption, Refused, ask_database, output, settings_for
from trunkline.runtime.clock import SystemClock
from trunkline.webhooks.model import State
from trunkline.webhooks.store import log

app = typer.Typer(help="Webhooks: what was sent, and once more.", no_args_is_help=True)

MOST_ROWS = 1_000


class StateChoice(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@app.command("list")
def list_(
    state: Annotated[StateChoice | None, typer.Option(help="Only in that state.")] = None,
    account: Annotated[str | None, typer.Option(help="Only of that account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many.")] = 20,
    data: DataOption = None,
) -> None:
    """List webhooks, the newest first."""
    wanted = log.WebhookFilter(
        account_ids=() if account is None else (account,),
        state=None if state is None else State[state.name],
    )
    found = ask_database(
        settings_for(data), lambda conn: log.list_webhooks(conn, wanted, limit=limit)
    )
    table = Table("id", "created", "kind", "state", "attempts", "url", box=None, padding=(0, 1))
    for one in found:
        state_name = one.state.name.lower()
        row = (str(one.id), _time(one.created_at), one.kind, state_name, str(one.attempts), one.url)
        table.add_row(*map(escape, row))
    output.print(table, highlight=False)


@app.command("show")
def show(
    webhook_id: Annotated[int, typer.Argument(help="As `webhooks list` shows it.")],
    data: DataOption = None,
) -> None:
    """Show one webhook, its parameters and every attempt with its answer."""
    found = ask_database(settings_for(data), lambda conn: log.get_webhook(conn, webhook_id))
    if found is None:
        raise Refused(f"there is no webhook {webhook_id}")
    record, attempts = found
    lines = [f"{record.method} {record.url}", record.body]
    for one in attempts:
        outcome = f"status {one.status}" if one.status is not None else f"{one.error}"
        started = _time(one.started_at)
        lines.append(f"attempt {one.attempt} at {started}: {outcome} in {one.duration_ms} ms")
        lines += [f"  {name}: {value}" for name, value in one.request_headers]
        if one.body:
            lines.append(f"  answer: {one.body}")
    output.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


@app.command("replay")
def replay(
    webhook_id: Annotated[list[int], typer.Argument(help="As `webhooks list` shows them.")],
    data: DataOption = None,
) -> None:
    """Send webhooks again, as fresh copies with signatures of their own."""
    now = SystemClock().now()
    settings = settings_for(data)
    for one in webhook_id:
        copy = ask_database(settings, lambda conn, one=one: log.replay(conn, one, now))
        if copy is None:
            raise Refused(f"there is no webhook {one}")
        output.print(f"{one} queued again as {copy.id}", highlight=False)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
