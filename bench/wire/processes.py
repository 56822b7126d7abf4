"""Starts the processes of a measurement, asks them, and reads what they cost from /proc."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent.parent
SOURCE = BENCH.parent / "src"  # measured is the tree this file belongs to
IN_PROCESS = ("sample", "calls")  # profilers that run inside the program
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Broken(Exception):
    """A process of the measurement did not do its part."""


def cpu_s(pid: int) -> float:
    """CPU seconds of a process, all its threads, since its start; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def machine_cpu_s() -> tuple[float, float]:
    """CPU seconds the whole machine has spent busy, and idle but waiting for its disk."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    user, nice, system, _idle, iowait, irq, softirq, steal = (int(text) for text in fields[1:9])
    return (user + nice + system + irq + softirq + steal) * _TICK_S, iowait * _TICK_S


def rss_bytes(pid: int) -> int:
    """Resident memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def family(pid: int) -> list[int]:
    """A process and all its descendants that live."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(stat[1]), []).append(int(entry.name))
    found, at = [pid], 0
    while at < len(found):
        found += children.get(found[at], [])
        at += 1
    return found


class Child:
    """A measuring process: speaks first when ready, then answers one word with one line."""

    def __init__(self, name: str, script: str, *options: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, str(BENCH / script), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": f"{BENCH}:{SOURCE}"},
        )
        self._rest = b""
        self.ready: dict[str, Any] = self._line(20.0)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, word: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """Send a word and return the answer."""
        if self._process.stdin is None:
            raise Broken(f"{self.name} cannot be asked")
        try:
            self._process.stdin.write(word.encode() + b"\n")
        except OSError as error:
            raise Broken(f"{self.name} is gone") from error
        return self._line(timeout_s)

    def stop(self) -> None:
        """End it, with force when it does not go."""
        with contextlib.suppress(Broken):
            self.ask("stop", 2.0)
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        _end(self._process, 3.0)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _line(self, timeout_s: float) -> dict[str, Any]:
        if self._process.stdout is None:
            raise Broken(f"{self.name} cannot be heard")
        end = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            left = end - time.monotonic()
            ready = select.select([self._process.stdout], [], [], max(0.0, left))[0]
            data = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            if not data:
                raise Broken(f"{self.name} {'ended' if ready else 'does not answer'}")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)


ROLES = ("main", "messaging", "webhooks", "media")  # what its processes are for


class Server:
    """The program under measurement: `trunkline up` with its own data folder."""

    def __init__(self, folder: Path, env: Mapping[str, str], profile: str = "") -> None:
        self.folder = folder
        self._roles: dict[int, str] = {}
        self.log = folder / "server.log"
        ready = folder / "ready.json"
        self.profiles = folder / "profiles"
        self.profiles.mkdir()
        env = {"PYTHONPATH": str(SOURCE), **env}
        if profile in IN_PROCESS:
            env["PYTHONPATH"] = f"{BENCH / 'wire' / 'inside'}:{SOURCE}"
            env["TRUNKLINE_BENCH_PROFILE"] = f"{profile}:{self.profiles}"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).parent / "trunkline"), "up", "--ready-file", str(ready)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **env},
            )
        self.ready = self._await_ready(ready)

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def pids(self) -> list[int]:
        return family(self.pid)

    def role(self, pid: int) -> str:
        """Name one of its processes, for as long as it lives and after."""
        if pid not in self._roles:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            command = Path(f"/proc/{pid}/cmdline").read_text()
            named = next((one for one in ROLES if name == f"tl-{one}"), "main")
            own = (one for one in ("media", "speech") if f"engines.{one}" in command)
            self._roles[pid] = next(own, named)
        return self._roles[pid]

    def stop(self) -> None:
        _end(self._process, 30.0)

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _await_ready(self, path: Path) -> dict[str, Any]:
        end = time.monotonic() + 40.0
        while time.monotonic() < end and self.alive():
            with contextlib.suppress(OSError, ValueError):
                return json.loads(path.read_text())
            time.sleep(0.05)
        self.stop()
        raise Broken(f"the program did not get ready:\n{self.tail(30)}")


@contextlib.contextmanager
def closing(*things: Any) -> Iterator[None]:
    """Stop all of them at the end, the last first."""
    try:
        yield
    finally:
        for thing in reversed(things):
            thing.stop()


def _end(process: "subprocess.Popen[bytes]", grace_s: float) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
