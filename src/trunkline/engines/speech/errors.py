"""What can go wrong with speech; `str(error)` is a sentence for a person.

SpeechError
├── SpeechBusy        too much waits already
├── ChildDied         the process that should do it died, hangs, or does not start
├── CannotSpeak       this cannot be spoken: too long, no such language, nothing to say
└── CannotUnderstand  no model for the language, or no such file
"""

from trunkline.values.errors import TrunklineError


class SpeechError(TrunklineError):
    """Speech could not be made or understood."""


class SpeechBusy(SpeechError):
    """The queue is full."""


class ChildDied(SpeechError):
    """The process died in the midst of it, did not answer in time, or does not start."""


class CannotSpeak(SpeechError):
    """The text, its markup or its language cannot be spoken."""


class CannotUnderstand(SpeechError):
    """There is no model for the language, it cannot be loaded, or the file is no sound."""
