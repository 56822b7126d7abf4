"""`trunkline clock`: the time of a program that runs on a controlled clock."""

from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, JsonOption, Refused, output
from trunkline.cli.remote.connection import AdminTokenOption, Operator, UrlOption, operator_for
from trunkline.cli.remote.moments import moment, seconds_of
from trunkline.cli.shell.listing import at_utc, show_json

app = typer.Typer(help="The program's time: show it, move it on.", no_args_is_help=True)


@app.command("show")
def show(
    as_json: JsonOption = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Show the program's time, and whether it can be moved."""
    _print(_now(operator_for(data, url, admin_token)), as_json=as_json)


@app.command("advance")
def advance(
    by: Annotated[str, typer.Argument(help="Such as 90, 90s, 15m, 2h or 1d.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Move time on; what was due until then happens."""
    operator = operator_for(data, url, admin_token)
    operator.ask("POST", "/admin/clock/advance", body={"seconds": seconds_of(by)})
    _print(_now(operator), as_json=as_json)


@app.command("set")
def set_(
    to: Annotated[str, typer.Argument(help='A time to come, such as "2026-05-01 12:30", UTC.')],
    as_json: JsonOption = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """Move time on to a moment; it never goes back."""
    operator = operator_for(data, url, admin_token)
    now = _now(operator)
    ahead = moment(to).timestamp() - now["now"]
    if not now["controlled"]:
        raise Refused("time is the system's: start with `trunkline up --clock controlled`")
    if ahead < 0:
        raise Refused(f"{to} is past: it is {at_utc(now['now'])}, and time moves forward only")
    operator.ask("POST", "/admin/clock/advance", body={"seconds": ahead})
    _print(_now(operator), as_json=as_json)


def _now(operator: Operator) -> dict[str, Any]:
    body = operator.ask("GET", "/admin/clock")
    return {"now": body["now"], "controlled": body["controlled"]}


def _print(now: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json({**now, "time": at_utc(now["now"])})
        return
    kind = "controlled" if now["controlled"] else "the system's"
    output.print(f"{at_utc(now['now'])} UTC, {kind}", highlight=False)
