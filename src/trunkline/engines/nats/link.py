"""One connection to a NATS server: made once, used until it is lost, never mended.

The library could connect again by itself; then it would also send later what was written
meanwhile, after whoever asked has been told that nothing was done. So `bus` makes a new one.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from trunkline.engines.nats.credentials import Place, PlainServer, Signer, TlsContext
from trunkline.values.errors import TrunklineError

CONNECT_S: Final = 5.0
FLUSH_S: Final = 2
PING_S: Final = 5
MOST_PINGS: Final = 2  # unanswered: a server that hangs is given up after 15 s
MOST_WAITING_BYTES: Final = 8 * 1024 * 1024  # that a slow server has not taken yet
_NO_RESPONDERS: Final = "503"

Heard = Callable[["Message"], None]


class NotConnected(TrunklineError):
    """There is no connection; the text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """What came: `reply` is where the answer is to go; `nobody`: the server says none listens."""

    subject: str
    reply: str
    data: bytes
    nobody: bool


@dataclass(frozen=True, slots=True)
class Servers:
    """Where to connect and as whom; one of `places` is enough."""

    places: tuple[Place, ...]
    tls: TlsContext
    signer: Signer | None = None
    name: str = field(default_factory=lambda: f"trunkline {socket.gethostname()}:{os.getpid()}")


class Link:
    """A connection, from `connect` until `on_lost` is called or `close`."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        self._client: Any = Client()  # its types are partly unknown
        self._on_lost = on_lost
        self._subscriptions: dict[str, Subscription] = {}
        self._begun = False
        self._up = False
        self._ending = False
        self.why = ""
        """The last thing that went wrong."""

    @property
    def is_up(self) -> bool:
        """Messages can be sent."""
        return self._up and bool(self._client.is_connected)

    @property
    def most(self) -> int:
        """How many octets a message may have, as the server says."""
        return int(self._client.max_payload)

    @property
    def server(self) -> str:
        """Where it goes."""
        url = self._client.connected_url
        return "" if url is None else f"{url.hostname}:{url.port}"

    async def connect(self, servers: Servers) -> None:
        """Connect to one of the servers; raises NotConnected."""
        for place in servers.places:
            try:
                async with asyncio.timeout(CONNECT_S):
                    await self._connect(place, servers)
            except PlainServer as error:
                self.why = f"{place}: {error}"
            except TimeoutError:
                self.why = f"{place}: no answer in {CONNECT_S:g} s"
            except errors.NoServersError:
                self.why = f"{place}: {self.why or 'cannot be reached'}"
            except (OSError, errors.Error, ValueError, EOFError) as error:
                self.why = f"{place}: {error or type(error).__name__}"
            else:
                self._up = True
                return
            why = self.why
            await self._discard()
            self.why = why  # and not what went wrong with its end
        raise NotConnected(self.why)

    async def _connect(self, place: Place, servers: Servers) -> None:
        self._client = Client()  # each is good for one attempt
        self._begun = True
        servers.tls.forget()

        def safe() -> None:
            if place.tls and not servers.tls.used:
                raise PlainServer("the server does no TLS, which its URL asks for")

        await self._client.connect(
            f"nats://{place.host}:{place.port}" if ":" not in place.host
            else f"nats://[{place.host}]:{place.port}",
            name=servers.name,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=int(CONNECT_S),
            ping_interval=PING_S,
            max_outstanding_pings=MOST_PINGS,
            no_echo=True,
            # All is written before a call returns: else PING overtakes what waits, and a
            # subscription ends here before the server knows.
            pending_size=1,
            flush_timeout=float(FLUSH_S),
            error_cb=self._failed,
            closed_cb=self._closed,
            tls_hostname=place.host,
            **_identity(place, servers, safe),
        )  # fmt: skip
        safe()

    async def listen(self, wanted: Mapping[str, Heard]) -> None:
        """Subscribe to exactly these subjects, and wait until the server knows.

        Raises:
            NotConnected: the connection was lost meanwhile.
        """
        try:
            for subject in [one for one in self._subscriptions if one not in wanted]:
                await self._subscriptions.pop(subject).drain()  # what is under way is still heard
            for subject in [one for one in wanted if one not in self._subscriptions]:
                made = await self._client.subscribe(subject, cb=_passing(wanted[subject]))
                self._subscriptions[subject] = made
            await self._client.flush(FLUSH_S)
        except (TimeoutError, errors.Error, OSError) as error:
            raise NotConnected(str(error) or type(error).__name__) from None

    async def send(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send a message that is not larger than `most`; raises NotConnected: it was not sent."""
        if not self.is_up:
            raise NotConnected("the connection is lost")
        if self._client.pending_data_size > MOST_WAITING_BYTES:
            raise NotConnected("the server takes nothing")
        try:
            await self._client.publish(subject, data, reply)
        except (errors.Error, OSError) as error:
            raise NotConnected(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        """Send what waits and end it."""
        self._ending = True
        if self.is_up:
            with contextlib.suppress(errors.Error, OSError, asyncio.TimeoutError):
                await self._client.flush(FLUSH_S)
        self._up = False
        await self._discard()

    async def _discard(self) -> None:
        self._up = False
        if not self._begun:
            return
        self._begun = False
        with contextlib.suppress(errors.Error, OSError, asyncio.TimeoutError, AttributeError):
            async with asyncio.timeout(FLUSH_S):
                await self._client.close()

    async def _failed(self, error: Exception) -> None:
        self.why = str(error) or type(error).__name__
        if not self._up and isinstance(error, ConnectionResetError | BrokenPipeError):
            # A server that closes before it has read our PING takes back its word of why.
            self.why += "; the server may not let us in"

    async def _closed(self) -> None:
        if self._up and not self._ending:
            self._up = False
            self._on_lost()


def _identity(place: Place, servers: Servers, safe: Callable[[], None]) -> Mapping[str, Any]:
    """Return the options that say who we are; each is asked for when TLS has begun, if at all."""

    def told(secret: str) -> Callable[[], str]:
        def tell() -> str:
            safe()
            return secret

        return tell

    options: dict[str, Any] = {"tls": servers.tls}
    signer = servers.signer
    if signer is not None:

        def sign(nonce: str) -> bytes:
            safe()
            return signer.sign(nonce)

        options |= {"signature_cb": sign, "user_jwt_cb": signer.jwt.encode}
    elif place.user is not None and place.password is not None:
        options |= {"user": told(place.user), "password": told(place.password)}
    elif place.user is not None:
        options["token"] = told(place.user)
    return options


def _passing(heard: Heard) -> Callable[[Msg], Awaitable[None]]:
    async def take(message: Msg) -> None:
        headers = message.headers or {}
        nobody = not message.data and headers.get("Status") == _NO_RESPONDERS
        heard(Message(message.subject, message.reply, message.data, nobody))

    return take
