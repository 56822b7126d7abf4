"""The whole program as a subprocess, on a free loopback port."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from e2e_api import Api
from e2e_waiting import until
from sqlalchemy import Engine, NullPool, create_engine, text

from trunkline.runtime.db import Database
from trunkline.runtime.db.engine import normalise

T = TypeVar("T")

TRUNKLINE = Path(sys.executable).with_name("trunkline")
START_S = 60.0
STOP_S = 40.0
_DEFAULTS = {
    "TRUNKLINE_HTTP": "127.0.0.1:0",
    "TRUNKLINE_LOG_FORMAT": "json",
    "TRUNKLINE_LOG_LEVEL": "info",
    "TRUNKLINE_RATE_LIMIT_REQUESTS": "1000000",  # tests look often
    "TRUNKLINE_SIMULATOR_RECEIPT_DELAY_S": "0.05",
    "TRUNKLINE_SIP_UDP": "127.0.0.1:0",
    "TRUNKLINE_VOICE_CALLS_PER_SECOND": "1000",
}


@dataclass(slots=True)
class Program:
    """`trunkline up`: started, stopped, killed and started again on the same data."""

    folder: Path
    database: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    config: str = ""
    command: Sequence[str] = ("up",)
    url: str = ""
    auth_id: str = ""
    auth_token: str = ""
    numbers: list[str] = field(default_factory=list)
    sip: str = ""
    proxy: str = ""
    authority: str = ""
    _process: subprocess.Popen[bytes] | None = None
    _clients: list[Api] = field(default_factory=list)
    _engine: Engine | None = None

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.folder}/data/trunkline.db"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> "Program":
        """Start it and wait until it answers."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [str(TRUNKLINE), *self.command, "--ready-file", str(ready), *self.options],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        try:
            until(lambda: ready.exists() or not self.is_running, "the ready file", START_S)
            assert self.is_running, f"it ended:\n{self.log()}"
        except BaseException:
            self.kill()
            raise
        known = json.loads(ready.read_text())
        self.url, self.numbers, self.sip = known["url"], known["numbers"], known["sip"]
        self.auth_id, self.auth_token = known["auth_id"], known["auth_token"]
        self.proxy, self.authority = known["proxy"], known["authority"]
        for client in self._clients:
            client.close()
            client.url = self.url
        return self

    def stop(self) -> int:
        """End it as an operator does; return the exit code."""
        process = self._process
        assert process is not None
        self._hang_up()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not stop:\n{self.log()[-4000:]}") from None

    def kill(self) -> None:
        """End it as a power cut does, its companion too.

        Whoever still has an SQLite database open does not see what was committed at the last
        moment: only the next opener reads the write-ahead log anew. So nobody may have it open.
        """
        process = self._process
        if process is not None:
            children = _children(process.pid)
            process.kill()
            process.wait()
            until(lambda: not any(map(_lives, children)), "the companion's end")
        self._hang_up()

    def api(self, auth_id: str = "", auth_token: str = "") -> Api:
        """Return a client of the default account, or of another."""
        client = Api(self.url, auth_id or self.auth_id, auth_token or self.auth_token)
        self._clients.append(client)
        return client

    def cli(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run another command of the program on the same data."""
        done = subprocess.run(
            [str(TRUNKLINE), *words],
            env=self.environment() | {"COLUMNS": "200", "TRUNKLINE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def handset(self, number: str) -> list[dict[str, Any]]:
        """Return what the simulated handset shows."""
        with contextlib.closing(Api(self.url, "", "")) as client:
            answer = client.get(f"/sim/handsets/{number}/messages")
        assert answer.status == 200, answer
        return answer["messages"]

    def handset_sends(self, number: str, to: str, words: str) -> Any:
        """Send from a simulated handset to one of our numbers."""
        with contextlib.closing(Api(self.url, "", "")) as client:
            return client.post(f"/sim/handsets/{number}/messages", to=to, text=words)

    def advance(self, seconds: float) -> None:
        """Move the controlled clock."""
        with contextlib.closing(Api(self.url, "", "")) as client:
            answer = client.post("/admin/clock/advance", seconds=seconds)
        assert answer.status == 200, answer

    def metrics(self) -> dict[str, float]:
        """Return the plain metrics by name, without the program's prefix."""
        with contextlib.closing(Api(self.url, "", "")) as client:
            status, content = _text(client, "/metrics")
        assert status == 200
        lines = (line for line in content.splitlines() if line and not line.startswith("#"))
        pairs = (line.rsplit(" ", 1) for line in lines)
        return {name.removeprefix("trunkline_"): float(value) for name, value in pairs}

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        with self._looker.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    @property
    def _looker(self) -> Engine:
        """Made once, for it is asked often, but nothing stays open."""
        if self._engine is None:
            self._engine = create_engine(normalise(self.database_url), poolclass=NullPool)
        return self._engine

    def change(self, statement: str, **values: Any) -> None:
        """Change the database of a program that does not run."""
        assert not self.is_running
        with self._looker.begin() as connection:
            connection.execute(text(statement), values)

    async def beside(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """Work on its database as another process of it would, while it runs."""
        database = Database(self.database_url)
        database.start()
        try:
            return await unit(database)
        finally:
            await database.close()

    @property
    def log_path(self) -> Path:
        return self.folder / "log"

    def log(self) -> str:
        """Return what it wrote."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_events(self) -> list[dict[str, Any]]:
        """Return the log's entries."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def environment(self) -> dict[str, str]:
        """Return the environment it runs in: ours without settings, and its own."""
        kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        # Compiled once for all starts, also where the environment forbids it in the tree.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        kept["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "trunkline-pycache")
        own = {**_DEFAULTS, "TRUNKLINE_DATA": str(self.folder / "data"), **self.settings}
        if self.database:
            own["TRUNKLINE_DATABASE"] = self.database
        if self.config:
            path = self.folder / "trunkline.toml"
            path.write_text(self.config)
            own["TRUNKLINE_CONFIG"] = str(path)
        return kept | own

    def _hang_up(self) -> None:
        for client in self._clients:
            client.close()


def _is_ours(name: str) -> bool:
    return name.startswith(("TRUNKLINE_", "PLIVO_"))


def _text(client: Api, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
