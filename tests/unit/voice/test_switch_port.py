"""The switch does all that its port has: a method it forgot would be the port's empty one."""

import inspect

import pytest

from trunkline.voice.switch import Switch
from trunkline.voice.switch.legs.incoming import IncomingLeg
from trunkline.voice.switch.legs.outgoing import OutgoingLeg
from trunkline.voice.switch.room import SwitchRoom
from trunkline.voice.telephony import Leg, Room, Telephony


@pytest.mark.parametrize(
    ("made", "port"),
    [(IncomingLeg, Leg), (OutgoingLeg, Leg), (SwitchRoom, Room), (Switch, Telephony)],
)
def test_nothing_of_the_port_is_forgotten(made: type, port: type) -> None:
    asked = [name for name in vars(port) if not name.startswith("_")]
    assert asked
    forgotten = [name for name in asked if inspect.getattr_static(made, name) is vars(port)[name]]
    assert forgotten == []
