"""sipp as phones of a benchmark, with the scenarios it brings: it is called, or it calls."""

import contextlib
import csv
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wire.processes import Broken

HOST = "127.0.0.1"


class Sipp:
    """One sipp; `ready` and `ask` are those of the phones we wrote, its figures a second old."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("sipp")
        if program is None:
            raise Broken("sipp is not installed: run .ci/system-tools")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        self.ready = {"port": port}
        self._figures = folder / f"sipp-{port}.csv"
        with (folder / f"sipp-{port}.log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, *options, "-i", HOST, "-p", str(port), "-nostdin",
                 "-trace_stat", "-stf", str(self._figures), "-fd", "1"],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, _word: str) -> dict[str, Any]:
        """Give what it had counted when it last wrote it down."""
        return {
            "ended": int(self._figure("SuccessfulCall(C)")),
            "failed": int(self._figure("FailedCall(C)")),
            "again": int(self._figure("Retransmissions(C)")),
            "answered_ms": _milliseconds(self._figure("ResponseTime1(C)")),
        }

    def ends(self, timeout_s: float) -> dict[str, Any]:
        """Wait until it has made all its calls, and give what it counted."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise Broken(f"sipp does not end: {self.ask('stats')}") from None
        return self.ask("stats")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _figure(self, name: str) -> str:
        return self._last().get(name, "0")

    def _last(self) -> Mapping[str, str]:
        with contextlib.suppress(OSError), self._figures.open(newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))[-1:][0]
        return {}


def _milliseconds(text: str) -> float:
    """Read its `00:00:00:012345`; without a response it writes the same with noughts."""
    hours, minutes, seconds, micros = (int(part) for part in text.split(":"))
    return (hours * 3600 + minutes * 60 + seconds) * 1000.0 + micros / 1000.0
