"""The client against scripted servers on loopback: every answer below is bytes on a socket."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from trunkline.engines.http import errors
from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits, Timeouts

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOCAL = AddressPolicy(allow_loopback=True)
QUICK = Timeouts(connect_s=1.0, total_s=0.3)

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy")


@pytest.fixture(params=["asyncio", "uvloop"], autouse=True)
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    """Both loops: they differ in how they close and in the errors they raise."""
    if request.param == "uvloop":
        return uvloop.EventLoopPolicy()
    return asyncio.DefaultEventLoopPolicy()


Answer = Callable[["Peer", bytes], Awaitable[None]]


class Peer:
    """One server connection: reads whole requests, lets the script write what it likes."""

    def __init__(
        self, server: "Server", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.number = len(server.requests)

    async def read(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return head + await self.reader.readexactly(length)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


class Server:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        peer = Peer(self, reader, writer)
        try:
            while True:
                request = await peer.read()
                self.requests.append(request)
                await self.answer(peer, request)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@asynccontextmanager
async def serving(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    peers: set[asyncio.Task[None]] = set()
    listener = await asyncio.start_server(
        lambda *streams: peers.add(asyncio.create_task(server.serve(*streams))),
        "127.0.0.1",
        0,
        ssl=context,
    )
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for peer in peers:
            peer.cancel()
        await asyncio.gather(*peers, return_exceptions=True)


@asynccontextmanager
async def client(limits: HttpLimits | None = None, **more: object) -> AsyncIterator[HttpClient]:
    made = HttpClient(LOCAL, limits, **more)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


def always(data: bytes) -> Answer:
    async def answer(peer: Peer, _: bytes) -> None:
        await peer.send(data)

    return answer


def then_close(data: bytes) -> Answer:
    async def answer(peer: Peer, _: bytes) -> None:
        await peer.send(data)
        peer.writer.close()

    return answer


async def test_sends_one_whole_request() -> None:
    async with serving(always(OK)) as server, client() as http:
        response = await http.request("POST", server.url("/a?b=c#d"), [(b"X-Y", b"z")], b"k=v")
    assert server.requests == [
        b"POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Y: z\r\nContent-Length: 3\r\n\r\nk=v"
        % server.port
    ]
    assert (response.status, response.body, response.truncated) == (200, b"ok", False)
    assert response.header(b"content-length") == b"2"
    assert response.final_url == server.url("/a?b=c")
    assert 0 < response.connect_s < response.total_s


async def test_keeps_connections_alive() -> None:
    async with serving(always(OK)) as server, client() as http:
        for _ in range(3):
            response = await http.request("GET", server.url(), [])
    assert server.connections == 1
    assert response.connect_s == 0.0
    assert server.requests[2] == b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % server.port


async def test_credentials_of_the_url_are_sent_as_basic() -> None:
    async with serving(always(OK)) as server, client() as http:
        await http.request("GET", server.url(host="user:pass@127.0.0.1"), [])
    assert b"Authorization: Basic dXNlcjpwYXNz\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            b"abc",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"1\r\na\r\n0\r\nX-Late: 1\r\n\r\n",
            b"a",
        ),
        (b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + OK, b"ok"),
    ],
)
@pytest.mark.parametrize("piecewise", [False, True])
async def test_body_framings(data: bytes, body: bytes, piecewise: bool) -> None:
    async def answer(peer: Peer, _: bytes) -> None:
        for index in range(len(data)) if piecewise else ():
            await peer.send(data[index : index + 1])
            await asyncio.sleep(0)
        if not piecewise:
            await peer.send(data)

    async with serving(answer) as server, client() as http:
        for _ in range(2):
            response = await http.request("POST", server.url(), [], b"x", timeouts=QUICK)
            assert (response.body, response.status // 100) == (body, 2)
            names = [name for name, _ in response.headers]
            assert b"Link" not in names
            assert b"X-Late" not in names
    assert server.connections == 1


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", b"ok"),
    ],
)
async def test_body_ended_by_close(data: bytes, body: bytes) -> None:
    async with serving(then_close(data)) as server, client() as http:
        for _ in range(2):
            response = await http.request("GET", server.url(), [], timeouts=QUICK)
            assert response.body == body
    assert server.connections == 2


async def test_connection_close_is_obeyed_even_if_the_server_lingers() -> None:
    data = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with serving(always(data)) as server, client() as http:
        for _ in range(2):
            await http.request("GET", server.url(), [], timeouts=QUICK)
    assert server.connections == 2


@pytest.mark.parametrize("framing", [b"Content-Length: 5000", b"X: y"])
async def test_long_body_is_cut(framing: bytes) -> None:
    data = b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + b"x" * 5000
    async with serving(always(data)) as server, client(HttpLimits(body_bytes=1000)) as http:
        for _ in range(2):
            response = await http.request("GET", server.url(), [], timeouts=QUICK)
            assert response.body == b"x" * 1000
            assert response.truncated
    assert server.connections == 2


@pytest.mark.parametrize(
    "data",
    [
        b"SMTP 220 hello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nzz",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_bad_answers(data: bytes) -> None:
    async with serving(then_close(data)) as server, client() as http:
        with pytest.raises(errors.BadResponse):
            await http.request("GET", server.url(), [], timeouts=Timeouts(1, 1))


async def test_silence_before_any_answer() -> None:
    async with serving(then_close(b"")) as server, client() as http:
        with pytest.raises(errors.ConnectFailed, match="before any answer"):
            await http.request("POST", server.url(), [], b"x")
    assert len(server.requests) == 1  # a fresh connection is not retried


async def test_second_answer_to_one_request_ends_the_connection() -> None:
    async with serving(always(OK + OK)) as server, client() as http:
        for _ in range(2):
            response = await http.request("GET", server.url(), [], timeouts=QUICK)
            assert response.body == b"ok"
    assert server.connections == 2


async def test_unasked_data_on_an_idle_connection_is_not_an_answer() -> None:
    late = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"

    async def answer(peer: Peer, _: bytes) -> None:
        await peer.send(OK)
        if len(peer.server.requests) == 1:
            await asyncio.sleep(0.02)
            await peer.send(late)

    async with serving(answer) as server, client() as http:
        assert (await http.request("GET", server.url(), [])).status == 200
        await asyncio.sleep(0.08)
        assert (await http.request("GET", server.url(), [])).status == 200
    assert server.connections == 2


async def test_stale_connection_is_retried_once() -> None:
    async def answer(peer: Peer, _: bytes) -> None:
        if len(peer.server.requests) == 2:
            peer.writer.transport.abort()  # gone just as the second request arrives
        else:
            await peer.send(OK)

    async with serving(answer) as server, client() as http:
        for _ in range(2):
            assert (await http.request("POST", server.url(), [], b"x")).status == 200
        assert http.counters.retried == 1
    assert (server.connections, len(server.requests)) == (2, 3)


async def test_begun_answer_is_never_retried() -> None:
    async def answer(peer: Peer, _: bytes) -> None:
        if len(peer.server.requests) == 2:
            await peer.send(OK[:10])
            peer.writer.close()
        else:
            await peer.send(OK)

    async with serving(answer) as server, client() as http:
        await http.request("POST", server.url(), [], b"x")
        with pytest.raises(errors.BadResponse):
            await http.request("POST", server.url(), [], b"x")
    assert len(server.requests) == 2


async def test_connection_closed_while_idle_costs_nothing() -> None:
    async with serving(then_close(OK)) as server, client() as http:
        for _ in range(3):
            assert (await http.request("GET", server.url(), [])).status == 200
            await asyncio.sleep(0.02)
        assert http.counters.retried == 0
    assert server.connections == 3


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
async def test_total_time_limit(begun: bytes) -> None:
    async def answer(peer: Peer, _: bytes) -> None:
        await peer.send(begun)
        await asyncio.sleep(5)

    loop = asyncio.get_running_loop()
    async with serving(answer) as server, client() as http:
        started = loop.time()
        with pytest.raises(errors.TimedOut):
            await http.request("GET", server.url(), [], timeouts=QUICK)
        assert 0.25 < loop.time() - started < 1.0


async def test_time_limit_on_a_connection_that_served_before() -> None:
    async def answer(peer: Peer, _: bytes) -> None:
        if len(peer.server.requests) == 1:
            await peer.send(OK)
        else:
            await asyncio.sleep(5)

    async with serving(answer) as server, client() as http:
        await http.request("GET", server.url(), [], timeouts=Timeouts(1, 60))
        with pytest.raises(errors.TimedOut):
            await http.request("GET", server.url(), [], timeouts=QUICK)


async def test_read_time_limit() -> None:
    async def answer(_peer: Peer, _: bytes) -> None:
        await asyncio.sleep(5)

    async with serving(answer) as server, client() as http:
        started = asyncio.get_running_loop().time()
        with pytest.raises(errors.TimedOut) as raised:
            await http.request("GET", server.url(), [], timeouts=Timeouts(5, 60, read_s=0.2))
        assert not isinstance(raised.value, errors.ConnectTimedOut)
        assert asyncio.get_running_loop().time() - started < 4  # and not the 5 s to connect


async def test_connect_time_limit() -> None:
    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    async with client(lookup=never) as http:
        with pytest.raises(errors.ConnectTimedOut, match="No connection to"):
            await http.request("GET", "http://slow.example/", [], timeouts=Timeouts(0.1, 5))


async def test_refused() -> None:
    async with serving(always(OK)) as server:
        pass
    async with client() as http:
        with pytest.raises(errors.ConnectFailed, match="Connection refused"):
            await http.request("GET", server.url(), [])


async def test_per_origin_limit_makes_requests_wait() -> None:
    running = most = 0

    async def answer(peer: Peer, _: bytes) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        await peer.send(OK)

    async with serving(answer) as server, client(HttpLimits(connections_per_origin=2)) as http:
        answers = await asyncio.gather(*(http.request("GET", server.url(), []) for _ in range(8)))
    assert [answer.status for answer in answers] == [200] * 8
    assert (most, server.connections) == (2, 2)


async def test_waiting_places_are_handed_on_when_connections_die() -> None:
    async with (
        serving(then_close(OK)) as server,
        client(HttpLimits(connections_per_origin=1)) as http,
    ):
        answers = await asyncio.gather(*(http.request("GET", server.url(), []) for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5


async def test_waiting_has_a_time_limit_and_a_bound() -> None:
    async def answer(peer: Peer, _: bytes) -> None:
        await asyncio.sleep(0.6)
        await peer.send(OK)

    limits = HttpLimits(connections_per_origin=1, waiting_per_origin=1)
    async with serving(answer) as server, client(limits) as http:
        first = asyncio.create_task(http.request("GET", server.url(), []))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(http.request("GET", server.url(), [], timeouts=QUICK))
        await asyncio.sleep(0)
        with pytest.raises(errors.TooManyConnections):
            await http.request("GET", server.url(), [])
        with pytest.raises(errors.TimedOut, match="free connection"):
            await second
        assert (await first).status == 200
        assert (await http.request("GET", server.url(), [])).status == 200


async def test_global_limit_closes_idle_connections_of_others() -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(serving(always(OK))) for _ in range(3)]
        http = await stack.enter_async_context(client(HttpLimits(connections=2)))
        for server in [*servers, *servers]:
            assert (await http.request("GET", server.url(), [])).status == 200


async def test_cancelled_request_gives_its_place_back() -> None:
    async def answer(peer: Peer, request: bytes) -> None:
        if b"/slow" in request:
            await asyncio.sleep(5)
        await peer.send(OK)

    async with serving(answer) as server, client(HttpLimits(connections_per_origin=1)) as http:
        slow = asyncio.create_task(http.request("GET", server.url("/slow"), []))
        waiting = asyncio.create_task(http.request("GET", server.url("/waiting"), []))
        await asyncio.sleep(0.05)
        waiting.cancel()
        slow.cancel()
        await asyncio.gather(slow, waiting, return_exceptions=True)
        assert (await http.request("GET", server.url(), [], timeouts=QUICK)).status == 200


async def test_idle_connection_closes_itself() -> None:
    async with serving(always(OK)) as server, client(HttpLimits(keep_alive_s=0.05)) as http:
        await http.request("GET", server.url(), [], timeouts=Timeouts(1, 0.1))
        await asyncio.sleep(0.3)
        await http.request("GET", server.url(), [])
    assert server.connections == 2


async def test_close_ends_running_requests() -> None:
    async def answer(_peer: Peer, _: bytes) -> None:
        await asyncio.sleep(5)

    async with serving(answer) as server:
        http = HttpClient(LOCAL)
        running = asyncio.create_task(http.request("GET", server.url(), []))
        await asyncio.sleep(0.05)
        await http.close()
        with pytest.raises(errors.ClientClosed):
            await running
        with pytest.raises(errors.ClientClosed):
            await http.request("GET", server.url(), [])


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "POST", b"GET"),
        (302, "POST", b"GET"),
        (303, "POST", b"GET"),
        (303, "PUT", b"GET"),
        (307, "POST", b"POST"),
        (308, "POST", b"POST"),
        (302, "GET", b"GET"),
        (301, "PUT", b"PUT"),
    ],
)
async def test_redirects(status: int, method: str, expected: bytes) -> None:
    async def answer(peer: Peer, request: bytes) -> None:
        if b" /from " in request:
            await peer.send(
                b"HTTP/1.1 %d Go\r\nLocation: ../to?x=1\r\nContent-Length: 0\r\n\r\n" % status
            )
        else:
            await peer.send(OK)

    headers = [(b"Content-Type", b"text/plain"), (b"X-Kept", b"1")]
    async with serving(answer) as server, client() as http:
        response = await http.request(method, server.url("/from"), headers, b"body")
    assert response.final_url == server.url("/to?x=1")
    second = server.requests[1]
    assert second.startswith(expected + b" /to?x=1 HTTP/1.1\r\n")
    assert second.endswith(b"body") == (expected != b"GET" or method == "GET")
    assert b"X-Kept: 1\r\n" in second
    assert server.connections == 1


async def test_redirect_without_location_is_an_answer() -> None:
    data = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"
    async with serving(always(data)) as server, client() as http:
        assert (await http.request("GET", server.url(), [])).status == 302


async def test_redirect_loop_ends() -> None:
    data = b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
    async with serving(always(data)) as server, client() as http:
        with pytest.raises(errors.TooManyRedirects):
            await http.request("GET", server.url(), [])
    assert len(server.requests) == 6  # the first and five hops


@pytest.mark.parametrize(
    "target",
    ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://inside.example/x"],
)
async def test_redirect_to_a_private_address_is_blocked(target: str) -> None:
    async def names(_host: str, _port: int) -> list[str]:
        return ["192.168.7.7"]

    data = b"HTTP/1.1 302 Go\r\nLocation: " + target.encode() + b"\r\nContent-Length: 0\r\n\r\n"
    async with serving(always(data)) as server, client(lookup=names) as http:
        with pytest.raises(errors.Blocked, match="not a public address"):
            await http.request("POST", server.url(), [], b"x")


@pytest.mark.parametrize("target", ["ftp://h/", "http://[::1/", "gopher:x"])
async def test_redirect_to_nonsense(target: str) -> None:
    data = b"HTTP/1.1 302 Go\r\nLocation: " + target.encode() + b"\r\nContent-Length: 0\r\n\r\n"
    async with serving(always(data)) as server, client() as http:
        with pytest.raises(errors.InvalidUrl):
            await http.request("POST", server.url(), [], b"x")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "[::1]", "localhost"]
)
async def test_loopback_is_blocked_outside_local_mode(host: str) -> None:
    async with serving(always(OK)) as server:
        http = HttpClient(AddressPolicy())
        with pytest.raises(errors.Blocked):
            await http.request("GET", server.url(host=host), [])
        await http.close()
    assert server.connections == 0


async def test_only_checked_addresses_of_a_name_are_used() -> None:
    asked = 0

    async def names(_host: str, _port: int) -> list[str]:
        nonlocal asked
        asked += 1
        return ["10.0.0.1", "127.0.0.1"]

    async with serving(always(OK)) as server, client(lookup=names) as http:
        for _ in range(2):
            data = await http.request("GET", server.url(host="both.example"), [])
            assert data.status == 200
    assert asked == 1
    assert b"Host: both.example:%d\r\n" % server.port in server.requests[0]


async def test_unknown_name_is_asked_for_once() -> None:
    asked = 0

    async def names(_host: str, _port: int) -> list[str]:
        nonlocal asked
        asked += 1
        raise OSError("no such name")

    async with client(lookup=names) as http:
        for _ in range(3):
            with pytest.raises(errors.ResolveFailed):
                await http.request("GET", "http://nowhere.example/", [])
    assert asked == 1


@pytest.mark.parametrize("value", [b"a\r\nInjected: 1", b"a\nb", b"a\rb"])
async def test_header_with_line_break_is_refused(value: bytes) -> None:
    async with serving(always(OK)) as server, client() as http:
        with pytest.raises(ValueError, match="line break"):
            await http.request("GET", server.url(), [(b"X", value)])
    assert server.requests == []


async def test_https_verifies_the_name(tls_files: tuple[Path, Path, Path]) -> None:
    ca, certificate, key = tls_files
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    seen: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: seen.append(name)

    async def names(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with serving(always(OK), context) as server:
        good = f"https://hooks.example:{server.port}/"
        async with client(extra_ca_file=ca, lookup=names) as http:
            for _ in range(2):
                assert (await http.request("POST", good, [], b"x")).status == 200
            with pytest.raises(errors.TlsFailed, match="not trusted"):
                await http.request("GET", f"https://other.example:{server.port}/", [])
        async with client(lookup=names) as strict:
            with pytest.raises(errors.TlsFailed, match="not trusted"):
                await strict.request("GET", good, [])
    assert seen[0] == "hooks.example"
    assert len(server.requests) == 2


async def test_plain_server_behind_https() -> None:
    async with serving(then_close(OK)) as server, client() as http:
        with pytest.raises(errors.HttpError):
            await http.request(
                "GET", f"https://127.0.0.1:{server.port}/", [], timeouts=Timeouts(0.5, 0.5)
            )


@pytest.fixture(scope="module")
def tls_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """An authority and a certificate it signed for hooks.example."""
    folder = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)

    def issue(
        name: str, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey | None
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
        )
        if issuer is not None:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name)]), False
            )
        return builder.sign(signer or key, hashes.SHA256()), key

    authority, authority_key = issue("Test authority", None, None)
    leaf, leaf_key = issue("hooks.example", authority.subject, authority_key)
    paths = folder / "ca.pem", folder / "leaf.pem", folder / "leaf.key"
    paths[0].write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    paths[2].write_bytes(
        leaf_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
