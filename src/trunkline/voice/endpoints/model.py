"""An endpoint, and the digests that stand for its password."""

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple


class Secret(NamedTuple):
    """HA1 of a username and password in one realm: `H(username:realm:password)` in hexadecimal.

    By MD5 (RFC 2617 3.2.2.2, RFC 3261 22.4) and by SHA-256 (RFC 8760).
    """

    realm: str
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A phone's account; `account_id` is the main account or the subaccount it belongs to."""

    endpoint_id: str
    main_auth_id: str
    account_id: str
    username: str
    alias: str
    secret: Secret = field(repr=False)
    app_id: str | None
    created_at: float
    modified_at: float | None

    @property
    def subaccount_id(self) -> str | None:
        return None if self.account_id == self.main_auth_id else self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """What an endpoint starts with; without `app_id` it gets the account's default application."""

    username: str
    password: str = field(repr=False)
    alias: str
    app_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanges:
    """New values; None leaves one as it is, an `app_id` of "" takes the application away."""

    password: str | None = field(default=None, repr=False)
    alias: str | None = None
    app_id: str | None = None


class Registration(NamedTuple):
    """A row of `registrations`: where a phone can be reached until `expires_at`.

    `contact` is the URI it gave, `received` the address its REGISTER came from (`udp:host:port`),
    `call_id` and `cseq` those of that REGISTER (RFC 3261 10.3: an older one changes nothing), `q`
    its preference from 0 to 1, `node` the process that it reached.
    """

    endpoint_id: str
    contact: str
    received: str
    user_agent: str
    q: float
    call_id: str
    cseq: int
    node: str
    registered_at: float
    expires_at: float


def secret_of(username: str, realm: str, password: str) -> Secret:
    """Return what is kept of a password."""
    joined = f"{username}:{realm}:{password}".encode()
    md5 = hashlib.md5(joined, usedforsecurity=False).hexdigest()  # RFC 3261 22.4 has no other
    return Secret(realm, md5, hashlib.sha256(joined).hexdigest())
