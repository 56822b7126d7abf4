"""What a function is made of, and the errors that calling one can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.contract.operation import Operation
from trunkline.values.errors import TrunklineError


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument beside the credentials.

    `name` is in camelCase, `field` the operation's field, `kind` String, Select or credentials,
    `takes` the types of JSON that are understood, the most fitting first and string always,
    `options` what a Select is chosen from, `joined` what joins a list into a string ("" if it stays
    a list), `paired` what joins the `name=value` of an object.
    """

    name: str
    field: str
    kind: str
    required: bool
    info: str
    takes: tuple[str, ...] = ("string",)
    options: tuple[str, ...] = ()
    joined: str = ""
    paired: str = ""

    @property
    def snake(self) -> str:
        """The name as Python writes it."""
        return snake(self.name)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the package, and the operation that it is."""

    name: str
    operation: Operation
    info: str
    arguments: tuple[Argument, ...]

    @property
    def snake(self) -> str:
        """The name as Python writes it."""
        return snake(self.name)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the arguments without which it is not called."""
        return tuple(one.name for one in self.arguments if one.required)


class FunctionError(TrunklineError):
    """A function did not do what was asked.

    `code` is `REQUIRED_FIELDS`, `JSON_VALIDATION`, `UNKNOWN_FUNCTION`, `API_ERROR` or
    `INTERNAL_PACKAGE_ERROR`, `message` says why, `status` is that of the API's answer (None if it
    was not asked), `fields` are the arguments at fault.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields

    def told(self) -> Mapping[str, Any]:
        """Return it as the package writes it: status_code, status_msg, fields, http_status."""
        found: dict[str, Any] = {"status_code": self.code, "status_msg": self.message}
        if self.fields:
            found["fields"] = list(self.fields)
        if self.status is not None:
            found["http_status"] = self.status
        return found


class UnknownFunction(FunctionError):
    """The package has no function of that name."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__("UNKNOWN_FUNCTION", f"there is no function {name[:64]!r}: {hint}")


class MissingArguments(FunctionError):
    """Required arguments are absent or empty."""

    def __init__(self, function: str, fields: tuple[str, ...]) -> None:
        listed = " and ".join((", ".join(fields[:-1]), fields[-1])) if fields[1:] else fields[0]
        super().__init__("REQUIRED_FIELDS", f"{function} needs {listed}", fields=fields)


class UnknownArgument(FunctionError):
    """The function has no argument of that name."""

    def __init__(self, function: str, name: str, hint: str) -> None:
        words = f"{function} has no argument {name[:64]!r}: {hint}"
        super().__init__("JSON_VALIDATION", words, fields=(name,))


class BadArgument(FunctionError):
    """An argument holds what cannot be sent."""

    def __init__(self, message: str, *fields: str) -> None:
        super().__init__("JSON_VALIDATION", message, fields=fields)


def snake(name: str) -> str:
    """Write `answerUrl` as `answer_url`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def fold(name: str) -> str:
    """Reduce a name to what answerUrl, answer_url and answer-url share."""
    return name.replace("_", "").replace("-", "").lower()
