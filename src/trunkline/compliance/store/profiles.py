"""Profiles."""

from typing import Any

from sqlalchemy import delete, select

from trunkline.accounts.model import Scope
from trunkline.compliance.model import TOLLFREE_OPEN, Profile, TollfreeState
from trunkline.compliance.store.shape import Shape
from trunkline.compliance.store.tables import brands, profiles, verifications
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

_shape = Shape(profiles, Profile)
find = _shape.find


def add(conn: Connection, profile: Profile) -> None:
    """Keep a new profile."""
    _shape.add(conn, profile, **_filters(profile))


def save(conn: Connection, profile: Profile) -> None:
    """Keep what a profile says now."""
    _shape.save(conn, profile, **_filters(profile))


def primary_of(conn: Connection, main_auth_id: str) -> str:
    """Return the id of an account's primary profile, "" if it has none."""
    found = conn.execute(
        select(profiles.c.profile_uuid).where(
            profiles.c.main_auth_id == main_auth_id, profiles.c.profile_type == "PRIMARY"
        )
    )
    return found.scalars().first() or ""


def page(
    conn: Connection, scope: Scope, equal: dict[str, Any], wanted: Page
) -> tuple[list[Profile], int]:
    """Return a page of the profiles with these columns, and how many there are."""
    where = [*_shape.within(scope)]
    where += [profiles.c[name] == value for name, value in equal.items()]
    return _shape.page(conn, where, wanted)


def is_used(conn: Connection, profile_uuid: str) -> bool:
    """Tell whether a brand, or a verification that is open or approved, stands on it."""
    brand = select(brands.c.brand_id).where(brands.c.profile_uuid == profile_uuid)
    alive = [state.value for state in (*TOLLFREE_OPEN, TollfreeState.APPROVED)]
    verification = select(verifications.c.uuid).where(
        verifications.c.profile_uuid == profile_uuid, verifications.c.state.in_(alive)
    )
    return any(conn.execute(one).first() is not None for one in (brand, verification))


def remove(conn: Connection, profile_uuid: str) -> None:
    """Delete a profile."""
    conn.execute(delete(profiles).where(profiles.c.profile_uuid == profile_uuid))


def _filters(profile: Profile) -> dict[str, str]:
    return {"entity_type": profile.company.entity_type, "vertical": profile.company.vertical}
