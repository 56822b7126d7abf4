"""`trunkline numbers`: where each of its commands is."""

from collections.abc import Mapping

import typer

from trunkline.cli.shell.lazy import Entry, LazyGroup

_REMOTE = "trunkline.cli.remote.numbers"
_STOCK = "trunkline.cli.stock"

COMMANDS: Mapping[str, Entry] = {
    "list": Entry(f"{_REMOTE}:list_", "List the numbers of the account."),
    "search": Entry(f"{_REMOTE}:search", "Search numbers that can be rented."),
    "rent": Entry(f"{_REMOTE}:rent", "Rent numbers; each is charged for."),
    "release": Entry(f"{_REMOTE}:release", "Give numbers up."),
    "add": Entry(
        f"{_STOCK}:add",
        "Give numbers of your own carriers to an account; messages to them arrive there.",
    ),
    "import": Entry(
        f"{_STOCK}:import_inventory",
        "Take numbers that accounts can rent; what is known of the same numbers is replaced.",
    ),
}


class _Commands(LazyGroup):
    entries = COMMANDS


app = typer.Typer(
    cls=_Commands,
    help="Numbers of an account, numbers to rent, and numbers given away.",
    no_args_is_help=True,
)


@app.callback()
def numbers() -> None:
    """Numbers of an account, numbers to rent, and numbers given away."""
