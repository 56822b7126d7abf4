"""What is kept of a leg's dialog from its answer to its end, so that a BYE outlives the process."""

from trunkline.engines.sip import Call, farewell_of
from trunkline.voice.switch.core import Core


class Parting:
    """One leg's farewell, if it has one."""

    def __init__(self, core: Core, uuid: str) -> None:
        self._farewells = core.around.farewells
        self._uuid = uuid
        self._trunk = ""
        self._kept = False

    def keep(self, call: Call, trunk: str = "") -> None:
        """The leg was answered by this call, or its session was changed."""
        farewell = farewell_of(call)
        if self._farewells is None or farewell is None:
            return
        self._trunk = trunk or self._trunk
        self._kept = True
        self._farewells.keep(self._uuid, farewell, self._trunk)

    def forget(self) -> None:
        """The leg has ended, and its far end knows."""
        if self._kept and self._farewells is not None:
            self._kept = False
            self._farewells.forget(self._uuid)
