"""The package of 68 functions.

`table` names them, `calls` turns one into a request and its answer into a result; both are pure,
and all surfaces are made from them. `Plivo` and `AsyncPlivo` have them as methods.

For whoever has another surface: `functions()` lists them, `find(name)` has one with its operation
and arguments (name, kind, required, info), `fields_of(function, arguments)` gives the operation's
fields by wire name, `result_of(function, status, body)` what to return, or a `FunctionError`.
"""

from trunkline.functions.calls import fields_of, request_of, result_of
from trunkline.functions.model import Argument, Function, FunctionError
from trunkline.functions.plivo import AsyncPlivo, Plivo
from trunkline.functions.table import find, functions

__all__ = [
    "Argument",
    "AsyncPlivo",
    "Function",
    "FunctionError",
    "Plivo",
    "fields_of",
    "find",
    "functions",
    "request_of",
    "result_of",
]
