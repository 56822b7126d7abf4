"""Signatures of voice: the canonical one, and those that other validators compute."""

import pytest

from trunkline.webhooks import Credentials
from trunkline.webhooks.model import Claimed
from trunkline.webhooks.request import build
from trunkline.webhooks.sign import sign_v3
from trunkline.webhooks.voice import signatures_v3, upgrade_headers

TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
NONCE = "31627761595286130198"


@pytest.mark.parametrize(
    ("method", "url", "params", "signature"),
    [
        ("POST", "https://a.example:8443/x?z=1&a=2", {"k": "v"},
         "lnesxNJZN8S7xh1W0GC9/S1gAGjlOrKDyabcSAeQCKw="),
        ("GET", "https://a.example", {}, "lVnUYgrlMEPgsZ+PKL4Id71zPv3QXmrp4bX9vq6cm3U="),
        ("POST", "https://a.example", {"k": "v"}, "4OA/csCBpZLRE9X4Z0rlA0tOn+Au6j3f4X516ttIwW4="),
        ("GET", "https://a.example/x?b=1+2", {"k": "v w"},
         "vrGo523kPCESuBBRgHmcYHtxsmDswBJLGJaU83yzfD4="),
        ("POST", "https://a.example/p%20q/?b=1", {"k": "café"},
         "Ql7smkwifeEMPjoCW21op4F1gtmEgwwIwp6d+w4xRpM="),
    ],
)  # fmt: skip
def test_the_canonical_one_comes_first(
    method: str, url: str, params: dict[str, str], signature: str
) -> None:
    assert signatures_v3(TOKEN, method, url, params, NONCE).split(",")[0] == signature


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://a.example:8443/x?a=1", "https://a.example/x?a=1"),  # Ruby, Java, .NET
        ("https://a.example/p%20q", "https://a.example/p q"),  # Go
        ("https://a.example?a=1", "https://a.example/?a=1"),  # .NET
    ],
)
def test_what_other_validators_compute_is_added(url: str, other: str) -> None:
    signatures = signatures_v3(TOKEN, "POST", url, {"k": "v"}, NONCE).split(",")
    assert signatures == [
        sign_v3(TOKEN, "POST", url, {"k": "v"}, NONCE),
        sign_v3(TOKEN, "POST", other, {"k": "v"}, NONCE),
    ]


def test_a_plain_url_has_one_signature() -> None:
    assert "," not in signatures_v3(TOKEN, "POST", "https://a.example/x?a=1", {"k": "v"}, NONCE)


def test_a_parameter_that_is_in_the_query_already() -> None:
    signatures = signatures_v3(TOKEN, "GET", "https://a.example/x?To=0", {"To": "1"}, NONCE)
    sent = "https://a.example/x?To=0&To=1"
    assert sign_v3(TOKEN, "GET", sent, {}, NONCE) in signatures.split(",")


def test_upgrades_are_signed_as_get() -> None:
    headers = dict(upgrade_headers("wss://a.example/s?x=1", Credentials(TOKEN, TOKEN)))
    nonce = headers["X-Plivo-Signature-V3-Nonce"]
    expected = sign_v3(TOKEN, "GET", "wss://a.example/s?x=1", {}, nonce)
    assert headers["X-Plivo-Signature-V3"] == headers["X-Plivo-Signature-Ma-V3"] == expected


@pytest.mark.parametrize(("kind", "signed"), [("voice.hangup", True), ("message.status", False)])
def test_queued_callbacks_of_calls_are_signed_so(kind: str, signed: bool) -> None:
    body = "CallUUID=u&To=1+2&Empty="
    row = Claimed(
        1, "MA", kind, "u", "POST", "https://a.example/x#rc=3", "form", body, 0, 0.0, None
    )
    request = build(row, Credentials(TOKEN, TOKEN))
    headers = {name.decode(): value.decode() for name, value in request.headers}
    assert ("X-Plivo-Signature-V3" in headers) is signed
    assert "X-Plivo-Signature-V2" in headers
    assert str(request.url) == "https://a.example/x"
    assert request.body.decode() == body
    if signed:
        params = {"CallUUID": "u", "To": "1 2", "Empty": ""}
        nonce = headers["X-Plivo-Signature-V3-Nonce"]
        expected = sign_v3(TOKEN, "POST", "https://a.example/x", params, nonce)
        assert headers["X-Plivo-Signature-V3"] == expected
        assert nonce in request.signature
