import re

from trunkline.numbers.samples import sample_numbers
from trunkline.values.phone import country_of, parse_phone_number

# NANPA 555-01xx and 800-555-0199; Ofcom drama numbers.
RESERVED = re.compile(r"1\d{3}55501\d{2}|18005550199|442079460\d{3}|447700900\d{3}")


def test_sample_numbers_are_kept_for_fiction_and_well_formed() -> None:
    samples = sample_numbers("MA" + "1" * 18, 0.0)
    assert len({one.number for one in samples}) == len(samples)
    for one in samples:
        assert RESERVED.fullmatch(one.number)
        assert parse_phone_number(one.number) == one.number
        assert country_of(one.number) == one.country
        assert one.account_id == one.main_auth_id
