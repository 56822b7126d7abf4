"""Magic destinations: the fictional numbers that ask the simulated carrier for an outcome.

+1 500 555 0nnn are the named outcomes, +1 500 555 1nnn to 7nnn the outcomes with a figure. Every
other number is an ordinary handset that is reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

PREFIX: Final = "1500555"
_LENGTH: Final = 11
ALWAYS: Final = -1


class Answer(Enum):
    """What becomes of the response to a submit."""

    GIVEN = "given"
    NEVER = "never"
    CUT_LOST = "the link is cut, the message is lost"
    CUT_KEPT = "the link is cut, the message is taken"


class Form(Enum):
    """How a receipt is written."""

    TEXT = "text and TLVs"
    TLV = "TLVs without text"
    ODD = "text in an odd form"
    DATA_SM = "data_sm"


class Ids(Enum):
    """How the message id is written in the response and in receipts."""

    DECIMAL = "decimal in both"
    HEX_DECIMAL = "hex in the response, decimal in receipts"
    DECIMAL_HEX = "decimal in the response, hex in receipts"
    PADDED = "hex in both, padded with zeros and in lower case in receipts"


@dataclass(frozen=True, slots=True)
class Step:
    """One receipt, `after_s` seconds after the response; None = the carrier's own delay."""

    stat: str = "DELIVRD"
    err: str = "000"
    after_s: float | None = None
    form: Form = Form.TEXT
    intermediate: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the carrier does with a message.

    `status` refuses the first `refusals` submits of the same message (ALWAYS: all of them).
    `answer` other than GIVEN holds for the first submit of the same message; NEVER for all.
    """

    status: int = 0
    refusals: int = ALWAYS
    answer: Answer = Answer.GIVEN
    response_s: float | None = None
    steps: tuple[Step, ...] = (Step(),)
    early: bool = False
    ids: Ids | None = None


ORDINARY: Final = Outcome()

_RTHROTTLED, _RMSGQFUL, _RSYSERR = 0x58, 0x14, 0x08  # SMPP34 5.1.3

NAMED: Final[Mapping[int, tuple[Outcome, str]]] = MappingProxyType(
    {
        1: (Outcome(steps=(Step(after_s=0.0),)), "delivered at once"),
        2: (Outcome(steps=(Step(after_s=0.0),), early=True), "receipt before the response"),
        3: (Outcome(steps=(Step(), Step())), "delivered, the receipt comes twice"),
        4: (Outcome(steps=()), "accepted, never a receipt"),
        5: (Outcome(answer=Answer.NEVER, steps=()), "no response at all, message lost"),
        6: (
            Outcome(answer=Answer.CUT_LOST),
            "link cut at the first submit and message lost; accepted when sent again",
        ),
        7: (
            Outcome(answer=Answer.CUT_KEPT),
            "link cut at the first submit but message taken; sent again it is a duplicate",
        ),
        8: (Outcome(steps=(Step(form=Form.DATA_SM),)), "delivered, receipt by data_sm"),
        9: (Outcome(steps=(Step(form=Form.TLV),)), "delivered, receipt of TLVs without text"),
        10: (Outcome(steps=(Step(form=Form.ODD),)), "delivered, receipt text in an odd form"),
        11: (
            Outcome(steps=(Step("ENROUTE", after_s=0.0, intermediate=True), Step())),
            "intermediate notification ENROUTE, then delivered",
        ),
        12: (
            Outcome(steps=(Step("ACCEPTD", after_s=0.0), Step())),
            "receipt ACCEPTD, then delivered",
        ),
        13: (Outcome(ids=Ids.HEX_DECIMAL), "id hex in the response, decimal in the receipt"),
        14: (Outcome(ids=Ids.DECIMAL_HEX), "id decimal in the response, hex in the receipt"),
        15: (Outcome(ids=Ids.PADDED), "id padded and in other case in the receipt"),
        16: (Outcome(steps=(Step("EXPIRED", "027"),)), "receipt EXPIRED"),
        17: (Outcome(steps=(Step("REJECTD", "000"),)), "receipt REJECTD"),
        18: (Outcome(steps=(Step("DELETED", "000"),)), "receipt DELETED"),
        19: (Outcome(steps=(Step("UNKNOWN", "000"),)), "receipt UNKNOWN"),
        20: (Outcome(steps=(Step("LOSTINIT", "000"),)), "receipt with a stat nobody knows"),
        21: (
            Outcome(steps=(Step(after_s=0.0), Step("UNDELIV", "034", after_s=0.0))),
            "receipt DELIVRD, then one that says UNDELIV",
        ),
        22: (Outcome(_RMSGQFUL, refusals=1), "queue full once, then accepted"),
        23: (Outcome(_RSYSERR), "carrier system error at every submit"),
        24: (Outcome(_RTHROTTLED), "throttled at every submit"),
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the destination (nnn stands for three digits) and what it does."""

    destination: str
    summary: str


PARAMETRIC: Final[tuple[Row, ...]] = (
    Row("+1 500 555 1nnn", "receipt UNDELIV with err:nnn"),
    Row("+1 500 555 2nnn", "receipt UNDELIV that means Plivo error nnn (000: 1000), by err:9nnn"),
    Row("+1 500 555 3nnn", "refused with command_status nnn decimal (9nn: vendor 0x400 + nn)"),
    Row("+1 500 555 4nnn", "delivered after nnn seconds"),
    Row("+1 500 555 5nnn", "throttled nnn times, then accepted"),
    Row("+1 500 555 6nnn", "system error nnn times, then accepted"),
    Row("+1 500 555 7nnn", "response after nnn x 10 milliseconds"),
)
TABLE: Final[tuple[Row, ...]] = (
    *(Row(f"+1 500 555 0{number:03d}", row[1]) for number, row in NAMED.items()),
    *PARAMETRIC,
)

ERR_CODES: Final[Mapping[str, int]] = MappingProxyType(
    {"9000": 1000} | {f"9{code:03d}": code for code in range(1, 1000)}
)
"""The simulated carrier's own err → Plivo code, for its carrier's err map."""


def outcome_of(destination: str) -> Outcome:
    """Find what a destination (digits, with or without plus) asks for."""
    if destination.startswith(PREFIX) and len(destination) == _LENGTH:
        return _magic(destination)
    if destination.startswith("+" + PREFIX):
        return outcome_of(destination[1:])
    return ORDINARY


@lru_cache(maxsize=10_000)  # there are no more magic numbers than that
def _magic(destination: str) -> Outcome:
    group, figure = destination[7:8], destination[8:]
    if not (figure.isascii() and figure.isdigit()):
        return ORDINARY
    number = int(figure)
    if group == "0":
        return NAMED[number][0] if number in NAMED else ORDINARY
    steps = ORDINARY.steps
    made = {
        "1": Outcome(steps=(Step("UNDELIV", figure),)),
        "2": Outcome(steps=(Step("UNDELIV", "9" + figure),)),
        "3": Outcome(0x400 + number - 900 if number >= 900 else number),
        "4": Outcome(steps=(replace(steps[0], after_s=float(number)),)),
        "5": Outcome(_RTHROTTLED, refusals=number),
        "6": Outcome(_RSYSERR, refusals=number),
        "7": Outcome(response_s=number / 100),
    }
    return made.get(group, ORDINARY)
