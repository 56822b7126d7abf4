"""The running program for unchanged clients; its parts are those of the end-to-end tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e" / "parts"))
sys.path.insert(0, str(Path(__file__).parent / "parts"))

from e2e_fixtures import (
    api,
    engine,
    handset,
    loop,
    new_database,
    new_sink,
    program,
    sink,
)

__all__ = ["api", "engine", "handset", "loop", "new_database", "new_sink", "program", "sink"]

NODE_SDK = "plivo@4.79.0"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Install the official Node SDK once, into the user's cache."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.fail("Node.js and npm are needed: .ci/system-tools installs them")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "trunkline-tests" / NODE_SDK.replace("@", "-")
    modules = folder / "node_modules"
    if not (modules / "plivo" / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", NODE_SDK]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
    return modules
