"""Checks of the machine: data folder, secret files, disk, open files, clock, ports."""

import contextlib
import http.client
import os
import resource
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from trunkline.cli.doctor.findings import Finding
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.settings import HostPort, Settings
from trunkline.runtime.settings.model import CONFIG_FILE

LEAST_DISK_BYTES = 100 << 20
LOW_DISK_BYTES = 1 << 30
LEAST_OPEN_FILES = 4_096  # a connection each for clients, webhooks and carriers
MADE_AT = 1_767_225_600.0  # 2026-01-01: no correct clock is earlier than this program
_PROBE_TIMEOUT_S = 2.0


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that needs no other program's answer."""
    yield _folder(settings.data)
    yield _secrets(settings)
    config = settings.data / CONFIG_FILE
    if config.exists():
        yield _private(config, "it holds carriers' passwords")
    yield _disk(settings.data)
    yield _open_files()
    yield _clock()
    yield _port("http.listen", settings.http)


def _folder(data: Path) -> Finding:
    what = f"data folder {data}"
    if not data.exists():
        return Finding.warning(what, "does not exist", "`trunkline init` or `up` makes it.")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        mend = f"Give it to the user that runs the program: chown -R <user> {data}"
        return Finding.failure(what, "cannot be written", mend)
    if data.stat().st_mode & 0o007:
        return Finding.warning(what, "is open to every user", f"chmod o-rwx {data}")
    return Finding.fine(what, "private and writable")


def _secrets(settings: Settings) -> Finding:
    path = settings.secrets_file
    if path.exists():
        return _private(path, "it opens every stored secret")
    mend = "It is made at first start. If the database is older, restore the key from a backup."
    return Finding.warning(f"secret key {path}", "does not exist yet", mend)


def _private(path: Path, why: str) -> Finding:
    if path.stat().st_mode & 0o077:
        state = f"is readable by others ({why})"
        return Finding.failure(str(path), state, f"chmod 600 {path}")
    return Finding.fine(str(path), "private")


def _disk(data: Path) -> Finding:
    there = data
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    state = f"{free / (1 << 30):.1f} GiB free"
    if free < LEAST_DISK_BYTES:
        return Finding.failure("disk", state, "Free space: nothing can be accepted without it.")
    if free < LOW_DISK_BYTES:
        return Finding.warning("disk", state, "Free space soon, or move the data folder.")
    return Finding.fine("disk", state)


def _open_files() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    state = f"{soft} allowed"
    if soft < LEAST_OPEN_FILES:
        mend = f"ulimit -n {LEAST_OPEN_FILES}, or LimitNOFILE= of the systemd unit."
        return Finding.warning("open files", state, mend)
    return Finding.fine("open files", state)


def _clock() -> Finding:
    if SystemClock().now() < MADE_AT:
        mend = "Set the clock and keep it by NTP: signatures, expiries and prices depend on it."
        return Finding.failure("clock", "is earlier than this program was made", mend)
    return Finding.fine("clock", "plausible")


def _port(key: str, address: HostPort) -> Finding:
    what = f"{key} {address}"
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if _is_ours(address):
            return Finding.fine(what, "in use by a running Trunkline")
        mend = f"Stop what uses it, or choose another address for {key}."
        return Finding.failure(what, error.strerror or str(error), mend)
    return Finding.fine(what, "free")


def _is_ours(address: HostPort) -> bool:
    with contextlib.closing(
        http.client.HTTPConnection(address.host, address.port, timeout=_PROBE_TIMEOUT_S)
    ) as connection:
        try:
            connection.request("GET", "/metrics")
            return b"trunkline_" in connection.getresponse().read(1 << 20)
        except (OSError, http.client.HTTPException):
            return False
