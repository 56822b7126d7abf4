"""Two hundred tests of two programs in parallel on one server: none sees anything of another."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_kits import JS_KIT, Run, copied, node_run, pytest_run, with_modules
from e2e_node_sdk import installed_node_sdk
from e2e_program import Program

from trunkline.testing.kit.server import is_running

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

SHARED = """
import os
import pytest

@pytest.mark.parametrize("place", range(6))
def test_it_is_the_same(trunkline, trunkline_server, place):
    with open("seen", "a") as seen:
        worker = os.environ["PYTEST_XDIST_WORKER"]
        seen.write(f"{trunkline.url} {trunkline_server.pid} {trunkline.auth_id} {worker}\\n")
"""


FAILING = """
def test_it_fails(trunkline):
    phone, app = trunkline.phone(), trunkline.app()
    trunkline.faults.undelivered(30)
    sent = {"src": trunkline.number, "dst": phone.number, "text": "x", "url": app.url}
    trunkline.ask("POST", "Message/", sent)
    app.expect(Status="undelivered")
    call = phone.call(hang_up_after_s=0)
    call.expect("ended", timeout_s=20)
    phone.expect_sms("y", timeout_s=0.1)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    settings = {"TRUNKLINE_OWN_PROCESSES": "false", "TRUNKLINE_SIMULATOR_RECEIPT_DELAY_S": "0"}
    started = Program(tmp_path_factory.mktemp("server"), None, settings).start()
    yield started
    assert started.stop() == 0


def test_two_hundred_tests_on_one_server(engine: str, server: Program, tmp_path: Path) -> None:
    node_project = with_modules(copied("node", tmp_path), installed_node_sdk())
    runs = [pytest_run(copied("python", tmp_path), server), node_run(node_project, server)]
    outcomes = [run.outcome() for run in runs]
    for outcome in outcomes:
        assert outcome.others == 0, outcome.written
    assert sum(outcome.passed for outcome in outcomes) >= 200, [o.written for o in outcomes]
    # One test is on a program of its own, for it moves the clock; one account is the developer's.
    assert server.rows("SELECT count(*) FROM accounts")[0][0] >= 200
    strange = (
        "SELECT count(*) FROM messages m JOIN numbers n ON n.number IN (m.sender, m.recipient)"
        " WHERE n.main_auth_id <> m.main_id"
    )
    assert server.rows("SELECT count(*) FROM messages")[0][0] > 250
    assert server.rows(strange) == [(0,)]


def test_the_kit_for_node_does_what_it_says(engine: str, server: Program) -> None:
    outcome = node_run(JS_KIT, server).outcome()
    assert (outcome.passed, outcome.others) == (12, 0), outcome.written


def test_workers_share_the_server_that_one_of_them_starts(engine: str, tmp_path: Path) -> None:
    (tmp_path / "test_shared.py").write_text(SHARED)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    outcome = pytest_run(tmp_path).outcome()
    assert (outcome.passed, outcome.others) == (6, 0), outcome.written
    seen = [line.split() for line in (tmp_path / "seen").read_text().splitlines()]
    urls, pids, accounts, workers = (set(column) for column in zip(*seen, strict=True))
    assert (len(urls), len(pids), len(accounts), len(workers)) == (1, 1, 6, 2)
    assert not is_running(int(pids.pop()))


def test_a_failure_tells_what_happened(engine: str, server: Program, tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    outcome = Run(["pytest", "-q", "-p", "no:cacheprovider"], tmp_path, server).outcome()
    assert (outcome.passed, outcome.others) == (0, 1)
    _, _, told = outcome.written.partition("- trunkline -")
    assert re.search(r"account MA\w{18} at http://127.0.0.1:\d+, numbers \d{11}, ", told)
    assert re.search(r"message \S+ \d{11} -> 13\d{9} undelivered error 30", told)
    assert re.search(r"call \S+ 13\d{9} -> \d{11} \w+", told)
    assert "webhook" in told


def test_unused_it_costs_nothing(engine: str) -> None:
    code = "import sys, trunkline.testing.plugin as p; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = [name for name in done.stdout.split() if name.startswith("trunkline")]
    assert sorted(ours) == ["trunkline", "trunkline.testing", "trunkline.testing.plugin"]
