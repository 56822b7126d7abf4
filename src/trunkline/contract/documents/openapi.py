"""The OpenAPI 3.1 document, made from the operations that are served."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from trunkline.contract.background import SPAWNED
from trunkline.contract.fields import HttpMethod, Url
from trunkline.contract.operation import Operation

_REF = "#/components/schemas/{name}"
_CALLBACK_PARAMETERS = {
    "callback_url": (Url, "Answer 202 at once and send the real answer to this URL."),
    "callback_method": (HttpMethod, "Method of the request to `callback_url`, POST if absent."),
}
_REFUSALS = {
    "400": ("BadRequest", "A parameter is missing or invalid.", "dst parameter is missing"),
    "401": (
        "Unauthorized",
        "No credentials, or not for this account.",
        "authentication credentials were not provided",
    ),
    "404": ("NotFound", "No such resource.", "resource not found"),
    "429": ("TooManyRequests", "Too many requests.", "too many requests, please slow down"),
    "500": ("ServerError", "A defect of the server.", "internal server error"),
    "503": ("Unavailable", "Not now; nothing was done.", "the database cannot be reached"),
}
_API_ID = "5f1b2c3d-0e4f-7a8b-9c0d-1e2f3a4b5c6d"
_ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Every refusal.",
    "required": ["api_id", "error"],
    "properties": {
        "api_id": {"type": "string", "description": "Identifies the request."},
        "error": {"type": "string", "description": "What is wrong, the field named."},
        "objects": {
            "type": "array",
            "maxItems": 0,
            "description": "Only in refusals of list operations.",
        },
    },
}

_FILE_SCHEMA = {"type": "string", "contentMediaType": "application/octet-stream"}


def openapi_document(
    operations: Iterable[Operation], *, version: str, server_url: str = "/"
) -> dict[str, Any]:
    """Describe `operations` as an OpenAPI 3.1 document, ready to be encoded as JSON.

    Args:
        operations: those with handlers.
        version: the program's version.
        server_url: where the API is reached, relative or absolute.
    """
    served = tuple(operations)
    types = [kind for operation in served for kind in (operation.request, operation.response)]
    _, components = msgspec.json.schema_components(
        [kind for kind in types if kind is not None], ref_template=_REF
    )
    components["Error"] = _ERROR_SCHEMA
    paths: dict[str, dict[str, Any]] = {operation.path: {} for operation in served}
    # OpenAPI knows no queries in paths: what shares path and method is one entry there.
    for operation in sorted(served, key=lambda one: len(one.query)):
        methods, method = paths[operation.path], operation.method.lower()
        entry = _operation(operation, components)
        methods[method] = _together(methods[method], entry) if method in methods else entry
    for operation in served:  # requests are spelled out where they are used
        components.pop(operation.request.__name__, None)
    components.pop("Upload", None)  # a part of the body, never JSON
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trunkline",
            "version": version,
            "description": "Messages, accounts and applications over the Plivo API, version 1.",
        },
        "servers": [{"url": server_url}],
        "security": [{"basic": []}],
        "tags": [{"name": name} for name in _tags(served)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {name: _refusal(*words) for name, *words in _REFUSALS.values()},
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "Auth id and auth token of an account or subaccount.",
                }
            },
        },
    }


def _tags(operations: Iterable[Operation]) -> list[str]:
    return list(dict.fromkeys(tag for operation in operations for tag in operation.tags))


def _refusal(description: str, example: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": {"api_id": _API_ID, "error": example},
            }
        },
    }


def _operation(operation: Operation, components: Mapping[str, Any]) -> dict[str, Any]:
    properties, required = _properties(operation, components)
    in_path = operation.path_parameters
    described = [_parameter("auth_id", "path", {"type": "string"}, "The account's auth id.")]
    described += [_parameter(name, "path", properties.pop(name)) for name in in_path]
    entry: dict[str, Any] = {
        "operationId": operation.id.replace(".", "_"),
        "summary": operation.summary,
        "description": operation.request.__doc__ or "",
        "tags": list(operation.tags),
        "parameters": described,
        "responses": {
            **_background(operation),
            str(operation.success_status): _success(operation),
            **_bodiless(operation),
            **{
                status: {"$ref": f"#/components/responses/{name}"}
                for status, (name, *_) in _REFUSALS.items()
            },
        },
    }
    if operation.method == "POST":
        if properties:
            wanted = [name for name in required if name in properties]
            entry["requestBody"] = _request_body(operation, properties, wanted)
    else:
        for name, value in operation.query:
            text = f"{value}: {operation.summary}."
            described.append(_parameter(name, "query", {"enum": [value]}, text))
        entry["parameters"] += [
            _parameter(name, "query", schema, required=name in required)
            for name, schema in properties.items()
        ]
    return entry


def _together(plain: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Add to an operation another one that the same call means with a certain query."""
    known = {one["name"]: one for one in plain["parameters"]}
    for parameter in other["parameters"]:
        found = known.get(parameter["name"])
        if found is None:
            plain["parameters"].append(parameter)
        elif "enum" in found["schema"] and found["schema"] != parameter["schema"]:
            found["schema"]["enum"] += parameter["schema"].get("enum", [])
            found["description"] += f" {parameter['description']}"
    for status, answer in other["responses"].items():
        ours = plain["responses"].setdefault(status, answer)
        if "content" in ours and ours != answer:
            content = ours["content"]["application/json"]
            schema = answer["content"]["application/json"]["schema"]
            content["schema"] = {
                "anyOf": [*content["schema"].get("anyOf", [content["schema"]]), schema]
            }
    return plain


