"""The least HTTP server of the same kind: uvicorn answers 202 and does nothing else."""

import asyncio
import os
import socket
from typing import Any

import uvicorn
import uvloop

from wire.control import obey, say

_ANSWER = b'{"api_id":"00000000-0000-7000-8000-000000000000","message":"message(s) queued"}'
_START = {
    "type": "http.response.start",
    "status": 202,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_ANSWER)).encode()),
    ],
}


async def _app(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send({"type": "http.response.body", "body": _ANSWER})


async def run() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(
        _app, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="error"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    await asyncio.sleep(0.3)
    say(port=listener.getsockname()[1], pid=os.getpid())
    await obey({})
    server.should_exit = True
    await task


if __name__ == "__main__":
    uvloop.run(run())
