"""The switch: legs and rooms (`voice.telephony`) on the SIP and media engines, and on nothing else.

    switch = Switch(Surroundings(clock, router, shelf, sounds, senses), arrived, SwitchConfig())
    agent = UserAgent(AgentConfig(...), on_call=switch.on_call, admit=switch.admit, ...)
    pool = MediaPool(MediaConfig(...), count, switch.on_media)
    await pool.start();  await agent.start();  switch.attach(agent, pool)
    ...
    await switch.close();  await agent.close();  await pool.close()

`arrived(Arrival)` is called, in the loop, for a call that rings here and can be spoken with; it
must not block. Nobody has told the caller anything yet: `arrival.leg.ring()`, `.answer()`, or
`.hang_up(cause)`, whose cause becomes the status of the refusal (`causes.refusal_of`). What the
switch needs of others are the ports of `ports.py`; `Routes` (ways to numbers, phones and addresses)
is a Router, `SoundSource` (files by URL, and a Synthesiser's speech) gives Sounds. Recognition,
machine detection and streams stand behind `ports.Senses`, and get a leg's audio by `leg.open_tap`
(`taps.py`).
"""

from trunkline.voice.switch.audio.source import SoundSource
from trunkline.voice.switch.core import Surroundings, SwitchConfig
from trunkline.voice.switch.legs.incoming import Arrival
from trunkline.voice.switch.ports import (
    Draft,
    Router,
    Running,
    Senses,
    Shelf,
    Sounds,
    Synthesiser,
    Target,
    Unheard,
    Way,
)
from trunkline.voice.switch.routes import Routes, TrunkWay
from trunkline.voice.switch.switch import Switch
from trunkline.voice.switch.taps import Reached, Tap, TapFrame, TapItem, Tapped

__all__ = [
    "Arrival",
    "Draft",
    "Reached",
    "Router",
    "Routes",
    "Running",
    "Senses",
    "Shelf",
    "SoundSource",
    "Sounds",
    "Surroundings",
    "Switch",
    "SwitchConfig",
    "Synthesiser",
    "Tap",
    "TapFrame",
    "TapItem",
    "Tapped",
    "Target",
    "TrunkWay",
    "Unheard",
    "Way",
]
