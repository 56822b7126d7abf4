"""Numbers of campaigns; a mirrored table."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from trunkline.compliance.model import Link, Progress
from trunkline.compliance.store.shape import Shape
from trunkline.compliance.store.tables import LINKS, links
from trunkline.runtime.changes import record_removals
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

_shape = Shape(links, Link)
get, changed_since, due, next_due = _shape.get, _shape.changed_since, _shape.due, _shape.next_due


def add(conn: Connection, link: Link, revision: int) -> None:
    """Keep the link of a number that had none."""
    _shape.add(conn, link, revision=revision)


def put(conn: Connection, link: Link, revision: int) -> None:
    """Keep a number's link, in the place of one that failed or was another campaign's."""
    conn.execute(delete(links).where(links.c.number == link.number))
    _shape.add(conn, link, revision=revision)


def save(conn: Connection, link: Link, revision: int) -> None:
    """Keep what became of a link."""
    _shape.save(conn, link, revision=revision)


def find(conn: Connection, campaign_id: str, number: str) -> Link | None:
    """Return a number of that campaign."""
    return _shape.one(conn, links.c.number == number, links.c.campaign_id == campaign_id)


def page(conn: Connection, campaign_id: str, wanted: Page) -> list[Link]:
    """Return a page of a campaign's numbers, newest first."""
    return _shape.page(conn, [links.c.campaign_id == campaign_id], wanted)[0]


def counts(conn: Connection, campaign_id: str) -> dict[str, int]:
    """Return how many numbers of a campaign are in each state."""
    rows = conn.execute(
        select(links.c.state, func.count())
        .where(links.c.campaign_id == campaign_id)
        .group_by(links.c.state)
    )
    return {row[0]: row[1] for row in rows}


def numbers_of(conn: Connection, campaign_id: str) -> list[str]:
    """Return every number of a campaign."""
    rows = conn.execute(select(links.c.number).where(links.c.campaign_id == campaign_id))
    return list(rows.scalars())


def release(conn: Connection, campaign_id: str, due_at: float, revision: int) -> None:
    """Have the numbers decided that waited for a campaign."""
    conn.execute(
        update(links)
        .where(
            links.c.campaign_id == campaign_id,
            links.c.state == Progress.PROCESSING.value,
            links.c.due_at.is_(None),
        )
        .values(due_at=due_at, revision=revision)
    )


def remove(conn: Connection, numbers: Sequence[str], revision: int) -> None:
    """Unlink numbers from whatever campaign they have."""
    conn.execute(delete(links).where(links.c.number.in_(numbers)))
    record_removals(conn, LINKS, revision, set(numbers))
