"""Who a request is from, once that is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FromTrunk:
    """A trunk, by the address it sends from, and its digest if it has to have one."""

    name: str
    host: str


@dataclass(frozen=True, slots=True)
class FromUser:
    """A user who proved it by digest."""

    username: str
    realm: str
    host: str


Origin = FromTrunk | FromUser
