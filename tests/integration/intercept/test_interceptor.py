"""The interceptor on real sockets: what is led here, what is refused, and that nothing gets out."""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trunkline.intercept.authority import open_authority
from trunkline.intercept.front import UNTRUSTED
from trunkline.intercept.interceptor import Interceptor
from trunkline.intercept.outward import Outward
from trunkline.intercept.talk import Home
from trunkline.intercept.watch import Caught
from trunkline.runtime.clock import SystemClock

REQUEST = b"GET /v1/x/?a=b HTTP/1.1\r\nHost: %s\r\nUser-Agent: mine/1\r\nConnection: close\r\n\r\n"
_reached: list[tuple[str, Any]] = []


def _note(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        _reached.append((event, args))


sys.addaudithook(_note)  # which cannot be taken away again


@dataclass
class Server:
    """Answers 200 with what it was asked, or passes on as a proxy would."""

    heads: list[bytes] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 fine\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(head), head))
        await writer.drain()
        writer.close()


@dataclass
class Scene:
    home: Server
    other: Server
    interceptor: Interceptor
    caught: list[Caught]
    trusting: ssl.SSLContext
    told: asyncio.Event

    async def ask(self, said: bytes, then: bytes = b"", tls: str = "") -> tuple[int, bytes]:
        """Say something to the port, perhaps something more in the tunnel; return the answer."""
        return await asyncio.to_thread(self._ask, said, then, tls, self.trusting)

    async def ask_tls(self, name: str, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:
        """Ask as a program that was led here by name, and thinks it speaks to Plivo."""
        then = REQUEST % name.encode()
        return await asyncio.to_thread(self._ask, b"", then, name, context or self.trusting)

    def _ask(
        self, said: bytes, then: bytes, tls: str, context: ssl.SSLContext
    ) -> tuple[int, bytes]:
        with contextlib.ExitStack() as stack:
            plain = socket.create_connection(("127.0.0.1", self.interceptor.port), 10)
            stack.callback(plain.close)
            plain.sendall(said)
            if said and then:
                assert plain.recv(4096).startswith(b"HTTP/1.1 200 ")
            wire = context.wrap_socket(plain, server_hostname=tls) if tls else plain
            stack.callback(wire.close)
            wire.sendall(then)
            answer = b"".join(iter(lambda: wire.recv(65_536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    home, other = Server(), Server()
    servers = []
    for one in (home, other):
        servers.append(await asyncio.start_server(one.serve, "127.0.0.1", 0))
        one.port = servers[-1].sockets[0].getsockname()[1]
    now = SystemClock().now
    authority = open_authority(tmp_path / "authority", now())
    caught: list[Caught] = []
    told = asyncio.Event()

    def tell(one: Caught) -> None:
        caught.append(one)
        told.set()

    interceptor = Interceptor(authority, Home("127.0.0.1", home.port), tell, now)
    await interceptor.start()
    trusting = ssl.create_default_context(cadata=authority.pem.decode())
    _reached.clear()
    yield Scene(home, other, interceptor, caught, trusting, told)
    await interceptor.close()
    for server in servers:
        server.close()


def line(host: str, status: int, *, refused: bool = False) -> Caught:
    return Caught("GET", host, "/v1/x/", "mine/1", status, refused)


def connect(host: str, port: int = 443) -> bytes:
    return b"CONNECT %s:%d HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n" % (host.encode(), port)


HOSTS = ("api.plivo.com", "lookup.plivo.com", "stats.plivo.com", "phlorunner.plivo.com",
         "media.plivo.com")  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
async def test_a_tunnel_to_plivo_ends_here(scene: Scene, host: str) -> None:
    request = REQUEST % host.encode()
    assert await scene.ask(connect(host), request, tls=host) == (200, request)  # nothing rewritten
    assert scene.caught == [line(host, 200)]


async def test_tls_led_here_by_name(scene: Scene) -> None:
    assert (await scene.ask_tls("api.plivo.com"))[0] == 200
    assert (await scene.ask_tls("stats.plivo.com"))[0] == 200
    assert [one.host for one in scene.caught] == ["api.plivo.com", "stats.plivo.com"]


async def test_plain_http_is_caught_too(scene: Scene) -> None:
    assert (await scene.ask(REQUEST % b"api.plivo.com"))[0] == 200
    absolute = b"GET http://api.plivo.com/v1/x/ HTTP/1.1\r\nUser-Agent: mine/1\r\n\r\n"
    assert (await scene.ask(absolute))[0] == 200
    tunnel = connect("api.plivo.com", 80)
    assert (await scene.ask(tunnel, REQUEST % b"api.plivo.com"))[0] == 200
    assert scene.caught == [line("api.plivo.com", 200)] * 3


async def test_an_absolute_https_address_is_caught_too(scene: Scene) -> None:
    absolute = b"GET https://api.plivo.com/v1/x/ HTTP/1.1\r\nUser-Agent: mine/1\r\n\r\n"
    assert (await scene.ask(absolute))[0] == 200
    assert scene.caught == [line("api.plivo.com", 200)]


@pytest.mark.parametrize("host", ["zt.plivo.com", "www.plivo.com", "plivo.com"])
async def test_what_is_not_served_is_told_so(scene: Scene, host: str) -> None:
    status, body = await scene.ask(connect(host), REQUEST % host.encode(), tls=host)
    answer = json.loads(body)
    assert (status, len(answer["api_id"])) == (404, 36)
    assert answer["error"].startswith(f"{host} is not served by this Trunkline")
    assert scene.caught == [line(host, 404, refused=True)]
    assert scene.home.heads == []


async def test_nothing_gets_out_when_trunkline_is_away(scene: Scene) -> None:
    away = Home("127.0.0.1", 1)
    interceptor = scene.interceptor
    interceptor._front.home = away
    status, body = await scene.ask(
        connect("api.plivo.com"), REQUEST % b"api.plivo.com", tls="api.plivo.com"
    )
    assert status == 502
    assert "Trunkline does not answer on 127.0.0.1:1" in json.loads(body)["error"]
    assert scene.caught == [line("api.plivo.com", 502, refused=True)]
    assert {args[1][0] for event, args in _reached if event == "socket.connect"} == {"127.0.0.1"}
    asked = {str(args[0]) for event, args in _reached if event == "socket.getaddrinfo"}
    assert not [host for host in asked if "plivo" in host]


async def test_the_way_out_is_shut_for_plivo_whoever_asks() -> None:
    for host in ("api.plivo.com", "API.PLIVO.COM.", "plivo.com"):
        with pytest.raises(OSError, match="nothing goes there"):
            await Outward().tunnel(host, 443)
    with pytest.raises(OSError, match="nothing goes there"):
        await Outward("http://proxy.plivo.com:1").tunnel("a.test", 443)


async def test_a_client_that_does_not_trust_is_told_of(scene: Scene) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await scene.ask_tls("api.plivo.com", ssl.create_default_context())
    await scene.told.wait()
    assert [one.status for one in scene.caught] == [UNTRUSTED]


async def test_no_certificate_for_others_is_ever_shown(scene: Scene) -> None:
    with pytest.raises(OSError, match=r"UNRECOGNIZED_NAME|reset|EOF"):
        await scene.ask_tls("example.com")


async def test_other_hosts_are_tunnelled_unchanged(scene: Scene) -> None:
    request = REQUEST % b"localhost"
    assert await scene.ask(connect("127.0.0.1", scene.other.port), request) == (200, request)
    assert scene.caught == []


async def test_other_hosts_absolute_addresses_go_on(scene: Scene) -> None:
    head = b"GET http://127.0.0.1:%d/x HTTP/1.1\r\nHost: y\r\n\r\n" % scene.other.port
    status, body = await scene.ask(head)
    assert (status, body) == (200, b"GET /x HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n")
    assert scene.caught == []


async def test_the_proxy_that_was_there_before_is_used(scene: Scene) -> None:
    parent = f"http://me:p%40ss@127.0.0.1:{scene.other.port}"
    scene.interceptor._front.outward = Outward(parent, ("direct.test",), parent)
    request = REQUEST % b"a.test"
    assert await scene.ask(connect("a.test", 443), request) == (200, request)
    (head,) = scene.other.heads
    assert head == (
        b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"
        b"Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
    )
    absolute = b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n"
    ours = b"Connection: close\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
    assert await scene.ask(absolute + b"\r\n") == (200, absolute + ours)


async def test_a_proxy_that_refuses_or_hangs_up(scene: Scene) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if b"refuse.test" in asked:
            writer.write(b"HTTP/1.1 407 no\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    parent = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    scene.interceptor._front.outward = Outward(parent)
    for host in ("refuse.test", "hang-up.test"):
        status, body = await scene.ask(connect(host))
        assert (status, b"the proxy 127.0.0.1 refused" in body) == (502, True)
    server.close()


async def test_who_cannot_be_reached_is_told_of(scene: Scene) -> None:
    assert (await scene.ask(connect("127.0.0.1", 1)))[0] == 502
    assert (await scene.ask(b"GET http://127.0.0.1:1/ HTTP/1.1\r\n\r\n"))[0] == 502


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\n\r\n", b"rubbish\r\n\r\n", b"CONNECT x HTTP/1.1\r\n\r\n", b"a" * 140_000],
)
async def test_rubbish_is_refused_at_the_port(scene: Scene, said: bytes) -> None:
    status, body = await scene.ask(said)
    assert (status, body[-1:]) == (400, b"\n")
    assert scene.caught == []
