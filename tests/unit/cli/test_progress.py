"""Progress is for people: a bar on a terminal, and nothing for a program."""

import io

import pytest
from rich.console import Console

from trunkline.cli.shell import progress


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100)
    monkeypatch.setattr(progress, "errors", console)
    with progress.portion("database") as tell:
        tell(1, 4)
        tell(4, 4)
    with progress.busy("reading") as say:
        say("still reading")
    return written.getvalue()


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written = shown(monkeypatch, terminal=True)
    assert "database" in written
    assert "100%" in written
    assert "reading" in written


def test_nothing_for_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, terminal=False).strip() == ""
