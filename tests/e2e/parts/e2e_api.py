"""An account's client: every answer it sees is held against the contract."""

import base64
import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from e2e_waiting import until

from trunkline.contract.catalog import OPERATIONS
from trunkline.contract.check import validate_response
from trunkline.contract.errors import ApiError
from trunkline.contract.routing import Router

_ROUTER = Router(OPERATIONS)
FINAL = ("delivered", "undelivered", "failed")


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the decoded body, {} when there is none."""

    status: int
    body: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass(slots=True)
class Api:
    """Speaks HTTP to the program with one account's credentials."""

    url: str
    auth_id: str
    auth_token: str
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    @property
    def root(self) -> str:
        return f"/v1/Account/{self.auth_id}/"

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, path: str = "", **query: Any) -> Reply:
        return self.call("GET", path, query=query)

    def post(self, path: str = "", **body: Any) -> Reply:
        return self.call("POST", path, body)

    def delete(self, path: str = "", **body: Any) -> Reply:
        return self.call("DELETE", path, body)

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Reply:
        """Make one request; a path with a leading slash is taken as it is."""
        target = path if path.startswith("/") else self.root + path
        if query:
            target += "?" + urlencode(query)
        login = base64.b64encode(f"{self.auth_id}:{self.auth_token}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        status, content = self._exchange(method, target, data, headers)
        self._check(method, target, status, content)
        return Reply(status, json.loads(content) if content else {})

    def send(self, dst: str, text: str = "Hello", src: str = "14155550100", **more: Any) -> Any:
        """Send a message; return its uuid, or the list of several."""
        answer = self.post("Message/", src=src, dst=dst, text=text, **more)
        assert answer.status == 202, answer
        assert "error" not in answer.body
        uuids = answer["message_uuid"]
        return uuids[0] if len(uuids) == 1 else uuids

    def message(self, message_uuid: str) -> dict[str, Any]:
        """Return a message's record."""
        answer = self.get(f"Message/{message_uuid}/")
        assert answer.status == 200, answer
        return answer.body

    def final(self, message_uuid: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """Wait for a message to be final and return its record."""

        def look() -> dict[str, Any] | None:
            record = self.message(message_uuid)
            return record if record["message_state"] in FINAL else None

        try:
            return until(look, f"the end of message {message_uuid}", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.message(message_uuid)}") from None

    def state(self, message_uuid: str, *wanted: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """Wait for a message to be in one of these states and return its record."""

        def look() -> dict[str, Any] | None:
            record = self.message(message_uuid)
            return record if record["message_state"] in wanted else None

        try:
            return until(look, f"{wanted} of {message_uuid}", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.message(message_uuid)}") from None

    def credit(self) -> int:
        """Return the balance in units of 0.00001 dollar."""
        whole, _, cents = self.get()["cash_credits"].partition(".")
        sign = -1 if whole.startswith("-") else 1
        return int(whole) * 100_000 + sign * int(cents.ljust(5, "0"))

    def records(self, **filters: Any) -> list[dict[str, Any]]:
        """Return all records that match, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get("Message/", limit=20, offset=len(found), **filters)
            assert page.status == 200, page
            found += page["objects"]
            if len(found) >= page["meta"]["total_count"] or not page["objects"]:
                return found

    def _exchange(
        self, method: str, target: str, data: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        again = self._connection is not None
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            self._connection.request(method, target, data, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            if not again or method != "GET":
                raise
            return self._exchange(method, target, data, headers)
        if content or response.status != 204:
            assert response.headers["content-type"] == "application/json", response.headers
        if response.will_close:
            self.close()
        return response.status, content

    @staticmethod
    def _check(method: str, target: str, status: int, content: bytes) -> None:
        parts = urlsplit(target)
        try:
            found = _ROUTER.match(method, parts.path, parts.query)
        except ApiError:
            return  # not of the API: /sim/, /admin/
        validate_response(found.operation, status, content)
