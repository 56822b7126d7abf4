"""Agents: a client of the official `mcp` package uses the platform, within what it may."""

import json
import subprocess
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
from e2e_program import TRUNKLINE, Program
from e2e_waiting import until
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

NUMBER = "14155550100"


class Served(NamedTuple):
    url: str
    token: str


def options(program: Program) -> dict[str, str]:
    """Credentials are the server's own, from its environment."""
    return {
        **program.environment(),
        "TRUNKLINE_URL": program.url,
        "PLIVO_AUTH_ID": program.auth_id,
        "PLIVO_AUTH_TOKEN": program.auth_token,
    }


@asynccontextmanager
async def by_stdio(program: Program, *words: str) -> AsyncGenerator[ClientSession]:
    server = StdioServerParameters(
        command=str(TRUNKLINE), args=["mcp", *words], env=options(program)
    )
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as one:
        await one.initialize()
        yield one


@asynccontextmanager
async def by_http(served: Served) -> AsyncGenerator[ClientSession]:
    headers = {"Authorization": f"Bearer {served.token}"}
    async with (
        httpx.AsyncClient(headers=headers, timeout=30) as http,
        streamable_http_client(served.url, http_client=http) as (reading, writing, _),
        ClientSession(reading, writing) as one,
    ):
        await one.initialize()
        yield one


@pytest.fixture(scope="module")
def read_only(program: Program) -> Iterator[Served]:
    """A server over HTTP that only reads."""
    process = subprocess.Popen(
        [str(TRUNKLINE), "mcp", "--http", "127.0.0.1:0", "--read-only"],
        env=options(program),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    words = [process.stderr.readline().split() for _ in range(2)]
    assert [word for word, _ in words] == ["url", "token"]
    yield Served(words[0][1], words[1][1])
    process.terminate()
    process.wait(20)
    process.stderr.close()


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def told(result: CallToolResult) -> dict[str, Any]:
    """The structured answer, which the text says too."""
    assert not result.isError, text_of(result)
    assert result.structuredContent == json.loads(text_of(result))
    return result.structuredContent


async def test_an_agent_sends_until_the_limit_stops_it(program: Program, handset: str) -> None:
    async with by_stdio(program, "--spend-limit", "0.01") as agent:
        tools = {one.name: one for one in (await agent.list_tools()).tools}
        assert len(tools) == 68 + 3
        send = tools["sendMessage"]
        assert set(send.inputSchema["required"]) == {"src", "text"}
        assert "authToken" not in json.dumps([one.inputSchema for one in tools.values()])
        assert send.annotations is not None
        assert send.annotations.readOnlyHint is False

        message = {"src": NUMBER, "destination": handset, "text": "From an agent"}
        sent = told(await agent.call_tool("sendMessage", message))
        until(lambda: program.handset(handset), "the message")
        inbox = told(await agent.call_tool("readHandset", {"number": handset}))
        assert [one["text"] for one in inbox["messages"]] == ["From an agent"]
        uuid = sent["message_uuid"][0]
        record = program.api().state(uuid, "delivered")
        cost = float(record["total_amount"]) + float(record["carrier_fees"])
        spending = told(await agent.call_tool("getSpending", {}))
        assert float(spending["spent"]) == pytest.approx(cost)
        assert float(spending["left"]) == pytest.approx(0.01 - cost)

        stopped = await agent.call_tool("sendMessage", message)
        assert stopped.isError
        assert f"{spending['left']} of 0.01000 USD are left" in text_of(stopped)
        assert len(program.handset(handset)) == 1
        call = {"callFrom": NUMBER, "callTo": handset, "answerUrl": "http://127.0.0.1:1/"}
        assert "spend limit stops makeCall" in text_of(await agent.call_tool("makeCall", call))
        assert told(await agent.call_tool("getSingleMessage", {"messageUuid": uuid}))

        for name, arguments, words in (
            ("sendMessage", {"src": NUMBER}, "sendMessage needs text"),
            ("sendMessage", {**message, "sms": "x"}, "no argument 'sms'"),
            ("getSingleMessage", {"messageUuid": "x"}, "not found"),
            ("sendFax", {}, "no tool 'sendFax'"),
        ):
            refused = await agent.call_tool(name, arguments)
            assert refused.isError
            assert words in text_of(refused)


async def test_a_server_that_only_reads_over_http(read_only: Served, handset: str) -> None:
    async with by_http(read_only) as agent:
        tools = (await agent.list_tools()).tools
        assert all(one.annotations and one.annotations.readOnlyHint for one in tools)
        assert {"getMessages", "getPricing"} <= {one.name for one in tools}
        assert "sendMessage" not in {one.name for one in tools}
        told(await agent.call_tool("getMessages", {"limit": "1"}))
        message = {"src": NUMBER, "destination": handset, "text": "x"}
        refused = await agent.call_tool("sendMessage", message)
        assert refused.isError
        assert "this server only reads" in text_of(refused)


async def test_who_may_use_it_over_http(read_only: Served) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    login = {"Authorization": f"Bearer {read_only.token}"}
    async with httpx.AsyncClient() as http:
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({**login, "Origin": "https://evil.test"}, 403),
            ({**login, "Host": "evil.test"}, 421),
        ):
            answer = await http.post(read_only.url, json=hello, headers=headers)
            assert (answer.status_code, "error" in answer.json()) == (status, True)
        garbled = await http.post(read_only.url, content=b"{", headers=login)
        assert 400 <= garbled.status_code < 500
