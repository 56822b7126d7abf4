"""Fixtures of tests that run the whole program; a conftest takes them over by name."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_sink import Sink
from e2e_smsc import Smsc
from e2e_waiting import until

ENGINES = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def loop() -> Iterator[BackgroundLoop]:
    """An event loop in a thread, for servers of the test process."""
    background = BackgroundLoop()
    yield background
    background.close()


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every story is told on each engine."""
    return request.param


@pytest.fixture(scope="session")
def new_database(engine: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], str | None]]:
    """Make a database without rows; None is SQLite in the data folder, not even that."""
    if engine == "sqlite":
        yield lambda: None
        return
    server = request.getfixturevalue("postgresql_server")
    made: list[str] = []

    def make() -> str:
        made.append(server.create(schema=True))
        return made[-1]

    yield make
    for url in made:
        server.drop(url)


@pytest.fixture(scope="session")
def program(
    new_database: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """The program with its default settings, shared: use numbers and paths of your own."""
    started = Program(tmp_path_factory.mktemp("program"), new_database()).start()
    until(lambda: "First message:" in started.log(), "its own first message")  # which costs
    yield started
    assert started.stop() == 0
    assert_clean(started)


@pytest.fixture
def launch(
    new_database: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Program]]:
    """Start programs of a test's own, as one process unless asked; they are stopped at its end."""
    made: list[Program] = []

    def launch_one(*options: str, config: str = "", **settings: str) -> Program:
        # Three processes each would cost the suite minutes; the shared program has them.
        settings = {"own_processes": "false", **settings}
        names = {f"TRUNKLINE_{name.upper()}": value for name, value in settings.items()}
        folder = tmp_path_factory.mktemp("program")
        made.append(Program(folder, new_database(), names, options, config))
        return made[-1].start()

    yield launch_one
    for one in made:
        if one.is_running:
            assert one.stop() == 0
            assert_clean(one)
        one.kill()


@pytest.fixture
def api(program: Program) -> Iterator[Api]:
    """A client of the shared program's account."""
    client = program.api()
    yield client
    client.close()


@pytest.fixture
def new_sink(loop: BackgroundLoop) -> Iterator[Callable[[], Sink]]:
    """Start customers' applications."""
    made: list[Sink] = []

    def make() -> Sink:
        made.append(Sink(loop).start())
        return made[-1]

    yield make
    for sink in made:
        sink.stop()


@pytest.fixture
def sink(new_sink: Callable[[], Sink]) -> Sink:
    """A customer's application."""
    return new_sink()


@pytest.fixture
def new_smsc(loop: BackgroundLoop) -> Iterator[Callable[..., Smsc]]:
    """Start carriers in the test process."""
    made: list[Smsc] = []

    def make(**config: Any) -> Smsc:
        made.append(Smsc(loop, **config).start())
        return made[-1]

    yield make
    for smsc in made:
        smsc.stop()


@pytest.fixture
def handset() -> str:
    """A fictional number that no other test uses."""
    return new_handset()


def new_handset() -> str:
    """Return a fictional number that nobody used before."""
    return f"1206555{next(_numbers):04d}"


def assert_clean(program: Program) -> None:
    """Hold the log to what it promises: no defects, and tracebacks only on purpose."""
    bad = [
        event
        for event in program.log_events()
        if event.get("level") in ("error", "critical") or "exception" in event
    ]
    assert not bad, bad
    assert "Traceback" not in program.log()
