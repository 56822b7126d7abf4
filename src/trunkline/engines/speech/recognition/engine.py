"""What every recogniser of the child does."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
RATE = 16_000  # what models of speech are made for


class Guess(NamedTuple):
    """What was said, "" for nothing that is known; `confidence` from 0 to 1."""

    text: str
    confidence: float


class Wanted(NamedTuple):
    """What is expected: a language, phrases one of which is said, and if it still goes on."""

    language: str
    hints: tuple[str, ...] = ()
    partial: bool = False


class Recognition(Protocol):
    """A recogniser for one language, or several."""

    def understand(self, audio: Samples, wanted: Wanted) -> Guess:
        """Return what is said in one utterance (16 kHz)."""
        ...


class NoModel(Exception):
    """A model cannot be loaded; the text says why."""
