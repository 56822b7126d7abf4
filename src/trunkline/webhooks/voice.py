"""Signed requests of voice: V3 over URL and parameters, and V2 for older applications.

The official validators differ in corner cases (ports, escapes, trailing dots). The header may
hold several signatures with commas between them, of which each validator takes any: so where the
canonical one would not pass everywhere, those the others compute are added.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from trunkline.engines.http.url import Url
from trunkline.values.form import form_encoded
from trunkline.webhooks.model import Credentials
from trunkline.webhooks.sign import (
    MAIN_SIGNATURE_V2,
    MAIN_SIGNATURE_V3,
    NONCE_V2,
    NONCE_V3,
    SIGNATURE_V2,
    SIGNATURE_V3,
    new_nonce,
    sign_v2,
    sign_v3,
)

_ALWAYS = ((b"User-Agent", b"Trunkline"), (b"Accept", b"application/xml, text/xml, */*"))
_FORM = (b"Content-Type", b"application/x-www-form-urlencoded")


class VoiceRequest(NamedTuple):
    """A request ready for the HTTP client; `signature` is what a log keeps of it."""

    url: Url
    headers: list[tuple[bytes, bytes]]
    body: bytes
    signature: str


def sign_request(
    method: str, url: Url, params: Mapping[str, str], credentials: Credentials
) -> VoiceRequest:
    """Sign a request with a new nonce: parameters of GET go into the query, of POST into the body.

    `method` is GET or POST; others raise ValueError.
    """
    nonce = new_nonce()
    encoded = form_encoded(params)
    signed = voice_headers(method, url.text, params, credentials, nonce)
    signed += [
        (SIGNATURE_V2, sign_v2(credentials.owner_token, url.base, nonce)),
        (MAIN_SIGNATURE_V2, sign_v2(credentials.main_token, url.base, nonce)),
        (NONCE_V2, nonce),
    ]
    signature = " ".join(value for _, value in signed[:3])
    headers = [*_ALWAYS, *((name.encode(), value.encode()) for name, value in signed)]
    if method == "GET":
        return VoiceRequest(url.with_query(encoded), headers, b"", signature)
    return VoiceRequest(url, [*headers, _FORM], encoded.encode(), signature)


def voice_headers(
    method: str, url: str, params: Mapping[str, str], credentials: Credentials, nonce: str
) -> list[tuple[str, str]]:
    """Return the V3 headers of a request."""
    owner = signatures_v3(credentials.owner_token, method, url, params, nonce)
    main = owner
    if credentials.main_token != credentials.owner_token:
        main = signatures_v3(credentials.main_token, method, url, params, nonce)
    return [(SIGNATURE_V3, owner), (MAIN_SIGNATURE_V3, main), (NONCE_V3, nonce)]


def upgrade_headers(url: str, credentials: Credentials) -> tuple[tuple[str, str], ...]:
    """Return the V3 headers of a WebSocket's upgrade: a GET of its wss URL without parameters."""
    return tuple(voice_headers("GET", url, {}, credentials, new_nonce()))


def signatures_v3(token: str, method: str, url: str, params: Mapping[str, str], nonce: str) -> str:
    """Return every signature by which some official validator accepts the request."""
    signatures = [
        sign_v3(token, method, variant, params, nonce) for variant in _variants(method, url, params)
    ]
    return ",".join(dict.fromkeys(signatures))


def _variants(method: str, url: str, params: Mapping[str, str]) -> Iterator[str]:
    yield url
    if method == "GET" and set(params) & _query_keys(url):
        # An application gives its validator the URL it was asked at, in which both values stand.
        joined = f"{url}&{form_encoded(params)}" if "?" in url else f"{url}?{form_encoded(params)}"
        yield joined
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return
    if port is not None:  # Ruby, Java and .NET leave the port out
        host = parts.netloc.rpartition(":")[0]
        yield urlunsplit(parts._replace(netloc=host))
    if "%" in parts.path:  # Go, Java and .NET resolve escapes in the path
        yield urlunsplit(parts._replace(path=unquote(parts.path)))
    if not parts.path:  # .NET has "/" for an empty path
        yield urlunsplit(parts._replace(path="/"))


def _query_keys(url: str) -> set[str]:
    return {pair.partition("=")[0] for pair in urlsplit(url).query.split("&")}
