"""`trunkline up` and `trunkline serve`: run the program."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, settings_for
from trunkline.processes.run import run
from trunkline.runtime.clock import ControlledClock

HttpOption = Annotated[
    str | None, typer.Option("--http", help="Where to listen, host:port (TRUNKLINE_HTTP).")
]
ReadyOption = Annotated[
    Path | None,
    typer.Option("--ready-file", help="Write this file once everything answers."),
]

ALL_ROLES = frozenset({"api", "messaging", "voice", "webhooks"})


class ClockChoice(StrEnum):
    SYSTEM = "system"
    CONTROLLED = "controlled"
    FLOWING = "flowing"


class Role(StrEnum):
    API = "api"
    MESSAGING = "messaging"
    VOICE = "voice"
    WEBHOOKS = "webhooks"
    ALL = "all"


def up(
    data: DataOption = None,
    http: HttpOption = None,
    ready_file: ReadyOption = None,
    clock: Annotated[
        ClockChoice,
        typer.Option(
            help="controlled: time stands still until a test moves it;"
            " flowing: it goes by itself, and a test may move it on."
        ),
    ] = ClockChoice.SYSTEM,
    local: Annotated[
        bool,
        typer.Option(help="Webhooks may go to loopback, and the simulator's API is open."),
    ] = True,
    stop_with: Annotated[
        int | None,
        typer.Option(min=1, help="Stop when the process with this id is gone, such as a test run."),
    ] = None,
) -> None:
    """Run everything in one process, for a developer: simulated carrier, no account needed."""
    settings = settings_for(data, {"http.listen": http})
    moved = None
    if clock is not ClockChoice.SYSTEM:
        moved = ControlledClock(flowing=clock is ClockChoice.FLOWING)
    code = run(
        dataclasses.replace(settings, local=local),
        roles=ALL_ROLES,
        ready_file=ready_file,
        clock=moved,
        local=local,
        stop_with=stop_with,
    )
    raise typer.Exit(code)


def serve(
    role: Annotated[
        list[Role], typer.Option(help="What this process does; may be given more than once.")
    ] = [Role.ALL],  # noqa: B006 - typer reads the default and never changes it
    data: DataOption = None,
    http: HttpOption = None,
    ready_file: ReadyOption = None,
) -> None:
    """Run one or more roles, for an operator: settings decide everything."""
    settings = settings_for(data, {"http.listen": http})
    roles = ALL_ROLES if Role.ALL in role else frozenset(str(one) for one in role)
    code = run(settings, roles=roles, ready_file=ready_file, local=settings.local)
    raise typer.Exit(code)
