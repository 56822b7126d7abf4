"""The settings of one MM7 carrier, a way out and in for MMS."""

from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.carriers import CarrierRoute
from trunkline.runtime.settings.declare import REQUIRED, setting, tables
from trunkline.runtime.settings.parse import Mm7Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Mm7Carrier:
    """One MMSC; words are those of 3GPP TS 23.140. It reaches us at /carriers/mm7/<name>."""

    kind: str = setting("kind", parse.choice(Mm7Kind), "mm7", "Protocol; MM7 carries MMS.")
    name: str = setting(
        "name", parse.string, REQUIRED, "Unique; in logs, metrics, messages and our own path."
    )
    url: str = setting("url", parse.string, REQUIRED, "Where the MMSC takes MM7 requests.")
    vasp_id: str = setting("vasp_id", parse.string, "", "Your name at the MMSC.")
    vas_id: str = setting("vas_id", parse.string, "", "Name of your service, if it asks for one.")
    service_code: str = setting("service_code", parse.string, "", "For billing, if it asks.")
    username: str = setting("username", parse.string, "", "For HTTP basic authentication there.")
    password: str = setting("password", parse.string, "", "Its password.", secret=True)
    inbound_username: str = setting(
        "inbound_username",
        parse.string,
        "",
        "What the MMSC has to log in with here; without it and its password nothing comes in.",
    )
    inbound_password: str = setting(
        "inbound_password", parse.string, "", "Its password.", secret=True
    )
    window: int = setting(
        "window", parse.integer(1, 1_000), 10, "Submits without a response; as many connections."
    )
    tps: float = setting(
        "tps", parse.real(0, 100_000), 0, "Messages a second agreed on; 0: no limit."
    )
    response_timeout_s: float = setting(
        "response_timeout_s", parse.real(0.1, 600), 30, "How long a response may take."
    )
    tls_ca: Path | None = setting(
        "tls_ca", parse.optional_path, "", "PEM file of the carrier's own authority."
    )
    routes: tuple[CarrierRoute, ...] = tables(
        "routes", CarrierRoute, "Which MMS go to this carrier; without any route all may."
    )
