"""Speech: text to audio and audio to text, in child processes; bounded, restarted, cached.

    synthesiser = Synthesiser(SynthesiserConfig(folder=...))
    await synthesiser.speak(Utterance(text="Hello", language="en-US", gender="female")) -> Path
    recogniser = Recogniser(RecogniserConfig(...))
    await recogniser.understand(audio, language="en-US", hints=("yes", "no")) -> Understood
    await recogniser.transcribe(path, language="en-US") -> Understood

Both end by `close`. No speech library is loaded into this process: eSpeak NG is GPL, and all of
them may crash.
"""

from trunkline.engines.speech.errors import (
    CannotSpeak,
    CannotUnderstand,
    ChildDied,
    SpeechBusy,
    SpeechError,
)
from trunkline.engines.speech.recogniser import Recogniser, RecogniserConfig
from trunkline.engines.speech.recognition.messages import Part, Understood
from trunkline.engines.speech.synthesiser import Synthesiser, SynthesiserConfig, Utterance

__all__ = [
    "CannotSpeak",
    "CannotUnderstand",
    "ChildDied",
    "Part",
    "Recogniser",
    "RecogniserConfig",
    "SpeechBusy",
    "SpeechError",
    "Synthesiser",
    "SynthesiserConfig",
    "Understood",
    "Utterance",
]
