"""The interceptor of a running `trunkline up`: a proxy for SDKs, and TLS for a hosts file."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from trunkline.intercept.authority import open_authority
from trunkline.intercept.catches import Catches
from trunkline.intercept.hosts import is_plivo
from trunkline.intercept.interceptor import Interceptor
from trunkline.intercept.talk import Home
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.settings import HostPort, Settings
from trunkline.values.errors import TrunklineError

FOLDER = "intercept"

logger = structlog.get_logger(__name__)


class CannotListen(TrunklineError):
    """The address of a setting cannot be listened on."""


@dataclass(frozen=True, slots=True)
class Leading:
    """Where unmodified programs are led, and the authority that they are to trust."""

    interceptor: Interceptor
    proxy: str
    authority: Path


def authority_folder(settings: Settings) -> Path:
    """Return where the authority's key and certificate are kept."""
    return settings.data / FOLDER


async def start(settings: Settings, url: str) -> Leading:
    """Listen for programs that are to find Plivo in the program at `url`.

    Raises:
        CannotListen: an address that was set cannot be had.
        AuthorityUnusable: its files cannot be read or written.
    """
    now = SystemClock().now  # those who check certificates do not follow a controlled clock
    authority = open_authority(authority_folder(settings), now())
    interceptor = Interceptor(authority, home_of(url), Catches().tell, now)
    await _listen(interceptor, settings, url)
    if settings.intercept_tls_listen is not None:
        await _listen_tls(interceptor, settings.intercept_tls_listen)
    host = settings.intercept_listen.host if settings.intercept_listen else "127.0.0.1"
    proxy = f"http://{HostPort(host, interceptor.port)}"
    return Leading(interceptor, proxy, authority.path.absolute())


def home_of(url: str) -> Home:
    """Return the address of a program's `http://host:port`.

    Raises:
        TrunklineError: it is not of that form.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        raise TrunklineError(f"{url!r} is not an address such as http://127.0.0.1:8600") from None
    if is_plivo(parts.hostname or ""):
        raise TrunklineError(f"{url!r} is Plivo's: name a program of your own")
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
        raise TrunklineError(f"{url!r} is not an address such as http://127.0.0.1:8600")
    return Home(parts.hostname, port)


async def _listen(interceptor: Interceptor, settings: Settings, url: str) -> None:
    wanted = settings.intercept_listen
    if wanted is not None:
        await _insist(interceptor, wanted)
        return
    beside = home_of(url).port + 1 if settings.http.port else 0
    try:
        await interceptor.start(port=beside if beside < 65_536 else 0)
    except OSError:
        await interceptor.start()  # somebody has it: a free one, which the banner tells


async def _insist(interceptor: Interceptor, wanted: HostPort) -> None:
    try:
        await interceptor.start(*wanted)
    except OSError as error:
        raise _refusal(wanted, "intercept.listen", error) from error


async def _listen_tls(interceptor: Interceptor, wanted: HostPort) -> None:
    try:
        port = await interceptor.listen_also(*wanted)
    except OSError as error:
        raise _refusal(wanted, "intercept.tls_listen", error) from error
    logger.info("intercept.listening", address=str(HostPort(wanted.host, port)))


def _refusal(wanted: HostPort, setting: str, error: OSError) -> CannotListen:
    return CannotListen(f"cannot listen on {wanted}: {error.strerror or error}; see {setting}")
