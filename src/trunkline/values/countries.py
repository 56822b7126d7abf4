"""English names of countries by their ISO 3166 alpha-2 code."""

import csv
from importlib.resources import files


def _read() -> dict[str, str]:
    text = files("trunkline.values").joinpath("countries.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(csv.reader(lines))


_NAMES = _read()


def country_name(code: str) -> str:
    """Return the name of a country ("United States"); its code if it has none."""
    return _NAMES.get(code, code)


def is_country(code: str) -> bool:
    """Tell whether `code` is the ISO 3166 code of a country, in capital letters."""
    return code in _NAMES
