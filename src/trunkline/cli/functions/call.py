"""`trunkline fn`: the functions of the package, by their own names."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.remote.connection import AuthIdOption, AuthTokenOption, UrlOption, client_for
from trunkline.cli.shell.completion import function_names
from trunkline.cli.shell.listing import Columns, Row, show_rows
from trunkline.functions.calls import fields_of, result_of
from trunkline.functions.model import Argument, Function, FunctionError, UnknownArgument, fold
from trunkline.functions.table import find, functions, nearest

_OURS = {"url": "url", "authid": "auth_id", "authtoken": "auth_token"}
_HELP = ("--help", "-h")


def fn(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Such as sendMessage.", autocompletion=function_names),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Lists as JSON; answers always are.")
    ] = False,
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Call the function NAME with --argument value pairs; without a name, list all functions.

    Options stand before NAME, arguments after it, as --answerUrl or --answer-url; NAME --help lists
    them. --url, --auth-id and --auth-token may also follow, if no argument of NAME is called so.
    """
    if name is None:
        _list_functions(as_json=as_json)
        return
    function = find(name)
    if any(word in _HELP for word in context.args):
        _list_arguments(function, as_json=as_json)
        return
    arguments, ours = _read(function, context.args)
    login = {"url": url, "auth_id": auth_id, "auth_token": auth_token} | ours
    fields = fields_of(function, arguments)
    with client_for(settings_for(data), **login) as client:
        try:
            answer = client.call(function.operation.id, **fields)
        except UnicodeEncodeError:
            raise Refused(f"{function.name}: an argument is not UTF-8") from None
    try:
        result = result_of(function, answer.status, answer.body)
    except FunctionError as error:
        raise Refused(f"{function.name}: status {error.status}: {error.message}") from None
    output.print_json(data=result)


def _read(function: Function, words: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Tell the function's arguments from the options that every command has."""
    known = {fold(one.name): one for one in function.arguments}
    arguments: dict[str, Any] = {}
    ours: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            raise Refused(f"{word!r}: write arguments as --name value")
        name, equals, value = word[2:].partition("=")
        given = value if equals else next(rest, None)
        if given is None:
            raise Refused(f"--{name} needs a value")
        argument = known.get(fold(name))
        if argument is not None:
            before = arguments.get(argument.name)
            arguments[argument.name] = _value(argument, given, before)
        elif fold(name) in _OURS:
            ours[_OURS[fold(name)]] = given
        else:
            listed = ", ".join(f"--{one.name}" for one in function.arguments)
            near = nearest(name, (one.name for one in function.arguments))
            raise UnknownArgument(function.name, name, near or f"it has {listed or 'none'}")
    return arguments, ours


def _value(argument: Argument, text: str, before: Any) -> Any:
    """Read JSON where a list or an object may stand; a list also grows by saying it again."""
    value: Any = text
    if argument.takes != ("string",) and text.startswith(("[", "{")):
        try:
            value = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise Refused(f"--{argument.name}: {error}") from error
    if before is None or "array" not in argument.takes:
        return value
    return [*_listed(before), *_listed(value)]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _list_functions(*, as_json: bool) -> None:
    rows = [{"function": one.name, "summary": one.operation.summary} for one in functions()]
    show_rows(rows, {"function": "function", "what it does": "summary"}, as_json=as_json)


def _list_arguments(function: Function, *, as_json: bool) -> None:
    rows = [
        {
            "argument": one.name,
            "required": one.required,
            "options": list(one.options),
            "meaning": one.info,
        }
        for one in function.arguments
    ]
    if not as_json:
        output.print(f"{function.name}: {function.info}", markup=False, highlight=False)
    columns: Columns = {
        "argument": lambda one: f"--{one['argument']}",
        "": lambda one: "required" if one["required"] else "",
        "meaning": _meaning,
    }
    show_rows(rows, columns, as_json=as_json)


def _meaning(one: Row) -> str:
    return one["meaning"] + (f" ({', '.join(one['options'])})" if one["options"] else "")
