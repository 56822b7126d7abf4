"""`trunkline trust` and `untrust`: a machine that takes Trunkline for Plivo, until it is undone."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, output, settings_for
from trunkline.intercept.authority import open_authority
from trunkline.intercept.hosts import SERVED
from trunkline.intercept.machine.trust import Wish, plan, recorded
from trunkline.intercept.machine.trust import trust as make
from trunkline.intercept.machine.trust import untrust as take_back
from trunkline.processes.intercept.served import authority_folder
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.folder import prepare

DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be changed, change nothing.")
]


def trust(
    data: DataOption = None,
    hosts: Annotated[
        bool, typer.Option("--hosts", help="Lead Plivo's hosts here by the hosts file, too.")
    ] = False,
    bundle: Annotated[
        list[Path] | None,
        typer.Option(
            help="A PEM file of authorities to add to, such as `python -m certifi` names."
        ),
    ] = None,
    dry_run: DryOption = False,
    root: Annotated[Path, typer.Option(hidden=True, help="Below which the system is.")] = Path("/"),
) -> None:
    """Make this machine trust the authority of `trunkline up`; `trunkline untrust` undoes it.

    The system's store is changed if this user may (root), and the user's NSS store if there is one.
    """
    settings = settings_for(data)
    prepare(settings.data)
    folder = authority_folder(settings)
    authority = open_authority(folder, SystemClock().now())
    listens = settings.intercept_tls_listen
    address = (listens.host if listens else "127.0.0.1") if hosts else ""
    steps = plan(authority, Wish(tuple(bundle or ()), address, root))
    for step in steps:
        output.print(step.describe(), markup=False, highlight=False, soft_wrap=True)
    if dry_run:
        return
    make(steps, folder)
    if hosts and (listens is None or listens.port != 443):
        note = f"{', '.join(SERVED)} lead here: let `trunkline up` listen for them, by the setting"
        output.print(
            f"{note} intercept.tls_listen (TRUNKLINE_INTERCEPT_TLS_LISTEN={address}:443).",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def untrust(data: DataOption = None, dry_run: DryOption = False) -> None:
    """Undo exactly what `trunkline trust` has changed."""
    folder = authority_folder(settings_for(data))
    steps = recorded(folder) if dry_run else take_back(folder)
    for step in steps:
        output.print(f"undo: {step.describe()}", markup=False, highlight=False, soft_wrap=True)
    if not steps:
        output.print("nothing was changed from this data folder", highlight=False)
