"""An SMSC of our own on a real socket, with handsets behind it; see docs/simulator.md.

Simulator(SimulatorConfig(...), clock)   start, stop, port, inbox, listen, send, cut, counters
TABLE, PERSONALITIES                     what can be asked for, printable
ERR_CODES                                the simulated carrier's err -> Plivo code
"""

from trunkline.simulator.counters import Counters
from trunkline.simulator.handsets import HandsetMessage
from trunkline.simulator.outcomes import ERR_CODES, TABLE, Row
from trunkline.simulator.personality import PERSONALITIES, Personality
from trunkline.simulator.smsc import Simulator, SimulatorConfig

__all__ = [
    "ERR_CODES",
    "PERSONALITIES",
    "TABLE",
    "Counters",
    "HandsetMessage",
    "Personality",
    "Row",
    "Simulator",
    "SimulatorConfig",
]
