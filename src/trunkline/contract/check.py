"""Does an answer keep the contract? For tests, which check every answer they see."""

from typing import Any, cast

import msgspec

from trunkline.contract.background import SPAWNED
from trunkline.contract.operation import Operation
from trunkline.values.errors import TrunklineError
from trunkline.values.ids import UUID_LENGTH


class ContractBrokenError(TrunklineError):
    """An answer that is not what the contract says."""


def validate_response(operation: Operation, status: int, body: bytes) -> None:
    """Check an answer's status and body against what `operation` promises.

    Raises:
        ContractBrokenError: which part of the promise is broken.
    """
    if status == 204:
        asked = operation.success_status == 204 or bool(operation.bodiless)
        _expect(asked, operation, "answers 204 unasked")
        _expect(body == b"", operation, "answers a body with 204")
        return
    value = _object(operation, body)
    api_id = value.get("api_id")
    _expect(isinstance(api_id, str) and len(api_id) == UUID_LENGTH, operation, "has no api_id")
    if status >= 400:
        _expect(isinstance(value.get("error"), str), operation, "refuses without an error text")
        _expect(not operation.is_list or value.get("objects") == [], operation, "lacks objects: []")
        return
    _expect("error" not in value, operation, "has an error in a success")
    if operation.asynchronous and status == 202 and value.get("message") == SPAWNED:
        return
    _expect(status == operation.success_status, operation, f"answers {status}")
    _check_success(operation, body, value)


def _check_success(operation: Operation, body: bytes, value: dict[str, Any]) -> None:
    if operation.response is None:
        return
    try:
        msgspec.json.decode(body, type=operation.response)
    except msgspec.ValidationError as error:
        raise ContractBrokenError(f"{operation.id}: {error}") from None
    unknown = value.keys() - set(operation.response.__struct_encode_fields__)
    _expect(not unknown, operation, f"answers unknown fields {sorted(unknown)}")


def _object(operation: Operation, body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise ContractBrokenError(f"{operation.id} does not answer JSON: {error}") from None
    _expect(isinstance(value, dict), operation, "does not answer an object")
    return cast("dict[str, Any]", value)


def _expect(holds: bool, operation: Operation, complaint: str) -> None:
    if not holds:
        raise ContractBrokenError(f"{operation.id} {complaint}")
