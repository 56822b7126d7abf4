"""An application of calls: answers each request with the document of its path, and counts them.

A process of its own: says its ports, answers `stats`. Paths: /play, /conference/<name>, /hangup,
/stream; anything else gets an empty answer, as callbacks do. /prompt.wav is ten seconds of noise.
A WebSocket on the second port is given back all audio that it sends.
"""

import array
import asyncio
import gc
import io
import random
import wave
from collections import Counter
from typing import cast
from urllib.parse import parse_qs

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server
from wire.control import obey, say


def prompt() -> bytes:
    """Noise that no codec or cache makes light of: 10 s, 8 kHz, 16 bits, mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(array.array("h", random.choices(range(-8000, 8000), k=80_000)).tobytes())
    return file.getvalue()


class Application:
    """Knows the documents, and counts requests by what they tell."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.frames = 0
        self.base = self.socket = ""
        self._prompt = prompt()

    def answer(self, path: str, body: bytes) -> bytes:
        if path == "/prompt.wav":
            return _response(b"audio/wav", self._prompt)
        event = parse_qs(body.decode()).get("Event", [""])[0]
        self.seen[f"{path.split('/')[1]} {event}"] += 1
        return _response(b"text/xml", self._document(path).encode())

    def _document(self, path: str) -> str:
        _, kind, *rest = path.split("/")
        inside = {
            "play": f'<Play loop="0">{self.base}/prompt.wav</Play>',
            "conference": f'<Conference waitSound="">{"".join(rest)}</Conference>',
            "stream": '<Stream bidirectional="true" keepCallAlive="true"'
            f' contentType="audio/x-mulaw;rate=8000">{self.socket}</Stream>',
            "hangup": "<Hangup/>",
        }.get(kind)
        return "" if inside is None else f"<Response>{inside}</Response>"

    def stats(self) -> dict[str, object]:
        return {"seen": dict(self.seen), "frames": self.frames}


class Requests(asyncio.Protocol):
    """One connection of HTTP/1.1; requests come whole or in parts, one after the other."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].split(b"\r\n")
            fields = dict(line.lower().split(b":", 1) for line in head[1:])
            whole = end + 4 + int(fields.get(b"content-length", b"0"))
            if len(self._buffer) < whole:
                return
            path = head[0].split(b" ")[1].partition(b"?")[0].decode()
            self._transport.write(self._application.answer(path, self._buffer[end + 4 : whole]))
            self._buffer = self._buffer[whole:]


_PAYLOAD = b'"payload":"'
_SAID = (
    b'{"event":"playAudio","media":'
    b'{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"%b"}}'
)


class Echo(WSListener):
    """A stream's other end: what is heard is said again.

    It cuts the audio out of the octets: an application has a machine of its own, this one shares
    the two cores of what is measured.
    """

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            told = frame.get_payload_as_bytes()
            begin = told.find(_PAYLOAD)
            if begin < 0:
                return
            self._application.frames += 1
            begin += len(_PAYLOAD)
            transport.send(WSMsgType.TEXT, _SAID % told[begin : told.index(b'"', begin)])


def _response(kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, len(body)) + body


async def run() -> None:
    application = Application()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Requests(application), "127.0.0.1", 0, backlog=512)
    sockets = await ws_create_server(lambda _: Echo(application), "127.0.0.1", 0)
    port, ws_port = (one.sockets[0].getsockname()[1] for one in (server, sockets))
    application.base = f"http://127.0.0.1:{port}"
    application.socket = f"ws://127.0.0.1:{ws_port}"
    gc.freeze()
    say(port=port, ws_port=ws_port)
    await obey({"stats": application.stats})
    server.close()
    sockets.close()


if __name__ == "__main__":
    uvloop.run(run())
