"""Plivo's words for pools: objects, priorities, times, numbers in paths."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operations.number_pools import PoolNumber, PoolShortcode
from trunkline.contract.operations.powerpacks import PowerpackAnswer
from trunkline.messaging.pools.model import (
    DEFAULT_PRIORITIES,
    Kind,
    Member,
    Pool,
    Priority,
    Service,
)
from trunkline.values.pages import PageMeta
from trunkline.values.phone import sanitise

_SLOTS = ("priority1", "priority2", "priority3")
_FIELD = "number_priority"
_LONGEST_NUMBER = 15


def powerpack(pool: Pool, account_id: str) -> PowerpackAnswer:
    """Write a pool as the Powerpack object."""
    return PowerpackAnswer(
        application_id=pool.app_id,
        application_type=pool.app_type,
        created_on=time(pool.created_at),
        local_connect=pool.local,
        name=pool.name,
        number_pool=_number_pool(account_id, pool.number_pool_id),
        number_priority=[_priority(one) for one in pool.priorities or DEFAULT_PRIORITIES],
        sticky_sender=pool.sticky,
        uuid=pool.pool_id,
    )


def pool_number(member: Member, account_id: str) -> PoolNumber:
    """Write a member as a number of a pool."""
    pool_id = member.number_pool_id
    return PoolNumber(
        account_phone_number_resource=f"/v1/Account/{account_id}/Number/{member.number}/",
        added_on=time(member.added_at),
        country_iso2=member.country,
        number=member.number,
        number_pool=_number_pool(account_id, pool_id),
        number_pool_uuid=pool_id,
        numberpool_uuid=pool_id,
        service=member.service.value,
        type=member.number_type,
        uuid=pool_id,
    )


def shortcode(member: Member) -> PoolShortcode:
    """Write a member as a short code of a pool."""
    return PoolShortcode(
        added_on=time(member.added_at),
        country_iso2=member.country,
        number=member.number,
        number_pool_uuid=member.number_pool_id,
        service=member.service.value,
        shortcode=member.number,
    )


def pool_meta(meta: PageMeta) -> PageMeta:
    """Return the meta as number pools have it (PLIVO number pool: "" where others have null)."""
    return replace(meta, next=meta.next or "", previous=meta.previous or "")


def time(at: float) -> str:
    """Write a time in ISO 8601 with microseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def number(text: str) -> str:
    """Clean a number of a path.

    Raises:
        NotFound: it is none.
    """
    digits = sanitise(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > _LONGEST_NUMBER:
        raise NotFound(f"number {text[:32]!r} not found", "number")
    return digits


def priorities(given: Sequence[Mapping[str, Any]]) -> tuple[Priority, ...]:
    """Read `number_priority`.

    Raises:
        InvalidParameter: an entry is not whole, has other words, or is there twice.
    """
    found: dict[tuple[Service, str], Priority] = {}
    for at, entry in enumerate(given, 1):
        try:
            one = _read_priority(entry)
        except ValueError as error:
            raise InvalidParameter(_FIELD, f"item {at} {error}") from None
        if found.setdefault((one.service, one.country), one) is not one:
            raise InvalidParameter(
                _FIELD, f"item {at} repeats {one.service.value.upper()} to {one.country}"
            )
    return tuple(found.values())


def _read_priority(entry: Mapping[str, Any]) -> Priority:
    country = _word(entry, "country_iso").upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise ValueError("needs country_iso, two letters")
    service = _word(entry, "service_type").lower()
    if service not in ("sms", "mms"):
        raise ValueError("needs service_type, SMS or MMS")
    slots: Any = entry.get("priority")
    if not isinstance(slots, dict):
        raise ValueError("needs priority, an object of priority1 to priority3")
    words = [_word(cast("dict[str, Any]", slots), name).lower() for name in _SLOTS]
    kinds = [word for word in words if word and word != "null"]
    unknown = [word for word in kinds if word not in tuple(Kind)]
    if unknown or not kinds:
        raise ValueError("needs priority1 to priority3 of shortcode, tollfree, longcode")
    if len(set(kinds)) < len(kinds):
        raise ValueError("names a kind of number twice")
    return Priority(Service(service), country, tuple(map(Kind, kinds)))


def _word(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"has a {name} that is not a string")
    return value.strip()


def _priority(one: Priority) -> dict[str, Any]:
    kinds: list[str | None] = [kind.value for kind in one.kinds]
    kinds += [None] * (len(_SLOTS) - len(kinds))
    return {
        "country_iso": one.country,
        "priority": dict(zip(_SLOTS, kinds, strict=True)),
        "service_type": one.service.value.upper(),
    }


def _number_pool(account_id: str, number_pool_id: str) -> str:
    # PLIVO SDKs take the sixth part of the path: it must begin with a slash.
    return f"/v1/Account/{account_id}/NumberPool/{number_pool_id}/"
