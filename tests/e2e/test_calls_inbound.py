"""Calls that come in: from trunks, from phones that registered, to numbers and applications."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_phone import Phone
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until
from free_ports import free_port

NUMBER = "12125550102"
PASSWORD = "secret-of-the-phone"


@pytest.fixture
def new_phone(loop: BackgroundLoop) -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def make(*words: Any, **options: Any) -> Phone:
        made.append(Phone(loop, *words, **options).start())
        return made[-1]

    yield make
    for phone in made:
        phone.stop()


@pytest.fixture
def application(api: Api, sink: Sink) -> Iterator[str]:
    """An application whose document waits for the caller to hang up."""
    sink.answers["/inbound"] = Answer(
        body='<Response><Speak>Hello.</Speak><Wait length="60"/></Response>',
        content_type="text/xml",
    )
    made = api.post(
        "Application/",
        app_name="inbound",
        answer_url=sink.url("/inbound"),
        hangup_url=sink.url("/hangup"),
    )
    assert made.status == 201, made
    yield made["app_id"]
    assert api.delete(f"Application/{made['app_id']}/", cascade=False).status == 204


@pytest.fixture
def endpoint(api: Api, application: str) -> Iterator[dict[str, Any]]:
    made = api.post(
        "Endpoint/", username="phone", password=PASSWORD, alias="phone", app_id=application
    )
    assert made.status == 201, made
    yield made.body
    assert api.delete(f"Endpoint/{made['endpoint_id']}/").status == 204


def ended(sink: Sink, to: str) -> dict[str, str]:
    (told,) = until(lambda: sink.of(To=to, Event="Hangup"), "the hangup callback")
    return dict(told.params)


def test_a_phone_registers_dials_and_is_called(
    program: Program,
    api: Api,
    sink: Sink,
    endpoint: dict[str, Any],
    new_phone: Callable[..., Phone],
) -> None:
    username = endpoint["username"]
    phone = new_phone(program.sip, username, PASSWORD)
    until(lambda: phone.state == "registered", "the registration")

    assert api.get(f"Endpoint/{endpoint['endpoint_id']}/")["sip_registered"] == "true"
    dialled = phone.dial("14155550123", headers=(("X-PH-shoe", "42"),))
    (asked,) = until(lambda: sink.at("/inbound"), "the answer URL")
    expected = {
        "From": f"sip:{username}@phone.plivo.com",
        "To": "14155550123",
        "Direction": "inbound",
        "Event": "StartApp",
        "X-PH-shoe": "42",
    }
    assert {name: asked.params.get(name) for name in expected} == expected
    assert asked.is_voice_signed_by(program.auth_token)
    until(lambda: dialled.answered, "the answer")
    phone.hang_up(dialled)
    told = ended(sink, "14155550123")
    assert (told["HangupCauseName"], told["HangupSource"]) == ("Normal Hangup", "Caller")
    record = api.get(f"Call/{told['CallUUID']}/")
    assert (record["call_direction"], record["call_state"]) == ("inbound", "ANSWER")
    assert record["source_ip"] == "127.0.0.1"

    uri = f"sip:{username}@phone.plivo.com"
    made = api.post("Call/", **{"from": NUMBER, "to": uri, "answer_url": sink.url("/inbound"),
                                "hangup_url": sink.url("/hangup")})  # fmt: skip
    called = until(lambda: phone.calls[1:], "the call to the phone")[0]
    assert NUMBER in called.invite
    uuid = made["request_uuid"]
    until(lambda: sink.of(CallUUID=uuid, Event="StartApp"), "the answer URL")
    phone.hang_up(called)
    told = ended(sink, uri)
    assert (told["CallUUID"], told["HangupSource"]) == (uuid, "Callee")


def test_a_phone_whose_endpoint_is_deleted_rings_no_more(
    program: Program, api: Api, sink: Sink, new_phone: Callable[..., Phone]
) -> None:
    made = api.post("Endpoint/", username="gone", password=PASSWORD, alias="gone")
    phone = new_phone(program.sip, made["username"], PASSWORD)
    until(lambda: phone.state == "registered", "the registration")
    assert api.delete(f"Endpoint/{made['endpoint_id']}/").status == 204
    uri = f"sip:{made['username']}@phone.plivo.com"
    api.post("Call/", **{"from": NUMBER, "to": uri, "answer_url": sink.url("/inbound"),
                         "hangup_url": sink.url("/hangup")})  # fmt: skip
    assert ended(sink, uri)["HangupCauseCode"] == "2020"
    assert phone.calls == []


def test_a_wrong_password_and_a_stranger(
    program: Program, endpoint: dict[str, Any], new_phone: Callable[..., Phone]
) -> None:
    wrong = new_phone(program.sip, endpoint["username"], "another")
    until(lambda: wrong.state == "failed", "the refusal")
    dialled = wrong.dial("14155550123")
    until(lambda: dialled.status == 403 or dialled.over, "the refusal of the call")
    assert not dialled.answered
    assert program.metrics()["sip_unauthorised"] >= 1


def test_a_phone_stays_reachable_over_a_restart(
    launch: Callable[..., Program], sink: Sink, new_phone: Callable[..., Phone]
) -> None:
    port = free_port()
    program = launch(sip_udp=f"127.0.0.1:{port}")
    api = program.api()
    made = api.post("Endpoint/", username="phone", password=PASSWORD, alias="phone")
    phone = new_phone(program.sip, made["username"], PASSWORD)

    def registered() -> bool:
        return api.get(f"Endpoint/{made['endpoint_id']}/")["sip_registered"] == "true"

    until(lambda: phone.state == "registered", "the registration")
    assert registered()
    program.kill()
    program.start()
    assert registered()
    hears = Answer(body="<Response><Hangup/></Response>", content_type="text/xml")
    sink.answers["/answer"] = hears
    uri = f"sip:{made['username']}@phone.plivo.com"
    fields = {"from": NUMBER, "to": uri, "answer_url": sink.url("/answer")}
    assert api.post("Call/", **fields).status == 201
    assert ended(sink, uri)["HangupSource"] == "Answer XML"
    assert len(phone.calls) == 1


def test_a_trunk_delivers_calls_to_numbers(
    launch: Callable[..., Program],
    sink: Sink,
    new_phone: Callable[..., Phone],
) -> None:
    config = '[[trunks]]\nname = "acme"\nhost = "127.0.0.1"\nroutes = ["999"]\n'
    program = launch(config=config)
    api = program.api()
    sink.answers["/inbound"] = Answer(
        body="<Response><Hangup reason='busy'/></Response>", content_type="text/xml"
    )
    carrier = new_phone(program.sip)
    nobodys = carrier.dial("+12125550999")
    until(lambda: nobodys.status == 404, "the refusal of a number that nobody owns")
    homeless = carrier.dial(f"+{NUMBER}")
    until(lambda: homeless.status, "the refusal of a number without an application")
    assert homeless.status >= 400
    (record,) = until(lambda: api.get("Call/", to_number=NUMBER).body["objects"], "its record")
    assert (record["hangup_cause_code"], record["from_number"]) == (5020, "14155550199")
    made = api.post(
        "Application/",
        app_name="inbound",
        answer_url=sink.url("/inbound"),
        hangup_url=sink.url("/hangup"),
        default_number_app=True,
    )
    assert made.status == 201
    forwarded = ("Diversion", "<sip:+1-212-555-0177@carrier.example>;reason=no-answer")
    dialled = carrier.dial(f"+{NUMBER}", headers=(forwarded, ("X-PH-shoe", "42")))
    until(lambda: dialled.status == 486, "the refusal by XML")
    told = ended(sink, NUMBER)
    for params in (told, sink.at("/inbound")[-1].params):
        assert (params["ForwardedFrom"], params["X-PH-shoe"]) == ("12125550177", "42")
    assert (told["HangupCauseName"], told["HangupSource"]) == ("Busy Line", "Answer XML")
    assert told["From"] == "14155550199"
    # A call out by that trunk: no country is allowed at first.
    made = api.post("Call/", **{"from": NUMBER, "to": "99912345678",
                                "answer_url": sink.url("/inbound")})  # fmt: skip
    assert made.status == 201
    assert ended(sink, "99912345678")["HangupCauseCode"] == "2030"
