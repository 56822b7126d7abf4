"""Signatures against the vectors of the SDKs' own tests and against plivo-python's validators."""

import pytest
from plivo.utils import validate_signature, validate_v3_signature

from trunkline.webhooks.sign import new_nonce, sign_v2, sign_v3, signed_text_v3

TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
NONCE = "31627761595286130198"
CALL = {
    "Direction": "outbound",
    "From": "19792014278",
    "ALegUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "CallStatus": "in-progress",
    "BillRate": "0.002",
    "ParentAuthID": "MANWVLYTK4ZWU1YTY4QA",
    "To": "sip:PlivoSignature382029104058171078704104@phone-qa.voice.plivodev.com",
    "ALegRequestUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "CallUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "RequestUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "SIP-H-To": "<sip:PlivoSignature382029104058171078704104@52.9.11.55;transport=udp>;tag=1",
    "SessionStart": "2020-04-08 11:34:33.238707",
    "Event": "StartApp",
}
PLAIN = "https://plivobin.non-prod.plivops.com/api/v1/validate_signature03.xml"
VECTORS = [
    ("POST", f"{PLAIN}/?a=b&c=d", CALL, "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="),
    ("GET", f"{PLAIN}/?a=b&c=d", CALL, "UBq8jAtd32wR8EK9VgxbBn4n5rpI/l1H9iN4WfSEHFQ="),
    ("POST", PLAIN, CALL, "iAjE5QqI37mbkYe4w3jTMudqEzbDufdqi7sYwTu64e0="),
    ("GET", PLAIN, CALL, "i/MQsaQSAd6fiKhOh2qeeeLHZ9faldADSb3/7+Akfbc="),
    (
        "GET",
        "https://a.example:8443/x?z=1&a=2",
        {},
        "sIvyMSe/BNjYV9gDDz06uescv9Su+pp/NDnmX7AT/00=",
    ),
    (
        "POST",
        "https://a.example:8443/x?z=1&a=2",
        {"k": "v"},
        "lnesxNJZN8S7xh1W0GC9/S1gAGjlOrKDyabcSAeQCKw=",
    ),
    ("GET", "https://a.example", {}, "lVnUYgrlMEPgsZ+PKL4Id71zPv3QXmrp4bX9vq6cm3U="),
    ("POST", "https://a.example", {"k": "v"}, "4OA/csCBpZLRE9X4Z0rlA0tOn+Au6j3f4X516ttIwW4="),
    ("POST", "https://a.example/x?a=2&a=1", {}, "jd+C4xjJTJtQrn/wZYaveDg9O0mGZJb07oEv5EmtkRU="),
    ("GET", "https://a.example/x?e", {}, "PwDoKifkbhkVJUF5iSuiufYEElbR2x2CyvU/0Ccf02Q="),
    (
        "GET",
        "https://a.example/x?b=1+2",
        {"k": "v w"},
        "vrGo523kPCESuBBRgHmcYHtxsmDswBJLGJaU83yzfD4=",
    ),
    (
        "POST",
        "https://a.example/x?u=http%3A%2F%2Fh%2Fp%3Fx%3D1",
        {"k": ["b", "a"]},
        "Y7L8gUwFTfJ5zWuVFXYFz1LXPD5oDAtH4PvjXJJQJZ0=",
    ),
    (
        "POST",
        "https://a.example/p%20q/?b=1",
        {"k": "café"},
        "Ql7smkwifeEMPjoCW21op4F1gtmEgwwIwp6d+w4xRpM=",
    ),
]


def test_v2_vector() -> None:
    signature = sign_v2("my_auth_token", "https://answer.url", "12345")
    assert signature == "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="
    assert sign_v2("my_auth_tokens", "https://answer.url", "12345") != signature
    assert sign_v2("my_auth_token", "https://answer.url", "123456") != signature


@pytest.mark.parametrize("query", ["", "?a=b", "?a=b&c=%20"])
@pytest.mark.parametrize("base", ["https://answer.url", "http://h:8080/a%20b/", "https://h/x"])
def test_v2_is_accepted_by_the_sdk(base: str, query: str) -> None:
    nonce = new_nonce()
    signature = sign_v2("token", base, nonce)
    assert validate_signature(base + query, nonce, signature, "token")
    assert not validate_signature(base + query, nonce, signature, "other")


@pytest.mark.parametrize(("method", "url", "params", "expected"), VECTORS)
def test_v3_vectors(method: str, url: str, params: dict[str, object], expected: str) -> None:
    assert sign_v3(TOKEN, method, url, params, NONCE) == expected
    assert sign_v3(TOKEN, method, f"{url}#ct=2000", params, NONCE) == expected


@pytest.mark.parametrize(("method", "url", "params", "expected"), VECTORS)
def test_v3_vectors_are_accepted_by_the_sdk(
    method: str, url: str, params: dict[str, object], expected: str
) -> None:
    assert validate_v3_signature(method, url, NONCE, TOKEN, expected, dict(params))


@pytest.mark.parametrize(
    ("method", "url", "params"),
    [
        ("GET", "https://a.example/x?k=url", {"k": "param", "n": 1}),
        ("GET", "https://a.example/x", {"k": ["b", "a"]}),
        ("POST", "https://a.example/x", {"n": 1, "f": 1.5, "t": True, "none": ""}),
        ("POST", "https://a.example/x?b=1&b=0", {"deep": {"b": "2", "a": ["z", "y"]}}),
        ("POST", "https://a.example/x?e", {}),
    ],
)
def test_v3_agrees_with_the_sdk(method: str, url: str, params: dict[str, object]) -> None:
    nonce = new_nonce()
    signature = sign_v3(TOKEN, method, url, params, nonce)
    assert validate_v3_signature(method, url, nonce, TOKEN, signature, dict(params))


def test_v3_text_of_the_first_vector() -> None:
    assert signed_text_v3("POST", "https://h/x/?c=d&a=b", {"B": "2", "A": "1"}) == (
        "https://h/x/?a=b&c=d.A1B2"
    )


def test_v3_signs_get_and_post_only() -> None:
    with pytest.raises(ValueError, match="not PUT"):
        sign_v3(TOKEN, "PUT", PLAIN, {}, NONCE)


def test_nonces_are_20_digits_and_differ() -> None:
    nonces = {new_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert all(len(nonce) == 20 and nonce.isdigit() for nonce in nonces)
