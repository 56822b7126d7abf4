"""Signatures by which an application knows that a webhook comes from here.

V2 (messaging, verification) covers scheme, host and path; V3 (voice) also the query and the
parameters. Facts: the validators of the official SDKs, which differ in corner cases; what is
signed here is what Python and Node accept.
"""

import hmac
import os
from binascii import b2a_base64
from collections.abc import Iterator, Mapping
from functools import lru_cache
from struct import iter_unpack
from typing import cast
from urllib.parse import parse_qsl

SIGNATURE_V2 = "X-Plivo-Signature-V2"
MAIN_SIGNATURE_V2 = "X-Plivo-Signature-Ma-V2"
NONCE_V2 = "X-Plivo-Signature-V2-Nonce"
SIGNATURE_V3 = "X-Plivo-Signature-V3"
MAIN_SIGNATURE_V3 = "X-Plivo-Signature-Ma-V3"
NONCE_V3 = "X-Plivo-Signature-V3-Nonce"


class _Nonces:
    """Random numbers, many for one call of the system: each call costs 4 µs."""

    def __init__(self) -> None:
        self._numbers: Iterator[tuple[int]] = iter(())

    def next(self) -> int:
        for (number,) in self._numbers:
            return number
        self._numbers = iter_unpack("Q", os.urandom(8 * _NONCES_AT_ONCE))
        return self.next()


_NONCES_AT_ONCE = 256
_nonces = _Nonces()


def new_nonce() -> str:
    """Return 20 decimal digits, as Plivo's nonces have."""
    return f"{_nonces.next():020d}"


def sign_v2(token: str, base_url: str, nonce: str) -> str:
    """Sign scheme://authority/path, the path as it is sent, without query and fragment."""
    return _sign(token, base_url + nonce)


def sign_v3(
    token: str, method: str, url: str, params: Mapping[str, object] | None, nonce: str
) -> str:
    """Sign a URL and the parameters of its request, form or parsed JSON; raises ValueError."""
    return _sign(token, f"{signed_text_v3(method, url, params or {})}.{nonce}")


def signed_text_v3(method: str, url: str, params: Mapping[str, object]) -> str:
    """Return what V3 signs before the nonce; raises ValueError for methods but GET and POST."""
    base, _, query = url.partition("#")[0].partition("?")
    values: dict[str, list[str]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(key, []).append(value)
    if method == "GET":
        for key, value in params.items():
            # plivo-python: the URL's value wins over a parameter of the same name.
            values.setdefault(key, _texts(value))
        written = _query(values)
        return f"{base}?{written}" if written else base
    if method != "POST":
        raise ValueError(f"V3 signs GET and POST, not {method}")
    asked, given = _query(values), _concatenated(params)
    if not asked and not params:
        return base
    return f"{base}?{asked}.{given}" if asked and params else f"{base}?{asked}{given}"


def _sign(token: str, text: str) -> str:
    keyed = _keyed(token).copy()
    keyed.update(text.encode())
    return b2a_base64(keyed.digest(), newline=False).decode("ascii")


@lru_cache(maxsize=1_024)
def _keyed(token: str) -> hmac.HMAC:
    return hmac.new(token.encode(), digestmod="sha256")


def _query(values: Mapping[str, list[str]]) -> str:
    return "&".join(f"{key}={value}" for key in sorted(values) for value in sorted(values[key]))


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in cast("list[object]", value)]
    return [str(value)]


def _concatenated(params: Mapping[str, object]) -> str:
    parts: list[str] = []
    for key in sorted(params):
        value = params[key]
        if isinstance(value, Mapping):
            parts.append(key + _concatenated(cast("Mapping[str, object]", value)))
        else:
            parts += [key + text for text in sorted(_texts(value))]
    return "".join(parts)
