"""The settings of the program."""

from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.bus import BusSettings
from trunkline.runtime.settings.carriers import SmppCarrier
from trunkline.runtime.settings.declare import setting, tables
from trunkline.runtime.settings.mm7 import Mm7Carrier
from trunkline.runtime.settings.parse import HostPort
from trunkline.runtime.settings.trunks import SipTrunk
from trunkline.runtime.settings.whatsapp import WhatsappCarrier

DATABASE_FILE = "trunkline.db"
SECRETS_FILE = "secrets.key"
CONFIG_FILE = "trunkline.toml"
MEDIA_FOLDER = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(BusSettings):
    """What `load` makes; amounts in units of 0.00001 dollar, times in seconds."""

    prices: Path | None = setting(
        "billing.prices",
        parse.optional_path,
        "",
        "CSV file of prices; empty: the list that ships with the program.",
        env="TRUNKLINE_PRICES",
    )
    starting_credit: int = setting(
        "billing.starting_credit",
        parse.money,
        "100.00",
        "Prepaid credit of a new account, in US dollars.",
        env="TRUNKLINE_STARTING_CREDIT",
    )
    payment_url: str = setting(
        "billing.payment_url",
        parse.string,
        "",
        "Your gateway that is asked for automatic top-ups of prepaid accounts. Empty: nobody is,"
        " but in local mode payments are simulated.",
        env="TRUNKLINE_PAYMENT_URL",
    )
    payment_token: str | None = setting(
        "billing.payment_token",
        parse.optional_text,
        "",
        "Bearer token that is sent to billing.payment_url.",
        env="TRUNKLINE_PAYMENT_TOKEN",
        secret=True,
    )
    intercept_listen: HostPort | None = setting(
        "intercept.listen",
        parse.optional_host_port,
        "",
        "Local mode: the proxy for programs with an official SDK, which answers for Plivo's hosts."
        " Empty: on loopback, the port after http.listen's, or a free one if that is taken.",
        env="TRUNKLINE_INTERCEPT_LISTEN",
    )
    intercept_tls_listen: HostPort | None = setting(
        "intercept.tls_listen",
        parse.optional_host_port,
        "",
        "Local mode: a further address for programs that a hosts file leads here, such as"
        " 127.0.0.1:443. Empty: none.",
        env="TRUNKLINE_INTERCEPT_TLS_LISTEN",
    )
    simulator: bool | None = setting(
        "simulator.enabled",
        parse.optional_boolean,
        "",
        "Run the simulated carrier; it takes messages for which no carrier below has a route."
        " Empty: in local mode only.",
        env="TRUNKLINE_SIMULATOR",
    )
    simulator_seed: int = setting(
        "simulator.seed",
        parse.integer(0, 2**63 - 1),
        1,
        "Seed of the simulator's chances: the same seed and traffic give the same outcomes.",
        env="TRUNKLINE_SIMULATOR_SEED",
    )
    simulator_receipt_delay_s: float = setting(
        "simulator.receipt_delay_s",
        parse.real(0, 86_400),
        0.2,
        "Seconds from the simulated carrier's response to its delivery receipt.",
        env="TRUNKLINE_SIMULATOR_RECEIPT_DELAY_S",
    )
    carriers: tuple[SmppCarrier, ...] = tables(
        "carriers",
        SmppCarrier,
        "A carrier of SMS, reached by SMPP 3.4; repeat the block for each.",
        kind="smpp",
    )
    mm7_carriers: tuple[Mm7Carrier, ...] = tables(
        "carriers", Mm7Carrier, "A carrier of MMS, reached by MM7 over HTTP.", kind="mm7"
    )
    whatsapp_carriers: tuple[WhatsappCarrier, ...] = tables(
        "carriers", WhatsappCarrier, "A provider of WhatsApp's Cloud API.", kind="whatsapp"
    )
    trunks: tuple[SipTrunk, ...] = tables(
        "trunks", SipTrunk, "A SIP trunk: a carrier of calls; repeat the block for each."
    )

    @property
    def media_folder(self) -> Path:
        """Where media are kept unless they are in a bucket."""
        return self.data / MEDIA_FOLDER

    @property
    def secrets_file(self) -> Path:
        """The key that secrets in the database are encrypted with."""
        return self.data / SECRETS_FILE
