"""Classes that inherit from a port have all of it: its empty methods do nothing and say nothing."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import Protocol

import trunkline


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(trunkline.__path__, "trunkline."):
        if ".migrations." not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def is_port(made: type) -> bool:
    return getattr(made, "_is_protocol", False)


def says_nothing(method: object) -> bool:
    function = method.fget if isinstance(method, property) else method
    if not inspect.isfunction(function):
        return False
    body = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].body
    return all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in body)


def holes(made: type) -> Iterator[str]:
    for name in dir(made):
        owner = next((base for base in made.__mro__ if name in vars(base)), object)
        if is_port(owner) and not name.startswith("__") and says_nothing(vars(owner)[name]):
            yield f"{made.__module__}.{made.__qualname__}.{name} is that of {owner.__qualname__}"


def has_a_port(made: type) -> bool:
    return not is_port(made) and any(is_port(base) for base in made.__mro__[1:-1])


def is_meant_to_be_inherited(made: type) -> bool:
    return inspect.isabstract(made) or bool(made.__subclasses__())


def test_nothing_of_a_port_is_left_empty() -> None:
    found = [
        hole
        for module in modules()
        for made in vars(module).values()
        if inspect.isclass(made) and made.__module__ == module.__name__ and has_a_port(made)
        if not is_meant_to_be_inherited(made)
        for hole in holes(made)
    ]
    assert found == []


class _Port(Protocol):
    def used(self) -> None:
        """Do something."""

    def given(self) -> int:
        return 1


class _Whole(_Port):
    def used(self) -> None:
        raise RuntimeError


class _Broken(_Port): ...


def test_a_hole_is_seen() -> None:
    assert list(holes(_Whole)) == []
    assert [one.partition(" ")[0].rpartition(".")[2] for one in holes(_Broken)] == ["used"]
