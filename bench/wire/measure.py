"""Runs one scenario: starts everything, loads, waits until all is complete, counts."""

import itertools
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from os import kill
from pathlib import Path
from typing import Any

from wire.gauge import gauge
from wire.postgres import Postgres
from wire.processes import (
    IN_PROCESS,
    ROLES,
    Broken,
    Child,
    Server,
    closing,
    cpu_s,
    family,
    machine_cpu_s,
    rss_bytes,
)
from wire.scenarios import Scenario

_NO_PROGRESS_S = 12.0
_MB = 1 << 20


def _no_figures() -> dict[str, float]:
    return {}


@dataclass(slots=True)
class Result:
    """What came out; `figures` by metric, `cpu_us` a message by process."""

    scenario: Scenario
    figures: dict[str, float] = field(default_factory=_no_figures)
    cpu_us: dict[str, float] = field(default_factory=_no_figures)
    rss_mb: list[float] = field(default_factory=list[float])
    latency_ms: dict[str, float] = field(default_factory=_no_figures)
    delay_ms: dict[str, float] = field(default_factory=_no_figures)
    speeds: list[float] = field(default_factory=list[float])
    notes: list[str] = field(default_factory=list[str])
    messages: int = 0
    server_cpu_s: float = 0.0
    server_us: float = 0.0
    profiles: dict[str, Path] = field(default_factory=dict[str, Path])

    @property
    def value(self) -> float:
        return self.figures.get(self.scenario.metric, 0.0)

    @property
    def met(self) -> bool:
        target = self.scenario.target
        return self.value <= target if self.scenario.at_most else self.value >= target


@dataclass(slots=True)
class _Rig:
    """The processes of one run."""

    scenario: Scenario
    server: Server
    smsc: Child
    sink: Child
    loader: Child
    database_pid: int

    def cpu(self) -> dict[str, float]:
        found = {self.server.role(pid): cpu_s(pid) for pid in self.server.pids()} | {
            "loader": cpu_s(self.loader.pid),
            "sink": cpu_s(self.sink.pid),
            "smsc": cpu_s(self.smsc.pid),
        }
        if self.database_pid:
            found["postgresql"] = sum(cpu_s(pid) for pid in family(self.database_pid))
        return found

    def rss_mb(self) -> float:
        return sum(rss_bytes(pid) for pid in self.server.pids()) / _MB

    def done(self) -> int:
        """How many messages are complete."""
        if self.scenario.callbacks:
            return int(self.sink.ask("stats")["completed"])
        return int(self.smsc.ask("stats")["acked"])


def measure(scenario: Scenario, *, profile: str = "", keep: bool = False) -> Result:
    """Run `scenario` once.

    Raises:
        Broken: a process did not start or ended.
    """
    folder = Path(tempfile.mkdtemp(prefix="trunkline-bench-"))
    try:
        with ExitStack() as stack:
            database = None
            if scenario.database == "postgresql":
                database = Postgres()
                stack.enter_context(closing(database))
            smsc = Child("smsc", "smsc.py", *scenario.smsc)
            stack.enter_context(closing(smsc))
            sink = Child("sink", "sink.py")
            stack.enter_context(closing(sink))
            env = _environment(scenario, folder, smsc.ready["port"], database)
            server = Server(folder, env, profile)
            stack.enter_context(closing(server))
            loader = Child("loader", "loader.py", *_load(scenario, server.ready, sink))
            stack.enter_context(closing(loader))
            rig = _Rig(scenario, server, smsc, sink, loader, database.pid if database else 0)
            result = _run(rig, profile)
        _collect_profile(server, result)
        return result
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _environment(
    scenario: Scenario, folder: Path, smsc_port: int, database: Postgres | None
) -> dict[str, str]:
    config = folder / "bench.toml"
    config.write_text(
        '[[carriers]]\nname = "bench"\nhost = "127.0.0.1"\n'
        f'port = {smsc_port}\nsystem_id = "bench"\npassword = "bench"\n'
        f"window = {scenario.window}\n"
    )
    env = {
        "TRUNKLINE_DATA": str(folder / "data"),
        "TRUNKLINE_CONFIG": str(config),
        "TRUNKLINE_HTTP": "127.0.0.1:0",
        "TRUNKLINE_SIMULATOR": "false",
        "TRUNKLINE_RATE_LIMIT_REQUESTS": "1000000000",
        "TRUNKLINE_STARTING_CREDIT": "1000000",
        "TRUNKLINE_DATABASE_SYNCHRONOUS": scenario.synchronous,
        "TRUNKLINE_LOG_FORMAT": "json",
    }
    if database is not None:
        env["TRUNKLINE_DATABASE"] = database.url
    return {**env, **scenario.env}


