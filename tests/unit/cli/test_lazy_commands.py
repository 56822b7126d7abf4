"""Commands are found by a table: what it says of each is true, and help imports none of them."""

import subprocess
import sys

import pytest
from typer.core import TyperGroup

from trunkline.cli import main, numbers
from trunkline.cli.shell.lazy import Entry

TABLES = {**main.COMMANDS, **{f"numbers {name}": one for name, one in numbers.COMMANDS.items()}}
HEAVY = ("numpy", "sqlalchemy", "uvicorn", "httpx", "rich", "trunkline.contract")


@pytest.mark.parametrize("name", TABLES)
def test_the_table_says_what_the_command_says(name: str) -> None:
    entry: Entry = TABLES[name]
    command = entry.load(name.rpartition(" ")[2])
    assert command.help.splitlines()[0] == entry.summary
    assert isinstance(command, TyperGroup) == entry.where.endswith(":app")


def test_help_imports_no_command() -> None:
    names = ", ".join(map(repr, HEAVY))
    code = (
        "import sys; from trunkline.cli.main import app\n"
        "try: app(['--help'])\n"
        f"finally: print('loaded', [name for name in ({names},) if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "loaded []" in done.stdout, done.stdout
    assert "webhooks" in done.stdout
