"""One page of a list, and the `meta` object that describes it on the wire."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

DEFAULT_LIMIT = 20  # PLIVO pagination: limit 1..20, default 20
MAX_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Which objects of a list are wanted; `offset` counts objects, not pages."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PageMeta:
    """The `meta` of a list answer; `next` and `previous` are relative URIs or null."""

    limit: int
    offset: int
    next: str | None
    previous: str | None
    total_count: int


def page_meta(
    page: Page, total_count: int, path: str, filters: Iterable[tuple[str, str]] = ()
) -> PageMeta:
    """Describe `page` of a list of `total_count` objects served at `path`.

    Args:
        page: the page that was answered.
        total_count: how many objects match in all.
        path: where the list lives, such as `/v1/Account/MA…/Message/`.
        filters: query parameters that the links must repeat.
    """
    kept = tuple(filters)
    following = page.offset + page.limit
    return PageMeta(
        limit=page.limit,
        offset=page.offset,
        next=_link(path, page.limit, following, kept) if following < total_count else None,
        previous=(
            _link(path, page.limit, max(0, page.offset - page.limit), kept)
            if page.offset > 0
            else None
        ),
        total_count=total_count,
    )


def _link(path: str, limit: int, offset: int, filters: tuple[tuple[str, str], ...]) -> str:
    query = urlencode((("limit", limit), ("offset", offset), *filters))
    return f"{path}?{query}"
