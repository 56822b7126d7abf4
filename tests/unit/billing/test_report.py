"""Summaries and statements as tables."""

import pytest

from trunkline.billing import report
from trunkline.billing.store.statements import Entry
from trunkline.billing.store.usage import Used

NOW = 1_767_225_600.0 + 3_600  # 2026-01-01T01:00Z
DAY = 20_454


def test_a_period_is_days_both_included() -> None:
    assert report.parse_period(None, None, NOW) == (DAY - 29, DAY)
    assert report.parse_period("2025-12-31", "2026-01-01", NOW) == (DAY - 1, DAY)
    assert report.parse_period("", "2026-01-31", NOW) == (DAY + 1, DAY + 30)
    assert report.day_text(DAY) == "2026-01-01"


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-02-30", None, "from must be a day"),
        (None, "yesterday", "to must be a day"),
        ("2026-01-02", "2026-01-01", "to must not be before from"),
        ("2026-01-02\0", None, "from must be a day"),
    ],
)
def test_a_wrong_period_is_refused(first: str | None, last: str | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        report.parse_period(first, last, NOW)


def test_groups_come_in_one_order() -> None:
    assert report.parse_groups("product, day") == ["day", "product"]
    assert report.parse_groups("") == []
    with pytest.raises(ValueError, match="not colour"):
        report.parse_groups("day,colour")


def test_a_summary_is_a_table() -> None:
    used = [Used(DAY, "", "", "sms", "", 3, 4, 2_550, 900)]
    table = report.usage_table(used, ["day", "product"])
    assert report.as_csv(table) == (
        "day,product,count,units,amount,fees\r\n2026-01-01,sms,3,4,0.02550,0.00900\r\n"
    )
    (line,) = report.as_objects(table)
    assert line["count"] == 3
    assert line["amount"] == "0.02550"


def test_a_statement_is_a_table() -> None:
    entry = Entry(NOW, "MA1", "SA1", "message", "uuid", -850, 300)
    (line,) = report.as_objects(report.ledger_table([entry]))
    assert line == {
        "time": "2026-01-01 01:00:00.000000+00:00",
        "account": "MA1",
        "used_by": "SA1",
        "kind": "message",
        "resource": "uuid",
        "amount": "-0.00850",
        "fees": "0.00300",
    }
