"""The bus that the settings ask for."""

import importlib
from typing import TYPE_CHECKING, Any

from trunkline.processes.beside.companion import TOPICS
from trunkline.processes.beside.word import Herald
from trunkline.runtime.bus import Bus, InProcessBus
from trunkline.runtime.db import Database
from trunkline.runtime.health import Health
from trunkline.runtime.metrics import Metrics
from trunkline.runtime.settings import Settings
from trunkline.runtime.settings.errors import SettingError
from trunkline.runtime.supervise import Supervisor, WhenItFails
from trunkline.values.errors import TrunklineError
from trunkline.voice.records.store.queue import QUEUED as CALLS_QUEUED

if TYPE_CHECKING:
    from trunkline.engines.nats.bus import NatsBus

FIRST_TRY_S = 3.0  # how long a start waits for a server that does not answer


def lay_bus(settings: Settings) -> Bus:
    """Make the bus; nothing is connected yet.

    Raises:
        SettingError: `nats.url` or a file it needs cannot be used.
    """
    if not settings.nats_url:
        return InProcessBus()
    # Imported when it is used: the library would be a tenth of every start.
    link: Any = importlib.import_module("trunkline.engines.nats.link")
    names: Any = importlib.import_module("trunkline.engines.nats.credentials")
    bus: Any = importlib.import_module("trunkline.engines.nats.bus")
    places: list[Any] = []
    for url in settings.nats_url.split(","):
        try:
            places.append(names.place_of(url))
        except ValueError as error:
            raise _wrong("nats.url", f"{_shown(url)} {error}", "Write nats://host:4222.") from None
    try:
        tls = names.tls_context(
            settings.nats_tls_authority, settings.nats_tls_certificate, settings.nats_tls_key
        )
        file = settings.nats_credentials
        signer = None if file is None else names.signer_of(file)
    except TrunklineError as error:
        key, _, reason = str(error).partition(": ")
        raise _wrong(key, reason, "Check the file.") from None
    return bus.NatsBus(link.Servers(tuple(places), tls, signer), settings.nats_prefix)


def start_word(bus: Bus, db: Database, supervisor: Supervisor) -> None:
    """Exchange word of commits with the processes that the bus reaches."""
    if isinstance(bus, InProcessBus):
        return
    herald = Herald(bus, db, (*TOPICS, CALLS_QUEUED))
    supervisor.start("word of commits", herald.tell, when_it_fails=WhenItFails.RESTART)
    supervisor.start("commits elsewhere", herald.hear, when_it_fails=WhenItFails.RESTART)


async def open_bus(bus: Bus, health: Health, metrics: Metrics) -> None:
    """Connect the bus, if it is one to connect, and observe it.

    A server that is away is no error: what needs no other process goes on, and it is tried for
    ever.
    """
    if isinstance(bus, InProcessBus):
        return
    nats: NatsBus = bus  # pyright: ignore[reportAssignmentType] - the only other that lay_bus makes
    nats.start()
    await nats.tried(FIRST_TRY_S)
    health.add("bus", nats.ping, vital=False)
    observe = metrics.observe
    observe("bus_connected", "1 when NATS is connected.", lambda: nats.is_connected)
    observe("bus_connections", "How often NATS was connected.", lambda: nats.connections)
    observe("bus_rubbish", "Messages of NATS that could not be read.", lambda: nats.rubbish)
    observe("bus_repeated", "Requests that came again and were done once.", lambda: nats.repeated)


async def reach_bus(settings: Settings) -> str:
    """Connect once to the NATS of the settings and leave; return which server it was.

    Raises:
        SettingError: as `lay_bus`.
        BusAway: none can be reached; the text says why.
    """
    bus: NatsBus = lay_bus(settings)  # pyright: ignore[reportAssignmentType] - nats.url is set
    bus.start()
    try:
        await bus.tried(FIRST_TRY_S)
        await bus.ping()
        return bus.server
    finally:
        await bus.close()


def _wrong(key: str, reason: str, mend: str) -> SettingError:
    return SettingError(key, "settings", reason, mend)


def _shown(url: str) -> str:
    """Return a URL without what is secret in it."""
    return repr(url.strip().rpartition("@")[2][:80])
