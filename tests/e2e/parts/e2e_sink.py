"""A customer's application: takes callbacks, answers what a test wants, keeps what it got."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from e2e_loop import BackgroundLoop
from plivo.utils import validate_signature, validate_v3_signature


@dataclass(frozen=True, slots=True)
class Callback:
    """One request as it came; header names in lower case, parameters of query and form."""

    method: str
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    body: str
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def is_signed_by(self, token: str, *, header: str = "x-plivo-signature-v2") -> bool:
        """Ask the official validator."""
        nonce = self.headers["x-plivo-signature-v2-nonce"]
        return validate_signature(self.url, nonce, self.headers[header], token)

    def is_voice_signed_by(self, token: str) -> bool:
        """Ask the official validator of the requests of calls."""
        nonce, signature = (self.headers[f"x-plivo-signature-v3{end}"] for end in ("-nonce", ""))
        return validate_v3_signature(
            self.method, self.url, nonce, token, signature, dict(self.params)
        )


@dataclass(slots=True)
class Answer:
    """What a path answers; `hang` never answers."""

    status: int = 200
    body: str | bytes = ""
    content_type: str = "text/plain"
    hang: bool = False


@dataclass(slots=True)
class Sink:
    """An HTTP/1.1 server on loopback; `answers` by path, everything else gets an empty 200."""

    loop: BackgroundLoop
    seen: list[Callback] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    base: str = ""
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def start(self) -> "Sink":
        self.loop.run(self._start())
        return self

    def stop(self) -> None:
        self.loop.run(self._stop())

    def url(self, path: str) -> str:
        return self.base + path

    def of(self, **params: str) -> list[Callback]:
        """Return the callbacks with these parameters, in order of arrival."""
        return [
            one
            for one in list(self.seen)
            if all(one.params.get(name) == value for name, value in params.items())
        ]

    def at(self, path: str) -> list[Callback]:
        """Return the callbacks to a path."""
        return [one for one in list(self.seen) if one.path == path]

    def statuses(self, message_uuid: str) -> list[str]:
        """Return the states a message was reported in, by the callbacks' own order."""
        found = sorted(self.of(MessageUUID=message_uuid), key=lambda one: one.params["Sequence"])
        return [one.params["Status"] for one in found]

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        port = self._server.sockets[0].getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"

    async def _stop(self) -> None:
        if self._server is not None:
            for listening in self._server.sockets:
                asyncio.get_running_loop().remove_reader(listening.fileno())
            for _ in range(5):  # a server that is closed loses what it has just accepted, open
                await asyncio.sleep(0)
            self._server.close()
            await self._server.wait_closed()
            await asyncio.sleep(0.01)
            for _ in range(5):  # connections just taken reach their handler, however late we are
                await asyncio.sleep(0)
            for writer in list(self._open):
                writer.transport.abort()
            for _ in range(5):  # each handler learns of it, and the transports end
                await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None or not self._server.is_serving():
            writer.transport.abort()  # it was taken while the server closed
            return
        self._open.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        params = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            params |= dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)))
        url = f"http://{headers['host']}{target}"
        self.seen.append(Callback(method, url, headers, params, body, time.monotonic()))
        answer = self.answers.get(urlsplit(target).path, Answer())
        if answer.hang:
            await reader.read()
            return False
        payload = answer.body.encode() if isinstance(answer.body, str) else answer.body
        writer.write(
            f"HTTP/1.1 {answer.status} Answer\r\nContent-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        await writer.drain()
        return True
