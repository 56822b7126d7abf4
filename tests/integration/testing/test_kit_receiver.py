"""What an app of a test answers, what it notes, and what becomes of its errors."""

from typing import Any

import pytest
from plivo import plivoxml

from trunkline.testing.kit.receiver import App, Apps, Received
from trunkline.testing.kit.waiting import Unmet, until


def request(path: str = "/1", **params: Any) -> Received:
    return Received("POST", path, params, {}, b"")


@pytest.fixture
def apps() -> Apps:
    return Apps()


@pytest.mark.parametrize(
    ("answer", "status", "kind", "body"),
    [
        (None, 200, "text/plain", b""),
        (404, 404, "text/plain", b""),
        ("hello", 200, "text/plain; charset=utf-8", b"hello"),
        ("<Response/>", 200, "text/xml; charset=utf-8", b"<Response/>"),
        ({"a": 1}, 200, "application/json", b'{"a": 1}'),
        (b"RIFF", 200, "application/octet-stream", b"RIFF"),
        ((500, "no"), 500, "text/plain; charset=utf-8", b"no"),
        ((201, {"a": 1}), 201, "application/json", b'{"a": 1}'),
    ],
)
def test_answers(apps: Apps, answer: Any, status: int, kind: str, body: bytes) -> None:
    apps.add(answer)
    assert apps.respond(request()) == (status, kind, body)
    apps.add(lambda _: answer)
    assert apps.respond(request("/2")) == (status, kind, body)
    apps.close()


def test_a_document_of_the_sdk_is_xml(apps: Apps) -> None:
    apps.add(plivoxml.ResponseElement().add_hangup())
    status, kind, body = apps.respond(request())
    assert (status, kind) == (200, "text/xml; charset=utf-8")
    assert b"<Hangup" in body
    apps.close()


def test_it_fails_as_often_as_it_is_told(apps: Apps) -> None:
    app = apps.add("fine")
    app.fail(503, times=2)
    assert [apps.respond(request())[0] for _ in range(3)] == [503, 503, 200]
    assert len(app.requests) == 3
    apps.close()


def test_an_error_of_a_handler_is_raised_at_the_end(apps: Apps) -> None:
    def handler(_: Received) -> None:
        raise KeyError("Digits")

    apps.add(handler)
    assert apps.respond(request())[0] == 500
    with pytest.raises(KeyError, match="Digits"):
        apps.close()


def test_a_path_of_nobody_is_not_found(apps: Apps) -> None:
    assert apps.respond(request("/7"))[0] == 404


def test_requests_are_expected_by_their_parameters() -> None:
    app = App("http://127.0.0.1:1/1", None)
    for place, status in enumerate(["queued", "sent", "sent"]):
        app.answer(request(Status=status, place=place))
    assert app.expect(Status="sent").params["place"] == 1
    assert app.expect(Status="sent", count=2).params["place"] == 2
    with pytest.raises(Unmet, match=r"no 3 requests.*what came:\n  POST \{'Status': 'queued'"):
        app.expect(Status="sent", count=3, timeout_s=0.01)


def test_waiting_ends_with_the_first_answer_or_with_the_time() -> None:
    answers = iter([None, None, "there"])
    assert until(lambda: next(answers), 5.0) == "there"
    assert until(lambda: None, 0.02) is None
