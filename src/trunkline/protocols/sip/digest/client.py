"""Answering challenges."""

from dataclasses import dataclass, field

from trunkline.protocols.sip.digest.compute import (
    ALGORITHMS,
    base_algorithm,
    digest_response,
    hash_user,
    parse_digest,
)
from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import quote
from trunkline.protocols.sip.message import Request, Response


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str = field(repr=False)
    realm: str = ""
    """When given, challenges of other realms are not answered."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge; `header` is the name of the header that answers it."""

    header: str
    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: frozenset[str] = frozenset()
    opaque: str | None = None
    stale: bool = False


def choose(response: Response, realm: str = "") -> Challenge | None:
    """Give the strongest challenge of a 401 or 407 that we can answer; None when there is none."""
    asked, answered = (
        ("www-authenticate", "Authorization")
        if response.status == 401
        else ("proxy-authenticate", "Proxy-Authorization")
    )
    best: Challenge | None = None
    names = list(ALGORITHMS)
    for line in response.headers.lines(asked):
        challenge = _parse(line, answered)
        if challenge is None or (realm and challenge.realm != realm):
            continue
        rank = names.index(base_algorithm(challenge.algorithm)[0])
        if best is None or rank > names.index(base_algorithm(best.algorithm)[0]):
            best = challenge
    return best


def _parse(line: str, header: str) -> Challenge | None:
    try:
        fields = parse_digest(line)
    except Malformed:
        return None
    if fields is None or "realm" not in fields or not fields.get("nonce"):
        return None
    algorithm = fields.get("algorithm", "MD5")
    qop = frozenset(part.strip().lower() for part in fields.get("qop", "").split(",")) - {""}
    if base_algorithm(algorithm)[0] not in ALGORITHMS or (qop and not qop & {"auth", "auth-int"}):
        return None
    stale = fields.get("stale", "").lower() == "true"
    opaque = fields.get("opaque")
    return Challenge(header, fields["realm"], fields["nonce"], algorithm, qop, opaque, stale)


def authorise(
    challenge: Challenge, credentials: Credentials, request: Request, *, cnonce: str, count: int = 1
) -> tuple[str, str]:
    """Give the header (name, value) that answers a challenge.

    `count` says how often its nonce was used.
    """
    base, _ = base_algorithm(challenge.algorithm)
    qop = "auth" if "auth" in challenge.qop else next(iter(challenge.qop), "")
    nc = f"{count:08x}"
    response = digest_response(
        challenge.algorithm,
        hash_user(base, credentials.username, challenge.realm, credentials.password),
        nonce=challenge.nonce,
        method=request.method,
        uri=request.uri,
        body=request.body,
        qop=qop,
        nc=nc,
        cnonce=cnonce,
    )
    parts = [
        f"username={quote(credentials.username)}",
        f"realm={quote(challenge.realm)}",
        f"nonce={quote(challenge.nonce)}",
        f"uri={quote(request.uri)}",
        f'response="{response}"',
        f"algorithm={challenge.algorithm}",
    ]
    if challenge.opaque is not None:
        parts.append(f"opaque={quote(challenge.opaque)}")
    if qop:
        parts += [f"qop={qop}", f"nc={nc}", f'cnonce="{cnonce}"']
    elif challenge.algorithm.upper().endswith("-SESS"):
        parts.append(f'cnonce="{cnonce}"')
    return challenge.header, "Digest " + ", ".join(parts)
