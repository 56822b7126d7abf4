"""What is kept of a leg for as long as a far end must hear of its end: it outlives the process."""

from collections.abc import Sequence

from trunkline.engines.sip import IncomingCall, OutgoingCall, remains_of
from trunkline.voice.switch.core import Core


class Parting:
    """One leg's remains, if it has any."""

    def __init__(self, core: Core, uuid: str) -> None:
        self._farewells = core.around.farewells
        self._uuid = uuid
        self._way = ""
        self._kept = False

    def keep(self, calls: Sequence[OutgoingCall | IncomingCall], way: str = "") -> None:
        """These calls of the leg ring, one was answered, or its session was changed."""
        remains = remains_of(calls)
        if self._farewells is None or remains is None:
            return
        self._way = way or self._way
        self._kept = True
        self._farewells.keep(self._uuid, remains, self._way)

    def forget(self) -> None:
        """The leg has ended, and its far end knows."""
        if self._kept and self._farewells is not None:
            self._kept = False
            self._farewells.forget(self._uuid)
