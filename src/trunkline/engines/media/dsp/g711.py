"""G.711 by table: octets to samples and back, any shape (ITU-T G.711, tables 1 and 2)."""

from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import Octets, Samples

_BIAS: Final = 0x84
_ULAW_CLIP: Final = 32635


def _ulaw_to_linear() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = ((mantissa << 3) + _BIAS << exponent) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_to_linear() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    low = (mantissa << 4) + 8
    magnitude = np.where(exponent == 0, low, low + 0x100 << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _linear_to_ulaw() -> Octets:
    linear = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(linear), _ULAW_CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = magnitude >> exponent + 3 & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    return (~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)


def _linear_to_alaw() -> Octets:
    linear = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    sign = np.where(linear >= 0, 0x80, 0)
    # One's complement of negative values, as G.711 has no zero of its own.
    magnitude = np.where(linear >= 0, linear, -linear - 1) >> 3
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = np.where(exponent == 0, magnitude >> 1, magnitude >> exponent) & 0x0F
    return ((sign | exponent << 4 | mantissa) ^ 0x55).astype(np.uint8)


FROM_ULAW: Final = _ulaw_to_linear()
FROM_ALAW: Final = _alaw_to_linear()
TO_ULAW: Final = _linear_to_ulaw()
TO_ALAW: Final = _linear_to_alaw()
ULAW_OF_ALAW: Final = TO_ULAW[FROM_ALAW.view(np.uint16)].tobytes()
ALAW_OF_ULAW: Final = TO_ALAW[FROM_ULAW.view(np.uint16)].tobytes()
ULAW_SILENCE: Final = 0xFF
ALAW_SILENCE: Final = 0xD5


def ulaw_encode(samples: Samples) -> Octets:
    """Samples to μ-law octets of the same shape."""
    return TO_ULAW.take(samples.view(np.uint16))  # a third of the time of an index


def alaw_encode(samples: Samples) -> Octets:
    """Samples to A-law octets of the same shape."""
    return TO_ALAW.take(samples.view(np.uint16))
