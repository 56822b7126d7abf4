"""The command run in this process, on a data folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from trunkline.cli.main import app

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that is not there yet, and an environment that names it alone."""
    folder = tmp_path / "data"
    monkeypatch.setenv("TRUNKLINE_DATA", str(folder))
    monkeypatch.setenv("TRUNKLINE_HTTP", "127.0.0.1:0")
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("TRUNKLINE_CONFIG", "TRUNKLINE_DATABASE", "TRUNKLINE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PLIVO_AUTH_ID", "PLIVO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def trunkline(data: Path) -> Run:
    runner = CliRunner()

    def run(*arguments: str | Path) -> Result:
        return runner.invoke(app, [str(argument) for argument in arguments])

    return run
