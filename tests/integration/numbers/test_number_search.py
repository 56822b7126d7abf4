"""Searching the inventory: each filter, pages, and what is wrong with a query."""

import pytest
from number_desk import Desk, Refused

SF = ["14155550100", "14155550101"]


async def test_the_found_number_has_all_that_plivo_tells(desk: Desk) -> None:
    answer = await desk.call("phone_number.search", country_iso="us", pattern="4155550100")
    assert answer["meta"]["total_count"] == 1
    assert answer["objects"] == [
        {
            "city": "San Francisco",
            "country": "UNITED STATES",
            "fallback_number": "",
            "ha_enabled": False,
            "lata": 722,
            "mms_enabled": True,
            "mms_rate": "0.00000",
            "monthly_rental_rate": "0.31000",
            "number": "14155550100",
            "prefix": "415",
            "prerequisites": [],
            "rate_center": "SNFC CNTRL",
            "region": "California, UNITED STATES",
            "resource_uri": f"/v1/Account/{desk.main}/PhoneNumber/14155550100/",
            "restriction": None,
            "restriction_text": None,
            "setup_rate": "0.00000",
            "sms_enabled": True,
            "sms_rate": "0.00000",
            "sub_type": "local",
            "type": "fixed",
            "voice_enabled": True,
            "voice_rate": "0.00000",
        }
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["12125550103", *SF, "15105550102", "18005550104"]),
        ({"type": "any"}, ["12125550103", *SF, "15105550102", "18005550104"]),
        ({"type": "fixed"}, ["12125550103", *SF, "15105550102"]),
        ({"type": "tollfree"}, ["18005550104"]),
        ({"type": "mobile"}, []),
        ({"type": "mobile", "country_iso": "GB"}, ["447700900000"]),
        ({"type": "national", "country_iso": "GB"}, ["443069990000"]),
        ({"type": "fixed", "country_iso": "GB"}, ["443069990000"]),
        ({"pattern": "415"}, SF),
        ({"pattern": "^415"}, SF),
        ({"pattern": "*0101"}, ["14155550101"]),
        ({"pattern": "415*1$"}, ["14155550101"]),
        ({"pattern": "415555010?$"}, SF),
        ({"pattern": "415$"}, []),
        ({"pattern": "555"}, []),
        ({"region": "California"}, [*SF, "15105550102"]),
        ({"region": "CA"}, [*SF, "15105550102"]),
        ({"region": "calif"}, [*SF, "15105550102"]),
        ({"region": "oakland"}, ["15105550102"]),
        ({"region": "an"}, []),
        ({"region": "100%"}, []),
        ({"region": "ile-de-france", "country_iso": "FR"}, ["33199000000"]),
        ({"city": "San Fran"}, SF),
        ({"city": "California"}, []),
        ({"services": "sms"}, [*SF, "15105550102", "18005550104"]),
        ({"services": "voice,sms", "type": "tollfree"}, ["18005550104"]),
        ({"services": ["sms", "mms"]}, ["14155550100"]),
        ({"lata": "722"}, [*SF, "15105550102"]),
        ({"lata": "1"}, []),
        ({"rate_center": "snfc cntrl"}, [*SF, "15105550102"]),
        ({"npanxx": "415555"}, SF),
        ({"npanxx": "415555", "local_calling_area": "true"}, [*SF, "15105550102"]),
        ({"npanxx": "415555", "pattern": "510"}, []),
        ({"country_iso": "IN"}, ["912215550000"]),
        ({"country_iso": "IN", "eligible": "true"}, []),
        ({"country_iso": "NZ"}, []),
    ],
)
async def test_every_filter_fits(
    desk: Desk, query: dict[str, str | list[str]], expected: list[str]
) -> None:
    assert await desk.found(**query) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country_iso", "USA"),
        ("country_iso", "ZZ"),
        ("type", "satellite"),
        ("pattern", "41'5"),
        ("services", "fax"),
        ("lata", "x"),
        ("npanxx", "415"),
        ("local_calling_area", "true"),
        ("local_calling_area", "perhaps"),
        ("eligible", "2"),
        ("limit", "21"),
        ("limit", "0"),
        ("offset", "-1"),
        ("region", "x" * 101),
    ],
)
async def test_a_bad_filter_is_named(desk: Desk, field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        await desk.call("phone_number.search", **{"country_iso": "US", field: value})
    assert (refused.value.status, refused.value.field) == (400, field)


async def test_a_country_must_be_named(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await desk.call("phone_number.search", type="local")
    assert (refused.value.status, refused.value.field) == (400, "country_iso")


async def test_pages_keep_their_filters(desk: Desk) -> None:
    query = {"country_iso": "US", "services": "sms", "region": "California"}
    seen: list[str] = []
    for offset in range(3):
        answer = await desk.call("phone_number.search", **query, limit=1, offset=offset)
        seen += [one["number"] for one in answer["objects"]]
        assert answer["meta"]["total_count"] == 3
        if offset < 2:
            assert answer["meta"]["next"].endswith(
                f"?limit=1&offset={offset + 1}&country_iso=US&region=California&services=sms"
            )
    assert seen == [*SF, "15105550102"]
    assert answer["meta"]["next"] is None
