"""The Model Context Protocol: tools listed and called, on the official `mcp` package."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import msgspec
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from trunkline.agents.toolbox import Tool, Toolbox
from trunkline.functions import FunctionError
from trunkline.values.errors import TrunklineError

_ABOUT = """\
Trunkline sends messages and makes phone calls for one account, by the Plivo API. Numbers have their
country code and no plus, such as 14155550123. sendMessage and makeCall answer at once; what became
of it is in getSingleMessage and getSingleCallDetails. Several destinations are joined with <."""


def server_of(toolbox: Toolbox) -> "Server[object, Any]":
    """Make the server of these tools."""
    server: Server[object, Any] = Server(
        "trunkline", version=version("trunkline"), instructions=_ABOUT
    )

    async def list_tools() -> list[types.Tool]:
        return [_described(one) for one in toolbox.tools.values()]

    async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        try:
            result = await toolbox.call(name, arguments)
        except FunctionError as error:
            return _answer(error.message, dict(error.told()), failed=True)
        except TrunklineError as error:
            return _answer(str(error), {"status_msg": str(error)}, failed=True)
        return _answer(msgspec.json.encode(result).decode(), result)

    server.list_tools()(list_tools)  # pyright: ignore[reportUnknownMemberType]
    server.call_tool(validate_input=False)(call_tool)  # ours names the argument
    return server


async def serve_stdio(toolbox: Toolbox) -> None:
    """Serve one client on standard input and output until it leaves."""
    server = server_of(toolbox)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.info,
        inputSchema=dict(tool.schema),
        annotations=types.ToolAnnotations(
            readOnlyHint=tool.reads,
            destructiveHint=tool.destroys,
            idempotentHint=tool.reads or tool.destroys,
            openWorldHint=tool.paid,
        ),
    )


def _answer(
    text: str, structured: Mapping[str, Any], *, failed: bool = False
) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structuredContent=dict(structured),
        isError=failed,
    )
