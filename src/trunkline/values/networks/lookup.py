"""Which network a number was given to, in memory, in about a microsecond.

The prefix says to whom the number was first given; where numbers are ported (or, as in North
America, prefixes do not tell) the network of today is the operator's to supply: see `Networks`.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from trunkline.values.errors import TrunklineError
from trunkline.values.networks.countries import country, rows_of

_HEADER = ["prefix", "network", "mcc", "mnc"]
_MAX_PREFIX = 15
_MAX_NAME = 64


class Network(NamedTuple):
    """A mobile network; what is not known is ""."""

    mcc: str = ""
    mnc: str = ""
    name: str = ""

    @property
    def text(self) -> str:
        """As it is stored: `mcc/mnc/name`, "" when nothing is known."""
        return f"{self.mcc}/{self.mnc}/{self.name}" if self.mcc or self.name else ""


UNKNOWN = Network()


class NetworkFileInvalid(TrunklineError):
    """A file of networks cannot be used."""


def parse_network(text: str) -> Network:
    """Read what `Network.text` wrote."""
    return Network(*text.split("/", 2)) if text else UNKNOWN


class Networks:
    """Synchronous answers about numbers; `own` is the operator's table, which comes first."""

    def __init__(self, own: Mapping[str, Network] | None = None) -> None:
        self._own = dict(own or {})
        self._longest = max(map(len, self._own), default=0)
        self._names: Mapping[str, Mapping[str, str]] = {}
        self._longest_name = 0
        self._known: dict[tuple[str, str], Network] = {}

    def warm(self) -> None:
        """Read the tables now, which takes 0.3 s, instead of for the first number."""
        self._names, self._longest_name = _carrier_data()
        _network("US", "")

    def of(self, number: str, iso2: str) -> Network:
        """Return the network of a number of that country."""
        if not self._names:
            self.warm()
        for length in range(min(self._longest, len(number)), 0, -1):
            found = self._own.get(number[:length])
            if found is not None:
                return found
        name = ""
        for length in range(min(self._longest_name, len(number)), 0, -1):
            names = self._names.get(number[:length])
            if names is not None and (name := names.get("en", "")):
                break
        key = (iso2, name)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _network(iso2, name)
        return found


def read_networks(path: Path) -> dict[str, Network]:
    """Read an operator's table: CSV with the columns `prefix,network,mcc,mnc`.

    Raises:
        NetworkFileInvalid: names the line at fault.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkFileInvalid(f"{path.name} cannot be read: {error}") from error
    found: dict[str, Network] = {}
    header = False
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        if not header:
            if cells != _HEADER:
                raise NetworkFileInvalid(f"{path.name} line {number}: expected {','.join(_HEADER)}")
            header = True
            continue
        why = _wrong(cells)
        if why:
            raise NetworkFileInvalid(f"{path.name} line {number}: {why}")
        prefix, name, mcc, mnc = cells
        found[prefix] = Network(mcc, mnc, name)
    return found


def _wrong(cells: list[str]) -> str:
    if len(cells) != len(_HEADER):
        return f"expected {len(_HEADER)} columns"
    prefix, name, mcc, mnc = cells
    if not _digits(prefix, 1, _MAX_PREFIX):
        return f"prefix {prefix!r} is not the beginning of a number"
    if len(name) > _MAX_NAME or "\0" in name:
        return f"network is longer than {_MAX_NAME} characters"
    if mcc and not _digits(mcc, 3, 3):
        return f"mcc {mcc!r} is not three digits"
    if mnc and not _digits(mnc, 2, 3):
        return f"mnc {mnc!r} is not two or three digits"
    return ""


def _digits(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and least <= len(text) <= most


def _carrier_data() -> tuple[Mapping[str, Mapping[str, str]], int]:
    from phonenumbers.carrierdata import (  # noqa: PLC0415 - 30,000 entries: only who asks pays
        CARRIER_DATA,
        CARRIER_LONGEST_PREFIX,
    )

    return CARRIER_DATA, CARRIER_LONGEST_PREFIX


@cache
def _codes() -> dict[tuple[str, str], tuple[str, str]]:
    return {(iso2, name): (mcc, mnc) for iso2, name, mcc, mnc in rows_of("codes.csv")}


def _network(iso2: str, name: str) -> Network:
    mcc, mnc = _codes().get((iso2, name), ("", ""))
    if not mcc:
        known = country(iso2)
        mcc = known.mcc if known is not None else ""
    return Network(mcc, mnc, name)
