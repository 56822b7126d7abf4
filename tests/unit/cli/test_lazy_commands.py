"""Commands are found by a table: what it says of each is true, and help imports none of them."""

import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("trunkline mess", {"messages"}),
        ("trunkline api message.cr", {"message.create"}),
        ("trunkline messages list --state unde", {"undelivered"}),
        ("trunkline numbers r", {"rent", "release"}),
    ],
)
def test_the_shell_completes(words: str, offered: set[str]) -> None:
    environment = {
        **os.environ,
        "_TRUNKLINE_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    program = Path(sys.executable).with_name("trunkline")
    done = subprocess.run(
        [str(program)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert set(done.stdout.split()) == offered, done.stderr
