"""The official Node SDK, unchanged: `options.url` is all it is told.

Its voice operations (applications are among them) always go to api.plivo.com, whatever the URL.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

SCRIPT = Path(__file__).with_name("node_sdk.js")
UNKNOWN = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"


def node(
    modules: Path,
    program: Program,
    steps: list[list[Any]],
    signatures: list[tuple[str, str, str, str]] | None = None,
    token: str = "",
) -> tuple[list[dict[str, Any]], list[bool]]:
    """Run steps with the SDK, and check signatures with its validator."""
    asked = {
        "url": f"{program.url}/v1/Account/{program.auth_id}",
        "authId": program.auth_id,
        "authToken": token or program.auth_token,
        "steps": steps,
        "signatures": signatures or [],
    }
    done = subprocess.run(
        ["node", str(SCRIPT)],
        input=json.dumps(asked),
        env={"NODE_PATH": str(modules), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return answer["results"], answer["valid"]


def test_messages(node_modules: Path, program: Program, api: Api, handset: str) -> None:
    other = f"{handset[:-4]}9{handset[-3:]}"
    send = {"src": "14155550100", "dst": handset, "text": "Hello from Node"}
    results, _ = node(node_modules, program, [
        ["messages.create", send],
        ["messages.create", {**send, "dst": f"{handset}<{other}<12"}],
        ["messages.get", "$0.messageUuid.0"],
        ["messages.list", {"limit": 5, "to_number": handset}],
        ["messages.listMedia", "$0.messageUuid.0"],
    ])  # fmt: skip
    assert [one["ok"] for one in results] == [True] * 5, results
    created, several, got, listed, _media = (one["value"] for one in results)
    assert created["message"] == "message(s) queued"
    (uuid,) = created["messageUuid"]
    assert len(several["messageUuid"]) == 2
    assert several["invalid_number"] == ["12"]
    assert (got["messageUuid"], got["toNumber"]) == (uuid, handset)
    assert got["totalRate"] == "0.00550"
    assert uuid in {one["messageUuid"] for one in listed}
    assert results[3]["meta"]["limit"] == 5
    assert api.final(uuid)["message_state"] == "delivered"


def test_account_and_subaccounts(node_modules: Path, program: Program, api: Api) -> None:
    results, _ = node(node_modules, program, [
        ["accounts.get"],
        ["accounts.update", {"city": "Springfield"}],
        ["subAccounts.create", "Node office", True],
        ["subAccounts.get", "$2.authId"],
        ["subAccounts.update", "$2.authId", "Node offices", False],
        ["subAccounts.list", {"limit": 5}],
        ["subAccounts.get", "$2.authId"],
        ["subAccounts.delete", "$2.authId"],
        ["subAccounts.get", "$2.authId"],
    ])  # fmt: skip
    assert [one["ok"] for one in results] == [True] * 8 + [False], results
    account, changed, created, got, _updated, listed, after = (one["value"] for one in results[:7])
    assert account["resourceUri"] == f"/v1/Account/{program.auth_id}/"
    assert changed["message"] == "changed"
    assert api.get()["city"] == "Springfield"
    assert created["authId"].startswith("SA")
    assert (got["name"], got["enabled"]) == ("Node office", True)
    assert created["authId"] in {one["authId"] for one in listed}
    assert (after["name"], after["enabled"]) == ("Node offices", False)
    assert results[8]["status"] == 404


def test_whatsapp(node_modules: Path, program: Program, api: Api, handset: str) -> None:
    head = {"src": "14155550100", "dst": handset, "type": "whatsapp"}
    parameter = {"type": "text", "text": "Ada"}
    currency = {"fallback_value": "$1", "currency_code": "USD", "amount_1000": 1000}
    template = {
        "name": "order_update",
        "language": "en_US",
        "components": [
            {
                "type": "body",
                "parameters": [parameter, {"type": "currency", "currency": currency}],
            },
            {"type": "button", "sub_type": "url", "index": "0", "parameters": [parameter]},
        ],
    }
    interactive = {
        "type": "list",
        "body": {"text": "Choose"},
        "action": {
            "buttons": [{"title": "Open"}],
            "sections": [{"title": "One", "rows": [{"id": "1", "title": "First"}]}],
        },
    }
    link = {"type": "cta_url", "body": {"text": "See"}, "action": {
        "buttons": [{"title": "Go", "cta_url": "https://example.com"}]}}  # fmt: skip
    place = {"latitude": "1", "longitude": "2", "name": "HQ", "address": "Street"}
    api.post(f"/sim/handsets/{handset}/messages", to="14155550100", type="whatsapp", text="Hi")
    results, _ = node(node_modules, program, [
        ["messages.create", {**head, "template": template}],
        ["messages.create", {**head, "interactive": interactive}],
        ["messages.create", {**head, "interactive": link}],
        ["messages.create", {**head, "location": place}],
        ["messages.get", "$1.messageUuid.0"],
    ])  # fmt: skip
    assert [one["ok"] for one in results] == [True] * 5, results
    for one in results[:4]:
        api.state(one["value"]["messageUuid"][0], "delivered", "read")
    assert results[4]["value"]["messageType"] == "whatsapp"


def test_errors(node_modules: Path, program: Program) -> None:
    results, _ = node(node_modules, program, [
        ["messages.get", UNKNOWN],
        ["messages.create", {"src": "14155550100", "dst": "12", "text": "x"}],
        ["messages.list", {"limit": 21}],
    ])  # fmt: skip
    results += node(node_modules, program, [["accounts.get"]], token="wrong")[0]
    assert [one.get("status") for one in results] == [404, 400, 400, 401], results
    assert all(len(one["apiId"]) == 36 for one in results)
    assert "dst" in results[1]["message"]


def test_its_validator_accepts_every_callback(
    node_modules: Path, program: Program, api: Api, sink: Sink, handset: str
) -> None:
    paths = ("/status", "/a%20b/c", "/q?x=1&y=%26", "/")
    uuids = [api.send(handset, str(path), url=sink.url(path)) for path in paths]
    uuids.append(api.send(handset, "GET", url=sink.url("/get?x=1"), method="GET"))
    for uuid in uuids:
        api.final(uuid)
    callbacks = until(lambda: len(sink.seen) == 3 * len(uuids) and list(sink.seen), "callbacks")
    signed = [
        (one.url, one.headers["x-plivo-signature-v2-nonce"], one.headers[header], token)
        for one in callbacks
        for header in ("x-plivo-signature-v2", "x-plivo-signature-ma-v2")
        for token in (program.auth_token, "wrong")
    ]
    _, valid = node(node_modules, program, [], signed)
    assert valid == [True, False] * (len(signed) // 2)
    assert all(one.is_signed_by(program.auth_token) for one in callbacks)
