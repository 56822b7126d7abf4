"""The signature on Meta's webhooks (CLOUD webhooks: X-Hub-Signature-256)."""

import hmac

HEADER = "x-hub-signature-256"
_SCHEME = "sha256="


def sign(body: bytes, app_secret: str) -> str:
    """Return the header's value: the HMAC of the body as it goes over the wire."""
    return _SCHEME + hmac.new(app_secret.encode(), body, "sha256").hexdigest()


def is_genuine(body: bytes, app_secret: str, given: str) -> bool:
    """Tell whether `given` signs `body`; never true without a secret."""
    if not app_secret or not given.isascii():
        return False
    return hmac.compare_digest(sign(body, app_secret), given.strip().lower())
