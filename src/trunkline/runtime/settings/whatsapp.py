"""The settings of one provider of WhatsApp's Cloud API."""

from dataclasses import dataclass

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.carriers import CarrierRoute
from trunkline.runtime.settings.declare import REQUIRED, setting, tables
from trunkline.runtime.settings.parse import WhatsappKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsappCarrier:
    """A way out and in for WhatsApp messages."""

    kind: str = setting(
        "kind", parse.choice(WhatsappKind), "whatsapp", "Protocol; for WhatsApp messages."
    )
    name: str = setting("name", parse.string, REQUIRED, "Unique; in logs, metrics and messages.")
    url: str = setting("url", parse.string, REQUIRED, "Where the Cloud API answers.")
    routes: tuple[CarrierRoute, ...] = tables(
        "routes", CarrierRoute, "Which messages go there; without any route all may."
    )
