"""The programs of `examples/`, with the official SDKs beside them, and how their pages run them."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from e2e_cache import installed
from e2e_node_sdk import NODE_SDK, installed_node_sdk

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "quickstart"
EXAMPLES = ROOT / "examples"
MAIN = {"python": "app.py", "node": "app.js", "go": "main.go", "java": "App.java"}

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> dict[str, str]:
    """Return the page's code by the language of its fences."""
    return dict(_BLOCK.findall(page.read_text(encoding="utf-8")))


def command(language: str) -> list[str]:
    """Return the words of the page's line that runs the program, without `trunkline`."""
    (line,) = [
        line
        for line in blocks(PAGES / f"{language}.md")["sh"].splitlines()
        if line.startswith("trunkline run -- ")
    ]
    return shlex.split(line)[1:]


def prepared(language: str, folder: Path) -> Path:
    """Copy the example, and put its SDK beside it as the page's other line does."""
    place = folder / language
    shutil.copytree(EXAMPLES / language, place)
    _SDKS.get(language, lambda _: None)(place)
    return place


def _node(place: Path) -> None:
    asked = json.loads((place / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert asked == {"plivo": NODE_SDK.removeprefix("plivo@")}
    (place / "node_modules").symlink_to(installed_node_sdk())


def _java(place: Path) -> None:
    """Copy the jars by Maven once, into the user's cache."""
    mvn = shutil.which("mvn")
    assert mvn, "Maven is needed: .ci/system-tools installs it"
    pom = (place / "pom.xml").read_text(encoding="utf-8")
    (version,) = re.findall(r"<artifactId>plivo-java</artifactId>\s*<version>(.*?)</version>", pom)

    def install(folder: Path) -> None:
        where = f"-DoutputDirectory={folder / 'dependency'}"
        _check([mvn, "-q", "-B", "dependency:copy-dependencies", where], place)

    kept = installed(f"plivo-java-{version}", install)
    (place / "target").symlink_to(kept)


def _go(place: Path) -> None:
    assert shutil.which("go"), "Go is needed: .ci/system-tools installs it"
    _check(["go", "mod", "download"], place)


def _python(place: Path) -> None:
    """Hold that the version of the page is the one that is tested here."""
    asked = (place / "requirements.txt").read_text(encoding="utf-8").split()
    listed = subprocess.run(
        [sys.executable, "-c", "from importlib.metadata import version; print(version('plivo'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked == [f"plivo=={listed.stdout.strip()}"]


def _check(words: list[str], place: Path) -> None:
    done = subprocess.run(
        words, cwd=place, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


_SDKS: Mapping[str, Callable[[Path], None]] = {
    "python": _python,
    "node": _node,
    "go": _go,
    "java": _java,
}