def _properties(
    operation: Operation, components: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    schema = components[operation.request.__name__]
    properties: dict[str, Any] = {name: dict(value) for name, value in schema["properties"].items()}
    for value in properties.values():
        if value.get("items") == {"$ref": _REF.format(name="Upload")}:
            value["items"] = dict(_FILE_SCHEMA)
    if operation.asynchronous:
        for name, (kind, text) in _CALLBACK_PARAMETERS.items():
            properties.setdefault(name, {**msgspec.json.schema(kind), "description": text})
    return properties, schema.get("required", [])


def _parameter(
    name: str, place: str, schema: dict[str, Any], text: str = "", *, required: bool = False
) -> dict[str, Any]:
    schema = dict(schema)
    described = text or schema.pop("description", "")
    return {
        "name": name,
        "in": place,
        "required": required or place == "path",
        "description": described,
        "schema": schema,
    }


def _request_body(
    operation: Operation, properties: dict[str, Any], required: list[str]
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    content: dict[str, Any] = {"schema": schema}
    if operation.takes_files:
        return {"required": bool(required), "content": {"multipart/form-data": content}}
    if operation.request_example:
        content["example"] = dict(operation.request_example)
    return {
        "required": bool(required),
        "content": {
            "application/json": content,
            "application/x-www-form-urlencoded": {"schema": schema},
        },
    }


_SPAWNED: dict[str, Any] = {
    "type": "object",
    "required": ["api_id", "message"],
    "properties": {"api_id": {"type": "string"}, "message": {"const": SPAWNED}},
}


def _background(operation: Operation) -> dict[str, Any]:
    """Describe the answer to a call with a `callback_url`, unless the usual one is a 202 too."""
    if not operation.asynchronous or operation.success_status == 202:
        return {}
    content = {"application/json": {"schema": _SPAWNED}}
    return {
        "202": {"description": "With `callback_url`: the answer goes there.", "content": content}
    }


def _bodiless(operation: Operation) -> dict[str, Any]:
    """Describe what the same call answers without query and body, if that is another thing."""
    if not operation.bodiless:
        return {}
    return {"204": {"description": f"Without query and body: {operation.bodiless}; no body."}}


def _success(operation: Operation) -> dict[str, Any]:
    if operation.response is None or operation.success_status == 204:
        return {"description": "Done; no body."}
    schema: dict[str, Any] = {
        "allOf": [
            {"$ref": _REF.format(name=operation.response.__name__)},
            {"type": "object", "required": ["api_id"]},
        ]
    }
    if operation.asynchronous and operation.success_status == 202:
        schema = {"anyOf": [schema, _SPAWNED]}
    example = {"api_id": _API_ID, **operation.response_example}
    return {
        "description": operation.response.__doc__ or "Done.",
        "content": {"application/json": {"schema": schema, "example": example}},
    }
