"""Sender pools, their members, and the order in which kinds of numbers are used."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from trunkline.accounts.model import Scope
from trunkline.numbers.model import NumberType


class Kind(StrEnum):
    """What carriers and priorities tell apart (PLIVO powerpack: number_priority)."""

    SHORT_CODE = "shortcode"
    TOLL_FREE = "tollfree"
    LONG_CODE = "longcode"


class Service(StrEnum):
    """What a member was added for; one for MMS carries SMS too."""

    SMS = "sms"
    MMS = "mms"


class Priority(NamedTuple):
    """For messages of one service to one country: these kinds, in this order."""

    service: Service
    country: str
    kinds: tuple[Kind, ...]


DEFAULT_KINDS = (Kind.SHORT_CODE, Kind.TOLL_FREE, Kind.LONG_CODE)
DEFAULT_PRIORITIES = tuple(
    Priority(service, country, DEFAULT_KINDS) for service in Service for country in ("US", "CA")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """`pool_id` is Plivo's Powerpack uuid, `number_pool_id` the uuid of its number pool.

    `account_id` is the main account or subaccount it belongs to; `app_id` gets what the members
    receive, "" if they have applications of their own. No `priorities` means the default ones.
    """

    pool_id: str
    number_pool_id: str
    main_auth_id: str
    account_id: str
    name: str
    sticky: bool
    local: bool
    app_type: str
    app_id: str
    priorities: tuple[Priority, ...]
    created_at: float

    @property
    def scope(self) -> Scope:
        """Whose numbers and applications it may have."""
        main = self.main_auth_id
        return Scope(main, None if self.account_id == main else self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPool:
    """What a pool starts with."""

    name: str
    sticky: bool = True
    local: bool = True
    app_type: str = ""
    app_id: str = ""
    priorities: tuple[Priority, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChanges:
    """New values of a pool's fields; None leaves one as it is."""

    name: str | None = None
    sticky: bool | None = None
    local: bool | None = None
    app_type: str | None = None
    app_id: str | None = None
    priorities: tuple[Priority, ...] | None = None


class Member(NamedTuple):
    """A number in a pool; it can be in one only."""

    number: str
    number_pool_id: str
    kind: Kind
    number_type: str  # fixed | mobile | tollfree | shortcode
    country: str
    service: Service
    added_at: float

    def carries(self, service: Service) -> bool:
        """Tell whether messages of that service may leave through it."""
        return service is Service.SMS or self.service is Service.MMS


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFilter:
    """Which members are listed; `prefixes` include the country code."""

    kinds: tuple[Kind, ...]
    number_type: str | None = None
    country: str | None = None
    service: str | None = None
    prefixes: tuple[str, ...] = ()


def kind_of(number_type: NumberType) -> Kind:
    """Reduce a number's type to what priorities know."""
    match number_type:
        case NumberType.SHORTCODE:
            return Kind.SHORT_CODE
        case NumberType.TOLLFREE:
            return Kind.TOLL_FREE
        case _:
            return Kind.LONG_CODE


def pool_type_of(number_type: NumberType) -> str:
    """Return the type as pools list it (PLIVO number pool: local and national are fixed)."""
    match number_type:
        case NumberType.SHORTCODE | NumberType.TOLLFREE | NumberType.MOBILE:
            return number_type.value
        case _:
            return "fixed"
