"""One server for several processes: the first that needs it starts it, the owner stops it."""

import fcntl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trunkline.testing.kit.server import Server, end, is_running, read_ready, start_server

_PID = "pid"
_READY = "ready.json"


def shared_server(
    folder: Path, owner: int, settings: Mapping[str, str], snapshot: Path | None = None
) -> Server:
    """Return the server in `folder`, started if it is not there; it ends with process `owner`.

    Raises:
        NotStarted: it did not start.
    """
    with _locked(folder):
        known = _known(folder)
        if known is not None:
            return known
        started = start_server(folder, settings=settings, snapshot=snapshot, stop_with=owner)
        (folder / _PID).write_text(str(started.pid), encoding="ascii")
        return started


def stop_shared(folder: Path) -> None:
    """Stop the server in `folder` if one was started."""
    with _locked(folder):
        known = _known(folder)
        if known is not None:
            end(known.pid)


def _known(folder: Path) -> Server | None:
    try:
        pid = int((folder / _PID).read_text(encoding="ascii"))
        url = read_ready(folder / _READY)["url"]
    except (OSError, ValueError):
        return None
    # The handle of a process is its starter's; the others know its id.
    return Server(url, pid, folder) if is_running(pid) else None


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # closing lets go of it
        yield
