"""PocketSphinx with the US English model of its wheel: good for phrases it is told to expect.

Phrases become a JSGF grammar. Without any, the wheel's language model tries to make sense of it,
which is seldom right on the telephone.
"""

from typing import Any, Final

import numpy as np
import pocketsphinx  # pyright: ignore[reportMissingTypeStubs]

from trunkline.engines.speech.recognition.engine import RATE, Guess, Samples, Wanted

_DITHER: Final = 8  # digital silence is unlike anything it was trained with
_DIGITS: Final = dict(zip("0123456789", (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
), strict=True))  # fmt: skip
_GRAMMAR: Final = "#JSGF V1.0;\ngrammar hints;\npublic <hint> = {};\n"


class Sphinx:
    """Two decoders: one for phrases, one, loaded when it is needed, for everything else."""

    def __init__(self) -> None:
        self._phrases = _decoder(lm=None)
        self._free: Any = None
        self._grammar: tuple[str, ...] = ()

    def understand(self, audio: Samples, wanted: Wanted) -> Guess:
        """Return the hint that was said; without hints the words that seem to be."""
        known = self._known(wanted.hints)
        if not wanted.hints:
            return self._decode(self._freely(), audio)
        if not known:
            return Guess("", 0.0)
        spoken = tuple(known)
        if spoken != self._grammar:
            self._phrases.add_jsgf_string("hints", _GRAMMAR.format(" | ".join(spoken)))
            self._phrases.activate_search("hints")
            self._grammar = spoken
        found = self._decode(self._phrases, audio)
        # What did not reach the end of a phrase comes out as its beginning.
        if found.text in known:
            return Guess(known[found.text], found.confidence)
        begins = wanted.partial and any(one.startswith(f"{found.text} ") for one in known)
        return found if begins else Guess("", 0.0)

    def _known(self, hints: tuple[str, ...]) -> dict[str, str]:
        """Return the hints as they are spoken, all words of which are in the dictionary."""
        known: dict[str, str] = {}
        for hint in hints:
            words = spoken_words(hint)
            if words and all(self._phrases.lookup_word(word) for word in words):
                known.setdefault(" ".join(words), hint)
        return known

    def _freely(self) -> Any:
        if self._free is None:
            self._free = _decoder()
        return self._free

    def _decode(self, decoder: Any, audio: Samples) -> Guess:
        noise = np.random.default_rng(len(audio)).integers(-_DITHER, _DITHER + 1, len(audio))
        dithered = (audio + noise).clip(-32_768, 32_767).astype(np.int16)
        decoder.start_utt()
        decoder.process_raw(dithered.tobytes(), no_search=False, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        if found is None or not found.hypstr:
            return Guess("", 0.0)
        return Guess(str(found.hypstr), max(0.0, min(1.0, float(found.prob))))


def spoken_words(hint: str) -> list[str]:
    """Return the words of a phrase as a dictionary has them; digits are said one by one."""
    text = "".join(f" {_DIGITS[one]} " if one in _DIGITS else one for one in hint.lower())
    letters = "".join(one if one.isalpha() or one == "'" else " " for one in text)
    return letters.split()


def _decoder(**options: Any) -> Any:
    library: Any = pocketsphinx
    # Band and normalisation are the model's own: its feat.params go before what is said here.
    return library.Decoder(loglevel="FATAL", samprate=RATE, **options)
