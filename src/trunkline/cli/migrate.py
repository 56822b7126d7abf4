"""`trunkline migrate`: bring the database to this version's schema."""

from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, output, settings_for
from trunkline.cli.shell.progress import busy
from trunkline.runtime.db import migrate as schema
from trunkline.runtime.folder import prepare


def migrate(
    data: DataOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell; exit code 1 if something is missing.")
    ] = False,
) -> None:
    """Bring the database to this version's schema; safe to run again and by several at once."""
    settings = settings_for(data)
    prepare(settings.data)
    if check:
        missing = schema.pending(settings.database)
        output.print(f"missing: {', '.join(missing)}" if missing else "up to date")
        raise typer.Exit(1 if missing else 0)
    with busy("migrating"):
        applied = schema.migrate(settings.database)
    output.print(f"applied: {', '.join(applied)}" if applied else "up to date")
