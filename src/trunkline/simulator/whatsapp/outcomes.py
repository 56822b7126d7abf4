"""Magic destinations of WhatsApp: which number asks the simulated Cloud API for which outcome.

+1 500 555 8nnn are the named outcomes, +1 500 555 9nnn a failure with Meta's error 131nnn. Every
other number is a handset that gets the message and reads it a second later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trunkline.simulator.outcomes import PREFIX, Row

ALWAYS: Final = -1
READ_AFTER_S: Final = 1.0  # after the delivery


@dataclass(frozen=True, slots=True)
class Stage:
    """One status, `after_s` seconds after the carrier's own delay (None: at once)."""

    status: str
    after_s: float | None = 0.0
    error: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer with an error to the first `times` tries of a message."""

    status: int
    error: int
    times: int = ALWAYS


SENT: Final = Stage("sent", None)
DELIVERED: Final = Stage("delivered")
READ: Final = Stage("read", READ_AFTER_S)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a message; `lost` answers nothing that can be read."""

    stages: tuple[Stage, ...] = (SENT, DELIVERED, READ)
    refusal: Refusal | None = None
    early: bool = False
    lost: bool = False


ORDINARY: Final = Outcome()

NAMED: Final[Mapping[int, tuple[Outcome, str]]] = MappingProxyType(
    {
        1: (
            Outcome((SENT, Stage("delivered", None), Stage("read", None))),
            "delivered and read at once",
        ),
        2: (Outcome((SENT, DELIVERED)), "delivered, never read"),
        3: (Outcome((SENT,)), "sent, never delivered"),
        4: (Outcome((SENT, Stage("read"), Stage("delivered", 1.0))), "read before delivered"),
        5: (
            Outcome((SENT, SENT, DELIVERED, DELIVERED, READ, READ)),
            "delivered and read, each status comes twice",
        ),
        6: (Outcome(refusal=Refusal(400, 132001)), "the template does not exist (132001)"),
        7: (Outcome(refusal=Refusal(400, 132000)), "the variables do not fit (132000)"),
        8: (Outcome(refusal=Refusal(400, 132015)), "the template is paused (132015)"),
        9: (Outcome((Stage("failed", 0.0, 131026),)), "not a WhatsApp user (131026)"),
        10: (Outcome((Stage("failed", 0.0, 131047),)), "re-engagement needed (131047)"),
        11: (Outcome(refusal=Refusal(400, 130429, 1)), "throttled once (130429), then taken"),
        12: (Outcome(refusal=Refusal(500, 131000, 1)), "server error once (131000), then taken"),
        13: (Outcome(early=True), "statuses before the answer"),
        14: (Outcome((), lost=True), "an empty answer, message lost"),
        15: (Outcome(refusal=Refusal(400, 131056, 1)), "pair rate limit once (131056)"),
        16: (Outcome(refusal=Refusal(503, 131016)), "service unavailable at every try (131016)"),
        17: (Outcome((Stage("failed", 0.0, 131049),)), "marketing held back (131049)"),
        18: (Outcome((Stage("failed", 0.0, 131053),)), "the media cannot be used (131053)"),
        19: (Outcome(refusal=Refusal(401, 190)), "the access token has expired (190)"),
        20: (Outcome((DELIVERED, SENT, READ)), "delivered before sent"),
        21: (Outcome((SENT, READ)), "read without delivered"),
    }
)

TABLE: Final[tuple[Row, ...]] = (
    *(Row(f"+1 500 555 8{number:03d}", row[1]) for number, row in NAMED.items()),
    Row("+1 500 555 9nnn", "fails with Meta's error 131nnn"),
)


def outcome_of(destination: str) -> Outcome:
    """Find what a destination (digits) asks for."""
    if not destination.startswith(PREFIX) or len(destination) != 11:
        return ORDINARY
    group, figure = destination[7], destination[8:]
    if not (figure.isascii() and figure.isdigit()):
        return ORDINARY
    number = int(figure)
    if group == "8" and number in NAMED:
        return NAMED[number][0]
    if group == "9":
        return Outcome((Stage("failed", 0.0, 131_000 + number),))
    return ORDINARY


def category_of(template: str) -> str:
    """Name the category of a simulated template, by how its name begins."""
    for start, category in (("auth", "authentication"), ("otp", "authentication")):
        if template.startswith(start):
            return category
    if template.startswith(("marketing", "promo")):
        return "marketing"
    return "utility"
