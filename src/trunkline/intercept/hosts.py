"""The hosts that official SDKs are hard-wired to."""

from typing import Final

DOMAIN: Final = "plivo.com"

# PLIVO SDKs: the hosts of their requests, and of addresses in answers (media).
SERVED: Final = (
    "api.plivo.com",
    "lookup.plivo.com",
    "stats.plivo.com",
    "phlorunner.plivo.com",
    "media.plivo.com",
)


def normal(host: str) -> str:
    """Write a host's name as it is compared: lower case, without the root's dot."""
    return host.lower().removesuffix(".")


def is_plivo(host: str) -> bool:
    """Tell whether `host` (in any case) is Plivo's, served here or not."""
    name = normal(host)
    return name == DOMAIN or name.endswith("." + DOMAIN)


def is_served(host: str) -> bool:
    """Tell whether requests for `host` are answered by this program."""
    return normal(host) in SERVED
