"""Reads numbers that can be rented from CSV.

The first line names the columns, in any order: `number`, `type` and `services` must be there;
`country`, `region`, `state`, `city`, `lata`, `rate_center`, `setup_rate`, `monthly_rate`,
`voice_rate` and `restriction` may be. Lines that begin with `#` are comments.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from trunkline.numbers.errors import InventoryFileInvalid
from trunkline.numbers.model import InventoryNumber, NumberType
from trunkline.values.countries import is_country
from trunkline.values.money import parse_amount
from trunkline.values.phone import country_of, parse_phone_number

T = TypeVar("T")

REQUIRED = ("number", "type", "services")
OPTIONAL = (
    "country",
    "region",
    "state",
    "city",
    "lata",
    "rate_center",
    "setup_rate",
    "monthly_rate",
    "voice_rate",
    "restriction",
)
SERVICES = frozenset({"sms", "mms", "voice"})
_TYPES = {"fixed": NumberType.LOCAL, **{one.value: one for one in NumberType}}
_MOST_TEXT = 100
_MOST_LATA = 99_999
_MOST_DOLLARS = 10_000  # a month: more is a slip of the comma
_SEPARATORS = re.compile(r"[\s,;+]+")


def read_inventory(path: Path) -> list[InventoryNumber]:
    """Read a file of numbers.

    Raises:
        InventoryFileInvalid: a line is wrong or a number is there twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryFileInvalid(path.name, 1, "", f"cannot be read: {error}") from error
    return parse_inventory(text, path.name)


def parse_inventory(text: str, source: str) -> list[InventoryNumber]:
    """Read numbers from the text of a file that is called `source`.

    Raises:
        InventoryFileInvalid: as `read_inventory`.
    """
    found: dict[str, InventoryNumber] = {}
    for line, row in _rows(text, source):
        one = _Line(source, line, row).number()
        if one.number in found:
            raise InventoryFileInvalid(source, line, "number", "it is in the file twice")
        found[one.number] = one
    return list(found.values())


def _rows(text: str, source: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    header: list[str] | None = None
    for line, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([raw], strict=True))]
        except csv.Error as error:
            raise InventoryFileInvalid(source, line, "", str(error)) from error
        if header is None:
            header = _header(cells, source, line)
        elif len(cells) != len(header):
            why = f"expected {len(header)} columns, found {len(cells)}"
            raise InventoryFileInvalid(source, line, "", why)
        else:
            yield line, dict(zip(header, cells, strict=True))
    if header is None:
        raise InventoryFileInvalid(source, 1, "", f"expected {','.join(REQUIRED)}")


def _header(cells: list[str], source: str, line: int) -> list[str]:
    names = [cell.lower() for cell in cells]
    for name in names:
        if name not in (*REQUIRED, *OPTIONAL):
            known = ", ".join((*REQUIRED, *OPTIONAL))
            raise InventoryFileInvalid(source, line, name, f"is none of {known}")
        if names.count(name) > 1:
            raise InventoryFileInvalid(source, line, name, "is there twice")
    for name in REQUIRED:
        if name not in names:
            raise InventoryFileInvalid(source, line, name, "is missing")
    return names


class _Line:
    """One line of the file."""

    def __init__(self, source: str, line: int, row: Mapping[str, str]) -> None:
        self._source = source
        self._line = line
        self._row = row

    def number(self) -> InventoryNumber:
        services = self._cell("services", _services)
        number = str(self._cell("number", _number))
        return InventoryNumber(
            number=number,
            country=self._country(number),
            number_type=self._cell("type", _type),
            sms_enabled="sms" in services,
            mms_enabled="mms" in services,
            voice_enabled="voice" in services,
            region=self._cell("region", _short),
            state=self._cell("state", _short),
            city=self._cell("city", _short),
            lata=self._cell("lata", _lata),
            rate_center=self._cell("rate_center", _short),
            setup_price=self._cell("setup_rate", _price),
            monthly_price=self._cell("monthly_rate", _price),
            voice_price=self._cell("voice_rate", _price) or 0,
            restriction=self._cell("restriction", _short),
        )

    def _cell(self, column: str, read: Callable[[str], T]) -> T:
        try:
            return read(self._row.get(column, ""))
        except ValueError as error:
            raise InventoryFileInvalid(self._source, self._line, column, str(error)) from None

    def _country(self, number: str) -> str:
        def read(text: str) -> str:
            code = text.upper() or country_of(number)
            if not code:
                raise ValueError(f"{number} belongs to no country: name one")
            if not is_country(code):
                raise ValueError(f"{text!r} is not the code of a country")
            return code

        return self._cell("country", read)


def _number(text: str) -> str:
    digits = parse_phone_number(text)
    if digits is None:
        raise ValueError(f"{text[:30]!r} is not a phone number with country code")
    return digits


def _type(text: str) -> NumberType:
    found = _TYPES.get(text.lower())
    if found is None:
        raise ValueError(f"{text[:30]!r} is none of {', '.join(_TYPES)}")
    return found


def _services(text: str) -> frozenset[str]:
    found = frozenset(part for part in _SEPARATORS.split(text.lower()) if part)
    if not found or found - SERVICES:
        raise ValueError(f"{text[:30]!r} is not sms, mms, voice or several with + between")
    return found


def _short(text: str) -> str:
    if len(text) > _MOST_TEXT:
        raise ValueError(f"has more than {_MOST_TEXT} characters")
    if not text.isprintable():
        raise ValueError("has control characters")
    return text


def _lata(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text[:9]) > _MOST_LATA:
        raise ValueError(f"{text[:30]!r} is not the number of a LATA")
    return int(text)


def _price(text: str) -> int | None:
    if not text:
        return None
    price = parse_amount(text)
    if not 0 <= price <= _MOST_DOLLARS * 100_000:
        raise ValueError(f"{text} is not between 0 and {_MOST_DOLLARS}")
    return price
