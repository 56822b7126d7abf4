"""From a claimed webhook to the signed request, and from its answer to what is stored."""

from typing import NamedTuple
from urllib.parse import parse_qsl

from trunkline.engines.http.message import HttpResponse
from trunkline.engines.http.url import Url, parse_url
from trunkline.webhooks.model import CONTENT_TYPES, Claimed, Credentials
from trunkline.webhooks.sign import (
    MAIN_SIGNATURE_V2,
    NONCE_V2,
    SIGNATURE_V2,
    new_nonce,
    sign_v2,
)
from trunkline.webhooks.voice import sign_request

KEPT_HEADER_CHARS = 2_048
KEPT_BODY_CHARS = 4_096
VOICE = "voice."  # begins the kinds of webhooks that are signed V3: those of calls

_SIGNATURE = SIGNATURE_V2.encode()
_MAIN_SIGNATURE = MAIN_SIGNATURE_V2.encode()
_NONCE = NONCE_V2.encode()
_ALWAYS = [(b"User-Agent", b"Trunkline"), (b"Accept", b"*/*")]
_TYPED = {
    encoding: [*_ALWAYS, (b"Content-Type", content_type.encode())]
    for encoding, content_type in CONTENT_TYPES.items()
}


class SignedRequest(NamedTuple):
    """A request ready for the HTTP client; `signature` is what the log keeps of it."""

    url: Url
    headers: list[tuple[bytes, bytes]]
    body: bytes
    signature: str


def build(webhook: Claimed, credentials: Credentials) -> SignedRequest:
    """Sign a webhook with a new nonce; raises InvalidUrl."""
    url = parse_url(webhook.url)
    if webhook.kind.startswith(VOICE):
        return _of_voice(webhook, url, credentials)
    nonce = new_nonce()
    owner = main = sign_v2(credentials.owner_token, url.base, nonce)
    if credentials.main_token != credentials.owner_token:
        main = sign_v2(credentials.main_token, url.base, nonce)
    signed = [
        (_SIGNATURE, owner.encode()),
        (_MAIN_SIGNATURE, main.encode()),
        (_NONCE, nonce.encode()),
    ]
    signature = f"{nonce} {owner} {main}"
    if webhook.method == "GET":
        # PLIVO messaging callbacks: GET has the parameters in the query; V2 does not cover it.
        return SignedRequest(url.with_query(webhook.body), _ALWAYS + signed, b"", signature)
    return SignedRequest(url, _TYPED[webhook.encoding] + signed, webhook.body.encode(), signature)


def _of_voice(webhook: Claimed, url: Url, credentials: Credentials) -> SignedRequest:
    params = dict(parse_qsl(webhook.body, keep_blank_values=True))
    request = sign_request(webhook.method, url, params, credentials)
    return SignedRequest(request.url, request.headers, request.body, request.signature)


class Answer(NamedTuple):
    """The parts of an answer that the log and the outcome's hook want, as text."""

    status: int
    headers: str
    body: str
    content_type: str
    final_url: str | None  # None: not redirected

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status <= 299


def read(response: HttpResponse, sent_to: Url) -> Answer:
    """Turn an answer into text; NUL, which PostgreSQL cannot keep, is replaced."""
    headers = b"\n".join([name + b": " + value for name, value in response.headers])
    body = response.body.decode("utf-8", "replace") if response.body else ""
    if "\0" in body:
        body = body.replace("\0", "\ufffd")
    content_type = response.header(b"content-type")
    return Answer(
        response.status,
        headers[:KEPT_HEADER_CHARS].decode("latin-1"),
        body,
        content_type.decode("latin-1") if content_type else "",
        None if response.final_url == sent_to.text else response.final_url,
    )
