"""Which country and state or province a North American number belongs to, by its area code.

Facts: the geographic area codes of the United States and Canada as the geocoding data of
libphonenumber 9 (Apache-2.0) has them, and 203, 310, 713, 718 and 905 from NANPA's list. Provinces
that share an area code are one region.
"""

import csv
from functools import cache
from importlib.resources import files


def region_of(area: str) -> str:
    """Return country and region of an area code, such as "US-CA"; "" if it is not geographic."""
    return _regions().get(area, "")


@cache
def _regions() -> dict[str, str]:
    text = files("trunkline.messaging.pools").joinpath("areas.csv").read_text(encoding="utf-8")
    return {
        row["area_code"]: f"{row['country']}-{row['region']}"
        for row in csv.DictReader(text.splitlines())
    }
