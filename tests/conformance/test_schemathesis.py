"""Thousands of requests made from the program's own OpenAPI document: it keeps every promise.

Each request goes to a program on SQLite and to one on PostgreSQL, which have to answer alike.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from e2e_fixtures import assert_clean
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 20  # requests of each operation,
MORE = {"message_create": 120}  # and of those that do more than others
# Whatever is written here is called, so it must lead to nobody but us.
CALLED = ("url", "answer_url", "hangup_url", "fallback_answer_url", "message_url")
CHECKS = [
    schemathesis.checks.not_a_server_error,
    response_schema_conformance,
    content_type_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def programs(
    postgresql_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Program]]:
    """A program on each engine."""
    folder = tmp_path_factory.mktemp("programs")
    started: list[Program] = []
    for engine in ("sqlite", "postgresql"):
        (folder / engine).mkdir()
        url = postgresql_server.create(schema=True) if engine == "postgresql" else None
        started.append(Program(folder / engine, url).start())
    yield started
    for one in started:
        assert one.stop() == 0
        assert_clean(one)


class Twins:
    """The programs, and what they have answered."""

    def __init__(self, programs: list[Program], sink: Sink) -> None:
        self.sink = sink
        self.statuses: Counter[int] = Counter()
        self.unlike: Counter[str] = Counter()
        self._programs = [(one, requests.Session()) for one in programs]
        for one, session in self._programs:
            session.auth = (one.auth_id, one.auth_token)

    def ask(self, case: Any) -> None:
        answers: list[int] = []
        for program, session in self._programs:
            tame(case, program, self.sink)
            response = case.call(base_url=program.url, session=session, timeout=30)
            case.validate_response(response, checks=CHECKS)
            answers.append(response.status_code)
        self.statuses.update(answers)
        if len(set(answers)) > 1:
            self.unlike[f"{case.method} {case.path}: {answers}"] += 1

    def close(self) -> None:
        for _, session in self._programs:
            session.close()


@pytest.mark.filterwarnings("default")
def test_every_answer_is_as_the_document_says(programs: list[Program], sink: Sink) -> None:
    schema = schemathesis.openapi.from_url(f"{programs[0].url}/openapi.json")
    before = [one.metrics() for one in programs]
    twins = Twins(programs, sink)
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        examples = MORE.get(operation.definition.raw["operationId"], EXAMPLES)
        bombard(operation, examples, twins)
    twins.close()
    assert sum(twins.statuses.values()) > 3_000, twins.statuses
    assert twins.statuses[200] > 100, twins.statuses
    assert twins.statuses[202] > 40, twins.statuses
    assert not twins.unlike
    for program, then in zip(programs, before, strict=True):
        check_leaks(program, then)


def bombard(operation: Any, examples: int, twins: Twins) -> None:
    @hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy())
    def run(case: Any) -> None:
        twins.ask(case)

    run()


def tame(case: Any, program: Program, sink: Sink) -> None:
    """Make a case ours: our account, our addresses, answered at once."""
    if "auth_id" in case.path_parameters:
        case.path_parameters["auth_id"] = program.auth_id
    for given in (case.query, case.body):
        if isinstance(given, dict):
            given.pop("callback_url", None)
            for name in CALLED:
                if isinstance(given.get(name), str) and given[name]:
                    given[name] = sink.url("/anything")


def check_leaks(program: Program, before: dict[str, float]) -> None:
    """Hold the program to what it had: files, memory, nothing under way."""

    def idle() -> dict[str, float] | None:
        now = program.metrics()
        still = now["database_writes_waiting"] + now.get("webhooks_in_flight", 0.0)
        return now if still == 0 else None

    after = until(idle, "idleness", 60)
    assert after["process_open_fds"] <= before["process_open_fds"] + 20
    grown = after["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]
    assert grown < 60_000_000, grown


def test_the_document_tells_of_background_calls(programs: list[Program]) -> None:
    document = requests.get(f"{programs[0].url}/openapi.json", timeout=30).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "delete"):
                names = str(operation.get("parameters")) + str(operation.get("requestBody"))
                assert "'callback_url'" not in names or "202" in operation["responses"], path
