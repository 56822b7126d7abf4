"""A real NATS server on loopback: started, killed, stopped dead and started again at its port."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from free_ports import LOOPBACK, free_port

WAIT_S = 20.0


class NatsServer:
    """`config` is further lines of its configuration file."""

    def __init__(self, config: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nats-"))
        self.port = free_port()
        self._config = self.folder / "nats.conf"
        self._config.write_text(f"listen: {LOOPBACK}:{self.port}\n{config}\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"

    def start(self) -> "NatsServer":
        """Start it and wait until it speaks."""
        program = shutil.which("nats-server") or "/usr/sbin/nats-server"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self._config)], stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + WAIT_S
        while not self._speaks():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "it does not speak"
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Let it say nothing more, with all its connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)  # all its threads

    def wake(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _speaks(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                greeting = connection.makefile("rb").readline()
        except OSError:
            return False
        return bool(json.loads(greeting.removeprefix(b"INFO "))["max_payload"])
