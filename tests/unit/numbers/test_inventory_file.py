import pytest

from trunkline.numbers.errors import InventoryFileInvalid
from trunkline.numbers.inventory_file import parse_inventory
from trunkline.numbers.model import InventoryNumber, NumberType
from trunkline.numbers.sample_inventory import sample_inventory
from trunkline.values.phone import country_of, parse_phone_number

HEADER = "number,type,services,country,lata,monthly_rate\n"


def test_columns_come_in_any_order_and_may_be_left_out() -> None:
    text = (
        "# the first batch\nServices,City,Number,TYPE,setup_rate\n"
        '"sms, voice",Köln,+49 221 471 0000,fixed,1.5\n\nmms+sms,,14155550100,local,\n'
    )
    assert parse_inventory(text, "x") == [
        InventoryNumber(
            number="492214710000",
            country="DE",
            number_type=NumberType.LOCAL,
            sms_enabled=True,
            mms_enabled=False,
            voice_enabled=True,
            city="Köln",
            setup_price=150_000,
        ),
        InventoryNumber(
            number="14155550100",
            country="US",
            number_type=NumberType.LOCAL,
            sms_enabled=True,
            mms_enabled=True,
            voice_enabled=False,
        ),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, ""),
        ("number,type\n", 1, "services"),
        ("number,type,services,colour\n", 1, "colour"),
        ("number,type,services,type\n", 1, "type"),
        (HEADER + "14155550100,local,sms\n", 2, ""),
        (HEADER + '14155550100,local,"sms,,,\n', 2, ""),
        (HEADER + "x,local,sms,,,\n", 2, "number"),
        (HEADER + "14155550100,toll-free,sms,,,\n", 2, "type"),
        (HEADER + "14155550100,local,fax,,,\n", 2, "services"),
        (HEADER + "14155550100,local,,,,\n", 2, "services"),
        (HEADER + "14155550100,local,sms,ZZ,,\n", 2, "country"),
        (HEADER + "#\n14155550100,local,sms,,x,\n", 3, "lata"),
        (HEADER + "14155550100,local,sms,,,0.000001\n", 2, "monthly_rate"),
        (HEADER + "14155550100,local,sms,,,-1\n", 2, "monthly_rate"),
        (HEADER + "14155550100,local,sms,,,1e9\n", 2, "monthly_rate"),
        (HEADER + "14155550100,local,sms,,,\n14155550100,local,sms,,,\n", 3, "number"),
    ],
)
def test_the_line_and_the_column_at_fault_are_named(text: str, line: int, column: str) -> None:
    with pytest.raises(InventoryFileInvalid) as error:
        parse_inventory(text, "stock.csv")
    assert (error.value.line, error.value.column) == (line, column)
    assert str(error.value).startswith(f"stock.csv line {line}")


def test_the_sample_has_thousands_of_numbers_in_twelve_countries() -> None:
    sample = list(sample_inventory())
    assert sample == list(sample_inventory())
    assert len({one.number for one in sample}) == len(sample) > 3_000
    assert len({one.country for one in sample}) >= 12
    assert {one.number_type for one in sample} >= {
        NumberType.LOCAL,
        NumberType.MOBILE,
        NumberType.NATIONAL,
        NumberType.TOLLFREE,
    }
    for one in sample:
        assert parse_phone_number(one.number) == one.number
        assert country_of(one.number) == one.country
        assert one.sms_enabled or one.voice_enabled
