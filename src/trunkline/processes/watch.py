"""What the operator watches: the live feed, one message's story, the carriers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from trunkline.processes import carriers as config
from trunkline.processes import observe
from trunkline.processes.foundation import Foundation
from trunkline.rest.activity.pages import ActivityPages, CarrierState
from trunkline.rest.operator import Page
from trunkline.runtime.settings import Settings

Figures = Callable[[], Mapping[str, float]]
Words = Callable[[], Mapping[str, str]]

_SIMULATED = (
    (config.SIMULATOR, "smpp", "loopback", 1, config.SIMULATOR_WINDOW),
    (config.MMS_SIMULATOR, "mm7", "loopback", 0, 0),
    (config.WHATSAPP_SIMULATOR, "whatsapp", "loopback", 0, 0),
)


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the messaging role's carriers stand, wherever it runs: in numbers, and in words."""

    figures: Figures = _nothing
    words: Words = _nothing


def pages(base: Foundation, standing: Standing) -> list[Page]:
    """Make the pages."""
    carriers = partial(_states, base.settings, standing)
    stopping = lambda: base.supervisor.stopping  # noqa: E731 - asked again and again
    return ActivityPages(db=base.db, carriers=carriers, stopping=stopping).pages()


def _states(settings: Settings, standing: Standing) -> list[CarrierState]:
    now, said = standing.figures(), standing.words()

    def state(
        name: str, protocol: str, address: str, binds: int, window: int, rate: float = 0.0
    ) -> CarrierState:
        def figure(what: str) -> int:
            return int(now.get(observe.carrier_figure(name, what), 0))

        return CarrierState(
            name=name,
            protocol=protocol,
            address=address,
            up=figure("up"),
            binds=binds,
            window=window,
            window_used=figure("window_used"),
            rate=rate,
            sent=figure("sent"),
            failed=figure("failed"),
            throttled=figure("throttled"),
            reconnects=figure("reconnects"),
            last_error=said.get(name, ""),
        )

    found: list[CarrierState] = []
    for one in settings.carriers:
        both = 2 if one.bind_mode == "transmitter_receiver" else 1
        room = one.window * one.binds
        address = f"{one.host}:{one.port}"
        found.append(state(one.name, "smpp", address, one.binds * both, room, one.tps))
    for mmsc in settings.mm7_carriers:
        found.append(state(mmsc.name, "mm7", mmsc.url, 0, mmsc.window, mmsc.tps))
    for cloud in settings.whatsapp_carriers:
        found.append(state(cloud.name, "whatsapp", cloud.url, 0, cloud.window, cloud.tps))
    if settings.simulator:
        found += [state(*simulated) for simulated in _SIMULATED]
    return found
