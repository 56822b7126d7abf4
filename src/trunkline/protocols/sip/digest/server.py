"""Challenging, and checking the answers."""

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trunkline.protocols.sip.digest.compute import (
    ALGORITHMS,
    base_algorithm,
    digest_response,
    hash_user,
    parse_digest,
)
from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import quote
from trunkline.protocols.sip.message import Request
from trunkline.protocols.sip.uri import Uri, parse_uri

_WINDOW: Final = 64  # how far nonce counts may be out of order


@dataclass(frozen=True, slots=True)
class Secret:
    """What a user's answer is checked against.

    The password, or H(A1) by algorithm (`hash_user`).
    """

    password: str | None = field(default=None, repr=False)
    ha1: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def hashed(self, algorithm: str, username: str, realm: str) -> str | None:
        if self.password is not None:
            return hash_user(algorithm, username, realm, self.password)
        return self.ha1.get(algorithm)


class Claim(NamedTuple):
    """Who a request says it is from, unproven.

    Give it to `Digester.check` with that user's secret.
    """

    username: str
    realm: str
    fields: dict[str, str]


class Passed(NamedTuple):
    username: str


class Absent(NamedTuple):
    """There is no answer to a challenge of ours: challenge."""


class Stale(NamedTuple):
    """Proven, but the nonce is too old or used before: challenge with stale=true."""

    username: str


class Refused(NamedTuple):
    """Wrong: challenge or answer 403, and count it."""

    username: str
    reason: str


Verdict = Passed | Absent | Stale | Refused


def claim_of(request: Request, realm: str, *, proxy: bool = False) -> Claim | None:
    """Find the answer to challenges of this realm.

    Other schemes and realms are passed over (RFC 4475 3.3.7).
    """
    name = "proxy-authorization" if proxy else "authorization"
    for line in request.headers.lines(name):
        try:
            fields = parse_digest(line)
        except Malformed:
            continue
        if fields is not None and fields.get("realm") == realm and "username" in fields:
            return Claim(fields["username"], realm, fields)
    return None


class Digester:
    """Makes nonces that it can recognise, and remembers which nonce counts were used.

    `key` is secret and random. A nonce lives `lifetime_s`; at most `remembered` nonces are kept in
    memory, the oldest is forgotten first and then counts as stale, so that a replay never passes.
    """

    def __init__(
        self,
        key: bytes,
        *,
        lifetime_s: float = 300.0,
        remembered: int = 20_000,
        algorithms: tuple[str, ...] = ("SHA-256", "MD5"),
    ) -> None:
        self._key = key
        self._lifetime_s = lifetime_s
        self._remembered = remembered
        self._algorithms = algorithms
        self._used: OrderedDict[str, _Counts] = OrderedDict()
        self._forgotten_at = float("-inf")
        self._serial = 0

    def challenge(self, realm: str, now: float, *, stale: bool = False) -> list[str]:
        """Give the values of WWW-Authenticate or Proxy-Authenticate.

        The algorithm preferred first (RFC 8760 2.4).
        """
        nonce = self._make_nonce(now)
        tail = ", stale=true" if stale else ""
        return [
            f'Digest realm={quote(realm)}, nonce="{nonce}", algorithm={algorithm}, '
            f'qop="auth,auth-int"{tail}'
            for algorithm in self._algorithms
        ]

    def check(
        self, request: Request, claim: Claim | None, secret: Secret | None, now: float
    ) -> Verdict:
        """Judge a request.

        An unknown user (`secret` None) costs as much and gets the same answer as a wrong password.
        """
        if claim is None:
            return Absent()
        fields, username = claim.fields, claim.username
        algorithm, _ = base_algorithm(fields.get("algorithm", "MD5"))
        if algorithm not in self._algorithms or algorithm not in ALGORITHMS:
            return Refused(username, "an algorithm that was not offered")
        qop = fields.get("qop", "").lower()
        if qop not in ("", "auth", "auth-int"):
            return Refused(username, "an unknown qop")
        if not _same_resource(fields.get("uri", ""), request):
            return Refused(username, "made for another URI")
        ha1 = secret.hashed(algorithm, username, claim.realm) if secret is not None else None
        expected = digest_response(
            fields.get("algorithm", "MD5"),
            ha1 if ha1 is not None else hash_user(algorithm, username, claim.realm, ""),
            nonce=fields.get("nonce", ""),
            method=request.method,
            uri=fields.get("uri", ""),
            body=request.body,
            qop=qop,
            nc=fields.get("nc", ""),
            cnonce=fields.get("cnonce", ""),
        )
        given = fields.get("response", "").lower().encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(expected.encode(), given) or ha1 is None:
            return Refused(username, "a wrong password")
        return self._use_nonce(username, fields, qop, now)

    def _use_nonce(self, username: str, fields: dict[str, str], qop: str, now: float) -> Verdict:
        nonce = fields.get("nonce", "")
        made_at = self._made_at(nonce)
        if made_at is None or not 0 <= now - made_at <= self._lifetime_s:
            return Stale(username)
        counts = self._used.get(nonce)
        if counts is None:
            if made_at <= self._forgotten_at:
                return Stale(username)
            counts = self._used[nonce] = _Counts()
            self._forget()
        # Without qop there is no count (RFC 2617 3.2.2): such a nonce serves once.
        count = _nonce_count(fields.get("nc", "")) if qop else 1
        if count is None:
            return Refused(username, "no nonce count")
        return Passed(username) if counts.take(count) else Stale(username)

    def _forget(self) -> None:
        while len(self._used) > self._remembered:
            nonce, _ = self._used.popitem(last=False)
            self._forgotten_at = max(self._forgotten_at, self._made_at(nonce) or 0.0)

    def _make_nonce(self, now: float) -> str:
        self._serial += 1
        stamp = f"{int(now * 1000):x}.{self._serial:x}"  # never later than now
        return f"{stamp}.{self._seal(stamp)}"

    def _made_at(self, nonce: str) -> float | None:
        stamp, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(
            self._seal(stamp).encode(), seal.encode("utf-8", "surrogateescape")
        ):
            return None
        return int(stamp.partition(".")[0], 16) / 1000

    def _seal(self, stamp: str) -> str:
        return hmac.digest(self._key, stamp.encode("utf-8", "surrogateescape"), "sha256")[:16].hex()


class _Counts:
    """The nonce counts that were used: the highest, and a bit for each of the 64 below it."""

    __slots__ = ("_bits", "_highest")

    def __init__(self) -> None:
        self._highest = 0
        self._bits = 0

    def take(self, count: int) -> bool:
        """Use a count; False when it was used, or may have been."""
        ahead = count - self._highest
        if ahead > 0:
            self._bits = ((self._bits << min(ahead, _WINDOW)) | 1) & ((1 << _WINDOW) - 1)
            self._highest = count
            return True
        if -ahead >= _WINDOW or count < 1 or self._bits >> -ahead & 1:
            return False
        self._bits |= 1 << -ahead
        return True


def _nonce_count(text: str) -> int | None:
    try:
        return int(text, 16) if len(text) == 8 else None
    except ValueError:
        return None


def _same_resource(text: str, request: Request) -> bool:
    """Whether the digest was made for this Request-URI, or may pass for it.

    RFC 3261 22.4 (6): two URIs that differ are not necessarily a failure, for proxies change them.
    Peers that name the server alone (sipp, some trunks) are served; another user's is refused. What
    the digest covers is the URI it names, and no answer serves twice: the nonce count sees to it.
    """
    if text == request.uri:
        return True
    try:
        claimed: Uri = parse_uri(text)
    except Malformed:
        return False
    return claimed.username in ("", request.target.username)
