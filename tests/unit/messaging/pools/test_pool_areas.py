import csv
from importlib.resources import files

import pytest

from trunkline.messaging.pools.areas import region_of
from trunkline.values.phone import country_of


@pytest.mark.parametrize(
    ("area", "region"),
    [
        ("415", "US-CA"), ("212", "US-NY"), ("203", "US-CT"), ("310", "US-CA"), ("713", "US-TX"),
        ("416", "CA-ON"), ("905", "CA-ON"), ("604", "CA-BC"), ("902", "CA-NS"), ("202", "US-DC"),
        ("800", ""), ("500", ""), ("999", ""), ("", ""),
    ],
)  # fmt: skip
def test_regions(area: str, region: str) -> None:
    assert region_of(area) == region


def test_the_table_is_whole() -> None:
    text = files("trunkline.messaging.pools").joinpath("areas.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    areas = [row["area_code"] for row in rows]
    assert areas == sorted(set(areas))
    assert len(areas) > 400
    for row in rows:
        assert country_of(f"1{row['area_code']}5550100") == row["country"], row
        assert len(row["region"]) == 2
    assert len({row["region"] for row in rows if row["country"] == "US"}) == 51
