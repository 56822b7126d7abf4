"""What the switch needs of others: ways to go, sounds, a shelf for recordings, ears."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from trunkline.engines.sip import Hop, Remains
from trunkline.protocols.sip.digest import Credentials
from trunkline.voice.events import LegEvent
from trunkline.voice.switch.taps import Tapped
from trunkline.voice.telephony import (
    Destination,
    File,
    ListenSpec,
    MachineSpec,
    RecordingSpec,
    Speech,
    StreamSpec,
    TelephonyError,
)

# --- where calls go ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """One INVITE: `uri` is its Request-URI, `caller` the URI of From.

    `hop` is where it is sent if not where the URI leads.
    """

    uri: str
    caller: str
    caller_name: str = ""
    hop: Hop | None = None
    credentials: Credentials | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a destination: its targets are rung together, the first to answer is taken."""

    name: str
    targets: tuple[Target, ...]


class Router(Protocol):
    """Knows trunks and phones."""

    async def ways(self, destination: Destination) -> Sequence[Way]:
        """Return the ways, the preferred first; the next is taken when one cannot be had.

        Raises:
            Refused: there is none, or it is barred; `cause` says which.
        """
        ...


class Farewells(Protocol):
    """Keeps what would end the calls of legs if this process died."""

    def keep(self, leg: str, remains: Remains, way: str) -> None:
        """Keep it for a leg by its uuid, in place of what was kept before; never blocks.

        `way` is what it was placed by: a trunk or a phone; of a call that came the phone, or "".
        """
        ...

    def forget(self, leg: str) -> None:
        """The leg has ended and its far end was told."""
        ...


# --- what is played ------------------------------------------------------------------------------


class Unheard(TelephonyError):
    """A sound cannot be had; the text says why."""


class Synthesiser(Protocol):
    """Speaks."""

    async def speak(self, speech: Speech) -> Path:
        """Return a WAV file of the text, spoken once: `times` is not the synthesiser's concern.

        One path is one sound for as long as the process lives; the same text and voice give the
        same path. Raises Unheard.
        """
        ...


class Sounds(Protocol):
    """Gives what is played as files of this machine."""

    async def path_of(self, sound: File | Speech) -> Path:
        """Return a sound file, WAV or MP3, that does not change any more. Raises Unheard."""
        ...


# --- where recordings go -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A recording under way: the file the media process writes, and the URL it will have."""

    recording_id: str
    path: Path
    url: str


class Shelf(Protocol):
    """Keeps recordings and serves them."""

    async def begin(self, owner: str, spec: RecordingSpec, start_ms: int) -> Draft:
        """Make room for a recording of a leg or room, by its uuid. Raises Refused."""
        ...

    async def finish(self, draft: Draft, start_ms: int, duration_ms: int | None) -> int:
        """Keep what was written, and return how long it is in ms; 0: there is nothing to keep.

        `duration_ms` None: as the file says. Raises KeptLater when it cannot be kept in time.
        """
        ...


# --- what listens --------------------------------------------------------------------------------


class Running(Protocol):
    """Something at work on a leg's audio."""

    @property
    def over(self) -> bool:
        """Whether it has come to its end by itself."""
        ...

    async def close(self) -> None:
        """End it, in a second or so; what it still has to tell is told before this returns."""
        ...


Tell = Callable[[LegEvent], None]


class Senses(Protocol):
    """Recognition, machine detection, streams: each opens taps on the leg it is given.

    Each raises Refused for what it cannot do; `tell` hands an event of the leg on and never blocks.
    """

    async def listen(self, leg: Tapped, spec: ListenSpec, tell: Tell) -> Running:
        """Recognise speech, telling Heard, until closed."""
        ...

    async def judge(self, leg: Tapped, spec: MachineSpec, tell: Tell) -> Running:
        """Tell MachineJudged, once."""
        ...

    async def beep(self, leg: Tapped, tell: Tell) -> Running:
        """Tell Beeped, once."""
        ...

    async def stream(self, leg: Tapped, spec: StreamSpec, tell: Tell) -> Running:
        """Stream to a WebSocket, telling StreamTold, until closed."""
        ...
