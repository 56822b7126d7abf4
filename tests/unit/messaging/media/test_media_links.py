from urllib.parse import parse_qs, urlsplit

from trunkline.messaging.media.links import Links
from trunkline.runtime.secrets import Keyring

OLD, NEW = {"k1": bytes(32)}, {"k1": bytes(32), "k2": bytes([1]) * 32}


def parts(url: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(url).query)
    return query["expires"][0], query["signature"][0]


def test_an_address_is_good_for_its_medium_and_its_time() -> None:
    links = Links(Keyring(OLD), "https://api.example/", 600)
    url = links.url("MA1", "m-1", 1_000.0)
    assert url.startswith("https://api.example/media/Account/MA1/Media/m-1?")
    expires, signature = parts(url)
    assert expires == "1600"
    assert links.is_valid("MA1", "m-1", expires, signature, 1_599.9)
    assert not links.is_valid("MA1", "m-1", expires, signature, 1_600.0)
    assert not links.is_valid("MA1", "m-2", expires, signature, 1_000.0)
    assert not links.is_valid("MA2", "m-1", expires, signature, 1_000.0)
    assert not links.is_valid("MA1", "m-1", "9999999", signature, 1_000.0)


def test_other_things_have_addresses_too() -> None:
    links = Links(Keyring(OLD), "https://api.example", 600)
    url = links.address("/media/Account/MA1/Recording/r-1.mp3", 1_000.0)
    assert url.startswith("https://api.example/media/Account/MA1/Recording/r-1.mp3?expires=1600&")
    expires, signature = parts(url)
    assert links.is_address("/media/Account/MA1/Recording/r-1.mp3", expires, signature, 1_599.9)
    assert not links.is_address("/media/Account/MA1/Recording/r-1.mp3", expires, signature, 1_600.0)
    assert not links.is_address("/media/Account/MA1/Recording/r-2.mp3", expires, signature, 1_000.0)
    assert not links.is_valid("MA1", "r-1.mp3", expires, signature, 1_000.0)


def test_rubbish_is_no_address() -> None:
    links = Links(Keyring(OLD), "https://api.example", 600)
    for expires in ("", "x", "-1", "٣", "9" * 40):
        assert not links.is_valid("MA1", "m-1", expires, "é", 1.0)


def test_addresses_outlive_a_new_key() -> None:
    expires, signature = parts(Links(Keyring(OLD), "http://x", 600).url("MA1", "m-1", 1.0))
    assert Links(Keyring(NEW), "http://x", 600).is_valid("MA1", "m-1", expires, signature, 2.0)
