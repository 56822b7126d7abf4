"""URLs in the process of the tests: for webhooks, answer URLs, sounds and whatever is fetched."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, runtime_checkable
from urllib.parse import parse_qsl, urlsplit

from trunkline.testing.kit.waiting import TIMEOUT_S, Unmet, until

_MOST_BODY = 8 << 20


@runtime_checkable
class Document(Protocol):
    """An XML document of the official SDK (`plivoxml.ResponseElement`)."""

    def to_string(self) -> str:
        """Return it as text."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came; `params` are query and form (or JSON) together."""

    method: str
    path: str
    params: dict[str, Any]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


Answer = str | bytes | int | dict[str, Any] | Document | tuple[int, Any] | None
Handler = Callable[[Received], Answer] | Answer
"""What is answered, or makes it of a request: text (XML if it begins with <), JSON of a dict
bytes, an SDK's document, a status alone, or (status, any of these). None is 200 and nothing."""


class App:
    """One URL and what came to it."""

    def __init__(self, url: str, handler: Handler) -> None:
        self.url = url
        self.requests: list[Received] = []
        self._handler = handler
        self._failures: list[int] = []

    def fail(self, status: int = 503, times: int = 1) -> None:
        """Answer the next requests with that status and nothing else."""
        self._failures += [status] * times

    def expect(self, *, count: int = 1, timeout_s: float = TIMEOUT_S, **params: str) -> Received:
        """Wait for so many requests with these parameters and return the last; raises Unmet."""

        def look() -> Received | None:
            fitting = [one for one in self.requests if params.items() <= one.params.items()]
            return fitting[count - 1] if len(fitting) >= count else None

        found = until(look, timeout_s)
        if found is None:
            came = "\n".join(f"  {one.method} {one.params}" for one in self.requests)
            what = f"{count} requests" if count > 1 else "request"
            raise Unmet(
                f"no {what} with {params or 'anything'} came to {self.url} in {timeout_s:g} s;"
                f" {'what came:' if came else 'none came at all'}\n{came}".rstrip()
            )
        return found

    def answer(self, request: Received) -> Answer:
        """Note a request and say what it is answered."""
        self.requests.append(request)
        if self._failures:
            return self._failures.pop(0)
        handler = self._handler
        return handler(request) if callable(handler) else handler


class Apps:
    """The URLs of one test on one server in a thread, which starts with the first."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self._server: ThreadingHTTPServer | None = None
        self._errors: list[Exception] = []

    def add(self, handler: Handler) -> App:
        """Listen on a further URL."""
        if self._server is None:
            self._server = self._start()
        host, port = self._server.server_address[:2]
        path = f"/{len(self._apps) + 1}"
        made = self._apps[path] = App(f"http://{host!s}:{port}{path}", handler)
        return made

    def close(self) -> None:
        """Stop listening; raises the first error of a handler."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._errors:
            raise self._errors[0]

    def respond(self, request: Received) -> tuple[int, str, bytes]:
        """Return status, content type and body of the answer to a request."""
        app = self._apps.get(request.path)
        if app is None:
            return 404, "text/plain", b"no app of this test has this path"
        try:
            return _encoded(app.answer(request))
        except Exception as error:  # noqa: BLE001 - kept for the test, which raises it at its end
            self._errors.append(error)
            return 500, "text/plain", repr(error).encode()

    def _start(self) -> ThreadingHTTPServer:
        apps = self

        class Bound(_Request):
            respond = staticmethod(apps.respond)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(
            target=server.serve_forever, args=(0.02,), name="trunkline apps", daemon=True
        ).start()
        return server


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    respond: Callable[[Received], tuple[int, str, bytes]]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing on standard error."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MOST_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        url = urlsplit(self.path)
        params: dict[str, Any] = dict(parse_qsl(url.query, keep_blank_values=True))
        params |= _decoded(self.headers.get("Content-Type", ""), body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Received(self.command, url.path, params, headers, body)
        status, content_type, content = self.respond(request)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _decoded(content_type: str, body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    if not content_type.startswith("application/json"):
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _encoded(answer: Answer) -> tuple[int, str, bytes]:
    if isinstance(answer, tuple):
        return answer[0], *_encoded(answer[1])[1:]
    if isinstance(answer, int):
        return answer, "text/plain", b""
    if answer is None:
        return 200, "text/plain", b""
    if isinstance(answer, bytes):
        return 200, "application/octet-stream", answer
    if isinstance(answer, dict):
        return 200, "application/json", json.dumps(answer).encode()
    text = answer if isinstance(answer, str) else answer.to_string()
    kind = "text/xml" if text.lstrip().startswith("<") else "text/plain"
    return 200, f"{kind}; charset=utf-8", text.encode()
