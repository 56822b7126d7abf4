"""Any operation with callback_url: answered at once, carried out in the background."""

import json

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until


def test_the_answer_comes_to_the_callback_url(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    answer = api.post(
        "Message/", src="14155550100", dst=handset, text="Later", callback_url=sink.url("/async")
    )
    assert (answer.status, answer["message"]) == (202, "async api spawned")
    (callback,) = until(lambda: sink.at("/async"), "the answer")
    assert callback.headers["content-type"] == "application/json"
    told = json.loads(callback.body)
    assert told["api_id"] == answer["api_id"]
    assert told["message"] == "message(s) queued"
    assert callback.is_signed_by(program.auth_token)
    assert api.final(told["message_uuid"][0])["to_number"] == handset


def test_a_refusal_comes_to_the_callback_url(api: Api, sink: Sink) -> None:
    answer = api.post("Message/", src="14155550100", dst="12", text="x",
                      callback_url=sink.url("/async"))  # fmt: skip
    assert answer.status == 202
    (callback,) = until(lambda: sink.at("/async"), "the answer")
    told = json.loads(callback.body)
    assert "dst" in told["error"]
    assert told["api_id"] == answer["api_id"]


def test_lists_and_deletions_too(api: Api, sink: Sink) -> None:
    made = api.post("Application/", app_name="short lived")
    path = f"Application/{made['app_id']}/"
    listed = api.get("Application/", callback_url=sink.url("/list"), callback_method="POST")
    assert listed["message"] == "async api spawned"
    (callback,) = until(lambda: sink.at("/list"), "the list")
    assert made["app_id"] in {one["app_id"] for one in json.loads(callback.body)["objects"]}
    gone = api.delete(path, callback_url=sink.url("/gone"))
    assert (gone.status, gone["message"]) == (202, "async api spawned")
    (callback,) = until(lambda: sink.at("/gone"), "the deletion")
    assert json.loads(callback.body) == {"api_id": gone["api_id"]}
    assert api.get(path).status == 404


def test_a_callback_url_that_is_none_is_refused(api: Api) -> None:
    answer = api.get("Application/", callback_url="not a url")
    assert answer.status == 400
    assert "callback_url" in answer["error"]
