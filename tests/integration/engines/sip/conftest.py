"""User agents on loopback, with what happens to their calls written down."""

import asyncio
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from free_ports import free_port

from trunkline.engines.sip import (
    AgentConfig,
    Ended,
    Failed,
    Hop,
    Listener,
    Placing,
    Trunk,
    UserAgent,
)
from trunkline.protocols.sip.digest import Secret
from trunkline.protocols.sip.transactions import Timing

WAIT_S = 10.0
LOOPBACK = "127.0.0.1"
OFFER = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
OFFER += b"m=audio 40000 RTP/AVP 0\r\n"
ANSWER = OFFER.replace(b"40000", b"50000")
HOLD = OFFER + b"a=sendonly\r\n"
FAST = Timing(t1=0.05, t2=0.4, t4=0.5)


async def until(condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    """Wait for a condition; fails the test when it does not come."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  it looks at what the engine shows
            await asyncio.sleep(0.005)


class Party:
    """A user agent whose calls are owned by one task each, which writes events down."""

    def __init__(self, **config) -> None:
        config.setdefault("listeners", (Listener("udp", LOOPBACK, 0),))
        config.setdefault("timing", FAST)
        trunks = config.pop("trunks", [Trunk("peer", (LOOPBACK,))])
        self.secrets: dict[str, str] = config.pop("secrets", {})
        self.looks_up = asyncio.Event()
        self.looks_up.set()
        admit = config.pop("admit", None)
        heeded = config.pop("heeded", ())
        self.calls: list = []
        self.events: dict = {}
        self.bound: list = []
        self.on_call: Callable = lambda call: call.answer(ANSWER)
        self.on_event: Callable = lambda call, event: None
        self._tasks: set[asyncio.Task] = set()
        self.agent = UserAgent(
            AgentConfig(**config),
            on_call=self._came,
            secrets_of=self._secret,
            trunks=trunks,
            on_registered=lambda user, bindings: self.bound.append((user, bindings)),
            admit=admit,
            heeded=heeded,
        )

    async def _secret(self, username: str, realm: str) -> Secret | None:
        await self.looks_up.wait()
        password = self.secrets.get(username)
        return Secret(password) if password is not None else None

    def _came(self, call) -> None:
        self.calls.append(call)
        self.watch(call)
        self.on_call(call)

    def watch(self, call) -> None:
        self.events[call] = []
        task = asyncio.get_running_loop().create_task(self._own(call))
        self._tasks.add(task)

    async def _own(self, call) -> None:
        while (event := await call.next()) is not None:
            self.events[call].append(event)
            self.on_event(call, event)

    def hop(self, transport="udp") -> Hop:
        return Hop(transport, LOOPBACK, self.agent.port(transport))

    def place(self, to: Hop | int, sdp: bytes = OFFER, user: str = "bob", **more):
        hop = to if isinstance(to, Hop) else Hop("udp", LOOPBACK, to)
        suffix = "" if hop.transport == "udp" else f";transport={hop.transport}"
        uri = more.pop("uri", f"sip:{user}@{hop.host}:{hop.port}{suffix}")
        call = self.agent.place(Placing(uri, "sip:alice@trunkline", sdp, hop=hop, **more))
        self.watch(call)
        return call

    def seen(self, call, kind) -> list:
        return [event for event in self.events.get(call, []) if isinstance(event, kind)]

    async def got(self, call, kind, count: int = 1):
        """Wait for an event of that kind and give it."""
        await until(lambda: len(self.seen(call, kind)) >= count or self._ended(call, kind))
        found = self.seen(call, kind)
        assert len(found) >= count, self.events.get(call)
        return found[count - 1]

    def _ended(self, call, kind) -> bool:
        return bool(self.seen(call, (Ended, Failed))) and kind not in (Ended, Failed)

    async def first(self):
        await until(lambda: self.calls)
        return self.calls[0]

    async def close(self) -> None:
        await self.agent.close(drain_s=1.0)
        async with asyncio.timeout(2):
            await asyncio.gather(*self._tasks)


class RawPeer:
    """A UDP socket that speaks SIP by hand."""

    def __init__(self, host: str = LOOPBACK) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]

    def send(self, octets: bytes, port: int) -> None:
        self.socket.sendto(octets, (LOOPBACK, port))

    async def receive(self, timeout_s: float = WAIT_S) -> bytes:
        async with asyncio.timeout(timeout_s):
            return await asyncio.get_running_loop().sock_recv(self.socket, 65536)

    async def silent(self, seconds: float = 0.15) -> bool:
        try:
            await self.receive(seconds)
        except TimeoutError:
            return True
        return False


class Sipp:
    """Runs sipp with a scenario of this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[asyncio.subprocess.Process] = []

    async def start(self, scenario: str, *arguments: str):
        place = Path(__file__).parent / "scenarios" / f"{scenario}.xml"
        process = await asyncio.create_subprocess_exec(
            "sipp",
            *("-sf", str(place), "-i", LOOPBACK, "-m", "1", "-nostdin", "-timeout", "15"),
            *("-timeout_error", "-trace_err", "-error_file", str(self.folder / "errors.log")),
            *arguments,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.running.append(process)
        return process

    async def done(self, process) -> None:
        """Wait for its end; the scenario has to have gone through."""
        output, _ = await asyncio.wait_for(process.communicate(), 20)
        errors = self.folder / "errors.log"
        detail = errors.read_text(errors="replace") if errors.exists() else ""
        assert process.returncode == 0, detail + output.decode(errors="replace")[-3000:]

    async def call(self, scenario: str, port: int, *arguments: str) -> None:
        """Run a scenario that calls us."""
        await self.done(await self.start(scenario, *arguments, f"{LOOPBACK}:{port}"))

    async def answer(self, scenario: str, *arguments: str) -> tuple:
        """Start a scenario that we call; gives (process, port)."""
        port = free_port()
        process = await self.start(scenario, "-p", str(port), *arguments)
        await until(lambda: _is_bound(port))
        return process, port

    async def close(self) -> None:
        for process in self.running:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _is_bound(port: int) -> bool:
    """Whether somebody listens; seen without a bind, which would be in sipp's way.

    Where that cannot be seen the INVITE is sent again until somebody does.
    """
    table = Path("/proc/net/udp")
    return not table.exists() or f":{port:04X} " in table.read_text()


class SipLab:
    """Starts parties and peers and closes them in order."""

    def __init__(self) -> None:
        self.parties: list[Party] = []
        self.raw: list[RawPeer] = []
        self.until = until

    async def party(self, **config) -> Party:
        party = Party(**config)
        await party.agent.start()
        self.parties.append(party)
        return party

    def peer(self, host: str = LOOPBACK) -> RawPeer:
        peer = RawPeer(host)
        self.raw.append(peer)
        return peer

    async def close(self) -> None:
        for party in reversed(self.parties):
            await party.close()
        for peer in self.raw:
            peer.socket.close()


@pytest.fixture
async def lab():
    made = SipLab()
    yield made
    await made.close()
    assert all(party.agent.stats.faults == 0 for party in made.parties)


@pytest.fixture
async def sipp(tmp_path):
    assert shutil.which("sipp"), "sipp is not installed: run .ci/system-tools"
    made = Sipp(tmp_path)
    yield made
    await made.close()


@pytest.fixture
def bodies():
    """The descriptions used: (offer, answer, hold)."""
    return OFFER, ANSWER, HOLD
