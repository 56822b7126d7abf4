"""What a check found."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do about it."""

    level: Level
    what: str
    state: str
    mend: str = ""

    @classmethod
    def fine(cls, what: str, state: str) -> "Finding":
        return cls(Level.OK, what, state)

    @classmethod
    def warning(cls, what: str, state: str, mend: str) -> "Finding":
        return cls(Level.WARNING, what, state, mend)

    @classmethod
    def failure(cls, what: str, state: str, mend: str) -> "Finding":
        return cls(Level.FAILURE, what, state, mend)
