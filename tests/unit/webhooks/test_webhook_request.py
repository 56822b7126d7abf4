import pytest
from plivo.utils import validate_signature

from trunkline.engines.http.errors import InvalidUrl
from trunkline.engines.http.message import HttpResponse
from trunkline.engines.http.url import parse_url
from trunkline.webhooks.model import UNREACHABLE, Claimed, Credentials, NewWebhook, target_of
from trunkline.webhooks.request import build, read

OWN = Credentials("owner-token", "main-token")


def claimed(**changes: object) -> Claimed:
    row = Claimed(
        id=1,
        account_id="MAXXXXXXXXXXXXXXXXXX",
        kind="message.status",
        resource_uuid="u",
        method="POST",
        url="https://hooks.example:8443/a%20b?x=1#ct=2000",
        encoding="form",
        body="Text=caf%C3%A9",
        attempts=0,
        created_at=0.0,
        replay_of=None,
    )
    return row._replace(**changes)


def test_post_is_signed_with_both_tokens() -> None:
    url, headers, body, kept = build(claimed(), OWN)
    found = {name.decode(): value.decode() for name, value in headers}
    nonce = found["X-Plivo-Signature-V2-Nonce"]
    own, main = found["X-Plivo-Signature-V2"], found["X-Plivo-Signature-Ma-V2"]
    assert body == b"Text=caf%C3%A9"
    assert found["Content-Type"] == "application/x-www-form-urlencoded"
    assert url.text == "https://hooks.example:8443/a%20b?x=1"
    assert validate_signature(url.text, nonce, own, "owner-token")
    assert validate_signature(url.text, nonce, main, "main-token")
    assert own != main
    assert kept == f"{nonce} {own} {main}"


def test_main_account_signs_both_with_its_token() -> None:
    _, headers, _, kept = build(claimed(), Credentials("t", "t"))
    found = dict(headers)
    assert found[b"X-Plivo-Signature-V2"] == found[b"X-Plivo-Signature-Ma-V2"]
    assert len(kept.split(" ")) == 3


def test_get_has_the_parameters_in_the_query() -> None:
    url, headers, body, _ = build(claimed(method="GET"), OWN)
    found = {name.decode(): value.decode() for name, value in headers}
    assert body == b""
    assert url.text == "https://hooks.example:8443/a%20b?x=1&Text=caf%C3%A9"
    assert "Content-Type" not in found
    nonce, own = found["X-Plivo-Signature-V2-Nonce"], found["X-Plivo-Signature-V2"]
    assert validate_signature(url.text, nonce, own, "owner-token")


def test_json_is_sent_as_it_is() -> None:
    _, headers, body, _ = build(claimed(encoding="json", body='{"é":1}'), OWN)
    assert body == '{"é":1}'.encode()
    assert dict(headers)[b"Content-Type"] == b"application/json"


def test_each_attempt_has_a_nonce_of_its_own() -> None:
    assert build(claimed(), OWN).signature != build(claimed(), OWN).signature


def test_unreadable_url() -> None:
    with pytest.raises(InvalidUrl):
        build(claimed(url="ftp://h/"), OWN)
    assert target_of("ftp://h/") == UNREACHABLE


def test_target_is_scheme_host_and_port() -> None:
    webhook = NewWebhook("MA", "k", "u", "POST", "https://Hooks.Example/x?y#z", "", 0.0)
    assert webhook.target == "https://hooks.example:443"


def test_answer_becomes_text_that_every_database_keeps() -> None:
    url = parse_url("http://h/x")
    response = HttpResponse(
        299,
        [(b"content-TYPE", b"text/xml"), (b"X", b"\xe9")],
        b"a\0b\xff",
        False,
        0.0,
        0.1,
        "http://h/x",
    )
    answer = read(response, url)
    assert answer.ok
    assert answer.headers == "content-TYPE: text/xml\nX: é"
    assert answer.body == "a\ufffdb\ufffd"
    assert answer.content_type == "text/xml"
    assert answer.final_url is None


@pytest.mark.parametrize(("status", "ok"), [(199, False), (200, True), (299, True), (300, False)])
def test_success_is_2xx(status: int, ok: bool) -> None:
    url = parse_url("http://h/x")
    answer = read(HttpResponse(status, [], b"", False, 0.0, 0.1, "http://h/y"), url)
    assert answer.ok is ok
    assert answer.final_url == "http://h/y"
