"""Progress on standard error, for people who wait: nothing is written when it is no terminal."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from trunkline.cli.environment import errors

Tell = Callable[[int, int], None]
"""Told how much is done and how much there is in all, in any unit."""
Say = Callable[[str], None]


@contextmanager
def busy(words: str) -> Generator[Say]:
    """Show that something is under way whose length nobody knows; `say` changes the words."""
    with errors.status(words) as status:
        yield status.update


@contextmanager
def portion(words: str) -> Generator[Tell]:
    """Show a bar of how much is done, and how long the rest may take."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
