"""Measures the program and Kannel side by side: turn by turn, the same load, carrier and sink.

    .venv/bin/python bench/against_kannel.py --rounds 3 --seconds 8 --nice -10

Kannel (1.4.5, Debian package `kannel`) gets its file store, which never syncs, and one callback a
message; the program commits to a synced SQLite file before it answers and makes three callbacks.
The rate counts what went all the way: accepted, submitted, reported, called back.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from wire.measure import measure
from wire.processes import Broken, Child, closing, cpu_s
from wire.scenarios import named

_CONFIG = """
group = core
admin-port = {admin}
smsbox-port = {boxes}
admin-password = bench
box-allow-ip = "127.0.0.1"
log-level = 4
store-type = file
store-location = {folder}/store

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = bench
smsc-password = bench
system-type = ""
max-pending-submits = {window}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
log-level = 4

group = sendsms-user
username = bench
password = bench
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one turn came to."""

    completed: float  # messages a second
    cpu_us: float  # of the gateway, for each


class Kannel:
    """bearerbox and smsbox with a store in a folder of their own."""

    def __init__(self, folder: Path, smsc: int, window: int) -> None:
        ports = _free_ports(3)
        self.port = ports[2]
        config = folder / "kannel.conf"
        config.write_text(
            _CONFIG.format(
                admin=ports[0], boxes=ports[1], http=ports[2], smsc=smsc, folder=folder,
                window=window,
            )
        )  # fmt: skip
        self._boxes = [_box("bearerbox", config)]
        _await_port(ports[1])
        self._boxes.append(_box("smsbox", config))
        _await_port(self.port)

    def cpu_s(self) -> float:
        return sum(cpu_s(box.pid) for box in self._boxes)

    def stop(self) -> None:
        for box in reversed(self._boxes):
            box.terminate()
            try:
                box.wait(10.0)
            except subprocess.TimeoutExpired:
                box.kill()
                box.wait()


def _box(name: str, config: Path) -> "subprocess.Popen[bytes]":
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if path is None:
        raise Broken(f"there is no {name}: apt-get install kannel")
    quiet = subprocess.DEVNULL
    return subprocess.Popen([path, str(config)], stdin=quiet, stdout=quiet, stderr=quiet)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _await_port(port: int) -> None:
    end = time.monotonic() + 15.0
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Broken(f"nobody listens on port {port}")


def measure_kannel(seconds: float, in_flight: int, window: int) -> Rate:
    """Run Kannel once."""
    folder = Path(tempfile.mkdtemp(prefix="kannel-bench-"))
    try:
        with ExitStack() as stack:
            smsc = Child("smsc", "smsc.py")
            stack.enter_context(closing(smsc))
            sink = Child("sink", "sink.py")
            stack.enter_context(closing(sink))
            kannel = Kannel(folder, smsc.ready["port"], window)
            stack.callback(kannel.stop)
            loader = Child(
                "loader", "loader.py", "--port", str(kannel.port), "--shape", "kannel",
                "--seconds", str(seconds), "--in-flight", str(in_flight),
                "--url", f"http://127.0.0.1:{sink.ready['port']}/dlr",
            )  # fmt: skip
            stack.enter_context(closing(loader))
            time.sleep(1.0)
            before = kannel.cpu_s()
            loader.ask("go")
            return _rate(loader, sink, kannel, before, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rate(loader: Child, sink: Child, kannel: Kannel, before: float, seconds: float) -> Rate:
    end = time.monotonic() + seconds + 60.0
    done, moved = -1, time.monotonic()
    while time.monotonic() < end and time.monotonic() - moved < 8.0:
        time.sleep(0.1)
        load, told = loader.ask("stats"), sink.ask("stats")
        accepted = sum(count for status, count in load["statuses"].items() if status[0] == "2")
        if load["finished"] and told["requests"] >= accepted:
            break
        if told["requests"] != done:
            done, moved = told["requests"], time.monotonic()
    else:
        raise Broken(f"{told['requests']} callbacks of {accepted} messages: {load['bad']}")
    took = told["last"] - load["started"]
    return Rate(told["requests"] / took, 1e6 * (kannel.cpu_s() - before) / told["requests"])


def measure_ours(seconds: float, in_flight: int) -> Rate:
    """Run the program once."""
    scenario = named("completed")
    result = measure(replace(scenario, seconds=seconds, in_flight=in_flight))
    return Rate(result.figures["completed"], result.server_us)


def main() -> int:
    options = _options()
    if options.nice:
        os.nice(options.nice)
    turns: dict[str, list[Rate]] = {"Kannel": [], "ours": []}
    for _ in range(options.rounds):
        kannel = measure_kannel(options.seconds, options.in_flight, options.window)
        turns["Kannel"].append(kannel)
        ours = measure_ours(options.seconds, options.in_flight)
        turns["ours"].append(ours)
        print(
            f"Kannel {kannel.completed:,.0f}/s at {kannel.cpu_us:.0f} µs, "
            f"ours {ours.completed:,.0f}/s at {ours.cpu_us:.0f} µs: "
            f"{ours.completed / kannel.completed:.2f}",
            flush=True,
        )
    ratios = [
        ours.completed / kannel.completed
        for ours, kannel in zip(turns["ours"], turns["Kannel"], strict=True)
    ]
    print(f"median of {len(ratios)}: {statistics.median(ratios):.2f} of Kannel's rate")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--window", type=int, default=500, help="Kannel's max-pending-submits")
    parser.add_argument("--nice", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
