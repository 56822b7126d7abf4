"""From a function and its arguments to a request of the API, and from its answer to a result."""

from collections.abc import Mapping
from typing import Any, cast

from trunkline.client.request import MissingField, NotAddressable, NotJson, Prepared, prepare
from trunkline.contract.nested import refusal
from trunkline.functions.model import (
    Argument,
    BadArgument,
    Function,
    FunctionError,
    MissingArguments,
    UnknownArgument,
    fold,
)
from trunkline.functions.table import CREDENTIALS, nearest

_DONE = {"status": "success"}  # PLIVO function package: where the answer has no body


def known(function: Function, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the function does not know; names may be camelCase or snake_case."""
    names = {fold(one.name) for one in function.arguments}
    return {name: value for name, value in arguments.items() if fold(name) in names}


def fields_of(function: Function, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Turn arguments into the operation's fields by their wire names.

    Empty arguments (null, "", blanks, [] and {}, also within lists and objects) are dropped.
    Lists become strings joined as the API wants them (`<` between destinations), objects
    `name=value` where the API has headers.

    Raises:
        UnknownArgument: a name that the function does not have.
        MissingArguments: required ones that are absent or empty.
        BadArgument: a value that no request can carry.
    """
    names = {fold(one.name): one for one in function.arguments}
    given: dict[str, Any] = {}
    for name, value in arguments.items():
        argument = names.get(fold(name))
        if argument is None:
            listed = ", ".join(one.name for one in function.arguments)
            hint = nearest(name, (one.name for one in function.arguments))
            raise UnknownArgument(function.name, name, hint or f"it has {listed or 'none'}")
        if why := refusal(value):
            raise BadArgument(f"{argument.name} {why}", argument.name)
        kept = filled(value)
        if kept is not None:
            given[argument.field] = _formed(argument, kept)
    missing = tuple(
        one.name for one in function.arguments if one.required and one.field not in given
    )
    if missing:
        raise MissingArguments(function.name, missing)
    return given


def request_of(
    function: Function, auth_id: str, auth_token: str, arguments: Mapping[str, Any]
) -> Prepared:
    """Make the request that the function is.

    Raises:
        UnknownArgument, MissingArguments, BadArgument: see `fields_of`.
    """
    fields = fields_of(function, arguments)
    try:
        return prepare(function.operation, auth_id, auth_token, fields)
    except MissingField as error:
        raise MissingArguments(function.name, (_named(function, error.name),)) from None
    except NotAddressable as error:
        raise BadArgument(str(error), _named(function, error.name)) from None
    except (NotJson, UnicodeEncodeError) as error:
        raise BadArgument(f"an argument cannot be sent: {error}") from None


def result_of(function: Function, status: int, body: Any) -> dict[str, Any]:
    """Return what the API answered, {"status": "success"} for nothing.

    Args:
        function: the one that was called.
        status: of the answer.
        body: decoded JSON, text, or None.

    Raises:
        FunctionError: the API refused, in its own words but with the argument's name; or what
            answered is no such API.
    """
    if 200 <= status < 300:
        if body is None:
            return dict(_DONE)
        if isinstance(body, dict):
            return cast("dict[str, Any]", body)
        raise FunctionError("API_ERROR", "the API's answer is no JSON object", status=status)
    message, fields = _refusal(function, status, body)
    raise FunctionError("API_ERROR", message, status=status, fields=fields)


def lacking_credentials(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the credentials that are absent, empty or no text."""
    return tuple(
        name
        for name in CREDENTIALS
        if not isinstance(arguments.get(name), str) or not arguments[name].strip()
    )


def filled(value: Any) -> Any:
    """Return a value without what is empty in it, None if nothing is left; 0 and false stay."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, Mapping):
        items = {key: filled(one) for key, one in cast("Mapping[str, Any]", value).items()}
        return {key: one for key, one in items.items() if one is not None} or None
    if isinstance(value, list | tuple):
        kept = [filled(one) for one in cast("list[Any]", value)]
        return [one for one in kept if one is not None] or None
    return value


def _formed(argument: Argument, value: Any) -> Any:
    if isinstance(value, list) and argument.joined:
        items = cast("list[Any]", value)
        if all(isinstance(one, str | int) and not isinstance(one, bool) for one in items):
            return argument.joined.join(map(str, items))
    if isinstance(value, dict) and argument.paired:
        pairs = cast("dict[str, Any]", value)
        return argument.paired.join(f"{name}={one}" for name, one in pairs.items())
    return cast(Any, value)


def _named(function: Function, field: str) -> str:
    return next((one.name for one in function.arguments if one.field == field), field)


def _refusal(function: Function, status: int, body: Any) -> tuple[str, tuple[str, ...]]:
    found: Any = cast("dict[str, Any]", body).get("error") if isinstance(body, dict) else body
    words = str(found) if found else f"the API answered with status {status}"
    for one in function.arguments:
        if words.startswith(f"{one.field} parameter "):
            return one.name + words[len(one.field) :], (one.name,)
    return words[:2000], ()
