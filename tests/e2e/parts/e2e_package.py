"""A client of the package of functions, which tries each function the wrong ways too."""

import json
import urllib.error
import urllib.request
from typing import Any

from e2e_program import Program

from trunkline.functions.table import find

WRONG_TOKEN = "wrong"


class Package:
    """A client of the form, which remembers what was called."""

    def __init__(self, program: Program, url: str = "") -> None:
        self.url = url or program.url
        self._program = program
        self.called = set[str]()

    def post(self, name: str, arguments: Any) -> tuple[int, dict[str, Any]]:
        return self.send(name, json.dumps(arguments).encode())

    def send(self, name: str, body: bytes | None, method: str = "") -> tuple[int, dict[str, Any]]:
        """Send any body to any function; without one it is a GET unless said otherwise."""
        request = urllib.request.Request(
            f"{self.url}/api/{name}", body, {"Content-Type": "application/json"},
            method=method or ("GET" if body is None else "POST"),
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def ask(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        login = {"authId": self._program.auth_id, "authToken": self._program.auth_token}
        status, answer = self.post(f"Plivo/{name}", {"args": login | arguments})
        assert status == 200
        assert set(answer) == {"callback", "contextWrites"}
        return answer

    def __call__(self, name: str, /, **arguments: Any) -> Any:
        """Call a function, first the two wrong ways if it is new; return its result."""
        if name not in self.called:
            self.refuses_what_is_missing(name, arguments)
            self.refuses_a_wrong_token(name, arguments)
        answer = self.ask(name, to="result", **arguments)
        assert answer["callback"] == "success", (name, answer)
        self.called.add(name)
        return answer["contextWrites"]["result"]

    def refuses_what_is_missing(self, name: str, arguments: dict[str, Any]) -> None:
        missing = (*find(name).required, "authToken")[0]
        answer = self.ask(name, **arguments | {missing: ""})
        told = answer["contextWrites"]["to"]
        assert (answer["callback"], told["status_code"]) == ("error", "REQUIRED_FIELDS"), answer
        assert told["fields"] == [missing]
        assert told["status_msg"] == f"{name} needs {missing}"

    def refuses_a_wrong_token(self, name: str, arguments: dict[str, Any]) -> None:
        answer = self.ask(name, **arguments | {"authToken": WRONG_TOKEN})
        told = answer["contextWrites"]["to"]
        assert (answer["callback"], told["status_code"]) == ("error", "API_ERROR"), answer
        assert told["status_msg"] == "invalid authentication credentials"
        assert told["http_status"] == 401
