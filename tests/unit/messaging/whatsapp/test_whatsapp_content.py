"""What a request of type whatsapp may hold: every limit, with the field at fault named."""

from typing import Any

import msgspec
import pytest

from trunkline.contract.errors import BadRequest
from trunkline.contract.operations.messages import MessageCreate
from trunkline.messaging.whatsapp import content

PICTURE = "https://example.com/a.png"
Json = dict[str, Any]


def read(**fields: Any) -> content.Composed:
    return content.read(
        msgspec.convert({"dst": "14155550123", "type": "whatsapp", **fields}, MessageCreate)
    )


def refused(field: str, **fields: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        read(**fields)
    assert caught.value.field == field, caught.value.message
    assert caught.value.message.startswith(field)


def template(*components: Json, **more: Any) -> Json:
    return {"name": "order_update", "language": "en_US", "components": list(components), **more}


def body(*parameters: Json) -> Json:
    return {"type": "body", "parameters": list(parameters)}


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def test_text() -> None:
    assert read(text="x" * 4096).message["text"]["body"] == "x" * 4096
    assert read(text="Hi").template is None
    refused("text", text="x" * 4097)
    refused("text")
    refused("text", text="  ")


def test_media() -> None:
    assert read(media_urls=[PICTURE], text="x" * 1024).message == {
        "type": "image",
        "image": {"link": PICTURE, "caption": "x" * 1024},
    }
    assert read(media_urls=["https://example.com/file"]).message["type"] == "media"
    refused("text", media_urls=[PICTURE], text="x" * 1025)
    refused("media_urls", media_urls=[PICTURE, PICTURE])
    refused("text", media_urls=["https://example.com/a.mp3"], text="sound")


@pytest.mark.parametrize("other", ["interactive", "location", "media_urls"])
def test_kinds_exclude_each_other(other: str) -> None:
    value: Any = [PICTURE] if other == "media_urls" else {"latitude": 1, "longitude": 2}
    refused(other, template=template(), **{other: value})
    refused("text", template=template(), text="also")


def test_location() -> None:
    place = {"latitude": "37.5", "longitude": "-122", "name": "HQ", "address": "1 Main St"}
    assert read(location=place).message["location"] == {
        "latitude": 37.5,
        "longitude": -122.0,
        "name": "HQ",
        "address": "1 Main St",
    }
    assert read(location={"latitude": 0, "longitude": 0}).message["location"] == {
        "latitude": 0.0,
        "longitude": 0.0,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("latitude", "90.1"),
        ("latitude", None),
        ("latitude", "north"),
        ("latitude", True),
        ("longitude", -181),
        ("longitude", [1]),
        ("name", "x" * 1025),
        ("name", 1.5),
        ("address", {}.fromkeys("a")),
    ],
)
def test_bad_locations(field: str, value: Any) -> None:
    refused(f"location.{field}", location={"latitude": 1, "longitude": 2, field: value})


def test_a_template_with_everything() -> None:
    composed = read(
        template=template(
            {"type": "header", "parameters": [{"type": "media", "media": PICTURE}]},
            body(
                text("Ada"),
                {
                    "type": "currency",
                    "currency": {
                        "fallback_value": "$1",
                        "currency_code": "USD",
                        "amount_1000": "1000",
                    },
                },
                {"type": "date_time", "date_time": {"fallback_value": "today"}},
            ),
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": 0,
                "parameters": [{"type": "payload", "payload": "yes"}],
            },
            {"type": "button", "sub_type": "url", "index": "1", "parameters": [text("suffix")]},
        )
    )
    assert composed.template == ("order_update", "en_US")
    sent = composed.message["template"]
    assert sent["language"] == {"code": "en_US"}
    header, filled, first, second = sent["components"]
    assert header["parameters"] == [{"type": "image", "image": {"link": PICTURE}}]
    assert filled["parameters"][1]["currency"] == {
        "fallback_value": "$1",
        "code": "USD",
        "amount_1000": 1000,
    }
    assert (first["index"], first["parameters"]) == ("0", [{"type": "payload", "payload": "yes"}])
    assert (second["sub_type"], second["index"]) == ("url", "1")


def test_sdks_send_what_they_do_not_know_as_null() -> None:
    parameter = {"type": "text", "text": "x", "media": None, "payload": None, "currency": None}
    component = {"type": "body", "sub_type": None, "index": None, "parameters": [parameter]}
    composed = read(template={"name": "t", "language": "en", "components": [component]})
    (sent,) = composed.message["template"]["components"]
    assert sent == {"type": "body", "parameters": [{"type": "text", "text": "x"}]}
    assert "components" not in read(template=template()).message["template"]


