"""Reads a list of prices from CSV; docs/prices.md explains the columns.

`country,direction,product,price` must be there, `variant,prefixes,origins` may follow. Lines that
begin with `#` are comments.
"""

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from trunkline.billing.errors import PriceFileInvalid
from trunkline.billing.model import (
    ANY_COUNTRY,
    CAPABILITIES,
    FEES,
    NUMBERS,
    SENDERS,
    VOICE_ENDS,
    WHATSAPP_CATEGORIES,
    Direction,
    Price,
    Product,
)
from trunkline.values.money import parse_amount

_NEEDED = ("country", "direction", "product", "price")
_OPTIONAL = ("variant", "prefixes", "origins")
_MAX_PRICE = 1_000 * 100_000  # 1,000 dollars: more is a slip of the comma
_MAX_VARIANT = 64
_MAX_PREFIX = 15  # E.164

Cells = Mapping[str, str]


class _Wrong(ValueError):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


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
    prices: dict[object, Price] = {}
    last = 0
    for line, cells in _rows(text, source):
        try:
            price = _price(cells)
        except _Wrong as wrong:
            raise PriceFileInvalid(source, line, wrong.column, str(wrong)) from wrong
        if price.key in prices:
            raise PriceFileInvalid(source, line, "", "this price is in the file twice")
        prices[price.key] = price
        last = line
    for direction in Direction:
        for product in (Product.SMS, Product.MMS):
            if Price(ANY_COUNTRY, direction, product, 0).key not in prices:
                missing = f"there is no line {ANY_COUNTRY},{direction.value},{product.value}"
                raise PriceFileInvalid(
                    source, last, "country", f"{missing} for all other countries"
                )
    return list(prices.values())


def _rows(text: str, source: str) -> Iterator[tuple[int, Cells]]:
    header: list[str] | None = None
    for line, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([raw], strict=True))]
        except csv.Error as error:
            raise PriceFileInvalid(source, line, "", str(error)) from error
        if header is None:
            if not _is_header(cells):
                expected = f"expected {','.join(_NEEDED)}, and if wanted {','.join(_OPTIONAL)}"
                raise PriceFileInvalid(source, line, "", expected)
            header = cells
            continue
        if len(cells) != len(header):
            raise PriceFileInvalid(source, line, "", f"expected {len(header)} columns")
        yield line, dict(zip(header, cells, strict=True))


def _is_header(cells: list[str]) -> bool:
    given = set(cells)
    return len(given) == len(cells) and set(_NEEDED) <= given <= {*_NEEDED, *_OPTIONAL}


def _price(cells: Cells) -> Price:
    product = _product(cells["product"])
    prefixes = _prefixes("prefixes", cells.get("prefixes", ""), product)
    return Price(
        _country(cells["country"]),
        _direction(cells["direction"], product),
        product,
        _amount(cells["price"]),
        _variant(cells.get("variant", ""), product, prefixes),
        prefixes,
        _origins(cells.get("origins", ""), product),
    )


def _country(text: str) -> str:
    if text == ANY_COUNTRY or (
        len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()
    ):
        return text
    raise _Wrong("country", f"{text!r} is neither two capital letters nor {ANY_COUNTRY}")


def _product(text: str) -> Product:
    try:
        return Product(text)
    except ValueError:
        names = ", ".join(Product)
        raise _Wrong("product", f"{text!r} is none of {names}") from None


def _direction(text: str, product: Product) -> Direction | None:
    if product in NUMBERS:
        if text:
            raise _Wrong("direction", f"{product.value} has none: leave it empty")
        return None
    try:
        return Direction(text)
    except ValueError:
        raise _Wrong("direction", f"{text!r} is neither inbound nor outbound") from None


def _amount(text: str) -> int:
    try:
        price = parse_amount(text)
    except ValueError as error:
        raise _Wrong("price", str(error)) from error
    if not 0 <= price <= _MAX_PRICE:
        raise _Wrong("price", f"{text} is not between 0 and 1000")
    return price


def _variant(text: str, product: Product, prefixes: str) -> str:
    if product in NUMBERS:
        return _capabilities(text)
    if product is Product.WHATSAPP and text and text not in WHATSAPP_CATEGORIES:
        raise _Wrong("variant", f"{text!r} is none of {', '.join(WHATSAPP_CATEGORIES)}")
    if product is Product.VOICE and text and not prefixes and text not in VOICE_ENDS:
        raise _Wrong("variant", f"{text!r} is none of {', '.join(VOICE_ENDS)}")
    if len(text) > _MAX_VARIANT:
        raise _Wrong("variant", f"is longer than {_MAX_VARIANT} characters")
    return text


def _capabilities(text: str) -> str:
    given = text.split("+")
    if not text or len(set(given)) < len(given) or not set(given) <= set(CAPABILITIES):
        raise _Wrong("variant", f"{text!r} is not made of {', '.join(CAPABILITIES)} joined with +")
    return "+".join(one for one in CAPABILITIES if one in given)


def _prefixes(column: str, text: str, product: Product) -> str:
    given = text.split()
    if given and product is not Product.VOICE:
        raise _Wrong(column, "is for voice alone")
    for one in given:
        if not (one.isascii() and one.isdigit() and len(one) <= _MAX_PREFIX):
            raise _Wrong(column, f"{one!r} is not the beginning of a number")
    return " ".join(sorted(set(given)))


def _origins(text: str, product: Product) -> str:
    if product not in FEES:
        return _prefixes("origins", text, product)
    if text and text not in SENDERS:
        raise _Wrong("origins", f"{text!r} is none of {', '.join(SENDERS)}")
    return text
