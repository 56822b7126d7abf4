from trunkline.voice.endpoints.model import secret_of


def test_ha1_is_that_of_the_standards() -> None:
    # RFC 2617 3.5
    made = secret_of("Mufasa", "testrealm@host.com", "Circle Of Life")
    assert made.md5 == "939e7578ed9e3c518a452acee763bce9"
    # RFC 7616 3.9.1
    made = secret_of("Mufasa", "http-auth@example.org", "Circle of Life")
    assert made.md5 == "3d78807defe7de2157e2b0b6573a855f"
    assert made.sha256 == "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"
    assert made.realm == "http-auth@example.org"


def test_a_password_may_have_any_letters() -> None:
    made = secret_of("desk", "phone.plivo.com", "pässwörd: ✓")
    assert made != secret_of("desk", "phone.plivo.com", "password: ✓")
