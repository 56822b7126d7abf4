"""Countries and networks of numbers."""

from pathlib import Path

import phonenumbers
import pytest

from trunkline.values.networks.countries import country, parse_countries
from trunkline.values.networks.lookup import (
    UNKNOWN,
    Network,
    NetworkFileInvalid,
    Networks,
    parse_network,
    read_networks,
)
from trunkline.values.phone import country_of


def test_every_country_with_numbers_is_known() -> None:
    for iso2 in phonenumbers.SUPPORTED_REGIONS:
        found = country(iso2)
        assert found is not None
        assert found.name
        assert found.calling_code > 0
        assert all(len(code) == 3 and code.isdigit() for code in found.mccs)
    assert country("ZZ") is None
    us = country("US")
    assert us is not None
    assert (us.name, us.calling_code, us.mcc) == ("United States", 1, "310")


def test_countries_are_read_from_a_list() -> None:
    assert parse_countries("us, GB in") == {"US", "GB", "IN"}
    assert parse_countries("US,*") == {"*"}
    assert parse_countries("") == frozenset()
    for wrong in ("ZZ", "USA", "U", "U,S", "ÜS"):
        with pytest.raises(ValueError, match="neither a country's two letters nor"):
            parse_countries(wrong)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("4915112345678", Network("262", "01", "T-Mobile")),
        ("919820012345", Network("404", "20", "Vodafone")),
        ("37060000000", Network("246", "03", "Tele 2")),
        ("14155550123", Network("310", "", "")),  # prefixes do not tell there
        ("442071234567", Network("234", "", "")),  # not mobile
        ("999", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_number_tells_its_network(number: str, expected: Network) -> None:
    found = Networks().of(number, country_of(number))
    assert found == expected
    assert parse_network(found.text) == expected


def test_the_operators_table_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "networks.csv"
    path.write_text(
        "\ufeff# ours\nprefix,network,mcc,mnc\n1415,AT&T Mobility,310,410\n"
        "1415555,T/Mobile,310,260\n49,,,\n"
    )
    networks = Networks(read_networks(path))
    assert networks.of("14155550123", "US") == Network("310", "260", "T/Mobile")
    assert parse_network(networks.of("14155550123", "US").text).name == "T/Mobile"
    assert networks.of("14157770123", "US") == Network("310", "410", "AT&T Mobility")
    assert networks.of("4915112345678", "DE") == UNKNOWN
    assert networks.of("13035550123", "US").mcc == "310"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1x,a,310,410", "prefix"),
        (",a,310,410", "prefix"),
        ("1415,a,31,410", "mcc"),
        ("1415,a,310,4", "mnc"),
        ("1415,a,310", "4 columns"),
        ("1415," + "a" * 65 + ",310,410", "longer"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "networks.csv"
    path.write_text(f"prefix,network,mcc,mnc\n{line}\n")
    with pytest.raises(NetworkFileInvalid, match=f"networks.csv line 2: .*{why}"):
        read_networks(path)
    path.write_text(line)
    with pytest.raises(NetworkFileInvalid, match="expected prefix,network"):
        read_networks(path)
    with pytest.raises(NetworkFileInvalid, match="cannot be read"):
        read_networks(tmp_path / "none.csv")
