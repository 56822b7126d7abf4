"""Run somebody's program with its traffic for Plivo led to a Trunkline."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import msgspec

from trunkline.intercept.authority import open_authority
from trunkline.intercept.catches import Catches
from trunkline.intercept.environment import Led, outward
from trunkline.intercept.interceptor import Interceptor
from trunkline.processes.intercept.served import home_of
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.settings import Settings
from trunkline.values.errors import TrunklineError

START_S: Final = 60.0
STOP_S: Final = 30.0
POLL_S: Final = 0.05
TOLD_LINES: Final = 20

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
_ENDED: Final = "trunkline up has ended (one that runs already is named by --url)"
_START: Final = "from trunkline.cli.main import main; main()"


class NotStarted(TrunklineError):
    """Trunkline itself could not be started for the program."""


class NoSuchProgram(TrunklineError):
    """What is to be run cannot be found or executed; `code` is what a shell would exit with."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


class Host(msgspec.Struct, frozen=True):
    """The Trunkline that takes the program's requests, and an account of it ("" if not known)."""

    url: str
    auth_id: str = ""
    auth_token: str = ""


@dataclass(frozen=True, slots=True)
class Guest:
    """The program; with `keep_credentials` its PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN stay."""

    command: Sequence[str]
    environment: Mapping[str, str]
    keep_credentials: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The program's exit code, 128 and more for signals, and what was caught in words."""

    code: int
    summary: str


async def receive(guest: Guest, host: Host | None, settings: Settings) -> Outcome:
    """Run the program to its end; without `host` a Trunkline is started and stopped for it.

    Raises:
        TrunklineError: the program, or Trunkline, cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="trunkline-run-") as name:
        folder = Path(name)
        async with contextlib.AsyncExitStack() as stack:
            if host is None:
                host = await stack.enter_async_context(_own(settings, folder, guest.environment))
            return await _with(guest, host, folder)


async def _with(guest: Guest, host: Host, folder: Path) -> Outcome:
    now = SystemClock().now
    catches = Catches()
    authority = open_authority(folder / "authority", now())
    way_out = outward(guest.environment)
    interceptor = Interceptor(authority, home_of(host.url), catches.tell, now, way_out)
    await interceptor.start()
    try:
        led = Led(interceptor.port, authority, folder)
        environment = led.environment(_credentials(guest, host))
        code = await _run(guest.command, environment)
    except OSError as error:
        raise NotStarted(f"{error.filename or ''}: {error.strerror}") from error
    finally:
        await interceptor.close()
    return Outcome(code, catches.summary())


def _credentials(guest: Guest, host: Host) -> dict[str, str]:
    known = {**guest.environment, "TRUNKLINE_URL": host.url}
    if host.auth_id and not guest.keep_credentials:
        known |= {"PLIVO_AUTH_ID": host.auth_id, "PLIVO_AUTH_TOKEN": host.auth_token}
    return known


async def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    with _Signals() as signals:
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environment)
        except FileNotFoundError:
            raise NoSuchProgram(f"there is no program {command[0]}", 127) from None
        except PermissionError:
            raise NoSuchProgram(f"{command[0]} cannot be executed", 126) from None
        signals.go_to(process)
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
    return code if code >= 0 else 128 - code


class _Signals:
    """Passes signals on to the program, also those that come while it is being started."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._pass_on, number)
        return self

    def __exit__(self, *_: object) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def go_to(self, process: asyncio.subprocess.Process) -> None:
        """Send what has come, and what comes, to this process."""
        self._process = process
        for number in self._early:
            self._pass_on(number)

    def _pass_on(self, number: signal.Signals) -> None:
        if self._process is None:
            self._early.append(number)
        elif number is not signal.SIGINT or not sys.stdin.isatty():  # a terminal tells both
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


@contextlib.asynccontextmanager
async def _own(
    settings: Settings, folder: Path, environment: Mapping[str, str]
) -> AsyncGenerator[Host]:
    """Start `trunkline up` on free ports: in the data folder if there is one, else in a new one."""
    data = settings.data if settings.data.exists() else folder / "data"
    ready, log = folder / "ready.json", folder / "trunkline.log"
    own = {"TRUNKLINE_SIP_UDP": "127.0.0.1:0", **environment, "TRUNKLINE_HTTP": "127.0.0.1:0"}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _START, "up", "--data", str(data)),
            *("--ready-file", str(ready), "--stop-with", str(os.getpid())),
            env=own,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # it outlives a Ctrl-C that the program may survive
        )
    try:
        await _wait_ready(process, ready, log)
        yield msgspec.json.decode(ready.read_bytes(), type=Host)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()


async def _wait_ready(process: asyncio.subprocess.Process, ready: Path, log: Path) -> None:
    try:
        async with asyncio.timeout(START_S):
            while not _is_there(ready):
                if process.returncode is not None:
                    raise NotStarted(f"{_ENDED}:{_last_lines(log)}")
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise NotStarted(
            f"trunkline up is not ready after {START_S:g} s:{_last_lines(log)}"
        ) from None


def _is_there(path: Path) -> bool:
    return path.exists()


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return os.linesep + os.linesep.join(lines[-TOLD_LINES:])
