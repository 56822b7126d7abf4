"""`trunkline snapshot`: states of an installation, to save and come back to.

A snapshot is a backup with a name, kept in the folder `snapshots` of the data folder; a path in the
place of a name is a file anywhere, to be handed to others or to CI.
"""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from trunkline.cli import backup
from trunkline.cli.environment import DataOption, JsonOption, Refused, output, settings_for
from trunkline.cli.shell.listing import Columns, at_utc, show_rows
from trunkline.runtime.db import dump
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.folder import Claim
from trunkline.runtime.settings import Settings

app = typer.Typer(
    help="States of an installation, to save and come back to: for tests.", no_args_is_help=True
)

FOLDER: Final = "snapshots"
PREVIOUS: Final = "previous"
_SUFFIX: Final = ".tar"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

NameArgument = Annotated[
    str, typer.Argument(help="A name, or the path of a file (with a / or ending in .tar).")
]


@app.command("save")
def save(
    name: NameArgument,
    data: DataOption = None,
    replace: Annotated[bool, typer.Option(help="Take the place of one that is there.")] = False,
) -> None:
    """Save database, secret key and media as they are now; the program may be running."""
    settings = settings_for(data)
    file = _file(settings, name)
    if file.exists() and not replace:
        raise Refused(f"{file} is there already; --replace takes its place")
    _save(settings, file)
    output.print(f"saved {file}; it holds the secret key", highlight=False, soft_wrap=True)


@app.command("load")
def load(name: NameArgument, data: DataOption = None) -> None:
    """Put everything back as a snapshot has it, in the newest schema; stop the program first.

    What was there is saved as the snapshot `previous`.
    """
    settings = settings_for(data)
    file = _file(settings, name)
    if not file.exists():
        raise Refused(f"there is no snapshot {file}; `trunkline snapshot list` names those here")
    with Claim(settings.data):
        previous = _file(settings, PREVIOUS)
        # Loading `previous` itself must not first be overwritten by what it takes the place of.
        if file != previous and not dump.is_empty(settings.database):
            _save(settings, previous)
        backup.put_back(settings, file, force=True)
        migrate(settings.database)
    output.print(f"loaded {file}", highlight=False, soft_wrap=True)


@app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the snapshots of a data folder, the newest first."""
    settings = settings_for(data)
    files = (settings.data / FOLDER).glob(f"*{_SUFFIX}")
    known = [(backup.read_manifest(file), file) for file in files]
    rows = [
        {
            "name": file.stem,
            "made_at": manifest.made_at,
            "engine": manifest.engine,
            "schema": manifest.schema,
            "size": file.stat().st_size,
        }
        for manifest, file in sorted(known, key=lambda one: one[0].made_at, reverse=True)
    ]
    columns: Columns = {
        "Name": "name",
        "Made": lambda row: at_utc(row["made_at"]),
        "Engine": "engine",
        "Schema": "schema",
        "Bytes": "size",
    }
    show_rows(rows, columns, as_json=as_json)


def _save(settings: Settings, file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    backup.save(settings, file)


def _file(settings: Settings, name: str) -> Path:
    if "/" in name or name.endswith(_SUFFIX):
        return Path(name)
    if _NAME.fullmatch(name) is None:
        raise Refused(f"{name!r} is no name: letters, digits, - and _, or a path")
    return settings.data / FOLDER / f"{name}{_SUFFIX}"
