from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from trunkline.intercept.authority import make_authority
from trunkline.intercept.environment import Led, outward

BUNDLE_VARIABLES = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


@pytest.fixture
def led(tmp_path: Path) -> Led:
    return Led(1234, make_authority(1_800_000_000.0, Path()), tmp_path)


def test_what_was_there_stays(led: Led, tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    own.write_text("# own authorities\n")
    before = {
        "HOME": "/home/me",
        "PYTHONPATH": "/mine",
        "NODE_OPTIONS": "--max-old-space-size=99",
        "JAVA_TOOL_OPTIONS": "-Dmine=1",
        "PHP_INI_SCAN_DIR": "/etc/php",
        "NODE_EXTRA_CA_CERTS": str(own),
        "SSL_CERT_FILE": str(own),
        "NO_PROXY": "intern.test",
    }
    after = led.environment(before)
    assert after["HOME"] == "/home/me"
    assert after["PYTHONPATH"].endswith("/shims/python:/mine")
    assert after["NODE_OPTIONS"].startswith("--max-old-space-size=99 --require ")
    assert after["JAVA_TOOL_OPTIONS"].startswith("-Dmine=1 -Dhttps.proxyHost=127.0.0.1 ")
    assert after["PHP_INI_SCAN_DIR"] == f"/etc/php:{tmp_path}/php"
    assert after["no_proxy"] == after["NO_PROXY"] == "intern.test,localhost,127.0.0.1,::1"
    assert after["HTTPS_PROXY"] == after["https_proxy"] == "http://127.0.0.1:1234"
    for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"):
        assert after[name] != str(own)
        assert Path(after[name]).read_bytes().startswith(b"# own authorities\n")
    assert own.read_text() == "# own authorities\n"


def test_every_bundle_has_the_authority_and_the_systems(led: Led) -> None:
    after = led.environment({})
    for name in (*BUNDLE_VARIABLES, "NODE_EXTRA_CA_CERTS"):
        assert led.authority.pem in Path(after[name]).read_bytes()
    for name in BUNDLE_VARIABLES:
        assert Path(after[name]).read_bytes().count(b"BEGIN CERTIFICATE") > 20


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of a system's old authority
def test_the_jvm_store_has_them_too(led: Led, tmp_path: Path) -> None:
    led.environment({})
    store = load_pkcs12((tmp_path / "jvm.p12").read_bytes(), b"changeit")
    found = [one.certificate for one in store.additional_certs]
    assert led.authority.certificate in found
    assert len(found) > 20


@pytest.mark.parametrize("pattern", ["*", "plivo.com", ".plivo.com", "*.plivo.com", "API.plivo.com",
                                     "api.plivo.com:443", "com"])  # fmt: skip
def test_no_exception_leads_plivos_hosts_out(led: Led, pattern: str) -> None:
    after = led.environment({"no_proxy": f"a.test, {pattern}"})
    assert after["NO_PROXY"] == "a.test,localhost,127.0.0.1,::1"


def test_the_proxy_that_was_there_is_used_for_others() -> None:
    way = outward({"https_proxy": "http://proxy.test:3128", "NO_PROXY": ".intern.test,*"})
    assert way.parent == "http://proxy.test:3128"
    assert way.direct == ("intern.test", "localhost", "127.0.0.1", "::1")
    assert (way.plain, outward({}).parent) == ("", "")
    both = outward({"ALL_PROXY": "http://all.test", "HTTP_PROXY": "http://plain.test"})
    assert (both.parent, both.plain) == ("http://all.test", "http://plain.test")


def test_a_bundle_that_is_not_there_is_named(led: Led) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        led.environment({"SSL_CERT_FILE": "/nowhere.pem"})
