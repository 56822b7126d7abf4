"""What every command needs: settings, and a place to print. It costs little to import."""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from trunkline.runtime.settings import Settings, load
from trunkline.values.errors import TrunklineError

_PIPED = 1_000  # columns: what another program reads is not cut to a screen

output = Console(width=None if sys.stdout.isatty() else _PIPED)
errors = Console(stderr=True)

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data folder (TRUNKLINE_DATA).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


class Refused(TrunklineError):
    """The command does not do what was asked, and says why."""


def settings_for(data: Path | None = None, more: Mapping[str, object] | None = None) -> Settings:
    """Read the settings; what was given on the command line wins.

    Raises:
        SettingError: one of them is wrong.
    """
    overrides = {"data": None if data is None else str(data), **(more or {})}
    return load(os.environ, overrides=overrides)


def version_text() -> str:
    """Return the installed version of the program."""
    return version("trunkline")
