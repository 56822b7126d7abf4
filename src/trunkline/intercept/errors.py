"""What can go wrong when programs are led here.

InterceptError
├── AuthorityUnusable   its files cannot be read or written
├── StoreUnusable       a store of authorities or the hosts file cannot be changed
└── BadRequest          a client of the proxy sent something that is no request
"""

from trunkline.values.errors import TrunklineError


class InterceptError(TrunklineError):
    """Root of this room's errors."""


class AuthorityUnusable(InterceptError):
    """The authority's files cannot be read or written."""


class StoreUnusable(InterceptError):
    """A store of authorities, or the hosts file, cannot be changed."""


class BadRequest(InterceptError):
    """What came is no request that a proxy takes."""
