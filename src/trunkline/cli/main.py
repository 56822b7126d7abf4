"""The command's entry: gathers the commands and turns errors into one line and an exit code."""

import platform
import sys

import typer
from rich.markup import escape

from trunkline.cli import accounts, backup, config, migrate, money, numbers, sim, up, webhooks
from trunkline.cli.doctor.command import doctor
from trunkline.cli.environment import errors, output, version_text
from trunkline.cli.remote.api import api
from trunkline.cli.remote.send import send
from trunkline.runtime.db.dump import sqlite_version
from trunkline.values.errors import TrunklineError

app = typer.Typer(
    name="trunkline",
    help="A communications platform you run yourself, speaking the Plivo API v1.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("up")(up.up)
app.command("serve")(up.serve)
app.command("init")(config.init)
app.add_typer(config.app, name="config")
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(accounts.app, name="accounts")
app.add_typer(numbers.app, name="numbers")
app.add_typer(sim.app, name="sim")
app.add_typer(webhooks.app, name="webhooks")
app.command("usage")(money.usage_)
app.command("ledger")(money.ledger)
app.command("send")(send)
# Options that are not its own are the operation's fields.
app.command("api", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(api)


@app.command("version")
def version() -> None:
    """Print the versions that matter in a bug report."""
    output.print(f"trunkline {version_text()}", highlight=False)
    output.print(
        f"python {platform.python_version()}, sqlite {sqlite_version()}, {sys.platform}",
        highlight=False,
    )


def main() -> None:
    """Run the command; an expected error is one line on standard error and exit code 1."""
    try:
        app()
    except TrunklineError as error:
        line = f"[bold red]error:[/] {escape(str(error))}"
        errors.print(line, highlight=False, soft_wrap=True)
        raise SystemExit(1) from error
    except BrokenPipeError:
        raise SystemExit(141) from None  # the reader of a pipe left: as a signal would end us
