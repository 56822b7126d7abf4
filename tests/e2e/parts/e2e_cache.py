"""What tests install from elsewhere: once, into the user's cache."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def installed(name: str, install: Callable[[Path], None]) -> Path:
    """Return the cache's folder of that name, filled by `install` unless it is whole.

    One process at a time does it: workers that begin together want the same.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trunkline-tests"
    folder = cache / name
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            install(folder)
            (folder / "complete").touch()
    return folder
