"""The official SDK for Node, from the npm registry."""

import shutil
import subprocess
from pathlib import Path

from e2e_cache import installed

NODE_SDK = "plivo@4.79.0"


def installed_node_sdk() -> Path:
    """Return `node_modules` with the official Node SDK, installed once into the user's cache."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise AssertionError("Node.js and npm are needed: .ci/system-tools installs them")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", NODE_SDK]

    def install(folder: Path) -> None:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr

    return installed(NODE_SDK.replace("@", "-"), install) / "node_modules"
