"""WhatsApp from the API to the handset and back: templates, conversations, statuses, signatures."""

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import plivo
import plivo.rest.client
import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until
from plivo.utils.interactive import Interactive
from plivo.utils.location import Location
from plivo.utils.template import Template

from trunkline.protocols.whatsapp.events import status_body
from trunkline.protocols.whatsapp.signature import HEADER, sign
from trunkline.simulator.whatsapp.server import APP_SECRET, VERIFY_TOKEN

NUMBER, TOLLFREE = "14155550100", "18005550199"
TEMPLATE = {
    "name": "order_update",
    "language": "en_US",
    "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ada"}]}],
}
HOOK = "/carriers/whatsapp/whatsapp-simulator"
DAY_S = 86_400
TOLD = "SELECT id FROM webhooks WHERE resource_uuid = :uuid AND ended_at IS NOT NULL"


@pytest.fixture
def application(api: Api, sink: Sink) -> Iterator[str]:
    """Messages to every number go to the sink."""
    made = api.post("Application/", app_name="whatsapp inbound", message_url=sink.url("/inbound"),
                    default_number_app=True)  # fmt: skip
    yield made["app_id"]
    assert api.delete(f"Application/{made['app_id']}/").status == 204


def send(api: Api, dst: str, **content: Any) -> str:
    answer = api.post("Message/", src=NUMBER, dst=dst, type="whatsapp", **content)
    assert answer.status == 202, answer
    return answer["message_uuid"][0]


def writes(program: Program, handset: str, **content: Any) -> str:
    """Send from a handset by WhatsApp; returns the message's id at the carrier."""
    api = program.api()
    answer = api.post(f"/sim/handsets/{handset}/messages", to=NUMBER, type="whatsapp", **content)
    assert answer.status == 202, answer
    return answer["references"][0]


