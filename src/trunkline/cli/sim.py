"""`trunkline sim`: what the simulated carriers can be asked for, and calls of simulated phones."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, JsonOption, Refused, output, settings_for
from trunkline.cli.remote.connection import UrlOption
from trunkline.cli.shell.listing import Columns, show_rows
from trunkline.client.client import Client
from trunkline.simulator.outcomes import TABLE
from trunkline.simulator.voice.outcomes import TABLE as VOICE
from trunkline.simulator.whatsapp.outcomes import TABLE as WHATSAPP

app = typer.Typer(help="The simulated carriers and phones.", no_args_is_help=True)


class DoesChoice(StrEnum):
    LISTEN = "listen"
    GREET = "greet"
    SPEAK = "speak"
    ECHO = "echo"
    MACHINE = "machine"
    TALK = "talk"
    MUTE = "mute"


@app.command("outcomes")
def outcomes(
    whatsapp: Annotated[bool, typer.Option(help="Those of WhatsApp messages.")] = False,
    voice: Annotated[bool, typer.Option(help="Those of calls.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the magic destinations and what becomes of a message or call to each."""
    chosen = WHATSAPP if whatsapp else VOICE if voice else TABLE
    rows = [{"destination": row.destination, "outcome": row.summary} for row in chosen]
    show_rows(rows, {"destination": "destination", "outcome": "outcome"}, as_json=as_json)


@app.command("call")
def call(
    number: Annotated[str, typer.Argument(help="The simulated phone that calls.")],
    to: Annotated[str, typer.Argument(help="The number of yours that it dials.")],
    digits: Annotated[str, typer.Option(help="Keys it presses; w waits 0.5 s, W 1 s.")] = "",
    digits_after: Annotated[float, typer.Option(help="Seconds after the answer.")] = 1.0,
    hang_up_after: Annotated[float | None, typer.Option(help="Seconds after the answer.")] = None,
    does: Annotated[DoesChoice, typer.Option(help="What it does.")] = DoesChoice.LISTEN,
    url: UrlOption = None,
    data: DataOption = None,
) -> None:
    """Let a simulated phone dial a number; the program must run in local mode."""
    body: dict[str, Any] = {
        "to": to,
        "digits": digits,
        "digits_after_s": digits_after,
        "hang_up_after_s": hang_up_after,
        "does": does.value,
    }
    answer = _client(url, data).ask("POST", _path(number), body=body)
    if answer.status != 202:
        raise Refused(f"status {answer.status}: {_error(answer.body)}")
    one = answer.body["call"]
    output.print(f"{one['call_id']} {one['state']} {one['sip_status'] or ''}", highlight=False)


@app.command("calls")
def calls(
    number: Annotated[str, typer.Argument(help="The simulated phone.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    data: DataOption = None,
) -> None:
    """List the calls that a simulated phone got and dialled, and what it heard."""
    answer = _client(url, data).ask("GET", _path(number))
    if answer.status != 200:
        raise Refused(f"status {answer.status}: {_error(answer.body)}")
    columns: Columns = {
        "": lambda one: "out" if one["placed"] else "in",
        "other": "other",
        "state": "state",
        "status": lambda one: one["sip_status"] or "",
        "ended by": "ended_by",
        "seconds": lambda one: f"{one['duration_s']:.1f}",
        "digits": "digits",
        "sound": lambda one: f"{one['sound_s']:.1f}",
    }
    show_rows(answer.body["calls"], columns, as_json=as_json)


def _client(url: str | None, data: DataOption) -> Client:
    return Client(url or f"http://{settings_for(data).http}", "", "")


def _path(number: str) -> str:
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise Refused(f"{number} is no number: digits only, the country code first")
    return f"/sim/handsets/{digits}/calls"


def _error(body: Any) -> str:
    """Give what the program says is wrong; `body` is decoded JSON, a text or nothing."""
    try:
        return str(body["error"])
    except (TypeError, KeyError):
        return str(body)
