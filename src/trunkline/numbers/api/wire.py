"""What the operations of numbers share on the wire."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec

from trunkline.accounts import store as accounts
from trunkline.accounts.model import Scope
from trunkline.applications import store as applications
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.numbers.model import NumberType
from trunkline.runtime.db import Connection
from trunkline.values.countries import country_name
from trunkline.values.phone import parse_phone_number

# PLIVO numbers: `fixed` are local and national numbers, `any` and no type are all.
TYPES: Mapping[str | None, tuple[NumberType, ...]] = {
    None: (),
    "any": (),
    "fixed": (NumberType.LOCAL, NumberType.NATIONAL),
    **{one.value: (one,) for one in NumberType},
}
_MAX_APP_ID = 32


def digits_of(number: str) -> str:
    """Return the digits of a number in a path.

    Raises:
        NotFound: it is no phone number, so nobody has it.
    """
    digits = parse_phone_number(number)
    if digits is None:
        raise NotFound
    return digits


def services_of(text: str | None) -> frozenset[str]:
    """Return the services that a list with commas names."""
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())


def where(region: str, country: str) -> str:
    """Word a place as Plivo does: `California, UNITED STATES`."""
    name = country_name(country).upper()
    return f"{region}, {name}" if region else name


def date_text(at: float) -> str:
    """Return the day of a moment (UTC)."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def checked_date(field: str, value: str) -> str:
    """Return `value`.

    Raises:
        InvalidParameter: the calendar has no such day.
    """
    try:
        date.fromisoformat(value)
    except ValueError:
        raise InvalidParameter(field, "the calendar has no such day") from None
    return value


def as_text(value: Mapping[str, object] | None) -> str | None:
    """Return an object as the JSON that is stored."""
    return None if value is None else msgspec.json.encode(value).decode()


def check_app(conn: Connection, scope: Scope, app_id: str | None) -> None:
    """See that a number of `scope` may point to an application.

    Raises:
        InvalidParameter: it has none with that id.
    """
    if not app_id:
        return
    well_formed = app_id.isascii() and app_id.isdigit() and len(app_id) <= _MAX_APP_ID
    if not well_formed or applications.find(conn, scope, app_id) is None:
        raise InvalidParameter("app_id", "no such application")


def owner_named(conn: Connection, scope: Scope, subaccount: str | None) -> Scope:
    """Return who gets a number: the named subaccount, `scope` itself if none is named.

    Raises:
        InvalidParameter: it is not a subaccount of this main account, or a subaccount asks.
    """
    if subaccount is None or subaccount == scope.account_id:
        return scope
    # PLIVO numbers: "this can only be performed by a main account holder".
    if scope.subaccount_id is not None or not accounts.is_subaccount_of(
        conn, scope.main_auth_id, subaccount
    ):
        raise InvalidParameter("subaccount", "not a subaccount of this account")
    return Scope(scope.main_auth_id, subaccount)
