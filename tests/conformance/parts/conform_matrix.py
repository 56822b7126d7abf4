"""Runs every operation through both SDKs, and holds the raw answers to the documents.

What no SDK has is asked for by a plain request.
"""

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import plivo
from conform_excuses import CELLS, Keys, excused
from conform_facts import Fact
from conform_java import java_misses
from conform_match import is_of
from conform_recorder import Exchange, Recorder
from conform_shapes import go_misses, misses
from conform_steps_calls import HTTP as HTTP_CALLS
from conform_steps_calls import NODE as NODE_CALLS
from conform_steps_calls import PYTHON as PYTHON_CALLS
from conform_steps_http import STEPS as HTTP_STEPS
from conform_steps_http import HttpStep
from conform_steps_node import STEPS as NODE_STEPS
from conform_steps_python import STEPS as PYTHON_STEPS
from conform_world import World
from e2e_api import Api

_DRIVER = Path(__file__).with_name("conform_node.js")
CLIENTS = ("python", "node", "http")
_RESULT = "RESULT "


@dataclass(frozen=True, slots=True)
class Cell:
    """How one operation fared through one client; no misses and no reason: it is as documented."""

    operation: str
    sdk: str
    status: int | None = None
    misses: tuple[str, ...] = ()
    reason: str = ""
    excuses: Keys = frozenset()

    @property
    def word(self) -> str:
        if self.reason:
            return "-"
        return "MISS" if self.misses else "ok"


def run_matrix(
    facts: Mapping[str, Fact], world: World, recorder: Recorder, node_modules: Path
) -> dict[tuple[str, str], Cell]:
    """Run all steps; return cells by operation and SDK, one for every operation in scope."""
    cells: dict[tuple[str, str], Cell] = {}
    for cell in (
        *_run_python(facts, world, recorder),
        *_run_node(facts, world, recorder, node_modules),
        *_run_http(facts, world, recorder),
    ):
        key = (cell.operation, cell.sdk)  # several methods may make one operation's request
        cells[key] = _both(cells[key], cell) if key in cells else cell
    for operation in facts:
        for sdk in CLIENTS:
            if (operation, sdk) in CELLS:
                cells[operation, sdk] = Cell(operation, sdk, reason=CELLS[operation, sdk])
            elif (operation, sdk) not in cells and sdk == "http":
                cells[operation, sdk] = Cell(operation, sdk, reason="SDKs have it")
            elif (operation, sdk) not in cells:
                cells[operation, sdk] = Cell(operation, sdk, misses=("no step calls it",))
    return dict(sorted(cells.items()))


def _both(one: Cell, other: Cell) -> Cell:
    misses_of_both = (*one.misses, *other.misses)
    return replace(other, misses=misses_of_both, excuses=one.excuses | other.excuses)


def _run_python(facts: Mapping[str, Fact], world: World, recorder: Recorder) -> Iterator[Cell]:
    client = plivo.RestClient(
        world.api.auth_id, world.api.auth_token, proxies={"https": recorder.url}, timeout=20
    )
    for session in (client.session, client.multipart_session):
        session.verify = str(recorder.authority)
    try:
        for step in (*PYTHON_STEPS, *PYTHON_CALLS):
            call = step.call
            yield _cell(facts[step.operation], "python", recorder, world, step.keep,
                        lambda call=call: call(client, world))  # fmt: skip
    finally:
        client.session.close()
        client.multipart_session.close()


def _run_node(
    facts: Mapping[str, Fact], world: World, recorder: Recorder, node_modules: Path
) -> Iterator[Cell]:
    driver = subprocess.Popen(
        ["node", str(_DRIVER), world.api.auth_id, world.api.auth_token, recorder.url],
        env={
            "NODE_PATH": str(node_modules),
            "NODE_EXTRA_CA_CERTS": str(recorder.authority),
            "NODE_NO_WARNINGS": "1",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for step in (*NODE_STEPS, *NODE_CALLS):
            chain = step.chain
            yield _cell(facts[step.operation], "node", recorder, world, step.keep,
                        lambda chain=chain: _drive(driver, chain(world)))  # fmt: skip
    finally:
        driver.kill()
        driver.communicate()


def _run_http(facts: Mapping[str, Fact], world: World, recorder: Recorder) -> Iterator[Cell]:
    with contextlib.closing(Api(recorder.url, world.api.auth_id, world.api.auth_token)) as api:
        for step in (*HTTP_STEPS, *HTTP_CALLS):
            fact = facts[step.operation]
            yield _cell(fact, "http", recorder, world, step.keep,
                        lambda fact=fact, step=step: _request(api, fact, step, world))  # fmt: skip


def _request(api: Api, fact: Fact, step: HttpStep, world: World) -> None:
    answer = api.call(fact.method, step.path(world), step.body(world) if step.body else None)
    assert answer.status < 300, answer


def _drive(driver: subprocess.Popen[str], chain: list[list[Any]]) -> None:
    assert driver.stdin is not None
    assert driver.stdout is not None
    driver.stdin.write(json.dumps(chain) + "\n")
    driver.stdin.flush()
    for line in driver.stdout:  # the SDK prints on it too
        if line.startswith(_RESULT):
            result = json.loads(line.removeprefix(_RESULT))
            assert result["ok"], result["message"]
            return
    raise AssertionError("the driver ended")


def _cell(
    fact: Fact,
    sdk: str,
    recorder: Recorder,
    world: World,
    keep: Mapping[str, str],
    call: Callable[[], Any],
) -> Cell:
    recorder.taken()
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever an SDK or a preparation raises is the result
        raised = f"{type(error).__name__}: {str(error)[:300]}"
        answered = [f"{one.method} {one.target}: {one.status}" for one in recorder.taken()]
        return Cell(fact.id, sdk, misses=(raised, *answered))
    found = [one for one in recorder.taken() if is_of(fact, one.method, one.target)]
    if not found:
        return Cell(fact.id, sdk, misses=("the SDK made no such request",))
    exchange = found[-1]
    told, used = excused(_exchange_misses(fact, exchange), fact.id)
    if not told and keep:
        answer = json.loads(exchange.body)
        for name, field in keep.items():
            world[name] = answer[field][0] if isinstance(answer[field], list) else answer[field]
    return Cell(fact.id, sdk, exchange.status, told, excuses=used)


def _exchange_misses(fact: Fact, exchange: Exchange) -> Iterator[str]:
    if exchange.status != fact.status:
        yield f"status {exchange.status}, not {fact.status}: {exchange.body[:200]!r}"
    elif exchange.status == 204:
        if exchange.body:
            yield "a body with 204"
    else:
        answer = json.loads(exchange.body)
        yield from misses(fact.shape, answer)
        yield from go_misses(fact.go, answer)
        yield from java_misses(fact.java, answer)
