"""CPU of a media process for each leg: python bench/media_legs.py [legs] [seconds].

Three runs: prompts (a file to each leg), conferences of three, taps both ways. Every leg gets
50 packets of G.711 a second from a generator in this process.
"""

import asyncio
import os
import socket
import sys
import tempfile
import wave
from pathlib import Path

from trunkline.engines.media import MediaConfig, MediaProcess
from trunkline.engines.media import messages as m
from trunkline.protocols.rtp import Packet, serialize

TICK_S = 0.02


class Generator:
    """Sends to all legs from one socket each, reads nothing: the kernel drops what is too much."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []

    def add(self, target: tuple[str, int]) -> tuple[str, int]:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.bind(("127.0.0.1", 0))
        sock.connect(target)
        self.sockets.append(sock)
        return sock.getsockname()

    async def run(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for tick in range(int(seconds / TICK_S)):
            data = serialize(Packet(0, tick & 0xFFFF, tick * 160, 7, os.urandom(160)))
            for index, sock in enumerate(self.sockets):
                sock.send(data)
                if index % 50 == 49:
                    await asyncio.sleep(0)
            await asyncio.sleep(max(0.0, began + (tick + 1) * TICK_S - loop.time()))


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prompt(folder: str) -> str:
    path = Path(folder) / "prompt.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(os.urandom(8000 * 20))
    return str(path)


async def measure(name: str, legs: int, seconds: float, folder: str) -> None:
    process = MediaProcess(MediaConfig(most_legs=legs + 1, first_port=20000), lambda _: None)
    await process.start()
    generator = Generator()
    for n in range(legs):
        opened = await process.open_leg(str(n))
        assert isinstance(opened, m.LegOpened)
        address, port = generator.add((opened.address, opened.port))
        stream = m.Stream(
            address=address, port=port, codec="PCMU", payload_type=0, receive_types=(0,),
            event_type=101, event_receive_types=(101,),
        )  # fmt: skip
        await process.set_stream(str(n), stream)
        if name == "prompts":
            item = m.FileItem(prompt(folder) if n == 0 else str(Path(folder) / "prompt.wav"))
            await process.request(m.Play(playback=str(n), items=(item,), leg=str(n), loop=0))
        elif name == "conferences":
            await process.request(m.Join(str(n), f"room{n // 3}"))
        else:
            await process.request(m.OpenTap(tap=str(n), leg=str(n)))
    assert process.pid is not None
    await generator.run(1.0)
    before, cpu = await process.stats(), cpu_s(process.pid)
    await generator.run(seconds)
    after, used = await process.stats(), cpu_s(process.pid) - cpu
    ticks = after.ticks - before.ticks
    late = after.late_ticks - before.late_ticks + after.skipped_ticks - before.skipped_ticks
    print(
        f"{name:12} {legs:4} legs  {used / seconds / legs:7.3%} of a core a leg  "
        f"{(after.busy_s - before.busy_s) / ticks * 1000:6.2f} ms a tick  "
        f"{late / ticks:6.2%} of ticks late"
    )
    await process.close()
    for sock in generator.sockets:
        sock.close()


async def main() -> None:
    legs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("prompts", "conferences", "taps"):
            await measure(name, legs, seconds, folder)


if __name__ == "__main__":
    asyncio.run(main())
