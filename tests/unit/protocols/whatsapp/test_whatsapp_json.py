"""The Cloud API's JSON: what is sent, answers, webhooks, signatures, rubbish."""

import json
from typing import Any

import pytest

from trunkline.protocols.whatsapp import answers, events, outgoing
from trunkline.protocols.whatsapp.answers import Garbled, Rejected, Taken
from trunkline.protocols.whatsapp.events import FileRef, MessageEvent, NotAWebhook, StatusEvent
from trunkline.protocols.whatsapp.media import file_of, kind_of_type
from trunkline.protocols.whatsapp.signature import is_genuine, sign


def test_an_envelope() -> None:
    assert outgoing.envelope("14155550123", outgoing.text("Hi")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "14155550123",
        "type": "text",
        "text": {"preview_url": True, "body": "Hi"},
    }


def test_files_of_unknown_kind_are_settled_wherever_they_are() -> None:
    message = outgoing.template(
        "t", "en", [{"type": "header", "parameters": [outgoing.media("media", "https://a.b/1")]}]
    )
    assert outgoing.unknown_links(message) == {"https://a.b/1"}
    settled = outgoing.settle(message, {"https://a.b/1": "video"})
    (parameter,) = settled["template"]["components"][0]["parameters"]
    assert parameter == {"type": "video", "video": {"link": "https://a.b/1"}}
    assert outgoing.unknown_links(settled) == set()


def test_only_documents_have_names_and_sounds_no_caption() -> None:
    assert outgoing.media("image", "u", "c", "n") == {
        "type": "image",
        "image": {"link": "u", "caption": "c"},
    }
    assert outgoing.media("audio", "u", "c", "n") == {"type": "audio", "audio": {"link": "u"}}
    assert outgoing.media("document", "u", "", "n")["document"] == {"link": "u", "filename": "n"}


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("https://a.b/x/photo.JPG?v=1", "image", "photo.JPG"),
        ("https://a.b/clip.mp4", "video", "clip.mp4"),
        ("https://a.b/a%20b.pdf", "document", "a b.pdf"),
        ("https://a.b/note.ogg", "audio", "note.ogg"),
        ("https://a.b/file", "media", "file"),
        ("https://a.b/file.exe", "media", "file.exe"),
        ("https://a.b", "media", ""),
    ],
)
def test_kinds_of_files(url: str, kind: str, name: str) -> None:
    assert file_of(url) == (kind, name)


def test_kinds_of_types() -> None:
    assert kind_of_type("image/png") == "image"
    assert kind_of_type("Text/Plain; charset=utf-8") == "document"
    assert kind_of_type("text/html") is None


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"messages": [{"id": "wamid.1"}]}, Taken("wamid.1")),
        (200, {"messages": []}, Garbled(200)),
        (200, {"messages": [{"id": 7}]}, Garbled(200)),
        (200, [], Garbled(200)),
        (400, {"error": {"code": 131047, "message": "m"}}, Rejected(400, 131047, "m")),
        (
            400,
            {"error": {"code": 100, "message": "m", "error_data": {"details": "d"}}},
            Rejected(400, 100, "d"),
        ),
        (500, {"error": "no"}, Rejected(500, 0, "")),
        (401, {"error": {"code": True}}, Rejected(401, 0, "")),
    ],
)
def test_answers(status: int, body: Any, expected: answers.Answer) -> None:
    assert answers.read(status, json.dumps(body).encode()) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"1"])
def test_answers_that_are_rubbish(body: bytes) -> None:
    assert answers.read(200, body) == Garbled(200)
    assert answers.read(503, body) == Rejected(503, 0, "")


METADATA = {"display_phone_number": "+1 415-555-0100", "phone_number_id": "106"}


def only(body: bytes) -> events.Event:
    (event,) = events.read(body)
    return event


