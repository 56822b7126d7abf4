"""Magic destinations of calls: the fictional numbers that ask a handset for a behaviour.

+1 500 555 8nnn and 9nnn, which mean nothing to messages. Every other number is an ordinary handset:
it rings, is answered, says hello and listens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from trunkline.simulator.outcomes import PREFIX, Row

_LENGTH: Final = 11
_VOICEMAIL_S: Final = 30.0


class Does(Enum):
    """What a handset does once it is answered."""

    LISTEN = "listens"
    GREET = "says hello and listens"
    SPEAK = "speaks the known sentence and listens"
    ECHO = "says everything again"
    MACHINE = "plays a greeting and a beep, then listens"
    TALK = "talks for a while"
    MUTE = "sends no audio at all"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a handset does with a call; times in seconds.

    `rings` False: it says nothing after its 100. `ring_s` None is the simulator's own time,
    `status` 0 never comes to an end of ringing. `early` rings with sound (183). `digits` are
    pressed `digits_after_s` after the answer. `sound_s` is how long a greeting or talk lasts.
    """

    status: int = 200
    rings: bool = True
    ring_s: float | None = 0.0
    early: bool = False
    does: Does = Does.LISTEN
    sound_s: float = 3.0
    digits: str = ""
    digits_after_s: float = 1.0
    hang_up_after_s: float | None = None

    @property
    def answers(self) -> bool:
        return 200 <= self.status < 300


ORDINARY: Final = Behaviour(ring_s=None, does=Does.GREET)

_MACHINE: Final = Behaviour(does=Does.MACHINE, hang_up_after_s=_VOICEMAIL_S)

NAMED: Final[Mapping[int, tuple[Behaviour, str]]] = MappingProxyType(
    {
        0: (Behaviour(), "answered at once, silent"),
        1: (Behaviour(486), "busy: 486"),
        2: (Behaviour(0), "rings and is never answered"),
        3: (Behaviour(603), "rejected: 603"),
        4: (Behaviour(404), "no such number: 404"),
        5: (Behaviour(480, ring_s=None), "rings, then cannot be reached: 480"),
        6: (Behaviour(503), "congestion: 503"),
        7: (_MACHINE, "answering machine: greeting of 3 s, beep, hangs up after 30 s"),
        8: (Behaviour(ring_s=2.0, early=True), "early media (183), answered after 2 s"),
        9: (Behaviour(does=Does.SPEAK), "answered at once, speaks a known sentence"),
        10: (Behaviour(does=Does.ECHO), "answered at once, echoes what it hears"),
        11: (Behaviour(404, ring_s=2.0, early=True), "early media (183), after 2 s 404"),
        12: (Behaviour(hang_up_after_s=0.0), "answered, and hung up at once"),
        13: (Behaviour(does=Does.MUTE), "answered at once, sends no audio at all"),
        14: (Behaviour(0, rings=False), "100 Trying, and nothing more"),
    }
)

PARAMETRIC: Final[tuple[Row, ...]] = (
    Row("+1 500 555 81nn", "answered after nn seconds"),
    Row("+1 500 555 82nn", "answered at once, hung up after nn seconds"),
    Row("+1 500 555 83nn", "answered at once, presses n n after a second"),
    Row("+1 500 555 84nn", "answered at once, presses n n # after a second"),
    Row("+1 500 555 85nn", "answering machine with a greeting of nn seconds"),
    Row("+1 500 555 86nn", "answered at once, talks for nn seconds"),
    Row("+1 500 555 9nnn", "refused with SIP status nnn (400 to 699)"),
)
TABLE: Final[tuple[Row, ...]] = (
    *(Row(f"+1 500 555 80{number:02d}", row[1]) for number, row in NAMED.items()),
    *PARAMETRIC,
)


def behaviour_of(number: str) -> Behaviour:
    """Find what a number (digits, with or without plus) asks for."""
    digits = number.removeprefix("+")
    if digits.startswith(PREFIX) and len(digits) == _LENGTH:
        return _magic(digits[len(PREFIX) :])
    return ORDINARY


@lru_cache(maxsize=10_000)  # there are no more magic numbers than that
def _magic(tail: str) -> Behaviour:
    if not (tail.isascii() and tail.isdigit()):
        return ORDINARY
    if tail[0] == "9":
        status = int(tail[1:])
        return Behaviour(status) if 400 <= status <= 699 else ORDINARY
    if tail[0] != "8":
        return ORDINARY
    figure = int(tail[2:])
    made = {
        "0": NAMED.get(figure, (ORDINARY, ""))[0],
        "1": Behaviour(ring_s=float(figure)),
        "2": Behaviour(hang_up_after_s=float(figure)),
        "3": Behaviour(digits=tail[2:]),
        "4": Behaviour(digits=tail[2:] + "#"),
        "5": Behaviour(does=Does.MACHINE, sound_s=float(figure), hang_up_after_s=_VOICEMAIL_S),
        "6": Behaviour(does=Does.TALK, sound_s=float(figure)),
    }
    return made.get(tail[1], ORDINARY)
