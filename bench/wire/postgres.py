"""A PostgreSQL of the measurement's own, durable: fsync on, every commit on disk."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from wire.processes import Broken

_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "50",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
}


class Postgres:
    """A cluster in a temporary folder, reached through its Unix socket."""

    def __init__(self) -> None:
        self._bin = _binaries()
        self._prefix: list[str] = []
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-bench-pg-"))
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            names = {account.pw_name for account in pwd.getpwall()}
            account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._prefix = [
                *("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}"),
                *("--clear-groups", "--pdeathsig=QUIT"),
            ]
        subprocess.run(
            [*self._prefix, f"{self._bin}/initdb", "--auth=trust", "--username=trunkline",
             "--encoding=UTF8", "--locale=C", f"--pgdata={self.folder}/data"],
            check=True, cwd="/", stdout=subprocess.DEVNULL,
        )  # fmt: skip
        command = [*self._prefix, f"{self._bin}/postgres", "-D", f"{self.folder}/data"]
        for name, value in {**_OPTIONS, "unix_socket_directories": str(self.folder)}.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/")
        self._await_ready()
        with contextlib.closing(psycopg.connect(self._url("postgres"), autocommit=True)) as admin:
            admin.execute("CREATE DATABASE bench")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        return self._url("bench")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql://trunkline@/{name}?host={self.folder}"

    def _await_ready(self) -> None:
        for _ in range(200):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self._url("postgres")).close()
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise Broken(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")


def _binaries() -> Path:
    installed = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return max(installed, key=lambda path: int(path.parent.parent.name)).parent
    found = shutil.which("initdb")
    if found is None:
        raise Broken("PostgreSQL is not installed")
    return Path(found).resolve().parent
