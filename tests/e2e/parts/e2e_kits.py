"""The kits for tests of other programs, run as their users run them."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from e2e_program import TRUNKLINE, Program

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "testing"
JS_KIT = ROOT / "clients" / "js"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tests passed and did not, and all that was written."""

    passed: int
    others: int
    written: str


class Run:
    """A command that runs tests, on the program at a URL or on one that it starts itself."""

    def __init__(self, command: list[str], folder: Path, program: Program | None = None) -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("TRUNKLINE")}
        kept["PATH"] = f"{TRUNKLINE.parent}:{kept['PATH']}"
        if program is not None:
            kept["TRUNKLINE_URL"] = program.url
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def outcome(self, timeout_s: float = 300.0) -> Outcome:
        """Wait for its end and count."""
        try:
            written, _ = self._process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            written, _ = self._process.communicate()
            raise AssertionError(f"it took more than {timeout_s:g} s:\n{written}") from None
        tap = re.search(r"^# pass (\d+)\n# fail (\d+)\n# cancelled (\d+)", written, re.MULTILINE)
        if tap is not None:
            return Outcome(int(tap[1]), int(tap[2]) + int(tap[3]), written)
        counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|errors?)", written)}
        passed = counts.pop("passed", 0)
        return Outcome(passed, sum(counts.values()), written)


def pytest_run(folder: Path, program: Program | None = None) -> Run:
    """Run the tests in a folder with two workers of pytest-xdist."""
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    return Run(words, folder, program)


def node_run(folder: Path, program: Program | None = None) -> Run:
    """Run the tests in a folder with Node's own runner."""
    node = shutil.which("node")
    if node is None:
        raise AssertionError("Node.js is needed: .ci/system-tools installs it")
    return Run([node, "--test", "--test-reporter=tap"], folder, program)


def copied(name: str, target: Path) -> Path:
    """Copy an example, so that nothing is written into it."""
    return Path(shutil.copytree(EXAMPLES / name, target / name))


def with_modules(folder: Path, sdk: Path) -> Path:
    """Give a Node project the kit and the SDK that it depends on."""
    modules = folder / "node_modules"
    modules.mkdir()
    for package in sdk.iterdir():
        (modules / package.name).symlink_to(package)
    (modules / "trunkline-testing").symlink_to(JS_KIT)
    return folder
