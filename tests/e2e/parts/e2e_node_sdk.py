"""The official SDK for Node, from the npm registry."""

import os
import shutil
import subprocess
from pathlib import Path

NODE_SDK = "plivo@4.79.0"


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
