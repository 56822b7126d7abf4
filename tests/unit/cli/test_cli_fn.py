"""`trunkline fn` before it calls anything: lists, help, and what it refuses."""

import pytest
from typer.testing import CliRunner

from trunkline.cli.main import app
from trunkline.values.errors import TrunklineError

ENV = {"COLUMNS": "200"}


def ran(*words: str) -> str:
    done = CliRunner().invoke(app, ["fn", *words], env=ENV, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_all_functions_are_listed() -> None:
    lines = ran().splitlines()
    assert len(lines) == 1 + 68
    assert "hangupSingleCall" in ran()


def test_help_after_the_name_lists_the_arguments() -> None:
    listed = ran("playText", "--help")
    assert "--callUuid" in listed
    assert "(WOMAN, MAN)" in listed
    assert "Options stand before NAME" in ran("--help")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sendMesage"], "did you mean sendMessage"),
        (["sendMessage", "--source", "1"], "did you mean src"),
        (["getLiveCalls", "--limit", "1"], "it has none"),
        (["sendMessage", "--src"], "--src needs a value"),
        (["sendMessage", "text"], "write arguments as --name value"),
        (["sendMessage", "--src", "1"], "sendMessage needs text"),
        (["makeCall", "--callTo", "[1"], "--callTo: Input data was truncated"),
    ],
)
def test_what_cannot_be_called_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(TrunklineError, match=message):
        ran(*words)
