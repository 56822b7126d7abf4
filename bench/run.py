"""Measures the whole program on the messaging path.

    .venv/bin/python bench/run.py                          every scenario but the long ones
    .venv/bin/python bench/run.py completed --seconds 15   one of them
    .venv/bin/python bench/run.py completed --profile      and where its time goes
    .venv/bin/python bench/run.py memory --million         the long ones

Loader, callbacks' sink and carrier are processes of their own on the same machine; what they cost
is shown, since it is taken from what the program can have.
"""

import argparse
import json
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from wire.baseline import baselines
from wire.measure import Result, measure
from wire.processes import Broken
from wire.report import show_profile
from wire.scenarios import LONG, SCENARIOS, Scenario, named


def main() -> int:
    options = _options()
    if options.nice:
        _favour(options.nice)
    scenarios = [_adapted(scenario, options) for scenario in _chosen(options)]
    print(f"{_machine()}")
    raw = baselines() if options.baseline or len(scenarios) > 3 else {}
    for name, (rate, cpu) in raw.items():
        print(f"baseline  {name}: {rate:,.0f}/s" + (f", {cpu:.0f} µs CPU each" if cpu else ""))
    results: list[Result] = []
    for scenario in scenarios:
        try:
            result = measure(scenario, profile=options.profile or "", keep=options.keep)
        except Broken as error:
            print(f"{scenario.name}: FAILED {error}", flush=True)
            continue
        results.append(result)
        _show(result)
        for process, path in sorted(result.profiles.items(), reverse=True):
            each_us = result.server_us if path.suffix == ".perf" else result.cpu_us[process]
            show_profile(process, path, result.messages, each_us, options.top)
    if len(scenarios) > 1:
        _table(results)
    if options.json:
        _write(Path(options.json), results, raw)
    return 0 if len(results) == len(scenarios) else 1


def _favour(nice: int) -> None:
    """Set the niceness of everything measured, against the sessions of others too."""
    os.nice(nice)
    group = Path("/proc/self/autogroup")  # Linux shares out the CPU by session first
    if os.getpgrp() != os.getpid() and group.exists():
        os.setsid()
        group.write_text(str(nice))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("scenario", nargs="*", metavar="scenario", help=", ".join(names))
    parser.add_argument("--seconds", type=float, help="of load, instead of the scenario's own")
    parser.add_argument("--count", type=int, help="messages, instead of the scenario's own")
    parser.add_argument("--rate", type=float, help="requests a second, by the clock")
    parser.add_argument("--in-flight", type=int, help="requests under way at once")
    parser.add_argument("--quick", action="store_true", help="3 seconds each: does it work?")
    parser.add_argument("--million", action="store_true", help="add the million messages")
    parser.add_argument("--baseline", action="store_true", help="measure the bare wires too")
    parser.add_argument(
        "--profile", nargs="?", const="sample", choices=("sample", "calls", "perf"),
        help="sample: true shares; calls: exact counts, slow; perf: below Python",
    )  # fmt: skip
    parser.add_argument("--top", type=int, default=45, help="lines of a profile")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE",
        help="a setting of the program by its environment name, TRUNKLINE_…",
    )  # fmt: skip
    parser.add_argument(
        "--nice", type=int, default=0, help="of all processes measured: -5 when others work here"
    )
    parser.add_argument("--keep", action="store_true", help="keep the data folder and the log")
    parser.add_argument("--json", help="write the figures to this file")
    options = parser.parse_args()
    unknown = set(options.scenario) - set(names)
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return options


def _chosen(options: argparse.Namespace) -> list[Scenario]:
    wanted = list(options.scenario)
    if options.million and "million" not in wanted:
        wanted.append("million")
    if wanted:
        return [named(name) for name in wanted]
    return [scenario for scenario in SCENARIOS if scenario.name not in LONG]


def _adapted(scenario: Scenario, options: argparse.Namespace) -> Scenario:
    changes: dict[str, Any] = {"env": dict(pair.split("=", 1) for pair in options.set)}
    if options.quick and scenario.name not in LONG and scenario.metric != "carrier":
        changes["seconds"] = 3.0
    if options.quick and scenario.name in LONG:
        changes["count"] = 30_000
    for name in ("seconds", "count", "rate", "in_flight"):
        if getattr(options, name) is not None:
            changes[name] = getattr(options, name)
    return replace(scenario, **changes)


