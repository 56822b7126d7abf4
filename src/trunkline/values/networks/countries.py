"""Countries by their ISO 3166 alpha-2 code: name, calling code, mobile country codes."""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

EVERYWHERE = "*"


class Country(NamedTuple):
    """`mccs` has the usual mobile country code first; empty where none is known."""

    iso2: str
    name: str
    calling_code: int
    mccs: tuple[str, ...]

    @property
    def mcc(self) -> str:
        """The usual mobile country code, or ""."""
        return self.mccs[0] if self.mccs else ""


def country(iso2: str) -> Country | None:
    """Return a country by its two capital letters, None if there is no such country."""
    return _countries().get(iso2)


@cache
def _countries() -> dict[str, Country]:
    calling = {  # asked region by region, the library would load the metadata of each
        iso2: code for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() for iso2 in regions
    }
    return {
        iso2: Country(iso2, name, calling.get(iso2, 0), tuple(codes.split()))
        for iso2, name, codes in rows_of("countries.csv")
    }


def rows_of(name: str) -> list[list[str]]:
    """Return the rows of a table of this package, without comments and header."""
    text = files("trunkline.values.networks").joinpath(name).read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return list(csv.reader(lines))[1:]


def parse_countries(text: str) -> frozenset[str]:
    """Read `*`, or codes with commas or blanks between; nothing at all is no country.

    Raises:
        ValueError: one of them is no country's.
    """
    codes = frozenset(text.replace(",", " ").upper().split())
    for code in sorted(codes):
        if code != EVERYWHERE and country(code) is None:
            raise ValueError(f"{code!r} is neither a country's two letters nor {EVERYWHERE}")
    return frozenset({EVERYWHERE}) if EVERYWHERE in codes else codes
