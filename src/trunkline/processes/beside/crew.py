"""The roles that run beside this process: begun early, started when their turn comes."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trunkline.processes import carriers, messaging, observe, watch
from trunkline.processes.beside import companion, life
from trunkline.processes.beside.companion import Companion, Orders
from trunkline.processes.foundation import Foundation
from trunkline.runtime.settings import Settings

Forked = Mapping[str, life.Forked | None]


def fork_ahead(settings: Settings, roles: frozenset[str], *, controlled_clock: bool) -> Forked:
    """Begin a process for each role that gets one of its own: if others are here, and cores."""
    alone = len(roles) == 1 or (os.cpu_count() or 1) == 1 or not settings.own_processes
    if alone or controlled_clock:  # a controlled clock is one process's
        return {}
    forked: dict[str, life.Forked | None] = {}
    for role in sorted(roles & {"messaging", "webhooks"}):
        begun = [one for one in forked.values() if one is not None]
        forked[role] = life.fork(companion.main, begun)
    return forked


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A carrier in the process of its role, as its figures tell of it."""

    name: str
    figures_of: Callable[[str], Mapping[str, float]]

    @property
    def is_up(self) -> bool:
        """Whether it can send."""
        return self.figures_of("messaging").get(observe.carrier_figure(self.name, "up"), 0) > 0


class Crew:
    """`forked` has the roles that get a process, and what was begun of it."""

    def __init__(self, base: Foundation, forked: Forked, *, local: bool) -> None:
        self._base = base
        self._forked = forked
        self._local = local
        self._companions: dict[str, Companion] = {}

    def has(self, role: str) -> bool:
        """Tell whether a role runs beside."""
        return role in self._forked

    def start(self, role: str, simulated: carriers.Simulated | None = None) -> observe.Figures:
        """Start a role that runs beside, and return its figures."""
        begun = Companion(self._base, Orders(role, self._local, simulated), self._forked[role])
        self._companions[role] = begun
        begun.start()
        return lambda: begun.figures

    async def ready(self) -> None:
        """Wait until all that were started serve."""
        for one in self._companions.values():
            await one.wait_ready()

    def carriers(self) -> dict[str, Elsewhere] | None:
        """Return how the carriers are, if they are beside."""
        if not self.has("messaging"):
            return None
        names = carriers.names(self._base.settings)
        return {name: Elsewhere(name, self._figures_of) for name in names}

    def words(self, parts: messaging.Messaging) -> watch.Words:
        """Return what is said of the carriers, wherever they are."""
        companion = self._companions.get("messaging")
        if companion is not None:
            return lambda: companion.words
        return lambda: observe.carriers_words(parts)

    def _figures_of(self, role: str) -> Mapping[str, float]:
        one = self._companions.get(role)
        return one.figures if one is not None else {}
