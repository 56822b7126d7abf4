"""Commands of the system that a bad network is made with."""

import shutil
import subprocess
from pathlib import Path


def run(*words: str, check: bool = True, cwd: Path | None = None, time_out_s: float = 20.0) -> str:
    """Return what it prints; AssertionError with what it complains of when it fails."""
    assert shutil.which(words[0]), f"{words[0]} is needed: .ci/system-tools installs it"
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=time_out_s, cwd=cwd
    )
    assert done.returncode == 0 or not check, (*words, done.returncode, done.stderr, done.stdout)
    return done.stdout
