"""The simulator of calls as a server: its SIP socket, and the handsets' side for tests."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from trunkline.engines.media import MediaConfig
from trunkline.engines.sip import (
    AgentConfig,
    Hop,
    IncomingCall,
    Listener,
    Placing,
    Trunk,
    UserAgent,
)
from trunkline.engines.sip.transport import bracketed
from trunkline.protocols.sip import SipError
from trunkline.protocols.sip.digest import Credentials
from trunkline.runtime.clock import Clock
from trunkline.simulator.rules import Rules
from trunkline.simulator.voice.answering import Answering, entry_of
from trunkline.simulator.voice.audio import Audio, Line
from trunkline.simulator.voice.conversation import Conversation, Surroundings
from trunkline.simulator.voice.dialling import Dialled, Dialling
from trunkline.simulator.voice.log import CallLog, Entry, HandsetCall
from trunkline.simulator.voice.outcomes import behaviour_of
from trunkline.simulator.voice.sounds import Speak

logger = logging.getLogger(__name__)

# Below the platform's RTP ports (PLIVO 16384-32768), above what services have.
_PORTS: Final = (10_000, 15_999)


class NoPlatform(Exception):
    """Nobody has said where the platform takes calls."""


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """Where handsets are reached; port 0 takes any free one, `ring_s` is an ordinary one's time.

    `platform_networks` are the addresses that calls are taken from. With `credentials` the calls
    of handsets answer challenges.
    """

    host: str = "127.0.0.1"
    port: int = 0
    ring_s: float = 1.0
    first_media_port: int = _PORTS[0]
    last_media_port: int = _PORTS[1]
    media_timeout_s: float = 60.0
    max_calls: int = 250  # as many as one media process has time for
    platform_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    credentials: Credentials | None = field(default=None, repr=False)


class VoiceSimulator:
    """A carrier's far end: handsets that ring, and can dial. `platform` is set once it is known.

    Its media process starts with the first call that has sound. Above `max_calls` there is 503.
    """

    def __init__(
        self,
        config: VoiceConfig,
        clock: Clock,
        *,
        speak: Speak | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.config: Final = config
        self.rules: Final = rules or Rules()
        self.platform: Hop | None = None
        self._clock = clock
        self._audio = Audio(
            MediaConfig(
                bind=config.host,
                first_port=config.first_media_port,
                last_port=config.last_media_port,
                most_legs=config.max_calls,
                media_timeout_ms=round(config.media_timeout_s * 1000),
                cname="handset@simulator",
            )
        )
        self._around = Surroundings(self._audio, clock, speak)
        self._log = CallLog(clock.now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._agent = UserAgent(
            AgentConfig(
                listeners=(Listener("udp", config.host, config.port),),
                product="Trunkline-Simulator",
                realm="simulator",
                max_calls=config.max_calls,
            ),
            on_call=self._on_call,
            trunks=[Trunk("platform", config.platform_networks)],
        )

    @property
    def port(self) -> int:
        """The UDP port of SIP; 0 when it does not listen."""
        return self._agent.port()

    @property
    def active(self) -> int:
        """Calls that are not over."""
        return len(self._tasks)

    async def start(self) -> None:
        """Listen; OSError when the port cannot be had."""
        await self._agent.start()

    async def stop(self) -> None:
        """Hang up all calls; the log stays readable."""
        await self._agent.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._audio.stop()

    # -- for tests and the console -----------------------------------------------------------------

    def calls(self, number: str) -> list[HandsetCall]:
        """Give the calls that the handset of a number had or has, the oldest first."""
        return self._log.of(number)

    async def dial(
        self, number: str, to: str, dialling: Dialling | None = None, *, timeout_s: float = 10.0
    ) -> HandsetCall:
        """Dial a number of the platform from a handset, and wait until it rings or is refused.

        The call goes on by itself; `calls` tells of it. Raises NoPlatform, NoAudio, SipError for a
        name with a line end, TimeoutError when the platform says nothing in time (then it is
        cancelled).
        """
        dialling = dialling or Dialling()
        platform = self.platform
        if platform is None:
            raise NoPlatform("the platform takes no calls")
        conversation = await self._dialled(number, to, dialling, platform)
        task = self._run(conversation)
        try:
            async with asyncio.timeout(timeout_s):
                await conversation.moved.wait()
        except TimeoutError:
            task.cancel()
            raise
        return conversation.entry.shown(self._clock.now())

    async def _dialled(self, number: str, to: str, dialling: Dialling, platform: Hop) -> Dialled:
        line = await Line.open(self._audio)
        try:
            call = self._agent.place(
                Placing(
                    f"sip:+{to}@{bracketed(platform.host)}:{platform.port}",
                    f"sip:+{number}@{bracketed(self.config.host)}",
                    line.offer(),
                    hop=platform,
                    caller_name=dialling.caller_name,
                    credentials=self.config.credentials,
                )
            )
        except (SipError, RuntimeError):
            await line.close()
            raise
        entry = self._log.open(Entry(call.call_id, number, to, True, self._clock.now()))
        return Dialled(call, entry, dialling, self._around, line)

    # -- calls that come ---------------------------------------------------------------------------

    def _on_call(self, call: IncomingCall) -> None:
        entry = self._log.open(entry_of(call, self._clock.now()))
        behaviour = behaviour_of(self.rules.stand_in("call", entry.other, entry.number))
        if not (entry.number.isascii() and entry.number.isdigit()):
            entry.ended(self._clock.now(), "handset", "no number", 404)
            call.reject(404)
            return
        self._run(Answering(call, entry, behaviour, self._around, self.config.ring_s))

    def _run(self, conversation: Conversation) -> asyncio.Task[None]:
        task = asyncio.create_task(conversation.run(), name=f"call {conversation.entry.call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
