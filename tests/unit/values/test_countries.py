import phonenumbers

from trunkline.values.countries import country_name, is_country


def test_countries_have_names() -> None:
    assert country_name("US") == "United States"
    assert country_name("CI") == "Côte d'Ivoire"
    assert country_name("ZZ") == "ZZ"
    assert is_country("GB")
    assert not is_country("gb")
    assert all(is_country(code) for code in phonenumbers.SUPPORTED_REGIONS)
