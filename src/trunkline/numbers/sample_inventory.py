"""An inventory for a first start: numbers that nobody has.

All are kept for fiction and tests: in North America 555-0100 to 555-0199 of each area code
(NANPA), in Britain Ofcom's numbers for drama, in Australia ACMA's, in France ARCEP's, in Germany
those of the Bundesnetzagentur, in Ireland ComReg's, in Sweden those of PTS. In India it
is subscriber numbers that begin with 1, which nobody gets (National Numbering Plan 2003).
"""

import csv
from collections.abc import Iterator
from importlib.resources import files

from trunkline.numbers.model import InventoryNumber, NumberType


def sample_inventory() -> Iterator[InventoryNumber]:
    """Yield a few thousand numbers, always the same."""
    name = "sample_inventory.csv"
    text = files("trunkline.numbers").joinpath(name).read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    for row in csv.DictReader(lines):
        first = int(row["first"])
        services = row["services"].split("+")
        for number in range(first, first + int(row["count"])):
            yield InventoryNumber(
                number=str(number),
                country=row["country"],
                number_type=NumberType(row["type"]),
                sms_enabled="sms" in services,
                mms_enabled="mms" in services,
                voice_enabled="voice" in services,
                region=row["region"],
                state=row["state"],
                city=row["city"],
                lata=int(row["lata"]) if row["lata"] else None,
                rate_center=row["rate_center"],
            )
