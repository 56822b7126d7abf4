"""Measures the whole program on calls.

    .venv/bin/python bench/calls.py                        every scenario
    .venv/bin/python bench/calls.py playback --legs 250    one of them

Phones and application are processes of their own on the same machine (`phones.py` or sipp,
`documents.py`); what they cost is shown, since it is taken from what the program can have.
Calls are placed by `POST Call/` over a SIP trunk: INVITE, answer, the answer URL's document, RTP.
In `incoming` sipp places them, to a number of an application, and hangs up when it is answered.
"""

import argparse
import base64
import http.client
import json
import queue
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import partial
from os import kill
from pathlib import Path
from signal import SIGUSR1, SIGUSR2
from typing import Any

from sipp import Sipp
from wire.gauge import gauge
from wire.processes import Broken, Child, Server, closing, cpu_s, machine_cpu_s, rss_bytes
from wire.report import show_profile

CALLERS = 6
SETTLE_S = 3.0
ROLES = ("main", "media", "speech", "messaging", "webhooks")


@dataclass(frozen=True)
class Scenario:
    """`goal` is the share of a core a leg in percent, or calls a second."""

    name: str
    what: str
    document: str
    legs: int
    goal: float
    rate: float = 30.0  # calls a second while they are built up
    seconds: float = 15.0
    phones: str = "ours"


SCENARIOS = (
    Scenario("playback", "each hears a file of its own", "play", 200, 0.2),
    Scenario("conferences", "three in each", "conference", 180, 0.2),
    Scenario("stream", "to a WebSocket and back", "stream", 100, 0.3),
    Scenario("setup", "answer URL, hang up", "hangup", 0, 150.0, rate=150.0),
    Scenario("setup-sipp", "the same, sipp answers", "hangup", 0, 150.0, rate=150.0, phones="sipp"),
    Scenario("incoming", "sipp calls, hears a prompt", "play", 0, 150.0, rate=150.0),
)


