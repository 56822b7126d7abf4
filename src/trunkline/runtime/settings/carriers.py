"""The settings of one SMPP carrier and of the routes to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.declare import REQUIRED, setting, tables
from trunkline.runtime.settings.parse import (  # fmt: skip
    Alphabet,
    BindMode,
    LongMessage,
    ReceiptId,
    SmppKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRoute:
    """Which messages may go to a carrier; an empty condition is met by all.

    The text "49" is short for the prefix 49, "*" for everything.
    """

    prefixes: tuple[str, ...] = setting(
        "prefixes", parse.texts, (), "Leading digits of the recipient, without plus."
    )
    countries: tuple[str, ...] = setting(
        "countries", parse.texts, (), "The recipient's country, ISO 3166 codes such as US."
    )
    senders: tuple[str, ...] = setting("senders", parse.texts, (), "Exact senders.")
    weight: int = setting(
        "weight", parse.integer(0, 1_000_000), 1, "Share among routes that fit equally well."
    )
    priority: int = setting(
        "priority", parse.integer(0, 1_000), 0, "Lower is tried first, after the longest prefix."
    )

    @staticmethod
    def short(prefix: str) -> Mapping[str, object]:
        """Turn the short form into the table it stands for."""
        digits = prefix.removeprefix("+")
        if digits == "*":
            return {}
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError(f"{prefix!r} is not a prefix")
        return {"prefixes": [digits]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmppCarrier:
    """One carrier; words are those of SMPP 3.4."""

    kind: str = setting("kind", parse.choice(SmppKind), "smpp", "Protocol; SMPP carries SMS.")

    name: str = setting(
        "name", parse.string, "", "Unique; in logs, metrics and messages. Empty: host and port."
    )
    host: str = setting("host", parse.string, REQUIRED, "Name or address of the carrier's SMSC.")
    port: int = setting("port", parse.integer(1, 65535), 2775, "Its port.")
    system_id: str = setting("system_id", parse.string, REQUIRED, "Your name at the carrier.")
    password: str = setting(
        "password", parse.string, "", "At most 8 characters (SMPP 3.4).", secret=True
    )
    system_type: str = setting("system_type", parse.string, "", "Only if the carrier asks for it.")
    bind_mode: BindMode = setting(
        "bind_mode",
        parse.choice(BindMode),
        "transceiver",
        "transmitter_receiver binds once for each direction.",
    )
    binds: int = setting("binds", parse.integer(1, 100), 1, "Parallel sessions.")
    window: int = setting(
        "window", parse.integer(1, 10_000), 20, "Submits without a response, each bind."
    )
    tps: float = setting(
        "tps", parse.real(0, 1_000_000), 0, "Message parts a second agreed on; 0: no limit."
    )
    burst: int = setting(
        "burst", parse.integer(1, 1_000_000), 1, "Parts sent at once at that rate."
    )
    tls: bool = setting("tls", parse.boolean, False, "Speak TLS.")
    tls_ca: Path | None = setting(
        "tls_ca", parse.optional_path, "", "PEM file of the carrier's own authority."
    )
    tls_insecure: bool = setting(
        "tls_insecure", parse.boolean, False, "Do not check the carrier's certificate."
    )
    response_timeout_s: float = setting(
        "response_timeout_s", parse.real(0.1, 600), 30, "How long a response may take."
    )
    enquire_link_s: float = setting(
        "enquire_link_s", parse.real(1, 3600), 30, "How often an idle session is probed."
    )
    alphabet: Alphabet = setting(
        "alphabet", parse.choice(Alphabet), "gsm7", "What the carrier takes data_coding 0 to be."
    )
    long_message: LongMessage = setting(
        "long_message", parse.choice(LongMessage), "udh8", "How parts of a long text are marked."
    )
    receipt_id: ReceiptId = setting(
        "receipt_id",
        parse.choice(ReceiptId),
        "auto",
        "How ids in responses turn into ids in receipts; auto learns it.",
    )
    source_ton: int | None = setting(
        "source_ton", parse.optional_integer(0, 255), "", "Instead of the one found by itself."
    )
    source_npi: int | None = setting(
        "source_npi", parse.optional_integer(0, 255), "", "Instead of the one found by itself."
    )
    dest_ton: int | None = setting(
        "dest_ton", parse.optional_integer(0, 255), "", "Instead of the one found by itself."
    )
    dest_npi: int | None = setting(
        "dest_npi", parse.optional_integer(0, 255), "", "Instead of the one found by itself."
    )
    service_type: str = setting(
        "service_type", parse.string, "", "Only if the carrier asks for it; at most 5 characters."
    )
    errors: Mapping[str, int] = setting(
        "errors",
        parse.error_codes,
        {},
        "The carrier's err values in receipts that mean another Plivo code than usual.",
    )
    routes: tuple[CarrierRoute, ...] = tables(
        "routes", CarrierRoute, "What goes to this carrier; without any route everything may."
    )
