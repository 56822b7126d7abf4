"""Tables for people, JSON for programs."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from trunkline.cli.environment import output

Row = Mapping[str, Any]
Cell = str | Callable[[Row], object]
"""The row's key, or what to make of the row."""
Columns = Mapping[str, Cell]


def show_rows(rows: Sequence[Row], columns: Columns, *, as_json: bool) -> None:
    """Print rows as a table with these columns, or as they are as one JSON array."""
    if as_json:
        show_json(list(rows))
        return
    table = Table(*columns, box=None, padding=(0, 1))
    for row in rows:
        table.add_row(*(escape(_text(_cell(row, cell))) for cell in columns.values()))
    output.print(table, highlight=False)


def show_record(record: Row, *, as_json: bool) -> None:
    """Print one record: a line for each field that has a value, or JSON."""
    if as_json:
        show_json(record)
        return
    known = {name: value for name, value in record.items() if value not in (None, "", [], {})}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        output.print(f"{name:<{width}}  {_text(value)}", markup=False, highlight=False)


def show_json(value: Any) -> None:
    """Print JSON, with colours and indents on a terminal only."""
    if sys.stdout.isatty():
        output.print_json(data=value)
        return
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def json_line(value: Any) -> None:
    """Print one JSON value on one line, at once."""
    typer.echo(msgspec.json.encode(value).decode())
    sys.stdout.flush()


def at_utc(seconds: float | None) -> str:
    """Show a time, "" for none."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _cell(row: Row, cell: Cell) -> object:
    return row.get(cell) if isinstance(cell, str) else cell(row)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, cast("Iterable[object]", value)))
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return str(value)
