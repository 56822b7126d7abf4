"""SQL of the numbers that can be rented: all of the inventory that no account has."""

import unicodedata
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, delete, exists, func, select

from trunkline.numbers.model import InventoryNumber, NumberType, Search
from trunkline.numbers.store.tables import inventory, numbers
from trunkline.runtime.db import BulkInsert, Connection
from trunkline.values.pages import Page

_FIELDS = tuple(field.name for field in fields(InventoryNumber))
_TYPE, _CENTER = map(_FIELDS.index, ("number_type", "rate_center"))
_values = attrgetter(*_FIELDS)
_COLUMNS = tuple(inventory.c[name] for name in _FIELDS)
_insert = BulkInsert(inventory, (*_FIELDS, "place_key", "city_key"))
_CHUNK = 500  # numbers in one statement
_EXACT_BELOW = 3  # PLIVO numbers: parts of a region's name have three characters or more
_WILDCARDS = str.maketrans({"*": "%", "?": "_"})


def put(conn: Connection, stock: Sequence[InventoryNumber]) -> None:
    """Take numbers into the inventory, in the place of what it says about them."""
    for start in range(0, len(stock), _CHUNK):
        chunk = stock[start : start + _CHUNK]
        wanted = [one.number for one in chunk]
        conn.execute(delete(inventory).where(inventory.c.number.in_(wanted)))
    fill(conn, stock)


def fill(conn: Connection, stock: Sequence[InventoryNumber]) -> None:
    """Take numbers into an inventory that has none of them."""
    _insert.run(conn, [_plain(one) for one in stock])


def count(conn: Connection) -> int:
    """Return how many numbers the inventory has, rented ones among them."""
    return conn.execute(select(func.count()).select_from(inventory)).scalar_one()


def find(conn: Connection, number: str) -> InventoryNumber | None:
    """Return what the inventory says about a number, whether it is free or not."""
    row = conn.execute(select(*_COLUMNS).where(inventory.c.number == number)).one_or_none()
    return None if row is None else _stock(row)


def search(conn: Connection, wanted: Search, page: Page) -> tuple[list[InventoryNumber], int]:
    """Return one page of the free numbers that fit, by number, and how many there are."""
    where = _where(wanted)
    total = conn.execute(select(func.count()).select_from(inventory).where(*where)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(inventory.c.number)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_stock(row) for row in rows], total


def _where(wanted: Search) -> list[Any]:
    is_free = ~exists().where(numbers.c.number == inventory.c.number)
    where: list[Any] = [inventory.c.country == wanted.country, is_free]
    if wanted.types:
        where.append(inventory.c.number_type.in_([one.value for one in wanted.types]))
    for pattern in wanted.patterns:
        where.append(inventory.c.number.like(pattern.translate(_WILDCARDS)))
    if wanted.region:
        where.append(_names(inventory.c.place_key, wanted.region))
    if wanted.city:
        where.append(_names(inventory.c.city_key, wanted.city))
    where += [inventory.c[f"{service}_enabled"] for service in sorted(wanted.services)]
    if wanted.lata is not None:
        where.append(inventory.c.lata == wanted.lata)
    if wanted.rate_center:
        where.append(inventory.c.rate_center == wanted.rate_center.upper())
    if wanted.local_to:
        centers = select(inventory.c.rate_center).where(
            inventory.c.number.like(f"{wanted.local_to}%"), inventory.c.rate_center != ""
        )
        where.append(inventory.c.rate_center.in_(centers))
    if wanted.unrestricted:
        where.append(inventory.c.restriction == "")
    return where


def _names(column: Any, term: str) -> Any:
    folded = _fold(term)
    if len(folded) < _EXACT_BELOW:
        folded = f"|{folded}|"
    return column.contains(folded, autoescape=True)


@lru_cache(maxsize=4_096)  # places recur
def _fold(text: str) -> str:
    """Leave out what people do not type: case and accents."""
    apart = unicodedata.normalize("NFKD", text.strip().replace("|", " "))
    return "".join(char for char in apart if not unicodedata.combining(char)).casefold()


def _plain(stock: InventoryNumber) -> tuple[Any, ...]:
    values = list(_values(stock))
    values[_TYPE] = stock.number_type.value
    values[_CENTER] = stock.rate_center.upper()
    return (*values, *_keys(stock.region, stock.state, stock.city))


@lru_cache(maxsize=4_096)
def _keys(region: str, state: str, city: str) -> tuple[str, str]:
    places = "|".join(map(_fold, (region, state, city)))
    return f"|{places}|", f"|{_fold(city)}|"


def _stock(row: Row[Any]) -> InventoryNumber:
    values = dict(zip(_FIELDS, row, strict=True))
    values["number_type"] = NumberType(values["number_type"])
    return InventoryNumber(**values)
