"""A running program for tests: started in a folder of its own on free ports, or one that is there.

It ends with the process that it was started for, whatever becomes of that.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from trunkline.testing.kit.waiting import until

START_S: Final = 60.0
STOP_S: Final = 20.0
_TAIL: Final = 4_000

_SETTINGS: Final = {
    "TRUNKLINE_HTTP": "127.0.0.1:0",
    "TRUNKLINE_SIP_UDP": "127.0.0.1:0",
    "TRUNKLINE_LOG_FORMAT": "json",
    "TRUNKLINE_LOG_LEVEL": "warning",
    "TRUNKLINE_OWN_PROCESSES": "false",  # one process starts sooner, and tests send little
    "TRUNKLINE_DATABASE_SYNCHRONOUS": "NORMAL",  # nothing here outlives the tests
    "TRUNKLINE_SIMULATOR_RECEIPT_DELAY_S": "0",
}


class NotStarted(Exception):
    """The program did not start; the text has the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a program answers; `pid` is 0 for one that is not ours to stop."""

    url: str
    pid: int = 0
    folder: Path | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)

    def stop(self) -> None:
        """End it, if it is ours."""
        if self.pid:
            end(self.pid)
        if self._process is not None:
            self._process.wait(STOP_S)


def connect(url: str) -> Server:
    """Use a program that runs already, such as `trunkline up` in another window."""
    return Server(url.rstrip("/"))


def start_server(
    folder: Path,
    *,
    clock: Literal["system", "flowing", "controlled"] = "system",
    settings: Mapping[str, str] | None = None,
    snapshot: Path | None = None,
    stop_with: int | None = None,
) -> Server:
    """Start `trunkline up` with its data in `folder`, and wait until it serves.

    Nothing of the environment's TRUNKLINE_… is taken over: what `settings` has wins over what suits
    tests. `snapshot` is a file of `trunkline snapshot save` to begin with. `stop_with` is the
    process whose end stops it, this one if not given.

    Raises:
        NotStarted: it ended, or took more than 60 s, or the snapshot cannot be loaded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready, log = folder / "ready.json", folder / "log"
    ready.unlink(missing_ok=True)
    environment = _environment(settings or {}) | {"TRUNKLINE_DATA": str(folder / "data")}
    if snapshot is not None:
        _load(snapshot, environment)
    words = ["up", "--ready-file", str(ready), "--clock", clock]
    words += ["--stop-with", str(stop_with or os.getpid())]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [_program(), *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop it in order
        )

    def look() -> bool | None:
        return (ready.exists() or process.poll() is not None) or None

    until(look, START_S)
    if process.poll() is not None or not ready.exists():
        process.kill()
        process.wait()
        written = log.read_text(errors="replace")[-_TAIL:]
        raise NotStarted(f"trunkline did not start:\n{written}")
    return Server(read_ready(ready)["url"], process.pid, folder, process)


def read_ready(path: Path) -> dict[str, Any]:
    """Return what a program wrote once it was ready."""
    return json.loads(path.read_text(encoding="utf-8"))


def is_running(pid: int) -> bool:
    """Tell whether a process lives; one that ended and was not waited for does not."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        return not _ended(handle, 0.0)
    finally:
        os.close(handle)


def end(pid: int) -> None:
    """Ask a process to end, and wait for it; one that does not within 20 s is killed."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        if not _ended(handle, STOP_S):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            _ended(handle, STOP_S)
    except ProcessLookupError:
        pass  # between the two
    finally:
        os.close(handle)


def _ended(handle: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(timeout_s * 1_000))


def _load(snapshot: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [_program(), "snapshot", "load", str(snapshot.absolute())],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NotStarted(f"the snapshot {snapshot} was not loaded: {done.stderr[-_TAIL:]}")


def _program() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "trunkline"
    found = str(beside) if beside.exists() else shutil.which("trunkline")
    if found is None:
        raise NotStarted("the command trunkline is not installed")
    return found


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")}
    # Where compiled modules may not be kept, each start would compile a thousand of them anew.
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        cache = Path(kept.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        kept.setdefault("PYTHONPYCACHEPREFIX", str(cache / "trunkline-tests" / "pycache"))
    return kept | _SETTINGS | dict(settings)