def test_a_status() -> None:
    status = {
        "id": "wamid.1",
        "status": "failed",
        "timestamp": "1700000000",
        "recipient_id": "14155550123",
        "pricing": {"category": "marketing"},
        "errors": [{"code": 131047, "title": "Re-engagement message"}],
    }
    assert only(events.status_body("1", METADATA, [status])) == StatusEvent(
        "wamid.1", "failed", 1_700_000_000.0, "14155550123", "marketing", 131047,
        "Re-engagement message",
    )  # fmt: skip


def test_the_category_may_stand_in_the_conversation() -> None:
    status = {"id": "w", "status": "sent", "conversation": {"origin": {"type": "utility"}}}
    event = only(events.status_body("1", METADATA, [status]))
    assert isinstance(event, StatusEvent)
    assert event.category == "utility"


def inbound(message: dict[str, Any]) -> MessageEvent:
    head = {"from": "14155550123", "id": "wamid.2", "timestamp": "1700000000"}
    event = only(events.message_body("1", METADATA, ("14155550123", "Ada"), {**head, **message}))
    assert isinstance(event, MessageEvent)
    return event


def test_a_text() -> None:
    event = inbound({"type": "text", "text": {"body": "Hi"}, "context": {"id": "wamid.1"}})
    assert (event.text, event.profile, event.number) == ("Hi", "Ada", "14155550100")
    assert (event.phone_number_id, event.context_id) == ("106", "wamid.1")


def test_what_else_a_user_can_send() -> None:
    picture = inbound({"type": "image", "image": {"id": "9", "mime_type": "image/png"}})
    assert picture.file == FileRef("9", "image/png")
    button = inbound({"type": "button", "button": {"text": "Yes", "payload": "p"}})
    assert (button.button, button.text) == (("Yes", "p"), "Yes")
    row = {"type": "list_reply", "list_reply": {"id": "r1", "title": "One", "description": "d"}}
    chosen = inbound({"type": "interactive", "interactive": row})
    assert (chosen.reply, chosen.text) == (("list_reply", "r1", "One", "d"), "One")
    place = inbound({"type": "location", "location": {"latitude": 1.5, "longitude": 2}})
    assert place.location == (1.5, 2.0, "", "")
    contacts = inbound({"type": "contacts", "contacts": [{"name": {"first_name": "A"}}]})
    assert json.loads(contacts.contacts) == [{"name": {"first_name": "A"}}]
    other = inbound({"type": "unsupported", "errors": []})
    assert (other.text, other.file, other.button) == ("", None, None)


def test_nul_is_not_kept() -> None:
    assert inbound({"type": "text", "text": {"body": "a\0b"}}).text == "a\ufffdb"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"entry": 1}', b"\xff"])
def test_what_is_no_webhook(body: bytes) -> None:
    with pytest.raises(NotAWebhook):
        events.read(body)


@pytest.mark.parametrize(
    "entry",
    [
        1,
        {},
        {"changes": 1},
        {"changes": [{"value": {"statuses": [{"id": 1.5}, {}, 3], "messages": [{"id": "x"}]}}]},
        {"changes": [{"value": {"messages": [{"id": "x", "from": ""}]}}]},
        {"changes": [{"value": {"statuses": [{"id": "x" * 600, "status": "sent"}]}}]},
    ],
)
def test_rubbish_inside_is_left_out(entry: Any) -> None:
    assert events.read(json.dumps({"entry": [entry]}).encode()) == []


def test_rubbish_types_inside_a_message_do_no_harm() -> None:
    event = inbound({"type": "location", "location": {"latitude": "x", "longitude": None}})
    assert event.location is None
    assert inbound({"type": "image", "image": 7}).file is None
    assert inbound({"type": "text", "text": ["x"], "timestamp": "soon"}).at == 0.0


def test_signatures() -> None:
    given = sign(b"body", "secret")
    assert given.startswith("sha256=")
    assert is_genuine(b"body", "secret", given)
    assert is_genuine(b"body", "secret", given.upper())
    assert not is_genuine(b"body2", "secret", given)
    assert not is_genuine(b"body", "", sign(b"body", ""))
    assert not is_genuine(b"body", "secret", "")
    assert not is_genuine(b"body", "secret", "sha256=é")
