"""Operations that no current SDK has, as plain requests with the documented fields."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from conform_world import World, name


class HttpStep(NamedTuple):
    """One documented request: path below the account, body, and what to keep of the answer."""

    operation: str
    path: Callable[[World], str]
    body: Callable[[World], dict[str, Any]] | None = None
    keep: Mapping[str, str] = {}


_ = HttpStep
STEPS = (
    _("incoming_carrier.create", lambda w: "IncomingCarrier/",
      lambda w: {"name": name(), "ip_set": "192.0.2.1,192.0.2.2"}, {"ic": "carrier_id"}),
    _("incoming_carrier.get", lambda w: f"IncomingCarrier/{w['ic']}/"),
    _("incoming_carrier.list", lambda w: "IncomingCarrier/"),
    _("incoming_carrier.update", lambda w: f"IncomingCarrier/{w['ic']}/",
      lambda w: {"name": name()}),
    _("incoming_carrier.delete", lambda w: f"IncomingCarrier/{w['ic']}/"),
)  # fmt: skip