def test_the_length_of_a_body_depends_on_what_is_beside_it() -> None:
    header = {"type": "header", "parameters": [text("x" * 60)]}
    read(template=template(body(text("x" * 32_768))))
    read(template=template(header, body(text("x" * 1_024))))
    refused(
        "template.components[0].parameters[0].text", template=template(body(text("x" * 32_769)))
    )
    refused(
        "template.components[1].parameters[0].text",
        template=template(header, body(text("x" * 1_025))),
    )
    refused(
        "template.components[0].parameters[0].text",
        template=template({"type": "header", "parameters": [text("x" * 61)]}),
    )


BUTTON = {"type": "button", "sub_type": "url", "index": "0", "parameters": [text("x")]}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"language": "en"}),
        ("name", template(name="Order Update")),
        ("name", template(name="x" * 513)),
        ("name", template(name=["a"])),
        ("language", {"name": "a"}),
        ("language", template(language="english")),
        ("language", template(language="en-US")),
        ("components", {"name": "a", "language": "en", "components": "x"}),
        ("components", {"name": "a", "language": "en", "components": {"type": "body"}}),
        ("components[0]", {"name": "a", "language": "en", "components": ["x"]}),
        ("components[0].type", template({"type": "footer", "parameters": [text("x")]})),
        ("components[0].type", template({"parameters": [text("x")]})),
        ("components[1].type", template(body(text("a")), body(text("b")))),
        ("components[0].parameters", template({"type": "body"})),
        ("components[0].parameters", template(body())),
        ("components[0].parameters[0].type", template(body({"text": "x"}))),
        ("components[0].parameters[0].type", template(body({"type": "smoke"}))),
        ("components[0].parameters[0].type", template(body({"type": "media", "media": PICTURE}))),
        ("components[0].parameters[0].text", template(body({"type": "text"}))),
        ("components[0].parameters[0].text", template(body({"type": "text", "text": 1.5}))),
        ("components[0].sub_type", template({**BUTTON, "sub_type": None})),
        ("components[0].sub_type", template({**BUTTON, "sub_type": "call"})),
        ("components[0].index", template({**BUTTON, "index": None})),
        ("components[0].index", template({**BUTTON, "index": "10"})),
        ("components[0].index", template({**BUTTON, "index": -1})),
        ("components[1].index", template(BUTTON, BUTTON)),
        ("components[0].parameters", template({**BUTTON, "parameters": [text("x"), text("y")]})),
        ("components[0].parameters[0].type", template({**BUTTON, "sub_type": "quick_reply"})),
        (
            "components[0].parameters[0].media",
            template({"type": "header", "parameters": [{"type": "media", "media": "x"}]}),
        ),
        (
            "components[0].parameters[0].media",
            template(
                {
                    "type": "header",
                    "parameters": [{"type": "media", "media": "https://example.com/a.mp3"}],
                }
            ),
        ),
        (
            "components[0].parameters[0].currency.currency_code",
            template(
                body(
                    {
                        "type": "currency",
                        "currency": {
                            "fallback_value": "x",
                            "currency_code": "usd",
                            "amount_1000": 1,
                        },
                    }
                )
            ),
        ),
        (
            "components[0].parameters[0].date_time.fallback_value",
            template(body({"type": "date_time", "date_time": {"x": 1}})),
        ),
        (
            "components[0].parameters[0].location.latitude",
            template(
                {
                    "type": "header",
                    "parameters": [{"type": "location", "location": {"longitude": "1"}}],
                }
            ),
        ),
    ],
)
def test_bad_templates(field: str, given: Json) -> None:
    refused(f"template.{field}", template=given)


def reply(**more: Any) -> Json:
    return {
        "type": "reply",
        "body": {"text": "Choose"},
        "action": {"buttons": [{"id": "1", "title": "Yes"}, {"id": "2", "title": "No"}]},
        **more,
    }


def rows(count: int, start: int = 0) -> list[Json]:
    return [{"id": f"r{at}", "title": f"Row {at}"} for at in range(start, start + count)]


def a_list(*sections: Json, **more: Any) -> Json:
    return {
        "type": "list",
        "body": {"text": "Choose"},
        "action": {"buttons": [{"title": "Open"}], "sections": list(sections)},
        **more,
    }


