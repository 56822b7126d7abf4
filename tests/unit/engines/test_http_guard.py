from ipaddress import ip_network

import pytest

from trunkline.engines.http.guard import AddressPolicy

DENIED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00::1",
]


@pytest.mark.parametrize("address", DENIED)
def test_denies(address: str) -> None:
    assert not AddressPolicy().permits(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_permits_public(address: str) -> None:
    assert AddressPolicy().permits(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback_in_local_mode(address: str) -> None:
    assert AddressPolicy(allow_loopback=True).permits(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "169.254.169.254"])
def test_local_mode_opens_nothing_else(address: str) -> None:
    assert not AddressPolicy(allow_loopback=True).permits(address)


def test_listed_networks() -> None:
    policy = AddressPolicy(allow_networks=(ip_network("10.1.0.0/16"), ip_network("fd00::/8")))
    assert policy.permits("10.1.2.3")
    assert policy.permits("::ffff:10.1.2.3")
    assert policy.permits("fd00::1")
    assert policy.permits("8.8.8.8")
    assert not policy.permits("10.2.0.1")
    assert not policy.permits("127.0.0.1")
