"""Commands that are imported when they are called: help and completion need none of them."""

import gc
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group_from_info
from typer.models import TyperInfo


def late(where: str) -> Any:
    """Import `module:name` now: for what a command needs only in some of its ways.

    The garbage collector rests meanwhile, and never walks what was imported, which stays: it took
    a seventh of the time of `trunkline up`'s imports.
    """
    module, _, name = where.partition(":")
    gc.disable()
    try:
        return getattr(importlib.import_module(module), name)
    finally:
        gc.freeze()
        gc.enable()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is: `module:function`, or `module:app` for a group of commands.

    `summary` is the first sentence of its help; `passes_on` lets words through that are no options
    of the command itself, `leaves_order` also those that are, once its first argument has come.
    """

    where: str
    summary: str
    passes_on: bool = False
    leaves_order: bool = False

    def load(self, name: str) -> Any:
        """Import the command and return it in the form that a group holds."""
        found = late(self.where)
        if isinstance(found, typer.Typer):
            return get_group_from_info(
                TyperInfo(found, name=name),
                pretty_exceptions_short=True,
                rich_markup_mode=None,
                suggest_commands=True,
            )
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        form = {
            "allow_extra_args": self.passes_on,
            "ignore_unknown_options": self.passes_on,
            "allow_interspersed_args": not self.leaves_order,
        }
        alone.command(name, context_settings=form)(found)
        return get_command(alone)


class LazyGroup(TyperGroup):
    """A group made from a table; a subclass says which by `entries`."""

    entries: Mapping[str, Entry] = {}
    _only_names = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Name all commands in the table's order."""
        del ctx
        return list(self.entries)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command; None when there is none of that name."""
        del ctx
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if self._only_names:
            return TyperCommand(cmd_name, help=entry.summary)
        if cmd_name not in self.commands:
            self.commands[cmd_name] = entry.load(cmd_name)
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands from the table, without importing one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.summary) for name, one in self.entries.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer names and options, without importing a command."""
        self._only_names = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._only_names = False