class Rig:
    """The program, phones and application."""

    def __init__(self, folder: Path, phones: str = "ours", *, profile: bool = False) -> None:
        self.application = Child("application", "documents.py")
        self.base = f"http://127.0.0.1:{self.application.ready['port']}"
        self.phones: Child | Sipp
        if phones == "sipp":
            self.phones = Sipp(folder, "-sn", "uas")
        else:
            self.phones = Child("phones", "phones.py")
        settings = folder / "trunkline.toml"
        settings.write_text(
            '[[trunks]]\nname = "phones"\nhost = "127.0.0.1"\n'
            f'port = {self.phones.ready["port"]}\nroutes = ["1206"]\n'
        )
        data = folder / "data"
        env = {
            "TRUNKLINE_CONFIG": str(settings),
            "TRUNKLINE_DATA": str(data),
            "TRUNKLINE_HTTP": "127.0.0.1:0",
            "TRUNKLINE_SIP_UDP": "127.0.0.1:0",
            "TRUNKLINE_VOICE_CALLS_PER_SECOND": "1000",
            "TRUNKLINE_VOICE_INBOUND_CALLS_PER_SECOND": "1000",
            "TRUNKLINE_VOICE_COUNTRIES": "US",
            "TRUNKLINE_VOICE_MAX_CALLS": "1000",
            "TRUNKLINE_STARTING_CREDIT": "100000",
            "TRUNKLINE_RATE_LIMIT_REQUESTS": "1000000000",
            "TRUNKLINE_LOG_LEVEL": "warning",
        }
        try:
            self.server = Server(folder, env, "sample" if profile else "")
        except Broken:
            self.stop()
            raise
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._call, daemon=True) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        for child in (getattr(self, "server", None), self.phones, self.application):
            if child is not None:
                child.stop()

    def place(self, count: int, rate: float, document: str) -> float:
        """Place calls at a rate by the clock; return the seconds it took to hand them over."""
        began = time.monotonic()
        for number in range(count):
            room = f"/{number // 3}" if document == "conference" else ""
            self._waiting.put(f"{self.base}/{document}{room}")
            time.sleep(max(0.0, began + (number + 1) / rate - time.monotonic()))
        return time.monotonic() - began

    def profile(self, *, begin: bool) -> None:
        """Begin or end the profile of the main process."""
        kill(self.server.pid, SIGUSR1 if begin else SIGUSR2)
        if not begin:
            time.sleep(1.5)

    def show(self, calls: int, main_s: float, top: int = 60) -> None:
        for found in self.server.profiles.iterdir():
            if self.server.role(int(found.stem)) == "main":
                show_profile("main", found, calls, 1e6 * main_s / calls, top)

    def cpu(self) -> dict[str, float]:
        found: dict[str, float] = dict.fromkeys(ROLES, 0.0)
        for pid in self.server.pids():
            found[self.server.role(pid)] += cpu_s(pid)
        found["phones"] = cpu_s(self.phones.pid)
        found["application"] = cpu_s(self.application.pid)
        return found

    def rss_mb(self) -> float:
        return sum(rss_bytes(pid) for pid in self.server.pids()) / 1e6

    def connect(self) -> http.client.HTTPConnection:
        host = self.server.ready["url"].removeprefix("http://")
        return http.client.HTTPConnection(host, timeout=30)

    def post(
        self, connection: http.client.HTTPConnection, path: str, body: dict[str, str]
    ) -> tuple[int, str]:
        """Make one request of the account; (status, body)."""
        account, secret = (self.server.ready[name] for name in ("auth_id", "auth_token"))
        token = base64.b64encode(f"{account}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection.request("POST", f"/v1/Account/{account}/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def take_calls(self, document: str) -> str:
        """Give the account's first number an application that answers so; gives the number."""
        number, connection = self.server.ready["numbers"][0], self.connect()
        status, text = self.post(connection, "Application/", {
            "app_name": "bench", "answer_url": f"{self.base}/{document}",
            "hangup_url": self.base + "/over",
        })  # fmt: skip
        if status == 201:
            found = {"app_id": json.loads(text)["app_id"]}
            status, text = self.post(connection, f"Number/{number}/", found)
        connection.close()
        if status // 100 != 2:
            raise Broken(f"{status} {text[:200]}")
        return number

    def _call(self) -> None:
        connection = self.connect()
        number = 0
        while (answer_url := self._waiting.get()) is not None:
            number += 1
            status, text = self.post(connection, "Call/", {
                "from": self.server.ready["numbers"][0], "to": f"1206555{number % 10_000:04d}",
                "answer_url": answer_url, "hangup_url": self.base + "/over",
            })  # fmt: skip
            if status != 201:
                self.refused.append(f"{status} {text[:200]}")


@dataclass
class Measured:
    """What one run has shown."""

    seconds: float
    cpu: dict[str, float]
    phones: dict[str, Any]
    speed: float
    others: float


def _wait(what: str, rig: Rig, done: Any, timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > end or not rig.server.alive():
            raise Broken(f"{what} did not come about: {rig.phones.ask('stats')}"
                         f" {rig.refused[:1]}\n{rig.server.tail()}")  # fmt: skip
        time.sleep(0.1)


def _watch(rig: Rig, seconds: float) -> Measured:
    rig.phones.ask("clear")
    before, began, machine = rig.cpu(), time.monotonic(), machine_cpu_s()[0]
    speeds: list[float] = []
    while time.monotonic() - began < seconds:
        time.sleep(0.5)
        speeds.append(gauge())
    after, ended = rig.cpu(), time.monotonic()
    used = {name: after[name] - before[name] for name in after}
    others = machine_cpu_s()[0] - machine - sum(used.values())
    took = ended - began
    return Measured(
        took, used, rig.phones.ask("stats"), sum(speeds) / len(speeds), max(0.0, others / took)
    )


def _steady(scenario: Scenario, legs: int) -> bool:
    """So many calls at once, for a while."""
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        with closing(rig):
            empty = rig.rss_mb()
            first = min(10, legs)
            rig.place(first, 10.0, scenario.document)
            _wait("the first calls", rig, lambda: rig.phones.ask("stats")["live"] == first)
            time.sleep(SETTLE_S)
            few = rig.rss_mb()
            if legs > first:
                rig.place(legs - first, scenario.rate, scenario.document)
            _wait("all calls", rig, lambda: rig.phones.ask("stats")["live"] == legs)
            time.sleep(SETTLE_S)
            seen = _watch(rig, scenario.seconds)
            many = rig.rss_mb()
            alive = rig.phones.ask("stats")["live"]
    share = 100.0 * sum(seen.cpu[role] for role in ROLES) / seen.seconds / legs
    late = 100.0 * seen.phones["late"] / max(1, seen.phones["gaps"])
    met = share <= scenario.goal and late < 0.5 and alive == legs
    print(
        f"{scenario.name}: {share:.3f} % of a core a leg (≤ {scenario.goal:.1f}),"
        f" {late:.2f} % of gaps over 40 ms (< 0.5): {'met' if met else 'NOT MET'}"
        f" | {legs} legs, {alive} alive at the end, longest gap {seen.phones['longest_ms']:.0f} ms,"
        f" {seen.phones['packets'] / seen.seconds / legs:.1f} packets/s a leg"
        f" | % of a core: {_shares(seen)}"
        f" | RSS {empty:.0f} → {few:.0f} ({first} calls) → {many:.0f} MB:"
        f" {1000.0 * (many - few) / max(1, legs - first):.0f} KB a call"
        f" | machine at {100 * seen.speed:.0f} % of its speed, other programs"
        f" {100 * seen.others:.0f} %",
        flush=True,
    )
    return met


def _setup(scenario: Scenario, rate: float, profile: bool) -> bool:
    """Calls that end as soon as they are answered, at a rate by the clock."""
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), scenario.phones, profile=profile)
        # What sipp has counted it writes down once a second only.
        ended = partial(_told if scenario.phones == "sipp" else _ended, rig)
        with closing(rig):
            rig.place(20, 10.0, scenario.document)
            _wait("the first calls", rig, lambda: ended() == 20)
            count = int(rate * scenario.seconds)
            if profile:
                rig.profile(begin=True)
            before, machine, began = rig.cpu(), machine_cpu_s()[0], time.monotonic()
            rig.place(count, rate, scenario.document)
            handed_s = time.monotonic() - began
            _wait("all calls", rig, lambda: ended() == 20 + count)
            took = time.monotonic() - began
            after = rig.cpu()
            _wait("all hangup callbacks", rig, lambda: _told(rig) == 20 + count)
            told_s = time.monotonic() - began
            phones = rig.phones.ask("stats")
            if profile:
                rig.profile(begin=False)
                rig.show(count, after["main"] - before["main"])
    used = {name: after[name] - before[name] for name in after}
    others = max(0.0, (machine_cpu_s()[0] - machine - sum(used.values())) / took)
    reached = count / took
    met = reached >= 0.97 * rate and not rig.refused
    print(
        f"{scenario.name}: {reached:.1f} calls/s set up, answered and ended"
        f" (≥ {scenario.goal:.0f}): {'met' if met and rate >= scenario.goal else 'NOT MET'}"
        f" | {count} offered in {handed_s:.1f} s, all ended after {took:.1f} s, all told after"
        f" {told_s:.1f} s | sent again {phones['again']}, refused {len(rig.refused)}"
        f" | CPU ms a call: {_each(used, count)} | other programs {100 * others:.0f} %",
        flush=True,
    )
    return met