def _load(scenario: Scenario, ready: dict[str, Any], sink: Child) -> list[str]:
    port = str(ready["url"]).rstrip("/").rpartition(":")[2]
    options = {
        "--port": port,
        "--path": f"/v1/Account/{ready['auth_id']}/Message/",
        "--auth": f"{ready['auth_id']}:{ready['auth_token']}",
        "--in-flight": scenario.in_flight,
        "--destinations": scenario.destinations,
        "--seconds": scenario.seconds,
        "--count": scenario.count,
        "--rate": scenario.rate,
        "--step": scenario.step,
    }
    numbers = ready.get("numbers") or []
    if numbers:
        first = numbers[0]
        options["--src"] = str(first if isinstance(first, str) else first["number"]).lstrip("+")
    if scenario.callbacks:
        options["--url"] = f"http://127.0.0.1:{sink.ready['port']}/status"
    return [text for name, value in options.items() for text in (name, str(value))]


def _run(rig: _Rig, profile: str) -> Result:
    result = Result(rig.scenario)
    time.sleep(1.0)  # the carrier binds, the program comes to rest
    if not rig.smsc.ask("stats")["binds"]:
        result.notes.append("the carrier was not bound when the load began")
    recorder = _begin_profile(rig.server, profile)
    before, began = rig.cpu(), time.monotonic()
    machine = machine_cpu_s()
    rig.loader.ask("go")
    load = _while_loading(rig, result, began)
    _drain(rig, load, result)
    after, ended = rig.cpu(), time.monotonic()
    busy = machine_cpu_s()[0] - machine[0] - sum(after.values()) + sum(before.values())
    result.figures["others_cores"] = max(0.0, busy / (ended - began))
    _end_profile(rig.server, profile, recorder)
    _count(rig, result, load, ended - began)
    result.cpu_us = {
        name: 1e6 * (after[name] - before[name]) / max(1, result.messages) for name in after
    }
    result.figures["speed"] = statistics.harmonic_mean(result.speeds)
    result.server_us = sum(result.cpu_us.get(role, 0.0) for role in ROLES)
    result.figures["reference_us"] = result.server_us * result.figures["speed"]
    result.server_cpu_s = result.server_us * result.messages / 1e6
    result.figures["server_cores"] = result.server_cpu_s / (ended - began)
    return result


def _while_loading(rig: _Rig, result: Result, began: float) -> dict[str, Any]:
    limit = began + rig.scenario.seconds + 30.0
    samples = 0
    while True:
        time.sleep(0.25)
        load = rig.loader.ask("stats")
        samples += 1
        result.speeds.append(gauge())
        if samples % 4 == 1:
            result.rss_mb.append(rig.rss_mb())
        if load["done"]:
            return load
        if not rig.server.alive():
            raise Broken(f"the program ended:\n{rig.server.tail()}")
        if time.monotonic() > limit:
            result.notes.append("answers were still missing 30 s after the load")
            return load


def _drain(rig: _Rig, load: dict[str, Any], result: Result) -> None:
    """Wait until what was accepted is complete, or nothing moves any more."""
    scenario = rig.scenario
    wanted = _accepted(load) * scenario.destinations
    end = time.monotonic() + scenario.drain_s
    if scenario.metric == "carrier":
        end = load["started"] + scenario.seconds
    done, moved = -1, time.monotonic()
    while time.monotonic() < end:
        now = rig.done()
        if now >= wanted:
            break
        if now != done:
            done, moved = now, time.monotonic()
        if time.monotonic() - moved > _NO_PROGRESS_S:
            break
        time.sleep(0.1)
        result.speeds.append(gauge())
        if len(result.rss_mb) < 10_000 and int(time.monotonic() * 10) % 10 == 0:
            result.rss_mb.append(rig.rss_mb())
    time.sleep(0.2)


def _accepted(load: dict[str, Any]) -> int:
    return sum(count for status, count in load["statuses"].items() if status.startswith("2"))


