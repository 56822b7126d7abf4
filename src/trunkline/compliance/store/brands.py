"""Brands."""

from typing import Any

from sqlalchemy import delete

from trunkline.accounts.model import Scope
from trunkline.compliance.model import Brand
from trunkline.compliance.store.shape import Shape
from trunkline.compliance.store.tables import brands
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_registry_id
from trunkline.values.pages import Page

_shape = Shape(brands, Brand)
find, get, add, save = _shape.find, _shape.get, _shape.add, _shape.save
due, next_due = _shape.due, _shape.next_due


def new_id(conn: Connection) -> str:
    """Return an id for a new brand."""
    return _shape.unused(conn, lambda: new_registry_id("B"))


def of_profile(conn: Connection, profile_uuid: str) -> Brand | None:
    """Return the brand that was made of a profile."""
    return _shape.one(conn, brands.c.profile_uuid == profile_uuid)


def page(
    conn: Connection, scope: Scope, equal: dict[str, Any], wanted: Page
) -> tuple[list[Brand], int]:
    """Return a page of the brands with these columns, and how many there are."""
    where = [*_shape.within(scope)]
    where += [brands.c[name] == value for name, value in equal.items()]
    return _shape.page(conn, where, wanted)


def remove(conn: Connection, brand_id: str) -> None:
    """Delete a brand."""
    conn.execute(delete(brands).where(brands.c.brand_id == brand_id))
