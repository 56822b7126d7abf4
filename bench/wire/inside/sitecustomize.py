"""A profiler inside each process of the program: Python imports this file when it starts.

TRUNKLINE_BENCH_PROFILE is `sample:FOLDER` or `calls:FOLDER`. `sample` looks at the main thread's
stack on every few milliseconds of CPU time (SIGPROF), so its shares are true though a C function's
time may count for the line after it. `calls` is cProfile: it counts exactly, and makes what it
measures two to three times slower. SIGUSR1 begins, SIGUSR2 ends and writes FOLDER/<pid>.json:
functions with their exclusive and inclusive share or time.
"""

import cProfile
import gc
import json
import os
import pstats
import signal
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_PERIOD_S = 0.001


class Collector:
    """Times the cyclic garbage collector, by generation: collections and seconds."""

    def __init__(self) -> None:
        self.found: dict[int, list[float]] = {}
        self._began = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:
        now = time.thread_time()
        if phase == "start":
            self._began = now
            return
        counts = self.found.setdefault(info["generation"], [0.0, 0.0])
        counts[0] += 1
        counts[1] += now - self._began


class Sampler:
    """Counts where the main thread is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._exclusive: Counter[CodeType] = Counter()
        self._inclusive: Counter[CodeType] = Counter()
        self._lines: Counter[tuple[CodeType, int]] = Counter()
        self._samples = 0

    def begin(self) -> None:
        self._collector = Collector()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, _PERIOD_S, _PERIOD_S)

    def end(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        own = self._exclusive
        rows = [
            {
                **_place(code),
                "exclusive": own[code] / self._samples,
                "inclusive": count / self._samples,
            }
            for code, count in self._inclusive.items()
        ]
        lines = [
            {**_place(code), "at": line, "exclusive": count / self._samples}
            for (code, line), count in self._lines.most_common(80)
        ]
        _report(self._folder).write_text(
            json.dumps(
                {
                    "kind": "sample",
                    "samples": self._samples,
                    "functions": rows,
                    "lines": lines,
                    "gc": self._collector.found,
                }
            )
        )

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        self._samples += 1
        self._exclusive[frame.f_code] += 1
        self._lines[frame.f_code, frame.f_lineno] += 1
        seen: set[CodeType] = set()
        at: FrameType | None = frame
        while at is not None:
            seen.add(at.f_code)
            at = at.f_back
        self._inclusive.update(seen)


class Caller:
    """Counts calls and their time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._profile = cProfile.Profile()

    def begin(self) -> None:
        self._collector = Collector()
        self._profile.enable()

    def end(self) -> None:
        self._profile.disable()
        found: dict[Any, Any] = pstats.Stats(self._profile).stats  # type: ignore[attr-defined]
        rows = [
            {
                "file": file,
                "line": line,
                "name": name,
                "calls": calls,
                "exclusive": own,
                "inclusive": total,
            }
            for (file, line, name), (_, calls, own, total, _callers) in found.items()
        ]
        _report(self._folder).write_text(
            json.dumps({"kind": "calls", "functions": rows, "gc": self._collector.found})
        )


def _place(code: CodeType) -> dict[str, Any]:
    return {"file": code.co_filename, "line": code.co_firstlineno, "name": code.co_qualname}


def _report(folder: Path) -> Path:
    """Name the file of this process, which may have been forked since its profiler was made."""
    return folder / f"{os.getpid()}.json"


def install(wish: str) -> None:
    """Begin and end by signal."""
    kind, _, folder = wish.partition(":")
    profiler = Sampler(Path(folder)) if kind == "sample" else Caller(Path(folder))
    signal.signal(signal.SIGUSR1, lambda *_: profiler.begin())
    signal.signal(signal.SIGUSR2, lambda *_: profiler.end())


if os.environ.get("TRUNKLINE_BENCH_PROFILE"):
    install(os.environ["TRUNKLINE_BENCH_PROFILE"])
