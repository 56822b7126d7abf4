"""Addresses of media: signed, for a while, so that whoever was given one needs no login."""

import hmac
from hashlib import sha256
from urllib.parse import urlencode

from trunkline.runtime.secrets import Keyring

PATH = "/media/Account/{account_id}/Media/{media_id}"
_PURPOSE = "media addresses"
_ANY = "path"  # in place of an account: no account is called so


class Links:
    """Makes and checks addresses; `base` is how the outside world reaches this program."""

    def __init__(self, keyring: Keyring, base: str, lifetime_s: float) -> None:
        self.base = base.rstrip("/")
        self._keys = keyring.derived(_PURPOSE)
        self._lifetime_s = lifetime_s

    def url(self, account_id: str, media_id: str, now: float) -> str:
        """Make the address of a medium."""
        expires = int(now + self._lifetime_s)
        query = urlencode(
            {
                "expires": expires,
                "signature": _signature(self._keys[-1], account_id, media_id, expires),
            }
        )
        return f"{self.base}{PATH.format(account_id=account_id, media_id=media_id)}?{query}"

    def address(self, path: str, now: float) -> str:
        """Make the address of something else that lies at `path`."""
        expires = int(now + self._lifetime_s)
        signature = _signature(self._keys[-1], _ANY, path, expires)
        query = urlencode({"expires": expires, "signature": signature})
        return f"{self.base}{path}?{query}"

    def is_address(self, path: str, expires: str, signature: str, now: float) -> bool:
        """Tell whether `address` made it and it is still good."""
        return self.is_valid(_ANY, path, expires, signature, now)

    def is_valid(
        self, account_id: str, media_id: str, expires: str, signature: str, now: float
    ) -> bool:
        """Tell whether an address is one of ours and still good."""
        if not (expires.isascii() and expires.isdigit() and len(expires) < 16):
            return False
        if int(expires) <= now:
            return False
        given = signature.encode()
        return any(
            hmac.compare_digest(_signature(key, account_id, media_id, int(expires)).encode(), given)
            for key in self._keys
        )


def _signature(key: bytes, account_id: str, media_id: str, expires: int) -> str:
    return hmac.new(key, f"{account_id}\n{media_id}\n{expires}".encode(), sha256).hexdigest()[:40]
