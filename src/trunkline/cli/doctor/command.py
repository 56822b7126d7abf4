"""The command: runs all checks and prints what they found."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.doctor.bus import check_bus
from trunkline.cli.doctor.calls import check_calls
from trunkline.cli.doctor.carriers import check_carriers
from trunkline.cli.doctor.database import check_database
from trunkline.cli.doctor.findings import Finding, Level
from trunkline.cli.doctor.machine import check_machine
from trunkline.cli.doctor.speech import check_speech
from trunkline.cli.environment import DataOption, JsonOption, output, settings_for
from trunkline.cli.shell.listing import show_json
from trunkline.runtime.settings import SettingError

_STYLE = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILURE: "bold red"}


def doctor(
    data: DataOption = None,
    bind: Annotated[
        bool,
        typer.Option(help="Log in to each carrier; takes one of the binds it allows for a moment."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check settings, folder, database, NATS, ports, carriers, speech; exit 1 if one fails."""
    findings = _findings(data, bind=bind)
    if as_json:
        names = ("what", "state", "mend")
        show_json(
            [
                {"level": one.level.name.lower(), **{name: getattr(one, name) for name in names}}
                for one in findings
            ]
        )
    for finding in findings if not as_json else ():
        style = _STYLE[finding.level]
        line = f"[{style}]{finding.level.value:<7}[/] "
        output.print(line, end="", highlight=False)
        output.print(f"{finding.what}: {finding.state}", markup=False, highlight=False)
        if finding.mend:
            output.print(f"        {finding.mend}", markup=False, highlight=False)
    raise typer.Exit(1 if any(one.level is Level.FAILURE for one in findings) else 0)


def _findings(data: Path | None, *, bind: bool) -> list[Finding]:
    try:
        settings = settings_for(data)
    except SettingError as error:
        return [Finding.failure("settings", f"{error.key} {error.reason}", error.mend)]
    return [
        Finding.fine("settings", "readable"),
        *check_machine(settings),
        *check_database(settings),
        *check_bus(settings),
        *check_carriers(settings.carriers, bind=bind),
        *check_calls(settings),
        *check_speech(settings),
    ]
