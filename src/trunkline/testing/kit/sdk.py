"""The official SDK for Python, pointed at a program of ours without touching it for others."""

import importlib
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

_MODULE: Final = "plivo.rest.client"
ADDRESSES: Final = (
    "PLIVO_API_BASE_URI",
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)
"""What that module asks for where to go, at every request."""


def module() -> Any:
    """Return the module that has the SDK's addresses; raises ImportError."""
    return importlib.import_module(_MODULE)


def client(url: str, auth_id: str, auth_token: str, **more: Any) -> Any:
    """Return a RestClient whose requests all go to `url`."""
    made = module().Client(auth_id, auth_token, **more)
    send = made.send_request

    # The SDK takes its base address from module constants anew for each request, so an instance
    # of ours can only be told at the last step.
    def send_here(request: Any, **options: Any) -> Any:
        request.url = moved(request.url, url)
        return send(request, **options)

    made.send_request = send_here
    return made


def moved(target: str, url: str) -> str:
    """Return `target` with the scheme and host of `url`."""
    here, parts = urlsplit(url), urlsplit(target)
    path = here.path.rstrip("/") + parts.path
    return urlunsplit(parts._replace(scheme=here.scheme, netloc=here.netloc, path=path))
