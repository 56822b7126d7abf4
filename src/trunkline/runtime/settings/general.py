"""The settings of the program as a whole: where it listens, what it keeps, messages and rules."""

from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.declare import setting
from trunkline.runtime.settings.parse import (  # fmt: skip
    HostPort,
    LogFormat,
    LogLevel,
    Network,
    Synchronous,
    Uncertain,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralSettings:
    """What every role needs, and what messages do."""

    data: Path = setting(
        "data",
        parse.folder,
        "trunkline-data",
        "The folder of everything that is kept: database, keys, media.",
        env="TRUNKLINE_DATA",
    )
    local: bool = setting(
        "local",
        parse.boolean,
        False,
        "A developer's machine: webhooks may go to loopback, /sim needs no token. Never in"
        " production.",
        env="TRUNKLINE_LOCAL",
    )
    http: HostPort = setting(
        "http.listen",
        parse.host_port,
        "127.0.0.1:8600",
        "Where the API and the console answer. Put a TLS proxy in front for the outside world.",
        env="TRUNKLINE_HTTP",
    )
    trusted_proxies: str = setting(
        "http.trusted_proxies",
        parse.string,
        "",
        "Addresses of proxies whose X-Forwarded-For names the caller, comma-joined; * for any."
        " Empty: the address that connects is the caller's.",
        env="TRUNKLINE_TRUSTED_PROXIES",
    )
    public_url: str = setting(
        "http.public_url",
        parse.string,
        "",
        "How the outside world reaches this program, such as https://api.example.com: for the"
        " addresses of media. Empty: the address above.",
        env="TRUNKLINE_PUBLIC_URL",
    )
    rate_limit_requests: int = setting(
        "http.rate_limit_requests",
        parse.integer(1, 1_000_000_000),
        300,  # PLIVO account: 300 requests each 5 seconds
        "How many API requests an account may make in one rate window.",
        env="TRUNKLINE_RATE_LIMIT_REQUESTS",
    )
    rate_limit_window_s: float = setting(
        "http.rate_limit_window_s",
        parse.real(0.1, 3600),
        5,
        "Seconds of the rate window.",
        env="TRUNKLINE_RATE_LIMIT_WINDOW_S",
    )
    admin_token: str | None = setting(
        "http.admin_token",
        parse.optional_text,
        "",
        "Bearer token of the operator's API (accounts, clock, faults). Empty: that API is closed,"
        " except in local mode.",
        env="TRUNKLINE_ADMIN_TOKEN",
        secret=True,
    )
    database: str = setting(
        "database.url",
        parse.string,
        "",
        "sqlite:///path for one process, postgresql://user:password@host/name for more. Empty:"
        " trunkline.db in the data folder.",
        env="TRUNKLINE_DATABASE",
        secret=True,
    )
    database_synchronous: Synchronous = setting(
        "database.synchronous",
        parse.choice(Synchronous),
        "FULL",
        "SQLite only: FULL keeps what was accepted through a power cut, NORMAL only through a"
        " crash of the program, and is faster.",
        env="TRUNKLINE_DATABASE_SYNCHRONOUS",
    )
    own_processes: bool = setting(
        "roles.own_processes",
        parse.boolean,
        True,
        "Run carriers and webhooks in processes beside the main one when the machine has cores for"
        " them.",
        env="TRUNKLINE_OWN_PROCESSES",
    )
    log_level: LogLevel = setting(
        "log.level",
        parse.choice(LogLevel),
        "info",
        "The least severe events that are written.",
        env="TRUNKLINE_LOG_LEVEL",
    )
    log_format: LogFormat = setting(
        "log.format",
        parse.choice(LogFormat),
        "auto",
        "json: one object a line; console: for people; auto: console on a terminal.",
        env="TRUNKLINE_LOG_FORMAT",
    )
    webhook_retries_s: tuple[float, ...] = setting(
        "webhooks.retries_s",
        parse.retries,
        "current",  # PLIVO callbacks: 60, 120, 240 s
        "When a webhook is sent again after a failure: current is 60, 120, 240 s; legacy each"
        " 5 min for an hour, then hourly for a day.",
        env="TRUNKLINE_WEBHOOK_RETRIES_S",
    )
    webhook_timeout_s: float = setting(
        "webhooks.timeout_s",
        parse.real(0.1, 120),
        8,  # PLIVO callbacks: no answer in 8 s
        "How long a webhook's target may take to answer.",
        env="TRUNKLINE_WEBHOOK_TIMEOUT_S",
    )
    webhook_concurrency: int = setting(
        "webhooks.concurrency",
        parse.integer(1, 1_000),
        32,
        "How many webhooks may be under way to one target (host and port) at once.",
        env="TRUNKLINE_WEBHOOK_CONCURRENCY",
    )
    webhook_keep_days: int = setting(
        "webhooks.keep_days",
        parse.integer(1, 3_650),
        30,
        "How long delivered and failed webhooks stay in the log, to be seen and replayed.",
        env="TRUNKLINE_WEBHOOK_KEEP_DAYS",
    )
    webhook_networks: tuple[Network, ...] = setting(
        "webhooks.allowed_networks",
        parse.networks,
        (),
        "Private networks that webhooks may go to; all others than public addresses are refused.",
        env="TRUNKLINE_WEBHOOK_ALLOWED_NETWORKS",
    )
    webhook_ca_bundle: Path | None = setting(
        "webhooks.ca_bundle",
        parse.optional_path,
        "",
        "PEM file of authorities trusted for webhooks besides the system's.",
        env="TRUNKLINE_WEBHOOK_CA_BUNDLE",
    )
    uncertain: Uncertain = setting(
        "messages.uncertain",
        parse.choice(Uncertain),
        "resend",
        "What to do after a crash with messages that may have been submitted but were not"
        " confirmed. resend: submit again, a few may arrive twice; mark: end them as failed.",
        env="TRUNKLINE_UNCERTAIN",
    )
    content_keep_days: int = setting(
        "messages.content_keep_days",
        parse.integer(0, 3_650),
        7,  # PLIVO messaging: content is kept 7 days
        "How long the text of messages is kept; their records stay.",
        env="TRUNKLINE_CONTENT_KEEP_DAYS",
    )
    countries: frozenset[str] = setting(
        "messages.countries",
        parse.countries,
        "*",  # PLIVO messaging has US, GB and IN: an operator here says so itself
        "Countries that accounts may send to unless something else is set for them: two letters"
        " each, comma-joined; * for all.",
        env="TRUNKLINE_COUNTRIES",
    )
    networks: Path | None = setting(
        "messages.networks",
        parse.optional_path,
        "",
        "CSV file of networks by prefix (prefix,network,mcc,mnc), tried before the built-in table.",
        env="TRUNKLINE_NETWORKS",
    )
    media_bucket: str = setting(
        "media.bucket",
        parse.string,
        "",
        "Where media are kept, such as s3://bucket/prefix. Empty: the folder media in the data"
        " folder.",
        env="TRUNKLINE_MEDIA_BUCKET",
    )
    media_s3_endpoint: str = setting(
        "media.endpoint",
        parse.string,
        "",
        "Address of an S3 that is not Amazon's.",
        env="TRUNKLINE_MEDIA_S3_ENDPOINT",
    )
    media_s3_region: str = setting(
        "media.region",
        parse.string,
        "",
        "Region of the bucket.",
        env="TRUNKLINE_MEDIA_S3_REGION",
    )
    media_s3_key_id: str = setting(
        "media.key_id",
        parse.string,
        "",
        "Access key of the bucket; empty: as the environment of AWS has it.",
        env="TRUNKLINE_MEDIA_S3_KEY_ID",
    )
    media_s3_secret: str = setting(
        "media.secret",
        parse.string,
        "",
        "Secret of that key.",
        env="TRUNKLINE_MEDIA_S3_SECRET",
        secret=True,
    )
    media_url_lifetime_s: int = setting(
        "media.url_lifetime_s",
        parse.integer(60, 31_536_000),
        604_800,
        "Seconds for which a media_url can be fetched; the API gives fresh ones.",
        env="TRUNKLINE_MEDIA_URL_LIFETIME_S",
    )
    us_rules: bool | None = setting(
        "compliance.us_rules",
        parse.optional_boolean,
        "",
        "Obey what US networks demand: the daily cap of unregistered long codes, the throughput of"
        " 10DLC campaigns, the verification of toll-free numbers. Empty: where the simulated"
        " carrier runs.",
        env="TRUNKLINE_US_RULES",
    )
    registry_delay_s: float = setting(
        "compliance.registry_delay_s",
        parse.real(0, 86_400 * 30),
        3,
        "Seconds after which the simulated registry decides on brands, campaigns, numbers and"
        " toll-free verifications.",
        env="TRUNKLINE_REGISTRY_DELAY_S",
    )
    unregistered_per_day: int = setting(
        "compliance.unregistered_per_day",
        parse.integer(0, 1_000_000_000),
        2_000,  # PLIVO messaging: unregistered US long codes
        "How many messages a day (UTC) an unregistered long code may send to the US.",
        env="TRUNKLINE_UNREGISTERED_PER_DAY",
    )
