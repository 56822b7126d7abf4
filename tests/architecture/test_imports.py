"""Who may import whom: the contracts of import-linter, and that each of them catches a breach."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in (ROOT / "src/trunkline").glob("*/__init__.py"))


def lint(config: Path, source: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), f"--config={config}"]
    command += ["--no-cache", "--no-logo", *(f"--contract={name}" for name in contracts)]
    env = {**os.environ, "PYTHONPATH": str(source)}
    return subprocess.run(
        command, cwd=source, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_program_keeps_the_contracts() -> None:
    done = lint(ROOT / "pyproject.toml", ROOT / "src")
    assert done.returncode == 0, done.stdout


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """An empty program with all its packages, which keeps every contract."""
    for name in PACKAGES:
        (tmp_path / "trunkline" / name).mkdir(parents=True)
        (tmp_path / "trunkline" / name / "__init__.py").touch()
    (tmp_path / "trunkline" / "__init__.py").touch()
    add(tmp_path, "runtime.db", "import sqlite3, sqlalchemy, structlog\n")
    add(tmp_path, "engines.sockets", "import asyncio, socket, ssl, threading\n")
    return tmp_path


def add(skeleton: Path, module: str, text: str) -> None:
    path = skeleton / "trunkline" / Path(*module.split("."))
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.with_suffix(".py").write_text(text)


@pytest.mark.parametrize(
    ("contract", "module", "text"),
    [
        ("layers", "values.ids", "import trunkline.runtime"),
        ("layers", "billing.rates", "import trunkline.webhooks"),
        ("layers", "simulator.smsc", "import trunkline.accounts"),
        ("layers", "novelty.first", ""),
        ("protocols", "protocols.smpp", "import asyncio"),
        ("protocols", "protocols.smpp", "import trunkline.values"),
        ("engines", "engines.http", "import trunkline.contract"),
        ("sqlite", "runtime.changes", "import sqlite3"),
        ("postgresql", "messaging.store", "import psycopg"),
        ("cycles", "messaging.send", "import trunkline.messaging.report"),
    ],
)
def test_a_breach_is_caught(skeleton: Path, contract: str, module: str, text: str) -> None:
    config = ROOT / "pyproject.toml"
    before = lint(config, skeleton, contract)
    assert before.returncode == 0, before.stdout
    add(skeleton, module, text + "\n")
    if contract == "cycles":
        add(skeleton, "messaging.report", "import trunkline.messaging.send\n")
    after = lint(config, skeleton, contract)
    assert after.returncode == 1, after.stdout
    assert "BROKEN" in after.stdout or "Missing layer" in after.stdout
