"""A SIP peer of our own on a real socket, with handsets that ring; see docs/simulator.md.

phones = VoiceSimulator(VoiceConfig(host=..., port=0), clock, speak=...)
await phones.start();  phones.port;  await phones.stop()
phones.platform = Hop("udp", host, port)      where handsets' own calls go
await phones.dial("14155550123", "14155550100", Dialling(digits="1")) -> HandsetCall
phones.calls("14155550123") -> [HandsetCall]  what was heard: digits, sound, for how long

TABLE                                         the magic destinations, printable
"""

from trunkline.simulator.voice.audio import NoAudio
from trunkline.simulator.voice.log import HandsetCall
from trunkline.simulator.voice.outcomes import TABLE, Behaviour, Does
from trunkline.simulator.voice.phones import Dialling, NoPlatform, VoiceConfig, VoiceSimulator
from trunkline.simulator.voice.sounds import SENTENCE, Speak

__all__ = [
    "SENTENCE",
    "TABLE",
    "Behaviour",
    "Dialling",
    "Does",
    "HandsetCall",
    "NoAudio",
    "NoPlatform",
    "Speak",
    "VoiceConfig",
    "VoiceSimulator",
]
