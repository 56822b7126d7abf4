"""Commands that call the API, against a server that writes down what it was asked."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import Result

from trunkline.cli.environment import Refused
from trunkline.client.client import Unreachable

Run = Callable[..., Result]
AUTH_ID = "MAFIRST0000000000000"


class Asked(NamedTuple):
    method: str
    path: str
    login: str
    body: Any


class Api:
    """Answers every request with `status` and `answer`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.status = 200
        self.answer: Any = {"api_id": "x"}
        api = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                login = base64.b64decode(self.headers["Authorization"].split()[1]).decode()
                body = json.loads(raw) if raw else None
                api.asked.append(Asked(self.command, self.path, login, body))
                answer = b"" if api.status == 204 else json.dumps(api.answer).encode()
                self.send_response(api.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_DELETE = _serve  # noqa: N815

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def api(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    made = Api()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("TRUNKLINE_URL", made.url)
    monkeypatch.setenv("PLIVO_AUTH_ID", AUTH_ID)
    monkeypatch.setenv("PLIVO_AUTH_TOKEN", "token")
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_send(api: Api, trunkline: Run) -> None:
    api.status, api.answer = 202, {"message_uuid": ["u-1"], "api_id": "x", "message": "m"}
    done = trunkline("send", "14155550123", "Hello", "--from", "ACME")
    assert done.output == "u-1\n"
    body = {"src": "ACME", "dst": "14155550123", "text": "Hello"}
    path = f"/v1/Account/{AUTH_ID}/Message/"
    assert api.asked == [Asked("POST", path, f"{AUTH_ID}:token", body)]


def test_a_refused_message(api: Api, trunkline: Run) -> None:
    api.status, api.answer = 400, {"error": "dst parameter is invalid", "api_id": "x"}
    done = trunkline("send", "1", "Hello")
    assert isinstance(done.exception, Refused)
    assert "dst parameter is invalid" in str(done.exception)


def test_fields_go_where_the_contract_says(api: Api, trunkline: Run) -> None:
    trunkline("api", "message.create", "--dst", "1", "--media-urls", '["http://a.test"]')
    trunkline("api", "message.list", "--limit", "5", "--message_time__gt=2026-01-01 00:00")
    api.status = 204
    done = trunkline("api", "subaccount.delete", "--subauth_id", "SA/1", "--cascade", "true")
    assert (done.exit_code, done.output) == (0, "")
    root = f"/v1/Account/{AUTH_ID}"
    assert [(one.method, one.path, one.body) for one in api.asked] == [
        ("POST", f"{root}/Message/", {"dst": "1", "media_urls": ["http://a.test"]}),
        ("GET", f"{root}/Message/?limit=5&message_time__gt=2026-01-01+00%3A00", None),
        ("DELETE", f"{root}/Subaccount/SA%2F1/?cascade=true", None),
    ]


def test_a_field_may_be_called_as_an_option_is(api: Api, trunkline: Run) -> None:
    trunkline("api", "message.create", "--dst", "1", "--url", "http://a.test", "--auth-token", "t")
    trunkline("api", "--url", api.url, "account.get")
    trunkline("api", "account.get", f"--url={api.url}", "--auth-token", "u")
    assert [(one.login.partition(":")[2], one.body) for one in api.asked] == [
        ("t", {"dst": "1", "url": "http://a.test"}), ("token", None), ("u", None),
    ]  # fmt: skip
    refused = trunkline("api", "account.get", "--url")
    assert str(refused.exception) == "--url needs a value"
    assert "--media_urls" in trunkline("api", "message.create", "--help").output


def test_a_refused_operation_shows_the_answer_and_fails(api: Api, trunkline: Run) -> None:
    api.status, api.answer = 404, {"error": "not found", "api_id": "x"}
    done = trunkline("api", "message.get", "--message_uuid", "u")
    assert json.loads(done.output)["error"] == "not found"
    assert isinstance(done.exception, Refused)


def test_nothing_is_sent_when_the_fields_are_wrong(api: Api, trunkline: Run) -> None:
    assert isinstance(trunkline("api", "message.get").exception, Refused)
    assert isinstance(trunkline("api", "message.gett").exception, Refused)
    assert api.asked == []


def test_operations_and_fields_are_listed(trunkline: Run) -> None:
    assert "message.create" in trunkline("api").output
    assert "--powerpack_uuid" in trunkline("api", "message.create", "--fields").output


def test_nothing_answers(api: Api, trunkline: Run) -> None:
    done = trunkline("api", "account.get", "--url", "http://127.0.0.1:1")
    assert isinstance(done.exception, Unreachable)
    assert "trunkline up" in str(done.exception)


def test_without_credentials(data: Path, trunkline: Run) -> None:
    done = trunkline("api", "account.get", "--url", "http://127.0.0.1:1")
    assert isinstance(done.exception, Refused)
    assert "--auth-id" in str(done.exception)


def test_a_simulated_phone_calls(trunkline: Run, api: Api) -> None:
    call = {"call_id": "c1", "state": "ended", "sip_status": 486}
    api.status, api.answer = 202, {"call": call}
    done = trunkline("sim", "call", "+4915112345678", "14155550100", "--digits", "1w#",
                     "--hang-up-after", "5", "--does", "echo")  # fmt: skip
    assert done.output == "c1 ended 486\n"
    (asked,) = api.asked
    assert asked[:2] == ("POST", "/sim/handsets/4915112345678/calls")
    assert asked.body == {
        "to": "14155550100", "digits": "1w#", "digits_after_s": 1.0, "hang_up_after_s": 5.0,
        "does": "echo",
    }  # fmt: skip
    api.status, api.answer = 404, {"error": "14155550100 was not found"}
    refused = trunkline("sim", "call", "4915112345678", "14155550100")
    assert isinstance(refused.exception, Refused)
    assert str(refused.exception) == "status 404: 14155550100 was not found"
    assert isinstance(trunkline("sim", "call", "../x", "14155550100").exception, Refused)


def test_what_a_simulated_phone_heard(trunkline: Run, api: Api) -> None:
    one = {"placed": True, "other": "14155550100", "state": "ended", "sip_status": 200,
           "ended_by": "platform", "duration_s": 4.04, "digits": "42#", "sound_s": 1.5}  # fmt: skip
    api.answer = {"calls": [one]}
    done = trunkline("sim", "calls", "4915112345678")
    assert done.output.split()[-8:] == [
        "out", "14155550100", "ended", "200", "platform", "4.0", "42#", "1.5",
    ]  # fmt: skip


def test_what_simulated_phones_can_be_asked_for(trunkline: Run) -> None:
    done = trunkline("sim", "outcomes", "--voice")
    assert "+1 500 555 8001  busy: 486" in done.output


STREAM = """id: {{"message":"m-{0}"}}
event: activity
data: {{"kind":"message","id":"{1}","state":"queued","step":"queued","at":1.0}}

"""


def test_tail_goes_on_where_the_connection_broke(
    data: Path, trunkline: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second connection tells the first one's last event again, and one more."""
    asked: list[str] = []

    class Broken(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            first = len(asked) == 1
            events = [STREAM.format(1, "a")]
            if not first:
                events.append(STREAM.format(2, "b"))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write("".join([": watching\n\n", *events]).encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        done = trunkline("tail", "--json", "--limit", "2", "--url", url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert done.exit_code == 0, done.exception
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert asked[0] == "/admin/events"
    assert "m-1" in asked[1]


def test_tail_of_a_program_that_is_closed_or_absent(api: Api, trunkline: Run) -> None:
    api.status, api.answer = 403, {"error": "the operator's API is closed"}
    refused = trunkline("tail", "--admin-token", "dG9rZW4=")
    assert isinstance(refused.exception, Refused)
    assert "closed" in str(refused.exception)
    gone = trunkline("tail", "--url", "http://127.0.0.1:1")
    assert isinstance(gone.exception, Unreachable)
