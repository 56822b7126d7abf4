"""A handset writes: the record, the callback to message_url, the reply in XML."""

from collections.abc import Iterator

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

NUMBER = "13125550103"


@pytest.fixture
def application(api: Api, sink: Sink) -> Iterator[str]:
    """The application of all numbers, with this test's message_url."""
    made = api.post(
        "Application/",
        app_name="inbound",
        message_url=sink.url("/inbound"),
        default_number_app=True,
    )
    assert made.status == 201
    yield made["app_id"]
    assert api.delete(f"Application/{made['app_id']}/").status == 204


def test_an_inbound_message_is_stored_and_forwarded(
    program: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    text = "Grüße & <Küsse> €"
    assert program.handset_sends(handset, NUMBER, text).status == 202
    (callback,) = until(lambda: sink.at("/inbound"), "the callback")
    uuid = callback.params["MessageUUID"]
    expected = {
        "From": handset,
        "To": NUMBER,
        "Text": text,
        "Type": "sms",
        "Units": "1",
        "MessageIntent": "",
        "MessageUUID": uuid,
    }
    assert {name: callback.params[name] for name in expected} == expected
    assert callback.is_signed_by(program.auth_token)
    record = api.state(uuid, "delivered")
    assert (record["message_direction"], record["from_number"]) == ("inbound", handset)
    assert record["to_number"] == NUMBER
    (listed,) = api.records(message_direction="inbound", from_number=handset)
    assert listed["message_uuid"] == uuid


def test_a_long_inbound_message_is_one(
    program: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    text = "Was ich noch sagen wollte: 你好! " * 10
    assert program.handset_sends(handset, NUMBER, text).status == 202
    (callback,) = until(lambda: sink.at("/inbound"), "the callback")
    assert callback.params["Text"] == text
    assert int(callback.params["Units"]) == api.message(callback.params["MessageUUID"])["units"]
    assert int(callback.params["Units"]) > 1


def test_an_xml_answer_is_a_reply(
    program: Program, api: Api, sink: Sink, application: str, handset: str
) -> None:
    sink.answers["/inbound"] = Answer(
        body=f'<?xml version="1.0"?><Response><Message src="{NUMBER}" dst="{handset}" type="sms"'
        f' callbackUrl="{sink.url("/reply")}">Thanks & bye</Message></Response>',
        content_type="text/xml",
    )
    program.handset_sends(handset, NUMBER, "Hi")
    arrived = until(lambda: program.handset(handset), "the reply")
    assert [(one["sender"], one["text"]) for one in arrived] == [(NUMBER, "Thanks & bye")]
    (record,) = until(
        lambda: api.records(to_number=handset, message_state="delivered"), "the reply's record"
    )
    assert record["message_direction"] == "outbound"
    until(lambda: len(sink.at("/reply")) >= 3, "the reply's callbacks")
    assert sink.statuses(record["message_uuid"]) == ["queued", "sent", "delivered"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body="<Response><Message>x", content_type="application/xml"),
        Answer(body='<!DOCTYPE x [<!ENTITY e "x">]><Response><Message>&e;</Message></Response>',
               content_type="application/xml"),
        Answer(body="<Response><Message>no XML by its type</Message></Response>"),
        Answer(body="\x00\ufffd", content_type="application/xml"),
        Answer(status=204),
    ],
)  # fmt: skip
def test_other_answers_are_no_reply(
    program: Program, api: Api, sink: Sink, application: str, handset: str, answer: Answer
) -> None:
    sink.answers["/inbound"] = answer
    program.handset_sends(handset, NUMBER, "Hi")
    (callback,) = until(lambda: sink.at("/inbound"), "the callback")
    api.state(callback.params["MessageUUID"], "delivered")
    assert api.records(to_number=handset) == []


def test_get_has_the_message_in_the_query(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    made = api.post(
        "Application/",
        app_name="inbound by GET",
        message_url=sink.url("/get?tenant=5"),
        message_method="GET",
        default_number_app=True,
    )
    program.handset_sends(handset, NUMBER, "a=b&c")
    (callback,) = until(lambda: sink.at("/get"), "the callback")
    assert (callback.method, callback.params["tenant"]) == ("GET", "5")
    assert callback.params["Text"] == "a=b&c"
    assert callback.is_signed_by(program.auth_token)
    assert api.delete(f"Application/{made['app_id']}/").status == 204


def test_content_is_not_kept_when_the_application_says_so(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    made = api.post(
        "Application/",
        app_name="discreet",
        message_url=sink.url("/discreet"),
        log_incoming_messages=False,
        default_number_app=True,
    )
    sink.answers["/discreet"] = Answer(
        body="<Response><Message>Understood</Message></Response>", content_type="text/xml"
    )
    program.handset_sends(handset, NUMBER, "My secret")
    (callback,) = until(lambda: sink.at("/discreet"), "the callback")
    assert (callback.params["From"], callback.params["Text"]) == (handset, "My secret")
    record = api.state(callback.params["MessageUUID"], "delivered")
    assert record["from_number"] == handset[:-3] + "XXX"
    arrived = until(lambda: program.handset(handset), "the reply")  # which needs the number
    assert [one["text"] for one in arrived] == ["Understood"]
    kept = program.rows(
        "SELECT sender, body, extra FROM messages WHERE message_uuid = :id",
        id=callback.params["MessageUUID"],
    )
    assert kept == [(handset[:-3] + "XXX", None, "")]
    assert api.delete(f"Application/{made['app_id']}/").status == 204


def test_a_number_nobody_owns_is_refused_to_the_carrier(program: Program, handset: str) -> None:
    answer = program.handset_sends(handset, "19995550100", "Anybody?")
    assert answer.status == 404, answer
    assert "19995550100" in answer["error"]
