"""The tools: every function of the package, and a few for a program on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

from trunkline.agents.budget import PAID, Budget
from trunkline.client.client import AsyncClient
from trunkline.client.request import bearer
from trunkline.functions import Function, fields_of, functions, result_of
from trunkline.functions.model import Argument
from trunkline.values.errors import TrunklineError
from trunkline.values.phone import parse_phone_number

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UNDOES = ("stop", "unmute", "enable")  # DELETEs that end something without losing anything
MOST_WEBHOOKS = 100


class NotOffered(TrunklineError):
    """There is no such tool, or the switches of this server keep it away."""


class ToolRefused(TrunklineError):
    """A tool of this server could not do what was asked."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the protocol describes it; `function` is None for one of this server's own."""

    name: str
    info: str
    schema: Mapping[str, Any]
    reads: bool
    destroys: bool = False
    paid: bool = False
    function: Function | None = None


@dataclass(frozen=True)
class Toolbox:
    """All tools of one account.

    Args:
        client: signs in with the account's credentials.
        auth_id: the account.
        read_only: offer only what changes nothing.
        budget: keeps the spend limit; None: there is none.
        admin_token: of the operator's API, for webhooks; none is needed in local mode.
    """

    client: AsyncClient
    auth_id: str
    read_only: bool = False
    budget: Budget | None = None
    admin_token: str | None = field(default=None, repr=False)

    @cached_property
    def tools(self) -> Mapping[str, Tool]:
        """What is offered, by name."""
        every = [_of_function(one) for one in functions()]
        if self.budget is not None:
            every.append(_SPENDING)
        if (urlsplit(self.client.url).hostname or "") in _LOOPBACK:
            every += [_HANDSET, _WEBHOOKS]
        return {one.name: one for one in every if one.reads or not self.read_only}

    async def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a tool.

        Raises:
            NotOffered: it is none of `tools`.
            TrunklineError: it did not do what was asked; the message says why.
        """
        tool = self.tools.get(name)
        if tool is None:
            raise self._unknown(name)
        if tool.function is None:
            return await self._own(tool, arguments)
        fields = fields_of(tool.function, arguments)
        if tool.paid and self.budget is not None:
            function = tool.function
            return await self.budget.spend(function, fields, lambda more: self._do(function, more))
        return await self._do(tool.function, fields)

    async def _do(self, function: Function, fields: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.client.call(function.operation.id, **fields)
        return result_of(function, answer.status, answer.body)

    async def _own(self, tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
        known = cast("Mapping[str, Any]", tool.schema["properties"])
        unknown = [name for name in arguments if name not in known]
        if unknown:
            raise ToolRefused(f"{tool.name} has no argument {unknown[0][:64]!r}")
        if tool is _SPENDING:
            budget = self.budget
            return await budget.told() if budget is not None else {}
        if tool is _HANDSET:
            number = parse_phone_number(str(arguments.get("number") or ""))
            if number is None:
                raise ToolRefused("number must be a phone number with country code")
            return await self._read(f"/sim/handsets/{number}/messages", {})
        query = {"account": self.auth_id, "limit": MOST_WEBHOOKS}
        for ours, theirs in (("state", "state"), ("resource", "resource"), ("limit", "limit")):
            if arguments.get(ours) not in (None, ""):
                query[theirs] = arguments[ours]
        return await self._read("/admin/webhooks", query)

    async def _read(self, path: str, query: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.client.send(bearer("GET", path, self.admin_token, query))
        body: Any = answer.body
        if answer.status == 404 and path.startswith("/sim/"):
            raise ToolRefused("there are no simulated phones: the program is not in local mode")
        if not answer.ok or not isinstance(body, dict):
            raise ToolRefused(f"status {answer.status}: {answer.error}")
        return cast("dict[str, Any]", body)

    def _unknown(self, name: str) -> NotOffered:
        if any(one.name == name for one in functions()):
            return NotOffered(f"{name} changes things, and this server only reads")
        return NotOffered(f"there is no tool {name[:64]!r}")


def _of_function(function: Function) -> Tool:
    method = function.operation.method
    return Tool(
        name=function.name,
        info=function.info,
        schema={
            "type": "object",
            "properties": {one.name: _described(one) for one in function.arguments},
            "required": list(function.required),
            "additionalProperties": False,
        },
        reads=method == "GET",
        destroys=function.name.startswith("kick")
        or (method == "DELETE" and not function.name.startswith(_UNDOES)),
        paid=function.operation.id in PAID,
        function=function,
    )


def _described(argument: Argument) -> dict[str, Any]:
    kinds = list(argument.takes)
    shown: dict[str, Any] = {
        "type": kinds if len(kinds) > 1 else kinds[0],
        "description": argument.info,
    }
    if argument.options:
        shown["enum"] = list(argument.options)
    return shown


_SPENDING = Tool(
    "getSpending",
    "Tell the spend limit of this server, what was spent of it, and what is left.",
    {"type": "object", "properties": {}, "additionalProperties": False},
    reads=True,
)
_HANDSET = Tool(
    "readHandset",
    "Read what a simulated phone has received: messages, the oldest first. Local mode only.",
    {
        "type": "object",
        "properties": {
            "number": {"type": "string", "description": "The phone's number with country code."}
        },
        "required": ["number"],
        "additionalProperties": False,
    },
    reads=True,
)
_WEBHOOKS = Tool(
    "listWebhooks",
    "List the callbacks that were sent for this account, the newest first, with their state.",
    {
        "type": "object",
        "properties": {
            "state": {
                "type": "string",
                "enum": ["waiting", "delivered", "failed"],
                "description": "Only in that state.",
            },
            "resource": {
                "type": "string",
                "description": "Only of that message or call, by its uuid.",
            },
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_WEBHOOKS,
                "description": "How many.",
            },
        },
        "additionalProperties": False,
    },
    reads=True,
)
