"""Cuts audio where nobody speaks."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from trunkline.engines.speech.recognition.engine import RATE, Samples

_FRAME: Final = RATE // 50  # 20 ms
_PAUSE: Final = 35  # frames of silence that end an utterance: 0.7 s
_AROUND: Final = 15  # frames kept before and after: with more or less PocketSphinx errs more
_MOST: Final = 20 * 50  # frames of an utterance
_LEAST: Final = 5  # frames that are louder; less is a click
_ABOVE: Final = 4.0  # times the noise
_QUIET: Final = 260.0  # -42 dBFS


def spoken(audio: Samples) -> Samples:
    """Return what is said with little silence around it; all of it if nobody seems to speak.

    A second of silence after a phrase, as recognition on a call leaves it, made PocketSphinx
    take every sixth phrase for another one, and this every eighth.
    """
    found = list(utterances(audio))
    return audio[found[0][0] : found[-1][1]] if found else audio


def utterances(audio: Samples) -> Iterator[tuple[int, int]]:
    """Give (first, end) sample of each stretch in which somebody speaks."""
    count = len(audio) // _FRAME
    if not count:
        return
    frames = audio[: count * _FRAME].astype(np.float32).reshape(count, _FRAME)
    levels = np.sqrt(np.mean(frames * frames, axis=1))
    loud = levels > max(_QUIET, float(np.percentile(levels, 10)) * _ABOVE)
    first: int | None = None
    last = 0
    for at in np.flatnonzero(loud).tolist():
        if first is not None and (at - last > _PAUSE or at - first >= _MOST):
            yield from _stretch(first, last, count, loud)
            first = None
        if first is None:
            first = at
        last = at
    if first is not None:
        yield from _stretch(first, last, count, loud)


def _stretch(
    first: int, last: int, count: int, loud: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Iterator[tuple[int, int]]:
    if int(loud[first : last + 1].sum()) >= _LEAST:
        yield max(0, first - _AROUND) * _FRAME, min(count, last + 1 + _AROUND) * _FRAME
