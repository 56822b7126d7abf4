from pathlib import Path

import pytest

from trunkline.billing.errors import PriceFileInvalid
from trunkline.billing.model import Direction, Price, Product
from trunkline.billing.pricelist import parse_prices, read_prices, sample_prices

HEADER = "country,direction,product,price\n"
DEFAULTS = "*,outbound,sms,0.1\n*,inbound,sms,0\n*,outbound,mms,0.2\n*,inbound,mms,0\n"


def test_a_list_is_read_to_the_last_decimal() -> None:
    found = parse_prices(f"# ours\n\n{HEADER}US, outbound ,sms,0.00551\n{DEFAULTS}", "p.csv")
    assert found[0] == Price("US", Direction.OUTBOUND, Product.SMS, 551)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        ("us,outbound,sms,0.1", "country", "two capital letters"),
        ("USA,outbound,sms,0.1", "country", "two capital letters"),
        ("ÜS,outbound,sms,0.1", "country", "two capital letters"),
        (",outbound,sms,0.1", "country", "two capital letters"),
        ("US,out,sms,0.1", "direction", "neither inbound nor outbound"),
        ("US,outbound,fax,0.1", "product", "none of sms, mms"),
        ("US,outbound,sms,0.000001", "price", "more than 5"),
        ("US,outbound,sms,-0.1", "price", "not between"),
        ("US,outbound,sms,1000.1", "price", "not between"),
        ("US,outbound,sms,NaN", "price", "amount"),
        ("US,outbound,sms,", "price", "amount"),
        ("US,outbound,sms,0,1", "", "4 columns"),
        ("US,outbound,sms", "", "4 columns"),
        ('US,outbound,"sms,0.1', "", ""),
        ("*,outbound,sms,0.1", "", "twice"),
    ],
)
def test_a_wrong_line_is_named(line: str, column: str, why: str) -> None:
    with pytest.raises(PriceFileInvalid) as caught:
        parse_prices(HEADER + DEFAULTS + line + "\n", "p.csv")
    assert caught.value.line == 6
    assert caught.value.column == column
    assert str(caught.value).startswith("p.csv line 6")
    assert why in caught.value.why


def test_a_list_needs_its_header_and_a_default_of_each_kind() -> None:
    with pytest.raises(PriceFileInvalid, match="line 1: expected country,direction"):
        parse_prices("US,outbound,sms,0.1\n", "p.csv")
    with pytest.raises(PriceFileInvalid, match=r"no line \*,inbound,mms"):
        parse_prices(HEADER + DEFAULTS.replace("*,inbound,mms,0\n", ""), "p.csv")
    with pytest.raises(PriceFileInvalid, match="no line"):
        parse_prices("", "p.csv")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceFileInvalid, match="cannot be read"):
        read_prices(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PriceFileInvalid, match="cannot be read"):
        read_prices(path)
    path.write_text("\ufeff" + HEADER + DEFAULTS)  # as spreadsheets save it
    assert len(read_prices(path)) == 4


def test_the_sample_list_is_sound() -> None:
    found = {one.key: one.price for one in sample_prices()}
    assert found["US", Direction.OUTBOUND, Product.SMS, "", "", ""] == 550
    assert found["GB", Direction.OUTBOUND, Product.SMS, "", "", ""] == 4200
    countries = {key[0] for key in found}
    assert len(countries) > 60
    # Each has a price for everything that can be bought there.
    for country in countries - {"*"}:
        products = {key[2] for key in found if key[0] == country}
        assert {Product.SMS, Product.VOICE, Product.LOCAL_MONTHLY, Product.WHATSAPP} <= products


FULL = "country,direction,product,price,variant,prefixes,origins\n"
FULL_DEFAULTS = "".join(f"{line},,,\n" for line in DEFAULTS.splitlines())


def test_the_longer_header_may_have_its_columns_in_any_order() -> None:
    text = "product,price,country,direction,variant\n" + "".join(
        f"{product},{price},{country},{direction},\n"
        for country, direction, product, price in (
            line.split(",") for line in DEFAULTS.splitlines()
        )
    )
    found = parse_prices(text + "sms,0.04,GB,outbound,O2\n", "p.csv")
    assert found[-1] == Price("GB", Direction.OUTBOUND, Product.SMS, 4_000, "O2")


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        ("US,outbound,local_monthly,1,voice,,", "direction", "has none"),
        ("US,,local_monthly,1,,,", "variant", "voice, sms, mms"),
        ("US,,local_monthly,1,voice+voice,,", "variant", "voice, sms, mms"),
        ("US,,local_monthly,1,fax,,", "variant", "voice, sms, mms"),
        ("US,outbound,whatsapp,1,gossip,,", "variant", "none of marketing"),
        ("US,outbound,voice,1,moon,,", "variant", "none of local"),
        ("US,outbound,voice,1,Mobile,44a,", "prefixes", "beginning of a number"),
        ("US,outbound,voice,1,Mobile,44,+1", "origins", "beginning of a number"),
        ("US,outbound,sms,1,,44,", "prefixes", "for voice alone"),
        ("US,outbound,sms_fee,1,,,pigeon", "origins", "none of registered"),
        ("US,outbound,sms,1," + "x" * 65 + ",,", "variant", "longer than 64"),
        ("US,,sms,1,,,", "direction", "neither inbound nor outbound"),
        ("US,outbound,voice,1,Mobile,44 33,\nUS,outbound,voice,1,Mobile,33 44,", "", "twice"),
    ],
)
def test_a_wrong_line_of_the_longer_list_is_named(line: str, column: str, why: str) -> None:
    with pytest.raises(PriceFileInvalid) as caught:
        parse_prices(FULL + FULL_DEFAULTS + line + "\n", "p.csv")
    assert caught.value.column == column
    assert why in caught.value.why