def _incoming(scenario: Scenario, rate: float) -> bool:
    """Calls that come in, and are hung up by the caller as soon as they are answered."""
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        with closing(rig):
            number, target = rig.take_calls(scenario.document), rig.server.ready["sip"]
            calling = ("-sn", "uac", "-s", number, target.removeprefix("udp:"))
            with closing(warm := Sipp(Path(folder), *calling, "-r", "10", "-m", "20")):
                warm.ends(30.0)
            _wait("the first calls", rig, lambda: _told(rig) == 20)
            count = int(rate * scenario.seconds)
            before, machine, began = rig.cpu(), machine_cpu_s()[0], time.monotonic()
            sipp = Sipp(Path(folder), *calling, "-r", f"{rate:.0f}", "-m", str(count))
            with closing(sipp):
                said = sipp.ends(60.0 + 2 * scenario.seconds)
                took = time.monotonic() - began
                after = rig.cpu()
                _wait("all hangup callbacks", rig, lambda: _told(rig) >= 20 + said["ended"])
                told_s = time.monotonic() - began
    used = {name: after[name] - before[name] for name in ROLES}
    others = max(0.0, (machine_cpu_s()[0] - machine - sum(used.values())) / took)
    reached = said["ended"] / took
    met = reached >= 0.97 * rate and not said["failed"]
    print(
        f"{scenario.name}: {reached:.1f} calls/s taken, answered and ended"
        f" (≥ {scenario.goal:.0f}): {'met' if met and rate >= scenario.goal else 'NOT MET'}"
        f" | {count} by sipp in {took:.1f} s, answered after {said['answered_ms']:.0f} ms on"
        f" average, all told after {told_s:.1f} s | failed {said['failed']},"
        f" sent again {said['again']} | CPU ms a call: {_each(used, count)}"
        f" | sipp and others {100 * others:.0f} %",
        flush=True,
    )
    return met


def _each(used: dict[str, float], count: int) -> str:
    return ", ".join(f"{name} {1000.0 * value / count:.2f}" for name, value in used.items())


def _ended(rig: Rig) -> int:
    return int(rig.phones.ask("stats")["ended"])


def _told(rig: Rig) -> int:
    return int(rig.application.ask("stats")["seen"].get("over Hangup", 0))


def _shares(seen: Measured) -> str:
    return ", ".join(f"{n} {100.0 * value / seen.seconds:.1f}" for n, value in seen.cpu.items())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("scenario", nargs="*", help=", ".join(names))
    parser.add_argument("--legs", type=int, help="calls at once, instead of the scenario's own")
    parser.add_argument("--rate", type=float, help="calls a second of `setup` and `incoming`")
    parser.add_argument("--profile", action="store_true", help="of the main process, in `setup`")
    options = parser.parse_args()
    unknown = set(options.scenario) - set(names)
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    met = True
    for scenario in SCENARIOS:
        if options.scenario and scenario.name not in options.scenario:
            continue
        try:
            if scenario.legs:
                met &= _steady(scenario, options.legs or scenario.legs)
            else:
                rate = options.rate or scenario.rate
                if scenario.name == "incoming":
                    met &= _incoming(scenario, rate)
                else:
                    met &= _setup(scenario, rate, options.profile)
        except Broken as error:
            print(f"{scenario.name}: FAILED {error}", flush=True)
            met = False
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
