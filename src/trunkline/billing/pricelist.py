"""Reads a list of prices from CSV.

Columns `country,direction,product,price`; `country` is two capital letters or `*` for all others,
`price` US dollars with up to five decimals. Lines that begin with `#` are comments.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from trunkline.billing.errors import PriceFileInvalid
from trunkline.billing.model import ANY_COUNTRY, Direction, Price, Product
from trunkline.values.money import parse_amount

_HEADER = ["country", "direction", "product", "price"]
_MAX_PRICE = 1_000 * 100_000  # 1,000 dollars a part: more is a slip of the comma


def read_prices(path: Path) -> list[Price]:
    """Read a price file.

    Raises:
        PriceFileInvalid: a line is wrong, a price is there twice or a `*` price is missing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PriceFileInvalid(path.name, 1, "", f"cannot be read: {error}") from error
    return parse_prices(text, path.name)


def sample_prices() -> list[Price]:
    """Return the prices that a new installation starts with: invented round figures."""
    name = "sample_prices.csv"
    return parse_prices(files("trunkline.billing").joinpath(name).read_text("utf-8"), name)


def parse_prices(text: str, source: str) -> list[Price]:
    """Read prices from the text of a file that is called `source`.

    Raises:
        PriceFileInvalid: as `read_prices`.
    """
    prices: dict[tuple[str, Direction, Product], Price] = {}
    last = 0
    for line, cells in _rows(text, source):
        price = _price(cells, source, line)
        key = (price.country, price.direction, price.product)
        if key in prices:
            raise PriceFileInvalid(source, line, "", "this price is in the file twice")
        prices[key] = price
        last = line
    for direction in Direction:
        for product in Product:
            if (ANY_COUNTRY, direction, product) not in prices:
                missing = f"there is no line {ANY_COUNTRY},{direction.value},{product.value}"
                raise PriceFileInvalid(
                    source, last, "country", f"{missing} for all other countries"
                )
    return list(prices.values())


def _rows(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    header = True
    for line, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([raw], strict=True))]
        except csv.Error as error:
            raise PriceFileInvalid(source, line, "", str(error)) from error
        if header:
            if cells != _HEADER:
                raise PriceFileInvalid(source, line, "", f"expected {','.join(_HEADER)}")
            header = False
            continue
        if len(cells) != len(_HEADER):
            raise PriceFileInvalid(source, line, "", f"expected {len(_HEADER)} columns")
        yield line, cells


def _price(cells: list[str], source: str, line: int) -> Price:
    country, direction, product, amount = cells
    if country != ANY_COUNTRY and not _is_country(country):
        why = f"{country!r} is neither two capital letters nor {ANY_COUNTRY}"
        raise PriceFileInvalid(source, line, "country", why)
    if direction not in set(Direction):
        why = f"{direction!r} is neither inbound nor outbound"
        raise PriceFileInvalid(source, line, "direction", why)
    if product not in set(Product):
        raise PriceFileInvalid(source, line, "product", f"{product!r} is neither sms nor mms")
    try:
        price = parse_amount(amount)
    except ValueError as error:
        raise PriceFileInvalid(source, line, "price", str(error)) from error
    if not 0 <= price <= _MAX_PRICE:
        raise PriceFileInvalid(source, line, "price", f"{amount} is not between 0 and 1000")
    return Price(country, Direction(direction), Product(product), price)


def _is_country(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()
