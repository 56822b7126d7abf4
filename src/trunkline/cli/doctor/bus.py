"""Check of the way to other processes."""

import asyncio
from collections.abc import Iterator

from trunkline.cli.doctor.findings import Finding
from trunkline.processes.beside.bus import reach_bus
from trunkline.runtime.bus import BusError
from trunkline.runtime.settings import SettingError, Settings

_MEND = "Start the server, or mend nats.url; `trunkline config describe` lists nats.*."


def check_bus(settings: Settings) -> Iterator[Finding]:
    """Connect to NATS, if there is one in the settings."""
    if not settings.nats_url:
        return
    try:
        server = asyncio.run(reach_bus(settings))
    except SettingError as error:
        yield Finding.failure("NATS", f"{error.key} {error.reason}", error.mend)
    except BusError as error:
        yield Finding.failure("NATS", str(error), _MEND)
    else:
        yield Finding.fine(f"NATS {server}", "reachable")
