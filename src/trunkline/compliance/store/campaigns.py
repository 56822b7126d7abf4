"""Campaigns; a mirrored table."""

from typing import Any

from sqlalchemy import delete, select, update

from trunkline.accounts.model import Scope
from trunkline.compliance.model import Campaign, CampaignState
from trunkline.compliance.store.shape import Shape
from trunkline.compliance.store.tables import CAMPAIGNS, campaigns
from trunkline.runtime.changes import record_removals
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_registry_id
from trunkline.values.pages import Page

_shape = Shape(campaigns, Campaign)
find, get, changed_since = _shape.find, _shape.get, _shape.changed_since
due, next_due = _shape.due, _shape.next_due


def new_id(conn: Connection) -> str:
    """Return an id for a new campaign."""
    return _shape.unused(conn, lambda: new_registry_id("C"))


def add(conn: Connection, campaign: Campaign, revision: int) -> None:
    """Keep a new campaign."""
    _shape.add(conn, campaign, revision=revision)


def save(conn: Connection, campaign: Campaign, revision: int) -> None:
    """Keep what became of a campaign."""
    _shape.save(conn, campaign, revision=revision)


def page(
    conn: Connection, scope: Scope, equal: dict[str, Any], wanted: Page
) -> tuple[list[Campaign], int]:
    """Return a page of the campaigns with these columns, and how many there are."""
    where = [*_shape.within(scope)]
    where += [campaigns.c[name] == value for name, value in equal.items()]
    return _shape.page(conn, where, wanted)


def brand_is_used(conn: Connection, brand_id: str) -> bool:
    """Tell whether a brand has campaigns that are active or may become so."""
    alive = (CampaignState.ACTIVE.value, CampaignState.PROCESSING.value)
    found = conn.execute(
        select(campaigns.c.campaign_id).where(
            campaigns.c.brand_id == brand_id, campaigns.c.state.in_(alive)
        )
    )
    return found.first() is not None


def release(conn: Connection, brand_id: str, due_at: float, revision: int) -> None:
    """Have the campaigns decided that waited for a brand."""
    conn.execute(
        update(campaigns)
        .where(
            campaigns.c.brand_id == brand_id,
            campaigns.c.state == CampaignState.PROCESSING.value,
            campaigns.c.due_at.is_(None),
        )
        .values(due_at=due_at, revision=revision)
    )


def remove(conn: Connection, campaign_id: str, revision: int) -> None:
    """Delete a campaign."""
    conn.execute(delete(campaigns).where(campaigns.c.campaign_id == campaign_id))
    record_removals(conn, CAMPAIGNS, revision, [campaign_id])
