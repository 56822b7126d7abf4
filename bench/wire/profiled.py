"""Runs the program with a profiler in it: `profiled.py sample|calls FILE up …`.

`sample` looks at the main thread's stack on every millisecond of CPU time (SIGPROF), so its shares
are true though a C function's time may count for the line after it. `calls` is cProfile: it counts
exactly, and makes what it measures two to three times slower. SIGUSR1 begins, SIGUSR2 ends and
writes FILE (JSON: functions with their exclusive and inclusive share or time).
"""

import cProfile
import json
import pstats
import signal
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_PERIOD_S = 0.001


class Sampler:
    """Counts where the main thread is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._exclusive: Counter[CodeType] = Counter()
        self._inclusive: Counter[CodeType] = Counter()
        self._lines: Counter[tuple[CodeType, int]] = Counter()
        self._samples = 0
        self._skipped = 0

    def begin(self) -> None:
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
        self._path.write_text(
            json.dumps(
                {"kind": "sample", "samples": self._samples, "functions": rows, "lines": lines}
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

    def __init__(self, path: Path) -> None:
        self._path = path
        self._profile = cProfile.Profile()

    def begin(self) -> None:
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
        self._path.write_text(json.dumps({"kind": "calls", "functions": rows}))


def _place(code: CodeType) -> dict[str, Any]:
    return {"file": code.co_filename, "line": code.co_firstlineno, "name": code.co_qualname}


def main() -> None:
    kind, path = sys.argv[1], Path(sys.argv[2])
    del sys.argv[1:3]
    profiler = Sampler(path) if kind == "sample" else Caller(path)
    signal.signal(signal.SIGUSR1, lambda *_: profiler.begin())
    signal.signal(signal.SIGUSR2, lambda *_: profiler.end())
    from trunkline.cli.main import main as program  # noqa: PLC0415 - import time is not profiled

    program()


if __name__ == "__main__":
    main()
