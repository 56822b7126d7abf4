"""The running program that the proof asks, and the SDK that asks it."""

import os
import shutil
import subprocess
from pathlib import Path

from conform_world import World
from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_sink import Sink

NODE_SDK = "plivo@4.79.0"


def start_world(folder: Path, loop: BackgroundLoop) -> World:
    """Start the program on an empty database, with a customer's application beside it."""
    program = Program(folder, None, {}).start()
    return World(program, Sink(loop).start(), folder)


def installed_node_sdk() -> Path:
    """Return `node_modules` with the official Node SDK, installed once into the user's cache."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise AssertionError("Node.js and npm are needed: .ci/system-tools installs them")
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
