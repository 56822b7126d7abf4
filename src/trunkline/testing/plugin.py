"""The pytest plugin: fixtures `trunkline`, `trunkline_server`, `trunkline_sdk`, and a marker.

Every pytest that has the package loads it, so the kit is imported, and a program started, when the
first test wants them.
"""

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from trunkline.testing.kit import Server, Trunkline

MARKER = "trunkline_clock"
URL = "TRUNKLINE_URL"

_FOLDER = pytest.StashKey[Path]()
_SERVER = pytest.StashKey["Server"]()  # kept: its process must not be collected while it runs
_INPUT = "trunkline_folder"
_OWNER = "trunkline_owner"
_MOST_NAME = 200


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker is."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}: gives the test's account another program, whose time only this test moves",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker of pytest-xdist where they all find the one server."""
    node.workerinput[_INPUT] = str(_folder(node.config))
    node.workerinput[_OWNER] = os.getpid()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started; the workers of pytest-xdist leave that to whoever started them."""
    folder = config.stash.get(_FOLDER, None)
    if folder is None:
        return
    if (folder / "server").exists():
        _kit("shared").stop_shared(folder / "server")
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what happened on the test's account."""
    report = yield
    if report.when == "call" and report.failed:
        opened: Any = getattr(item, "funcargs", {}).get("trunkline")
        if isinstance(opened, _loaded("Trunkline")):
            with contextlib.suppress(_loaded("RequestRefused")):
                report.sections.append(("trunkline", opened.story()))
    return report


@pytest.fixture(scope="session")
def trunkline_settings() -> Mapping[str, str]:
    """Settings of the program (TRUNKLINE_… names) that differ; override it in a conftest."""
    return {}


@pytest.fixture(scope="session")
def trunkline_snapshot() -> Path | None:
    """A file of `trunkline snapshot save` that the program begins with; override it likewise."""
    return None


@pytest.fixture(scope="session")
def trunkline_server(
    pytestconfig: pytest.Config,
    trunkline_settings: Mapping[str, str],
    trunkline_snapshot: Path | None,
) -> "Server":
    """The program that all tests and all workers share: at TRUNKLINE_URL, or started here."""
    given = os.environ.get(URL)
    if given:
        return _kit("server").connect(given)
    known: dict[str, Any] = getattr(pytestconfig, "workerinput", {})
    folder = Path(known[_INPUT]) if _INPUT in known else _folder(pytestconfig)
    owner = int(known.get(_OWNER, os.getpid()))
    shared = _kit("shared").shared_server
    server = shared(folder / "server", owner, trunkline_settings, trunkline_snapshot)
    pytestconfig.stash[_SERVER] = server
    return server


@pytest.fixture(scope="session")
def trunkline_clock_server(
    tmp_path_factory: pytest.TempPathFactory,
    trunkline_settings: Mapping[str, str],
    trunkline_snapshot: Path | None,
) -> "Iterator[Server]":
    """A program for the tests that move time: one for each worker, which runs one at a time."""
    folder = tmp_path_factory.mktemp("trunkline-clock")
    server = _kit("server").start_server(
        folder, clock="flowing", settings=trunkline_settings, snapshot=trunkline_snapshot
    )
    yield server
    server.stop()


@pytest.fixture
def trunkline(request: pytest.FixtureRequest) -> "Iterator[Trunkline]":
    """An account of this test's own, with numbers and phones that no other test has."""
    node = cast("pytest.Item", request.node)  # pyright: ignore[reportUnknownMemberType]
    moves = node.get_closest_marker(MARKER) is not None
    name = "trunkline_clock_server" if moves else "trunkline_server"
    server: Server = request.getfixturevalue(name)
    with _kit("account").open_account(server.url, node.nodeid[-_MOST_NAME:]) as opened:
        yield opened


@pytest.fixture
def trunkline_sdk(trunkline: "Trunkline", monkeypatch: pytest.MonkeyPatch) -> Any:
    """The `plivo` package itself, pointed at this test's account until the test ends.

    For programs that make their own `plivo.RestClient()`: PLIVO_AUTH_ID, PLIVO_AUTH_TOKEN and the
    package's addresses are set. Returns `trunkline.client()`.
    """
    sdk = _kit("sdk")
    for name in sdk.ADDRESSES:
        monkeypatch.setattr(sdk.module(), name, f"{trunkline.url}/v1/Account")
    monkeypatch.setenv("PLIVO_AUTH_ID", trunkline.auth_id)
    monkeypatch.setenv("PLIVO_AUTH_TOKEN", trunkline.auth_token)
    return trunkline.client()


def _loaded(name: str) -> Any:
    """Return a class of the kit, or none at all: only a test that used the kit has loaded it."""
    return getattr(sys.modules.get("trunkline.testing.kit"), name, ())


def _kit(module: str) -> Any:
    return importlib.import_module(f"trunkline.testing.kit.{module}")


def _folder(config: pytest.Config) -> Path:
    """Return the folder of this run, made when it is first asked for."""
    if _FOLDER not in config.stash:
        config.stash[_FOLDER] = Path(tempfile.mkdtemp(prefix="trunkline-tests-"))
    return config.stash[_FOLDER]
