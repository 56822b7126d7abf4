"""The simulated phones of a developer's machine: where they are, and how their calls are known."""

import secrets

from trunkline.engines.sip import FromTrunk, FromUser, Hop, Origin
from trunkline.processes.voice.sip import SIMULATOR
from trunkline.protocols.sip.digest import Credentials, Secret
from trunkline.runtime.clock import Clock
from trunkline.simulator.rules import Rules
from trunkline.simulator.voice import Speak, VoiceConfig, VoiceSimulator

USERNAME = "trunkline-simulator"  # no endpoint can have a hyphen in its name


class SimulatedPhones:
    """A trunk on loopback whose calls prove who they are by a digest.

    By address alone every phone of this machine would be taken for it.
    """

    def __init__(
        self,
        clock: Clock,
        realm: str,
        *,
        speak: Speak | None = None,
        rules: Rules | None = None,
    ) -> None:
        self._password = secrets.token_urlsafe(24)
        credentials = Credentials(USERNAME, self._password, realm)
        config = VoiceConfig(credentials=credentials)
        self.phones = VoiceSimulator(config, clock, speak=speak, rules=rules)

    async def start(self) -> int:
        """Listen; return the port. OSError when there is none."""
        await self.phones.start()
        return self.phones.port

    def reach(self, platform: Hop) -> None:
        """Say where handsets' own calls go."""
        self.phones.platform = platform

    async def stop(self) -> None:
        """Hang up."""
        await self.phones.stop()

    def secret_of(self, username: str) -> Secret | None:
        """Return its password, if it is asked for."""
        return Secret(password=self._password) if username == USERNAME else None


def origin_of(origin: Origin) -> Origin:
    """Return the trunk that the simulator is, for its calls; others as they are."""
    if isinstance(origin, FromUser) and origin.username == USERNAME:
        return FromTrunk(SIMULATOR, origin.host)
    return origin
