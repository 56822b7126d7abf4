"""Commands to scripted calls over a bus in the process, as the API sends them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from voice_rig import ACCOUNT, Rig

from trunkline.runtime.bus import InProcessBus
from trunkline.voice.causes import CAUSES, Cause
from trunkline.voice.commands.client import CallControl
from trunkline.voice.commands.server import CommandServer
from trunkline.voice.commands.wire import Scope

ANN = Scope(ACCOUNT, ACCOUNT)
BOB = Scope("MABOBBOBBOBBOBBOBBOB", "MABOBBOBBOBBOBBOBBOB")
SUB = Scope("SASUBSUBSUBSUBSUBSUB", ACCOUNT)  # of ann's


@dataclass
class Waiting:
    """Queued calls: (owner, call uuid, request uuid)."""

    calls: list[tuple[Scope, str, str]] = field(default_factory=list)

    async def cancel(self, scope: Scope, *, call_uuid: str = "", request_uuid: str = "") -> int:
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
    waiting: Waiting = field(default_factory=Waiting)
    barred: set[tuple[str, str, str]] = field(default_factory=set)  # main id, sender, recipient

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
