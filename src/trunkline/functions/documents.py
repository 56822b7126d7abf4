"""The pages and types that are made from the table.

`python -m trunkline.functions.documents docs/reference src/trunkline/functions`
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from trunkline.functions.model import Argument, Function
from trunkline.functions.table import functions

_MADE = "Made by `make docs` from src/trunkline/functions; changes here are lost."
_TYPES = {
    "string": "str",
    "integer": "int",
    "boolean": "bool",
    "array": "Sequence[str]",
    "object": "Mapping[str, str]",
}
_PAGE = f"""\
<!-- {_MADE} -->

# Functions

The package of 68 functions; [how they are called](../functions.md). Each also takes `authId` and
`authToken`.
"""
_STUB = f'''\
"""The functions' signatures. {_MADE}"""

from collections.abc import Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

R = TypeVar("R", covariant=True)
DEFAULT_URL: str

class _Account:
    auth_id: str
    url: str
    def __init__(
        self, auth_id: str | None = None, auth_token: str | None = None, url: str | None = None
    ) -> None: ...

class Plivo(_Account, _Functions[dict[str, Any]]):
    """All functions, blocking; each returns the API's answer or raises FunctionError."""

    def call(self, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    @classmethod
    def once(cls, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class AsyncPlivo(_Account, _Functions[Coroutine[Any, Any, dict[str, Any]]]):
    """The same, awaited."""

    async def call(self, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    @classmethod
    async def once(cls, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    async def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class _Functions(Generic[R]):
'''


def reference_page() -> str:
    """Return the page of all functions, in Markdown."""
    lines = [_PAGE]
    for one in functions():
        lines.append(f"## {one.name}\n")
        lines.append(f"{one.info}\n")
        operation = one.operation
        lines.append(f"`{operation.method} {operation.target}`\n")
        if one.arguments:
            lines += ["| argument | type | meaning |", "|---|---|---|"]
            lines += [_row(argument) for argument in one.arguments]
            lines.append("")
    return "\n".join(lines)


def _row(argument: Argument) -> str:
    name = f"`{argument.name}`{' (required)' if argument.required else ''}"
    kind = f"{argument.kind}: {', '.join(argument.options)}" if argument.options else argument.kind
    return f"| {name} | {kind} | {argument.info.replace('|', chr(92) + '|')} |"


def stub() -> str:
    """Return the types of `Plivo` and `AsyncPlivo`, for editors and type checkers."""
    lines = [line for one in functions() for line in (*_method(one), *_method(one, python=True))]
    return _STUB + "\n".join(lines) + "\n"


def _method(function: Function, *, python: bool = False) -> Iterator[str]:
    name = function.snake if python else function.name
    yield "    @classmethod"
    yield f"    def {name}("
    yield "        cls,"
    yield "        *,"
    for one in sorted(function.arguments, key=lambda argument: not argument.required):
        types = " | ".join(_TYPES[kind] for kind in one.takes)
        given = types if one.required else f"{types} | None = None"
        yield f"        {one.snake if python else one.name}: {given},"
    for credential in ("auth_id", "auth_token") if python else ("authId", "authToken"):
        yield f"        {credential}: str | None = None,"
    yield "    ) -> R:"
    yield f'        """{function.info}"""'


def write(pages: Path, source: Path) -> None:
    """Write `functions.md` into one folder and `plivo.pyi` into the other."""
    (pages / "functions.md").write_text(reference_page(), "utf-8")
    (source / "plivo.pyi").write_text(stub(), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