def cta(**button: Any) -> Json:
    given = {"title": "Go", "cta_url": "https://example.com", **button}
    return {"type": "cta_url", "body": {"text": "See"}, "action": {"buttons": [given]}}


def test_reply_buttons() -> None:
    sent = read(
        interactive=reply(header={"type": "media", "media": PICTURE}, footer={"text": "f" * 60})
    ).message["interactive"]
    assert sent["type"] == "button"
    assert sent["header"] == {"type": "image", "image": {"link": PICTURE}}
    assert sent["footer"] == {"text": "f" * 60}
    assert sent["action"]["buttons"][0] == {"type": "reply", "reply": {"id": "1", "title": "Yes"}}


def test_a_list_and_a_link() -> None:
    sections = [{"title": f"S{at}", "rows": rows(1, at)} for at in range(10)]
    sent = read(interactive=a_list(*sections)).message["interactive"]
    assert sent["action"]["button"] == "Open"
    assert len(sent["action"]["sections"]) == 10
    assert (
        "title"
        not in read(interactive=a_list({"rows": rows(10)})).message["interactive"]["action"][
            "sections"
        ][0]
    )
    link = read(interactive=cta()).message["interactive"]
    assert link["action"] == {
        "name": "cta_url",
        "parameters": {"display_text": "Go", "url": "https://example.com"},
    }


LONG = "x" * 25


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("type", {**reply(), "type": "product"}),
        ("type", {**reply(), "type": None}),
        ("body", {**reply(), "body": None}),
        ("body", {**reply(), "body": "text"}),
        ("body.text", reply(body={"text": "x" * 1025})),
        ("body.text", reply(body={"text": "", "x": 1})),
        ("footer.text", reply(footer={"text": "x" * 61})),
        ("header.type", reply(header={"text": "x"})),
        ("header.type", a_list({"rows": rows(1)}, header={"type": "media", "media": PICTURE})),
        ("header.text", reply(header={"type": "text", "text": "x" * 61})),
        ("header.media", reply(header={"type": "media", "media": "nowhere"})),
        ("action", {**reply(), "action": None}),
        ("action.buttons", reply(action={"x": 1})),
        (
            "action.buttons",
            reply(action={"buttons": [{"id": str(i), "title": str(i)} for i in range(4)]}),
        ),
        ("action.buttons[0].id", reply(action={"buttons": [{"title": "a"}]})),
        ("action.buttons[0].title", reply(action={"buttons": [{"id": "1", "title": "x" * 21}]})),
        (
            "action.buttons[1].id",
            reply(action={"buttons": [{"id": "1", "title": "a"}, {"id": "1", "title": "b"}]}),
        ),
        (
            "action.buttons[1].title",
            reply(action={"buttons": [{"id": "1", "title": "a"}, {"id": "2", "title": "a"}]}),
        ),
        (
            "action.buttons",
            {**cta(), "action": {"buttons": [{"title": "a", "cta_url": PICTURE}] * 2}},
        ),
        ("action.buttons[0].cta_url", cta(cta_url=None)),
        ("action.buttons[0].cta_url", cta(cta_url="example.com")),
        ("action.sections", a_list()),
        ("action.sections", a_list(*[{"title": "t", "rows": rows(1, at)} for at in range(11)])),
        ("action.sections[0].rows", a_list({"title": "t"})),
        ("action.sections[0].rows", a_list({"rows": rows(11)})),
        (
            "action.sections[1].rows",
            a_list({"title": "a", "rows": rows(9)}, {"title": "b", "rows": rows(2, 9)}),
        ),
        ("action.sections[0].title", a_list({"rows": rows(1)}, {"title": "b", "rows": rows(1, 1)})),
        ("action.sections[0].title", a_list({"title": LONG, "rows": rows(1)})),
        ("action.sections[0].rows[0].title", a_list({"rows": [{"id": "1", "title": LONG}]})),
        ("action.sections[0].rows[0].id", a_list({"rows": [{"id": "x" * 201, "title": "t"}]})),
        ("action.sections[0].rows[1].id", a_list({"rows": [*rows(1), *rows(1)]})),
        (
            "action.sections[0].rows[0].description",
            a_list({"rows": [{"id": "1", "title": "t", "description": "x" * 73}]}),
        ),
    ],
)
def test_bad_interactive_messages(field: str, given: Json) -> None:
    refused(f"interactive.{field}", interactive=given)
