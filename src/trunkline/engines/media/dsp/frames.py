"""The shape of audio inside: rows of 160 samples, 20 ms at 8 kHz."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
FRAME: Final = 160
TICK_S: Final = 0.02
TICK_MS: Final = 20

Samples = NDArray[np.int16]
Sums = NDArray[np.int32]
Octets = NDArray[np.uint8]
Reals = NDArray[np.float32]

SILENCE: Final[Samples] = np.zeros(FRAME, np.int16)
SILENCE.setflags(write=False)


def clip(sums: Sums) -> Samples:
    """Sums of several signals back into 16 bits."""
    return np.clip(sums, -32768, 32767).astype(np.int16)
