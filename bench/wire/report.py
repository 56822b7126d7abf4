"""Profiles for people: the functions that take most, per message."""

import json
import subprocess
from pathlib import Path
from typing import Any

_SOURCE = "/src/"


def _name(row: dict[str, Any]) -> str:
    file = str(row["file"])
    if _SOURCE in file:
        file = file.rpartition(_SOURCE)[2]
    elif "site-packages/" in file:
        file = file.rpartition("site-packages/")[2]
    else:
        file = "/".join(file.split("/")[-2:])
    return f"{file}:{row.get('at', row['line'])} {row['name']}"


def show_profile(process: str, path: Path, messages: int, each_us: float, top: int) -> None:
    """Print the heaviest functions of a process that took `each_us` of CPU a message."""
    if path.suffix == ".perf":
        _show_perf(path, messages, each_us, top)
        return
    profile = json.loads(path.read_text())
    rows: list[dict[str, Any]] = profile["functions"]
    sampled = profile["kind"] == "sample"
    # A share of the samples is a share of the CPU; cProfile gives seconds, its own cost in them.
    to_us = each_us if sampled else 1e6 / max(1, messages)
    what = f"{profile['samples']} samples" if sampled else "cProfile: inflated by its own cost"
    print(f"\nprofile of {process}: {messages} messages, {each_us:.0f} µs each ({what})")
    for generation, (count, seconds) in sorted(profile["gc"].items()):
        print(
            f"  garbage collector, generation {generation}: {count:.0f} times,"
            f" {1e6 * seconds / max(1, messages):.1f} µs a message,"
            f" {1e3 * seconds / count:.1f} ms each"
        )
    for order in ("exclusive", "inclusive"):
        print(f"\n  by {order} time: µs a message exclusive, inclusive" + _calls_title(sampled))
        for row in sorted(rows, key=lambda row: -row[order])[:top]:
            calls = "" if sampled else f" {row['calls'] / max(1, messages):8.2f}"
            print(
                f"  {row['exclusive'] * to_us:8.1f} {row['inclusive'] * to_us:8.1f}{calls}"
                f"  {_name(row)}"
            )
    for row in profile.get("lines", [])[:top]:
        if row is profile["lines"][0]:
            print("\n  by line: µs a message exclusive")
        print(f"  {row['exclusive'] * to_us:8.1f}  {_name(row)}")
    _by_package(rows, to_us)


def _show_perf(path: Path, messages: int, each_us: float, top: int) -> None:
    """Print where the time is below Python: libraries, C functions, the kernel."""
    print(f"\nperf: {messages} messages, {each_us:.0f} µs each")
    for key, lines in (("comm", 8), ("dso", 16), ("dso,symbol", top)):
        done = subprocess.run(
            ["perf", "report", "-i", str(path), "--stdio", "--no-children", "--sort", key, "-q"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        print(f"\n  by {key}: µs a message")
        for line in [text for text in done.stdout.splitlines() if "%" in text][:lines]:
            share, _, what = line.strip().partition("%")
            print(f"  {float(share) / 100 * each_us:8.1f}  {what.strip()}")


def _calls_title(sampled: bool) -> str:
    return "" if sampled else ", calls"


def _by_package(rows: list[dict[str, Any]], to_us: float) -> None:
    totals: dict[str, float] = {}
    for row in rows:
        place = _name(row).split(":")[0].split("/")
        depth = 3 if place[0] == "trunkline" else 1
        key = "/".join(place[:depth])
        totals[key] = totals.get(key, 0.0) + row["exclusive"]
    print("\n  exclusive by package, µs a message")
    for key, total in sorted(totals.items(), key=lambda pair: -pair[1])[:20]:
        print(f"  {total * to_us:8.1f}  {key}")
