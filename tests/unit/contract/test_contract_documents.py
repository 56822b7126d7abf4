from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import schemathesis

from trunkline.contract.catalog import OPERATIONS
from trunkline.contract.documents.describe import describe
from trunkline.contract.documents.docs_page import docs_page
from trunkline.contract.documents.openapi import openapi_document
from trunkline.contract.documents.reference import reference_files, write
from trunkline.contract.operations.planned import PLANNED

ROOT = Path(__file__).parents[3]
DOCUMENT = msgspec.json.decode(msgspec.json.encode(openapi_document(OPERATIONS, version="0.0.0")))


def test_the_openapi_document_can_be_loaded() -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    loaded = {
        operation.ok().definition.raw["operationId"] for operation in schema.get_all_operations()
    }
    assert loaded == {known.id.replace(".", "_") for known in OPERATIONS if not known.query}


def test_what_only_a_query_tells_apart_is_one_operation() -> None:
    entry = DOCUMENT["paths"]["/v1/Account/{auth_id}/Call/{call_uuid}/"]["get"]
    assert entry["operationId"] == "call_get"
    (status,) = (one for one in entry["parameters"] if one["name"] == "status")
    assert status["schema"]["enum"] == ["live", "queued"]
    assert not status["required"]
    answers = entry["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
    named = [reference for one in answers for reference in _references(one)]
    assert [one.rpartition("/")[2] for one in named] == ["CallRecord", "LiveCall", "QueuedCall"]


def _schemas(value: Any) -> list[Any]:
    if isinstance(value, dict):
        found = [value["schema"]] if isinstance(value.get("schema"), dict) else []
        return found + [inner for item in value.values() for inner in _schemas(item)]
    if isinstance(value, list):
        return [inner for item in value for inner in _schemas(item)]
    return []


def test_its_schemas_are_schemas_and_its_references_lead_somewhere() -> None:
    components = DOCUMENT["components"]
    for schema in [*_schemas(DOCUMENT["paths"]), *components["schemas"].values()]:
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in _references(DOCUMENT):
        _, _, kind, name = reference.removeprefix("#").split("/")
        assert name in components[kind], reference


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [inner for item in value.values() for inner in _references(item)]
    if isinstance(value, list):
        return [inner for item in value for inner in _references(item)]
    return []


@pytest.mark.parametrize("known", OPERATIONS, ids=lambda known: known.id)
def test_its_examples_fit_its_schemas(known: Any) -> None:
    entry = DOCUMENT["paths"][known.path][known.method.lower()]
    success = entry["responses"][str(known.success_status)]
    contents = [*success.get("content", {}).values()]
    contents += entry.get("requestBody", {}).get("content", {}).values()
    for content in contents:
        if "example" in content:
            schema = {**content["schema"], "components": DOCUMENT["components"]}
            jsonschema.Draft202012Validator(schema).validate(content["example"])


def test_the_page_shows_everything_and_needs_nothing() -> None:
    page = docs_page(OPERATIONS, version="0.0.0")
    for known in OPERATIONS:
        assert f'id="{describe(known).anchor}"' in page
    for known in PLANNED:
        assert f"<code>{known.id}</code>" in page
    assert "<script" not in page
    assert "http" not in page.partition("<main>")[0]


def test_the_committed_reference_is_current(tmp_path: Path) -> None:
    folder = ROOT / "docs" / "reference"
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    committed = {
        name: text for name, text in found.items() if "src/trunkline/contract" in text[:99]
    }
    assert committed == reference_files(), "run `make docs`"


def test_pages_that_are_made_no_more_are_removed(tmp_path: Path) -> None:
    write(tmp_path)
    made = (tmp_path / "account.md").read_text("utf-8")
    (tmp_path / "old.md").write_text(made, "utf-8")
    (tmp_path / "mine.md").write_text("# Mine\n", "utf-8")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*reference_files(), "mine.md"}