def test_a_template_is_delivered_read_and_answered(
    program: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    before = api.credit()
    uuid = send(api, handset, template=TEMPLATE, url=sink.url("/status"))
    record = api.state(uuid, "read")
    assert (record["message_type"], record["units"], record["error_code"]) == ("whatsapp", 1, "000")
    assert record["conversation_origin"] == "utility"
    assert len(record["conversation_id"]) == 32
    assert record["conversation_expiration_timestamp"] > record["message_time"]
    until(lambda: len(sink.of(MessageUUID=uuid)) == 4, "all callbacks")
    assert sink.statuses(uuid) == ["queued", "sent", "delivered", "read"]
    read = sink.of(MessageUUID=uuid, Status="read")[0]
    assert read.params["Type"] == "whatsapp"
    assert read.params["ConversationID"] == record["conversation_id"]
    assert read.params["ConversationOrigin"] == "utility"
    assert int(read.params["ConversationExpirationTimestamp"]) > 0
    assert read.is_signed_by(program.auth_token)
    rate = int(record["total_rate"].replace(".", ""))
    assert rate > 0
    assert before - api.credit() == rate

    (shown,) = program.handset(handset)
    assert (shown["kind"], shown["read"]) == ("template", True)
    assert api.final(send(api, handset, text="Too early"))["error_code"] == "340"
    writes(program, handset, button={"text": "Yes", "payload": "go"}, context=shown["message_id"])
    (inbound,) = until(lambda: sink.of(From=handset, To=NUMBER), "the forward")
    params = inbound.params
    assert (params["Type"], params["ContentType"], params["Units"]) == ("whatsapp", "button", "1")
    assert (params["Body"], params["ProfileName"]) == ("Yes", "Simulated handset")
    assert json.loads(params["Button"]) == {"Text": "Yes", "Payload": "go"}
    assert json.loads(params["Context"]) == {"id": uuid}
    assert api.state(params["MessageUUID"], "delivered")["conversation_origin"] == "service"
    answered = api.state(send(api, handset, text="Now we talk"), "delivered", "read")
    assert answered["conversation_id"] == params["ConversationID"]
    listed = api.records(conversation_id=params["ConversationID"])
    assert {one["message_uuid"] for one in listed} == {
        params["MessageUUID"],
        answered["message_uuid"],
    }
    assert uuid in {one["message_uuid"] for one in api.records(conversation_origin="utility")}


@pytest.mark.parametrize(
    ("nnnn", "state", "code", "statuses"),
    [
        ("8001", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8002", "delivered", "000", ["queued", "sent", "delivered"]),
        ("8004", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8005", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8006", "failed", "10", ["queued", "failed"]),
        ("8008", "failed", "100", ["queued", "failed"]),
        ("8009", "undelivered", "70", ["queued", "sent", "undelivered"]),
        ("8010", "undelivered", "340", ["queued", "sent", "undelivered"]),
        ("8011", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8012", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8013", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8020", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("8021", "read", "000", ["queued", "sent", "delivered", "read"]),
        ("9999", "undelivered", "1000", ["queued", "sent", "undelivered"]),
    ],
)
def test_magic_destinations(
    api: Api, sink: Sink, nnnn: str, state: str, code: str, statuses: list[str]
) -> None:
    uuid = send(api, f"1500555{nnnn}", template=TEMPLATE, url=sink.url("/status"))
    assert api.state(uuid, state)["error_code"] == code
    until(lambda: len(sink.of(MessageUUID=uuid)) >= len(statuses), "the callbacks")
    assert sink.statuses(uuid) == statuses


def test_every_kind_of_content_reaches_the_handset(
    program: Program, api: Api, handset: str
) -> None:
    writes(program, handset, text="Hello")
    contents = [
        {"text": "plain"},
        {"media_urls": ["https://example.com/a.png"], "text": "caption"},
        {"location": {"latitude": "1.5", "longitude": "2", "name": "n", "address": "a"}},
        {
            "interactive": {
                "type": "reply",
                "body": {"text": "Choose"},
                "action": {"buttons": [{"id": "1", "title": "Yes"}]},
            }
        },
    ]
    for content in contents:
        api.state(send(api, handset, **content), "delivered", "read")
    shown = {one["kind"]: one for one in program.handset(handset) if one["recipient"] == handset}
    assert set(shown) == {"text", "image", "location", "interactive"}
    assert shown["image"]["content"] == {"link": "https://example.com/a.png", "caption": "caption"}


def test_other_things_a_user_sends(
    program: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    writes(program, handset, reply={"id": "r1", "title": "One", "kind": "list_reply"})
    writes(program, handset, location={"latitude": 1.5, "longitude": 2, "name": "HQ"})
    writes(program, handset, contacts=[{"name": {"first_name": "Ada"}}])
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 100).decode()
    writes(program, handset, media={"data": picture, "mime_type": "image/png", "caption": "c"})
    until(lambda: len(sink.of(From=handset)) == 4, "the forwards")
    chosen, place, contacts, media = (one.params for one in sink.of(From=handset))
    assert json.loads(chosen["Button"]) == {"Text": "One", "Payload": "r1"}
    assert json.loads(chosen["Interactive"])["Type"] == "list_reply"
    assert json.loads(place["Location"])["Name"] == "HQ"
    assert (place["ContentType"], contacts["ContentType"]) == ("unknown", "unknown")
    assert json.loads(contacts["Contacts"]) == [{"name": {"first_name": "Ada"}}]
    assert (media["ContentType"], media["MimeType"], media["Body"]) == ("media", "image/png", "c")
    assert media["MediaCount"] == "1"
    with urlopen(media["Media0"]) as answer:
        assert base64.b64encode(answer.read()).decode() == picture
    listed = api.get(f"Message/{media['MessageUUID']}/Media/")
    assert [one["content_type"] for one in listed["objects"]] == ["image/png"]


def test_stop_stops(program: Program, api: Api, handset: str) -> None:
    writes(program, handset, text="STOP")
    assert api.final(send(api, handset, template=TEMPLATE))["error_code"] == "200"
    assert api.final(api.send(handset, "by SMS"))["error_code"] == "200"
    writes(program, handset, text="START")
    api.state(send(api, handset, template=TEMPLATE), "delivered", "read")
    texts = [one["text"] for one in program.handset(handset) if one["recipient"] == handset]
    assert any("unsubscribed" in (text or "") for text in texts)


def test_content_and_number_are_masked(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    uuid = send(api, handset, template=TEMPLATE, log="false", url=sink.url("/status"))
    record = api.state(uuid, "read")
    assert "XXXXX" in record["to_number"]
    until(lambda: len(sink.of(MessageUUID=uuid)) == 4, "the callbacks")
    assert {one.params["To"] for one in sink.of(MessageUUID=uuid)} == {handset}
    (row,) = program.rows("SELECT body FROM messages WHERE message_uuid = :uuid", uuid=uuid)
    assert row == (None,)
    kept = program.rows(
        "SELECT dispatch FROM whatsapp_messages WHERE message_uuid = :uuid", uuid=uuid
    )
    assert kept == [("",)]


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("src", {"src": TOLLFREE}),
        ("src", {"src": "14155559999"}),
        ("src", {"src": "ACME"}),
        ("powerpack_uuid", {"src": None, "powerpack_uuid": "5b40a428-bfc7-4daf-9d06-726c558bf3b8"}),
        ("src", {"src": None}),
        ("template.name", {"template": {}}),
        ("text", {"template": None}),
        ("dst", {"dst": "nobody"}),
    ],
)
def test_bad_input_changes_nothing(api: Api, handset: str, field: str, more: Any) -> None:
    fields = {"src": NUMBER, "dst": handset, "type": "whatsapp", "template": TEMPLATE, **more}
    answer = api.post("Message/", **{name: value for name, value in fields.items() if value})
    if field == "template.name":
        answer = api.post("Message/", **{**fields, "template": {}})
    assert answer.status == 400, answer
    assert answer["error"].startswith(field)
    assert api.records(to_number=handset) == []


def test_a_number_of_another_account_is_nobodys(program: Program, api: Api, handset: str) -> None:
    words = program.cli("accounts", "add", "Other").stdout.split()
    other = program.api(words[1], words[3])
    until(lambda: other.get().status == 200, "the new account")
    answer = other.post("Message/", src=NUMBER, dst=handset, type="whatsapp", template=TEMPLATE)
    assert (answer.status, answer["error"][:3]) == (400, "src")


def post(program: Program, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(program.url).netloc, timeout=30)
    try:
        connection.request("POST", HOOK, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_only_signed_webhooks_are_heard(program: Program, api: Api) -> None:
    uuid = send(api, "15005558003", template=TEMPLATE)
    api.state(uuid, "sent")
    rows = program.rows("SELECT wamid FROM whatsapp_messages WHERE message_uuid = :uuid", uuid=uuid)
    status = {"id": rows[0][0], "status": "read", "timestamp": "1"}
    body = status_body("1", {"phone_number_id": "1"}, [status])
    assert post(program, body, {}) == 401
    assert post(program, body, {HEADER: sign(body, "guess")}) == 401
    assert post(program, body + b" ", {HEADER: sign(body, APP_SECRET)}) == 401
    assert post(program, b"rubbish", {HEADER: sign(b"rubbish", APP_SECRET)}) == 400
    assert api.message(uuid)["message_state"] == "sent"
    assert post(program, body, {HEADER: sign(body, APP_SECRET)}) == 200
    assert api.message(uuid)["message_state"] == "read"
    stranger = status_body("1", {}, [{"id": "wamid.x", "status": "read"}])
    assert post(program, stranger, {HEADER: sign(stranger, APP_SECRET)}) == 200


def test_the_handshake(program: Program) -> None:
    def ask(**query: str) -> tuple[int, str]:
        words = "&".join(f"hub.{name}={value}" for name, value in query.items())
        connection = http.client.HTTPConnection(urlsplit(program.url).netloc, timeout=30)
        try:
            connection.request("GET", f"{HOOK}?{words}")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    right = {"mode": "subscribe", "verify_token": VERIFY_TOKEN, "challenge": "1158201444"}
    assert ask(**right) == (200, "1158201444")
    assert ask(**{**right, "verify_token": "guess"})[0] == 403
    assert ask(**{**right, "mode": "unsubscribe"})[0] == 403
    assert ask(challenge="x")[0] == 403


def test_the_python_sdk_is_taken_as_it_is(program: Program, api: Api, handset: str) -> None:
    base = plivo.rest.client.PLIVO_API_BASE_URI
    plivo.rest.client.PLIVO_API_BASE_URI = f"{program.url}/v1/Account"
    try:
        client = plivo.RestClient(program.auth_id, program.auth_token)
        sent = client.messages.create(
            src=NUMBER, dst=handset, type_="whatsapp", template=Template(**TEMPLATE)
        )
        api.state(sent.message_uuid[0], "delivered", "read")
        writes(program, handset, text="Hello")
        interactive = Interactive(
            type="list",
            header={"type": "text", "text": "Menu"},
            body={"text": "Choose"},
            action={
                "buttons": [{"title": "Open"}],
                "sections": [{"title": "One", "rows": [{"id": "1", "title": "First"}]}],
            },
        )
        chosen = client.messages.create(
            src=NUMBER, dst=handset, type_="whatsapp", interactive=interactive
        )
        place = client.messages.create(
            src=NUMBER, dst=handset, type_="whatsapp", location=Location("1", "2", "HQ", "Street")
        )
        for one in (chosen, place):
            api.state(one.message_uuid[0], "delivered", "read")
        record = client.messages.get(chosen.message_uuid[0])
        assert (record.message_type, record.conversation_origin) == ("whatsapp", "service")
    finally:
        plivo.rest.client.PLIVO_API_BASE_URI = base


@pytest.mark.filterwarnings("ignore")  # the SDK does not close the files it opens
def test_an_upload_is_sent(
    program: Program, api: Api, handset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plivo.rest.client, "PLIVO_API_BASE_URI", f"{program.url}/v1/Account")
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"0" * 100)
    client = plivo.RestClient(program.auth_id, program.auth_token)
    (taken,) = client.media.upload([str(file)])["objects"]
    writes(program, handset, text="Hello")
    uuid = send(api, handset, media_ids=[taken["media_id"]], text="Look")
    api.state(uuid, "delivered", "read")
    (shown,) = [one for one in program.handset(handset) if one["recipient"] == handset]
    assert (shown["kind"], shown["text"]) == ("image", "Look")
    with urlopen(shown["content"]["link"]) as answer:
        assert answer.read() == file.read_bytes()
    listed = api.get(f"Message/{uuid}/Media/")
    assert [one["media_id"] for one in listed["objects"]] == [taken["media_id"]]
    bad = api.post("Message/", src=NUMBER, dst=handset, type="whatsapp", media_ids=["nothing"])
    assert (bad.status, bad["error"][:9]) == (400, "media_ids")


def test_after_a_day_the_conversation_is_over(launch: Callable[..., Program], handset: str) -> None:
    program = launch("--clock", "controlled", simulator_receipt_delay_s="0")
    api = program.api()
    writes(program, handset, text="Hello")
    first = api.state(send(api, handset, text="Hi"), "delivered")
    program.advance(DAY_S - 60)
    api.state(send(api, handset, text="Still there?"), "delivered", "read")
    program.advance(120)
    late = api.final(send(api, handset, text="Too late"))
    assert (late["message_state"], late["error_code"]) == ("failed", "340")
    assert late["total_amount"] == "0.00000"
    again = api.state(send(api, handset, template=TEMPLATE), "delivered")
    assert again["conversation_id"] != first["conversation_id"]
    assert api.final(send(api, handset, text="Still too late"))["error_code"] == "340"
    writes(program, handset, text="Sorry")
    api.state(send(api, handset, text="Welcome back"), "delivered")


def test_a_restart_forgets_nothing(
    launch: Callable[..., Program], sink: Sink, handset: str
) -> None:
    program = launch()
    api = program.api()
    writes(program, handset, text="Hello")
    uuid = send(api, "15005558003", template=TEMPLATE, url=sink.url("/status"))
    api.state(uuid, "sent")
    # What the far end has answered and nobody has noted when the process dies is told once more.
    until(lambda: len(program.rows(TOLD, uuid=uuid)) == 2, "both callbacks noted as told")
    rows = program.rows("SELECT wamid FROM whatsapp_messages WHERE message_uuid = :uuid", uuid=uuid)
    program.kill()
    program.start()
    api.state(send(api, handset, text="Hi again"), "delivered", "read")
    body = status_body("1", {}, [{"id": rows[0][0], "status": "delivered"}])
    assert post(program, body, {HEADER: sign(body, APP_SECRET)}) == 200
    api.state(uuid, "delivered")
    until(lambda: len(program.rows(TOLD, uuid=uuid)) == 3, "the last callback")
    assert sink.statuses(uuid) == ["queued", "sent", "delivered"]
