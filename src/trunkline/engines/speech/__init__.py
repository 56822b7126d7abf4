"""Speech: text to audio and audio to text, in child processes; bounded, restarted, cached.

    synthesiser = Synthesiser(SynthesiserConfig(folder=...))
    await synthesiser.speak(Utterance(text="Hello", language="en-US", gender="female")) -> Path
    await synthesiser.close()

No speech library is loaded into this process: eSpeak NG is GPL, and all of them may crash.
"""

from trunkline.engines.speech.errors import CannotSpeak, ChildDied, SpeechBusy, SpeechError
from trunkline.engines.speech.synthesiser import Synthesiser, SynthesiserConfig, Utterance

__all__ = [
    "CannotSpeak",
    "ChildDied",
    "SpeechBusy",
    "SpeechError",
    "Synthesiser",
    "SynthesiserConfig",
    "Utterance",
]
