"""What a user agent is told about itself."""

import ssl
from dataclasses import dataclass, field

from trunkline.engines.sip.transport import Listener, StreamLimits
from trunkline.protocols.sip.session_timer import TimerPolicy
from trunkline.protocols.sip.transactions import Timing


@dataclass(frozen=True, slots=True)
class BanPolicy:
    """`failures` of one address within `window_s` silence it for `ban_s`."""

    failures: int = 10  # PLIVO endpoints: 10 failures lock for 60 s
    window_s: float = 60.0
    ban_s: float = 60.0
    challenges: int = 100
    """Challenges within `window_s` that nobody answered: they count as failures then."""


@dataclass(frozen=True, slots=True)
class RegistrarPolicy:
    """Seconds of validity, and how much is kept."""

    default_s: int = 3600  # RFC 3261 10.3
    min_s: int = 60  # PLIVO endpoints: 60 to 86,400
    max_s: int = 86_400
    contacts: int = 10
    """At most so many contacts of one address-of-record."""
    addresses: int = 100_000


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """`domains`: hosts that To of a REGISTER may name.

    Empty takes any. `advertise`: our address.
    """

    listeners: tuple[Listener, ...] = (Listener(),)
    advertise: str | None = None
    product: str = "Trunkline"
    realm: str = "trunkline"
    domains: frozenset[str] = frozenset()
    algorithms: tuple[str, ...] = ("MD5",)
    """Digests offered, the preferred first.

    Phones that know only RFC 2617 give up on SHA-256 (RFC 8760) instead of passing it over.
    """
    max_calls: int = 2000
    max_calls_per_s: float = 200.0
    max_transactions: int = 100_000
    max_pending: int = 1000
    """Requests whose credentials are being looked up."""
    offer_timeout_s: float = 10.0
    """How long an offer of the peer may wait for us before it is refused."""
    challenge_strangers: bool = False
    """Whether callers from unknown addresses are challenged; otherwise they get no answer."""
    reliable_early: bool = True
    """Whether early media is announced reliably to peers that know 100rel."""
    timing: Timing = field(default_factory=Timing)
    session: TimerPolicy = field(default_factory=TimerPolicy)
    bans: BanPolicy = field(default_factory=BanPolicy)
    registrar: RegistrarPolicy = field(default_factory=RegistrarPolicy)
    streams: StreamLimits = field(default_factory=StreamLimits)
    client_tls: ssl.SSLContext | None = None
