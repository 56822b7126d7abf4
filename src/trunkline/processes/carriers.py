"""Settings of carriers → the engine's configuration, PDU rules and routes."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.engines.smpp import ClientConfig, LinkConfig
from trunkline.messaging.carriers.addressing import DEFAULT_RULES, AddressRules
from trunkline.messaging.carriers.dialect import IdDialect
from trunkline.messaging.carriers.pdus import PduRules
from trunkline.messaging.carriers.routes import Route
from trunkline.protocols.sms.decode import Alphabet
from trunkline.protocols.sms.payload import Dialect
from trunkline.runtime.settings import Settings, SmppCarrier
from trunkline.values.phone import sanitise_sender

SIMULATOR = "simulator"
MMS_SIMULATOR = "simulator-mms"
WHATSAPP_SIMULATOR = "whatsapp-simulator"
SIMULATOR_SYSTEM_ID = "sim"
SIMULATOR_PASSWORD = "simulate"  # noqa: S105 - loopback only, documented
SIMULATOR_WINDOW = 400

_ALPHABETS: Mapping[str, Alphabet] = {
    "gsm7": Alphabet.GSM,
    "latin1": Alphabet.LATIN1,
    "ascii": Alphabet.ASCII,
}
_DIALECTS: Mapping[str, Dialect] = {
    "udh8": Dialect.UDH,
    "udh16": Dialect.UDH16,
    "sar": Dialect.SAR,
    "payload": Dialect.PAYLOAD,
}
_IDS: Mapping[str, IdDialect] = {
    "auto": IdDialect.AUTO,
    "exact": IdDialect.EXACT,
    "hex_to_dec": IdDialect.HEX_DECIMAL,
    "dec_to_hex": IdDialect.DECIMAL_HEX,
}


def client_config(carrier: SmppCarrier) -> ClientConfig:
    """Describe a carrier's binds to the engine; the receivers of separate binds come in `more`."""
    separate = carrier.bind_mode == "transmitter_receiver"
    link = _link(carrier, "tx" if separate else "trx")
    more = tuple(_link(carrier, "rx") for _ in range(carrier.binds)) if separate else ()
    return ClientConfig(
        link=link,
        binds=carrier.binds,
        more=more,
        tps=carrier.tps or None,
        burst=float(carrier.burst) if carrier.tps else None,
    )


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where the simulated carriers of this program listen, on loopback."""

    smpp_port: int
    whatsapp_url: str
    mms_url: str = ""


def simulator_config(host: str, port: int) -> ClientConfig:
    """Describe the bind to the simulator in this program."""
    return ClientConfig(
        link=LinkConfig(
            name=SIMULATOR,
            host=host,
            port=port,
            system_id=SIMULATOR_SYSTEM_ID,
            password=SIMULATOR_PASSWORD,
            window=SIMULATOR_WINDOW,
            reconnect_min_s=0.2,
            reconnect_max_s=2.0,
        )
    )


def pdu_rules(carrier: SmppCarrier) -> PduRules:
    """Describe how a carrier wants its PDUs."""
    return PduRules(
        addresses=_addresses(carrier),
        alphabet=_ALPHABETS[carrier.alphabet],
        dialect=_DIALECTS[carrier.long_message],
        service_type=carrier.service_type,
    )


def id_dialect(carrier: SmppCarrier) -> IdDialect:
    """Tell how a carrier's receipts name its responses."""
    return _IDS[carrier.receipt_id]


def names(settings: Settings) -> list[str]:
    """List the names of all carriers."""
    every = (*settings.carriers, *settings.mm7_carriers, *settings.whatsapp_carriers)
    found = [carrier.name for carrier in every]
    return [*found, SIMULATOR, MMS_SIMULATOR, WHATSAPP_SIMULATOR] if settings.simulator else found


def routes(settings: Settings) -> list[Route]:
    """List all routes; a carrier without any takes everything, the simulator what is left."""
    carriers = [
        *(("sms", carrier) for carrier in settings.carriers),
        *(("mms", carrier) for carrier in settings.mm7_carriers),
    ]
    found = [
        Route(
            carrier.name,
            prefixes=tuple(prefix.removeprefix("+") for prefix in route.prefixes),
            countries=frozenset(country.upper() for country in route.countries),
            senders=frozenset(map(sanitise_sender, route.senders)),
            weight=route.weight,
            priority=route.priority,
            type=type_,
        )
        for type_, carrier in carriers
        for route in carrier.routes
    ]
    found += [Route(carrier.name, type=type_) for type_, carrier in carriers if not carrier.routes]
    found += _whatsapp_routes(settings)
    if settings.simulator:
        found.append(Route(SIMULATOR, fallback=True))
        found.append(Route(MMS_SIMULATOR, fallback=True, type="mms"))
        found.append(Route(WHATSAPP_SIMULATOR, fallback=True, type="whatsapp"))
    return found


def _whatsapp_routes(settings: Settings) -> list[Route]:
    """List the ways out for WhatsApp: each account's numbers are its own."""
    found: list[Route] = []
    for carrier in settings.whatsapp_carriers:
        own = frozenset(carrier.numbers)
        if not carrier.routes:
            found.append(Route(carrier.name, senders=own, type="whatsapp"))
        found += [
            Route(
                carrier.name,
                prefixes=tuple(prefix.removeprefix("+") for prefix in route.prefixes),
                countries=frozenset(country.upper() for country in route.countries),
                senders=own & frozenset(map(sanitise_sender, route.senders)) or own,
                weight=route.weight,
                priority=route.priority,
                type="whatsapp",
            )
            for route in carrier.routes
        ]
    return found


def _link(carrier: SmppCarrier, mode: str) -> LinkConfig:
    return LinkConfig(
        name=carrier.name,
        host=carrier.host,
        port=carrier.port,
        system_id=carrier.system_id,
        password=carrier.password,
        system_type=carrier.system_type,
        bind_mode="trx" if mode == "trx" else "tx" if mode == "tx" else "rx",
        window=carrier.window,
        enquire_link_s=carrier.enquire_link_s,
        response_timeout_s=carrier.response_timeout_s,
        tls=_tls(carrier),
    )


def _tls(carrier: SmppCarrier) -> ssl.SSLContext | None:
    if not carrier.tls:
        return None
    context = ssl.create_default_context(cafile=str(carrier.tls_ca) if carrier.tls_ca else None)
    if carrier.tls_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _addresses(carrier: SmppCarrier) -> AddressRules:
    ton, npi = DEFAULT_RULES.international
    source = (
        carrier.source_ton if carrier.source_ton is not None else ton,
        carrier.source_npi if carrier.source_npi is not None else npi,
    )
    dest = (
        carrier.dest_ton if carrier.dest_ton is not None else ton,
        carrier.dest_npi if carrier.dest_npi is not None else npi,
    )
    return AddressRules(international=source, recipient=dest)
