"""Commands to scripted calls over a bus in the process, as the API sends them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from voice_rig import ACCOUNT, Rig

from trunkline.runtime.bus import InProcessBus
from trunkline.runtime.clock import Clock
from trunkline.voice.causes import CAUSES, Cause
from trunkline.voice.commands.client import CallControl
from trunkline.voice.commands.server import CommandServer
from trunkline.voice.commands.wire import Scope

ANN = Scope(ACCOUNT, ACCOUNT)
BOB = Scope("MABOBBOBBOBBOBBOBBOB", "MABOBBOBBOBBOBBOBBOB")
SUB = Scope("SASUBSUBSUBSUBSUBSUB", ACCOUNT)  # of ann's


@dataclass
class Waiting:
    """Queued calls: (owner, call uuid, request uuid); and `most` calls may start in a second."""

    clock: Clock
    most: int = 100
    started: list[float] = field(default_factory=list)
    calls: list[tuple[Scope, str, str]] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None  # happens while one is looked for

    def turn(self, main_id: str) -> float:
        """Let `most` calls start in a second, whoever asks."""
        now = self.clock.now()
        self.started = [at for at in self.started if at > now - 1.0]
        if len(self.started) >= self.most:
            return self.started[0] + 1.0 - now
        self.started.append(now)
        return 0.0

    async def cancel(self, scope: Scope, *, call_uuid: str = "", request_uuid: str = "") -> int:
        if self.meanwhile is not None:
            await self.meanwhile()
        gone = [
            one
            for one in self.calls
            if scope.covers(one[0].account_id, one[0].main_id)
            and call_uuid in ("", one[1])
            and request_uuid in ("", one[2])
        ]
        self.calls = [one for one in self.calls if one not in gone]
        return len(gone)


@dataclass
class Control:
    """A client and a server of commands, and the calls they are about."""

    rig: Rig
    bus: InProcessBus = field(default_factory=InProcessBus)
    waiting: Waiting = field(init=False)
    barred: set[tuple[str, str, str]] = field(default_factory=set)  # main id, sender, recipient

    def __post_init__(self) -> None:
        self.waiting = Waiting(self.rig.clock)

    def bars(self, main_id: str, sender: str, recipient: str) -> Cause | None:
        return CAUSES[3030] if (main_id, sender, recipient) in self.barred else None

    @property
    def client(self) -> CallControl:
        return CallControl(self.bus)

    @contextmanager
    def served(self) -> Iterator[CallControl]:
        server = CommandServer(self.bus, self.rig.calls, self.rig.ports, self.waiting, self.bars)
        try:
            yield self.client
        finally:
            server.close()
