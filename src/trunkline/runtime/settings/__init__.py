"""Every setting of the program: one commented TOML file, and environment variables that win.

A setting is declared once, in `general.py`, `voice.py`, `model.py` or a table's own file, with its
key, default and explanation; reading, checking, `trunkline init` and `trunkline config describe`
are all made from there.
"""

from trunkline.runtime.settings.carriers import CarrierRoute, SmppCarrier
from trunkline.runtime.settings.describe import commented_toml, describe
from trunkline.runtime.settings.errors import SettingError
from trunkline.runtime.settings.load import load
from trunkline.runtime.settings.mm7 import Mm7Carrier
from trunkline.runtime.settings.model import Settings
from trunkline.runtime.settings.parse import HostPort
from trunkline.runtime.settings.trunks import SipTrunk
from trunkline.runtime.settings.whatsapp import WhatsappCarrier

__all__ = [
    "CarrierRoute",
    "HostPort",
    "Mm7Carrier",
    "SettingError",
    "Settings",
    "SipTrunk",
    "SmppCarrier",
    "WhatsappCarrier",
    "commented_toml",
    "describe",
    "load",
]
