"""Numbers that nobody has, for a first start and for documents."""

from trunkline.numbers.model import NumberType, OwnedNumber

# NANPA: 555-0100 to 555-0199 of each area code are kept for fiction, 800-555-0199 for toll-free.
# Ofcom: 020 7946 0000-0999 and 07700 900000-900999 are kept for drama.
_SAMPLES = (
    ("14155550100", "US", NumberType.LOCAL, True),
    ("14155550101", "US", NumberType.LOCAL, True),
    ("12125550102", "US", NumberType.LOCAL, True),
    ("13125550103", "US", NumberType.LOCAL, True),
    ("18005550199", "US", NumberType.TOLLFREE, True),
    ("442079460100", "GB", NumberType.LOCAL, False),
    ("447700900100", "GB", NumberType.MOBILE, False),
    ("447700900101", "GB", NumberType.MOBILE, False),
)


# Area codes of states; 555-1000 to 555-9999 of an area code are nobody's (NANPA).
_TEST_AREAS = (201, 202, 203, 205, 207, 208, 209, 210, 213, 214)
_PHONE_AREAS = (303, 304, 305, 307, 308, 309, 310, 313, 314, 315)
_FIRST_LINE, _LINES = 1_000, 9_000
TEST_NUMBERS = len(_TEST_AREAS) * _LINES
"""How many numbers there are for the accounts of tests, and as many phones."""


def test_number(place: int) -> str:
    """Return the number of that place among those that accounts of tests own."""
    return _placed(_TEST_AREAS, place)


def test_phone(place: int) -> str:
    """Return the number of that place among those of simulated phones; no account owns it."""
    return _placed(_PHONE_AREAS, place)


def _placed(areas: tuple[int, ...], place: int) -> str:
    line, area = divmod(place % TEST_NUMBERS, len(areas))
    return f"1{areas[area]}555{_FIRST_LINE + line}"


def sample_numbers(main_auth_id: str, at: float) -> list[OwnedNumber]:
    """Return a handful of fictional US and British numbers for a main account."""
    return [
        OwnedNumber(
            number=number,
            main_auth_id=main_auth_id,
            account_id=main_auth_id,
            country=country,
            number_type=number_type,
            mms_enabled=mms_enabled,
            alias=f"Sample {country} {number_type.value}",
            added_at=at,
        )
        for number, country, number_type, mms_enabled in _SAMPLES
    ]