def _machine() -> str:
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    load = Path("/proc/loadavg").read_text().split()[0]
    cores = len([line for line in Path("/proc/stat").read_text().splitlines() if line[:3] == "cpu"])
    return (
        f"machine   {cores - 1} cores, {model}, Linux {platform.release()},"
        f" Python {platform.python_version()}, load before {load}"
    )


def _show(result: Result) -> None:
    figures, latency = result.figures, result.latency_ms
    cpu = ", ".join(f"{name} {value:.0f}" for name, value in result.cpu_us.items())
    print(
        f"{result.scenario.name}: {_value(result)}"
        f" | accepted {figures['accepted']:,.0f}/s, {figures['messages']:,.0f} in all,"
        f" done {figures['drain_s']:.1f} s after the load"
        f" | 202 p50 {latency.get('p50', 0):.0f} p99 {latency.get('p99', 0):.0f}"
        f" max {latency.get('max', 0):.0f} ms"
        f" | accepted to complete p50 {result.delay_ms['p50']:.0f}"
        f" p99 {result.delay_ms['p99']:.0f} ms"
        f" | CPU µs/message {cpu}; server at reference speed {figures['reference_us']:.0f},"
        f" {100 * figures['server_cores']:.0f} % of a core"
        f" | RSS {_rss(result)} MB"
        f" | machine at {100 * figures['speed']:.0f} % of its speed,"
        f" other programs {100 * figures['others_cores']:.0f} % of a core",
        flush=True,
    )
    extra = {
        name: figures[name]
        for name in (
            *("first_10000", "last_10000", "slowest_10000", "last", "growth"),
            *("carrier", "throttled_share", "cpu_while_throttled"),
        )
        if name in figures
    }
    if extra and result.scenario.metric in ("growth", "last", "carrier"):
        print("  " + ", ".join(f"{name} {value:,.1f}" for name, value in extra.items()))
    for note in result.notes:
        print(f"  ! {note}", flush=True)


_UNITS = {
    "completed": "completed messages/s",
    "submitted": "submitted/s",
    "carrier": "accepted by the carrier/s",
    "p99": "ms (202 p99)",
    "lost": "lost",
    "growth": "MB grown",
    "last": "% of the median",
}


def _value(result: Result) -> str:
    target = result.scenario.target
    sign = "≤" if result.scenario.at_most else "≥"
    mark = "met" if result.met else "NOT MET"
    return f"{result.value:,.0f} {_UNITS[result.scenario.metric]} ({sign} {target:,.0f}: {mark})"


def _rss(result: Result) -> str:
    found = result.rss_mb or [0.0]
    return f"{found[0]:.0f} → {found[-1]:.0f} (max {max(found):.0f})"


def _table(results: list[Result]) -> None:
    print("\n| scenario | result | target | 202 p50 / p99 ms | server CPU µs | RSS MB |")
    print("|---|---|---|---|---|---|")
    for result in results:
        sign = "≤" if result.scenario.at_most else "≥"
        latency = result.latency_ms
        print(
            f"| {result.scenario.name}: {result.scenario.what}"
            f" | {result.value:,.0f} {_UNITS[result.scenario.metric]}"
            f" | {sign} {result.scenario.target:,.0f}"
            f" | {latency.get('p50', 0):.0f} / {latency.get('p99', 0):.0f}"
            f" | {result.server_us:.0f} | {_rss(result)} |"
        )


def _write(path: Path, results: list[Result], raw: dict[str, tuple[float, float]]) -> None:
    path.write_text(
        json.dumps(
            {
                "machine": _machine(),
                "baseline": {name: rate for name, (rate, _) in raw.items()},
                "results": {
                    result.scenario.name: {
                        "figures": result.figures,
                        "cpu_us": result.cpu_us,
                        "latency_ms": result.latency_ms,
                        "delay_ms": result.delay_ms,
                        "rss_mb": result.rss_mb,
                        "notes": result.notes,
                    }
                    for result in results
                },
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