def _count(rig: _Rig, result: Result, load: dict[str, Any], taken_s: float) -> None:
    scenario = rig.scenario
    sink, smsc = rig.sink.ask("stats"), rig.smsc.ask("stats")
    accepted = _accepted(load) * scenario.destinations
    done = int(sink["completed"] if scenario.callbacks else smsc["acked"])
    result.messages = done
    started = load["started"]
    loaded_s = max(0.001, (load["finished"] or time.monotonic()) - started)
    last = sink["last"] if scenario.callbacks else smsc["last"]
    result.figures |= {
        "accepted": accepted / loaded_s,
        "completed": done / max(0.001, last - started),
        "submitted": smsc["accepted"] / max(0.001, smsc["last"] - started),
        "drain_s": max(0.0, last - started - loaded_s),
        "lost": float(accepted - done),
        "messages": float(accepted),
        "duplicates": float(smsc["duplicates"]),
        "throttled": float(smsc["throttled"]),
        "taken_s": taken_s,
    }
    result.latency_ms = rig.loader.ask("latency")
    result.figures["p99"] = result.latency_ms.get("p99", 0.0)
    result.delay_ms = sink["delay_ms"]
    _growth(result)
    marked = (rig.sink if scenario.callbacks else rig.smsc).ask("marks")
    _blocks(result, marked["every"], marked["marks"], started)
    if scenario.metric == "carrier":
        _carrier_rate(rig, result, started)
    _complain(result, load, sink, smsc)
    if not rig.server.alive():
        result.notes.append(f"the program ended:\n{rig.server.tail()}")


def _growth(result: Result) -> None:
    found = result.rss_mb
    if len(found) >= 4:
        quarter = len(found) // 4
        result.figures["growth"] = found[-1] - found[quarter]


def _blocks(result: Result, every: int, marks: list[float], started: float) -> None:
    """Compare the time of the last 10,000 messages with that of the others."""
    size = 10_000 // every
    ends = [started, *marks[size - 1 :: size]]
    rates = [10_000 / (end - start) for start, end in itertools.pairwise(ends)]
    if len(rates) >= 3:
        result.figures["first_10000"] = rates[0]
        result.figures["last_10000"] = rates[-1]
        result.figures["last"] = 100.0 * rates[-1] / sorted(rates)[len(rates) // 2]
        result.figures["slowest_10000"] = min(rates)


def _carrier_rate(rig: _Rig, result: Result, started: float) -> None:
    """Ask twice, so that the time in which the rate is learnt does not count."""
    count, at = rig.smsc.ask("stats"), time.monotonic()
    if at - started < rig.scenario.settle_s:
        result.notes.append("too short to learn the carrier's rate")
    before = sum(cpu_s(pid) for pid in rig.server.pids())
    time.sleep(8.0)
    again, then = rig.smsc.ask("stats"), time.monotonic()
    used = sum(cpu_s(pid) for pid in rig.server.pids()) - before
    result.figures["carrier"] = (again["accepted"] - count["accepted"]) / (then - at)
    result.figures["throttled_share"] = (
        100.0
        * (again["throttled"] - count["throttled"])
        / max(1, again["accepted"] - count["accepted"])
    )
    result.figures["cpu_while_throttled"] = 100.0 * used / (then - at)
    result.figures["lost"] = 0.0


def _complain(
    result: Result, load: dict[str, Any], sink: dict[str, Any], smsc: dict[str, Any]
) -> None:
    bad = {status: count for status, count in load["statuses"].items() if status != "202"}
    if bad:
        result.notes.append(f"answers other than 202: {bad}; the first: {load['bad']!r}")
    elif load["bad"]:
        result.notes.append(load["bad"])
    if result.figures["lost"] > 0:
        result.notes.append(f"not complete: {result.figures['lost']:.0f}")
    for name in ("repeated", "out_of_order", "other"):
        if sink[name]:
            result.notes.append(f"callbacks {name.replace('_', ' ')}: {sink[name]}")
    for name in ("duplicates", "nacked"):
        if smsc[name]:
            result.notes.append(f"carrier: {name}: {smsc[name]}")


def _begin_profile(server: Server, profile: str) -> "subprocess.Popen[bytes] | None":
    if profile in IN_PROCESS:
        for pid in server.pids():
            kill(pid, signal.SIGUSR1)
    if profile != "perf":
        return None
    pids = ",".join(str(pid) for pid in server.pids())
    target = str(server.profiles / f"{server.pid}.perf")
    return subprocess.Popen(["perf", "record", "-q", "-F", "499", "-o", target, "-p", pids])


def _end_profile(server: Server, profile: str, recorder: "subprocess.Popen[bytes] | None") -> None:
    if recorder is not None:
        recorder.send_signal(signal.SIGINT)
        recorder.wait(20.0)
    elif profile in IN_PROCESS:
        for pid in server.pids():
            kill(pid, signal.SIGUSR2)
        time.sleep(1.5)


def _collect_profile(server: Server, result: Result) -> None:
    for found in server.profiles.iterdir():
        name = server.role(int(found.stem))
        kept = Path(tempfile.gettempdir()) / f"trunkline-profile-{name}{found.suffix}"
        shutil.copyfile(found, kept)
        result.profiles[name] = kept
