"""How the measuring processes are asked: a word in on stdin, a line of JSON out on stdout."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

Commands = dict[str, Callable[[], dict[str, Any]]]


def say(**values: Any) -> None:
    """Write one line of JSON."""
    os.write(1, json.dumps(values).encode() + b"\n")


async def obey(commands: Commands) -> None:
    """Answer until stdin ends or `stop` comes; so no process outlives the one that started it."""
    loop = asyncio.get_running_loop()
    stopped = loop.create_future()

    def read() -> None:
        data = os.read(0, 65536)
        for word in data.decode().split():
            if word == "stop":
                say(stopped=True)
            if word == "stop" or word not in commands:
                _finish(stopped)
                return
            say(**commands[word]())
        if not data:
            _finish(stopped)

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        await stopped
    finally:
        loop.remove_reader(sys.stdin.fileno())


def _finish(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
