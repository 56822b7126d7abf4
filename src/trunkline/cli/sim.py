"""`trunkline sim`: what the simulated carrier can be asked for."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trunkline.cli.environment import output
from trunkline.simulator.outcomes import TABLE
from trunkline.simulator.whatsapp.outcomes import TABLE as WHATSAPP

app = typer.Typer(help="The simulated carrier.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `sim` a group although it has one command yet."""


@app.command("outcomes")
def outcomes(
    whatsapp: Annotated[bool, typer.Option(help="Those of WhatsApp messages.")] = False,
) -> None:
    """List the magic destinations and what becomes of a message to each."""
    table = Table("destination", "outcome", box=None, padding=(0, 1))
    for row in WHATSAPP if whatsapp else TABLE:
        table.add_row(escape(row.destination), escape(row.summary))
    output.print(table, highlight=False)
