"""The command's entry: knows where each command is, and turns errors into one line and a code."""

from collections.abc import Mapping

import typer

from trunkline.cli.shell.lazy import Entry, LazyGroup
from trunkline.values.errors import TrunklineError

_CLI = "trunkline.cli"
_REMOTE = f"{_CLI}.remote"
_CUSTOMERS = f"{_CLI}.customers"

COMMANDS: Mapping[str, Entry] = {
    "up": Entry(
        f"{_CLI}.up:up",
        "Run everything in one process, for a developer: simulated carrier, no account needed.",
    ),
    "serve": Entry(
        f"{_CLI}.up:serve",
        "Run one or more roles, for an operator: settings decide everything.",
    ),
    "run": Entry(
        f"{_CLI}.intercept.run:run",
        "Run PROGRAM with its requests to Plivo answered by Trunkline; none leaves the machine.",
        leaves_order=True,
    ),
    "trust": Entry(
        f"{_CLI}.intercept.trust:trust",
        "Make this machine trust the authority of `trunkline up`; `trunkline untrust` undoes it.",
    ),
    "untrust": Entry(
        f"{_CLI}.intercept.trust:untrust", "Undo exactly what `trunkline trust` has changed."
    ),
    "init": Entry(
        f"{_CLI}.config:init", "Make the data folder, its secret key and a commented settings file."
    ),
    "config": Entry(f"{_CLI}.config:app", "Explain the settings."),
    "migrate": Entry(
        f"{_CLI}.migrate:migrate",
        "Bring the database to this version's schema; safe to run again and by several at once.",
    ),
    "doctor": Entry(
        f"{_CLI}.doctor.command:doctor",
        "Check settings, folder, database, NATS, ports, carriers, speech; exit 1 if one fails.",
    ),
    "backup": Entry(
        f"{_CLI}.backup:backup",
        "Copy the database, the secret key and the media into one file; the program may be"
        " running.",
    ),
    "restore": Entry(
        f"{_CLI}.backup:restore",
        "Put a backup into the data folder and database of the settings; stop the program first.",
    ),
    "snapshot": Entry(
        f"{_CLI}.snapshot:app", "States of an installation, to save and come back to: for tests."
    ),
    "accounts": Entry(f"{_CUSTOMERS}.accounts:app", "Main accounts and their credit."),
    "numbers": Entry(
        f"{_CLI}.numbers:app", "Numbers of an account, numbers to rent, and numbers given away."
    ),
    "sim": Entry(f"{_CLI}.sim:app", "The simulated carriers and phones."),
    "send": Entry(f"{_REMOTE}.send:send", "Send one SMS and print its id."),
    "messages": Entry(f"{_REMOTE}.messages:app", "Messages: what was sent and received."),
    "calls": Entry(f"{_REMOTE}.calls:app", "Calls: on, waiting, over."),
    "tail": Entry(
        f"{_REMOTE}.tail:tail", "Show messages, calls and webhooks as they change, until Ctrl-C."
    ),
    "carriers": Entry(
        f"{_REMOTE}.carriers:carriers",
        "List the carriers of messages: binds, window, rate, queue, last error.",
    ),
    "clock": Entry(f"{_REMOTE}.clock:app", "The program's time: show it, move it on."),
    "webhooks": Entry(f"{_REMOTE}.webhooks:app", "Webhooks: what was sent, and once more."),
    "usage": Entry(
        f"{_CUSTOMERS}.money:usage_", "Sum up what accounts used, by day, account and product."
    ),
    "ledger": Entry(
        f"{_CUSTOMERS}.money:ledger", "List payments and costs of an account, the newest first."
    ),
    "api": Entry(
        f"{_REMOTE}.api:api",
        "Call OPERATION with --field value pairs; without one, list all operations.",
        passes_on=True,  # options that are not its own are the operation's fields
        leaves_order=True,  # so that a field called url and the command's option are told apart
    ),
    "fn": Entry(
        f"{_CLI}.functions.call:fn",
        "Call the function NAME with --argument value pairs; without a name, list all functions.",
        passes_on=True,
        leaves_order=True,  # so that a function's --url and the command's are told apart
    ),
    "functions": Entry(
        f"{_CLI}.functions.front:serve_functions",
        "Serve the package of functions at /api/Plivo, in front of a server with the Plivo API.",
    ),
    "mcp": Entry(
        f"{_REMOTE}.mcp:mcp",
        "Serve the functions as tools to agents (Model Context Protocol), by stdio or HTTP.",
    ),
    "version": Entry(f"{_CLI}.version:version", "Print the versions that matter in a bug report."),
}


class _Commands(LazyGroup):
    entries = COMMANDS


app = typer.Typer(
    name="trunkline",
    cls=_Commands,
    help="A communications platform you run yourself, speaking the Plivo API v1.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def trunkline() -> None:
    """A communications platform you run yourself, speaking the Plivo API v1."""


def main() -> None:
    """Run the command; an expected error is one line on standard error and exit code 1."""
    try:
        app()
    except TrunklineError as error:
        typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error
    except BrokenPipeError:
        raise SystemExit(141) from None  # the reader of a pipe left: as a signal would end us
