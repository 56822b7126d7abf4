"""JSON over HTTP with the standard library alone: the plugin must cost nothing at the start."""

import base64
import http.client
import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

_TIMEOUT_S = 75.0  # above the longest wait that a request may ask for


class RequestRefused(Exception):
    """The program refused a request, or nobody answers; `status` is 0 then."""

    def __init__(self, what: str, status: int, error: str) -> None:
        super().__init__(f"{what}: {status} {error}" if status else f"{what}: {error}")
        self.status = status
        self.error = error


class Wire:
    """Requests to one program, by one account or by nobody; may be used by several threads."""

    def __init__(self, url: str, auth_id: str = "", auth_token: str = "") -> None:
        self.url = url.rstrip("/")
        self._parts = urlsplit(self.url)
        self._headers = {"Content-Type": "application/json"}
        if auth_id:
            login = base64.b64encode(f"{auth_id}:{auth_token}".encode()).decode()
            self._headers["Authorization"] = f"Basic {login}"
        self._own = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def bearer(self, token: str) -> None:
        """Sign requests with the operator's token."""
        self._headers["Authorization"] = f"Bearer {token}"

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        **query: Any,
    ) -> dict[str, Any]:
        """Make a request and return its decoded answer, {} for none; raises RequestRefused."""
        target = self._parts.path + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body)
        what = f"{method} {path}"
        try:
            status, content = self._exchange(method, target, data)
        except (OSError, http.client.HTTPException) as error:
            raise RequestRefused(what, 0, f"nothing answers at {self.url}: {error!r}") from error
        answer: dict[str, Any] = {}
        try:
            answer = json.loads(content) if content else {}
        except ValueError:
            answer["error"] = content.decode("utf-8", "replace")[:200]
        if status >= 400:
            raise RequestRefused(what, status, str(answer.get("error", answer)))
        return answer

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._own = threading.local()

    def _exchange(self, method: str, target: str, data: str | None) -> tuple[int, bytes]:
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is not None:
            try:
                return self._once(connection, method, target, data)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                connection.close()  # it was idle for too long; the server has seen nothing
        return self._once(self._open(), method, target, data)

    def _once(
        self, connection: http.client.HTTPConnection, method: str, target: str, data: str | None
    ) -> tuple[int, bytes]:
        try:
            connection.request(method, target, data, self._headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            connection.close()  # else the next request would read this one's answer
            raise

    def _open(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.netloc, timeout=_TIMEOUT_S)
        self._own.connection = connection
        self._opened.append(connection)
        return connection
