"""Thousands of requests made from the program's own OpenAPI document: it keeps every promise."""

from collections import Counter
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 20  # requests of each operation,
MORE = {"message_create": 80}  # and of those that do more than others
# Whatever is written here is called, so it must lead to nobody but us.
CALLED = ("url", "answer_url", "hangup_url", "fallback_answer_url", "message_url")
CHECKS = [
    schemathesis.checks.not_a_server_error,
    response_schema_conformance,
    content_type_conformance,
    status_code_conformance,
]


@pytest.mark.filterwarnings("default")
def test_every_answer_is_as_the_document_says(program: Program, sink: Sink) -> None:
    schema = schemathesis.openapi.from_url(f"{program.url}/openapi.json")
    statuses: Counter[int] = Counter()
    before = program.metrics()
    with requests.Session() as session:
        session.auth = (program.auth_id, program.auth_token)
        operations = [found.ok() for found in schema.get_all_operations()]
        for operation in operations:
            examples = MORE.get(operation.definition.raw["operationId"], EXAMPLES)
            bombard(operation, examples, program, sink, session, statuses)
    assert sum(statuses.values()) > 1_500, statuses
    assert statuses[200] > 50, statuses
    assert statuses[202] > 20, statuses
    check_leaks(program, before)


def bombard(
    operation: Any,
    examples: int,
    program: Program,
    sink: Sink,
    session: requests.Session,
    statuses: Counter[int],
) -> None:
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
        tame(case, program, sink)
        response = case.call(base_url=program.url, session=session, timeout=30)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

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


def test_the_document_tells_of_background_calls(program: Program) -> None:
    document = requests.get(f"{program.url}/openapi.json", timeout=30).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "delete"):
                names = str(operation.get("parameters")) + str(operation.get("requestBody"))
                assert "'callback_url'" not in names or "202" in operation["responses"], path
