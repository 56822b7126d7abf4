"""What this machine's wires carry with nothing behind them, to see the others as shares of it."""

import os
import tempfile
import time
from pathlib import Path

from wire.processes import Child, closing, cpu_s

_SECONDS = 2.0


def baselines() -> dict[str, tuple[float, float]]:
    """Measure each; a pair of rate a second and CPU µs at the far end (0 when it has none)."""
    return {
        "HTTP: loader to an uvicorn that only answers": _http("wire/bare_app.py", "message"),
        "HTTP: loader to the webhook sink": _http("sink.py", "callback"),
        "SMPP: the program's engine to the carrier, with receipts": _smpp(),
        "disk: write and sync of 4 KiB": (_disk(), 0.0),
    }


def _http(script: str, shape: str) -> tuple[float, float]:
    far = Child("far end", script)
    with closing(far):
        near = Child(
            "loader", "loader.py", "--port", str(far.ready["port"]), "--shape", shape,
            "--seconds", str(_SECONDS),
        )  # fmt: skip
        with closing(near):
            before = cpu_s(far.pid)
            near.ask("go")
            time.sleep(_SECONDS + 0.3)
            load = near.ask("stats")
            count = load["answered"]
            return count / (load["finished"] - load["started"]), 1e6 * (
                cpu_s(far.pid) - before
            ) / max(1, count)


def _smpp() -> tuple[float, float]:
    smsc = Child("smsc", "smsc.py")
    with closing(smsc):
        esme = Child("esme", "wire/bare_esme.py", str(smsc.ready["port"]), "200")
        with closing(esme):
            before = cpu_s(esme.pid)
            esme.ask("go")
            time.sleep(_SECONDS + 0.5)
            stats = smsc.ask("stats")
            count = max(1, stats["accepted"])
            return count / max(0.001, stats["last"] - stats["first"]), 1e6 * (
                cpu_s(esme.pid) - before
            ) / count


def _disk() -> float:
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        file = os.open(Path(folder) / "sync", os.O_CREAT | os.O_WRONLY)
        try:
            began, count = time.monotonic(), 0
            while time.monotonic() - began < 1.0:
                os.write(file, bytes(4096))
                os.fdatasync(file)
                count += 1
            return count / (time.monotonic() - began)
        finally:
            os.close(file)
