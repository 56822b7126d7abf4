"""MMS out and in, over the simulated MMSC."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import plivo
import plivo.rest.client
import pytest
import requests
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

NUMBER = "14155550100"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def upload(api: Api, *bodies: bytes) -> list[str]:
    answer = requests.post(
        f"{api.url}{api.root}Media/",
        auth=(api.auth_id, api.auth_token),
        files=[("file", (f"{n}.png", body)) for n, body in enumerate(bodies)],
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return [one["media_id"] for one in answer.json()["objects"]]


def send(api: Api, dst: str, **fields: Any) -> str:
    answer = api.post("Message/", src=NUMBER, dst=dst, type="mms", **fields)
    assert answer.status == 202, answer
    return answer["message_uuid"][0]


def test_an_mms_with_three_media_is_delivered_reported_and_billed(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    ids = upload(api, PNG, PNG + b"2")
    sink.answers["/text.txt"] = Answer(body="A text")
    uuid = send(
        api,
        handset,
        text="Look",
        media_ids=ids,
        media_urls=[sink.url("/text.txt")],
        url=sink.url("/status"),
    )
    record = api.final(uuid)
    assert (record["message_state"], record["message_type"]) == ("delivered", "mms")
    assert (record["units"], record["error_code"]) == (1, "000")
    assert float(record["total_amount"]) > 0
    (shown,) = program.handset(handset)
    assert (shown["type"], shown["text"]) == ("mms", "Look")
    assert [one["sha256"] for one in shown["media"][:2]] == [
        hashlib.sha256(body).hexdigest() for body in (PNG, PNG + b"2")
    ]
    assert len(shown["media"]) == 3
    page = api.get(f"Message/{uuid}/Media/")
    assert [one["content_type"] for one in page["objects"][:2]] == ["image/png"] * 2
    assert page["meta"]["total_count"] == 3
    one = page["objects"][0]
    assert requests.get(one["media_url"], timeout=30).content == PNG
    assert api.get(f"Message/{uuid}/Media/{one['media_id']}/")["size"] == len(PNG)
    until(lambda: len(sink.statuses(uuid)) >= 3, "three callbacks")
    assert sink.statuses(uuid) == ["queued", "sent", "delivered"]
    assert {seen.params["Type"] for seen in sink.seen if "Status" in seen.params} == {"mms"}
    assert api.delete(f"Message/{uuid}/Media/").status == 204
    assert api.get(f"Message/{uuid}/Media/")["objects"] == []
    assert api.get(f"Media/{ids[0]}/").status == 200  # it was uploaded: it may be sent again


def test_more_than_5_mb_fails_with_120(api: Api, sink: Sink, handset: str) -> None:
    ids = upload(api, *(PNG + bytes(2_000_000 - n) for n in range(3)))
    record = api.final(send(api, handset, media_ids=ids))
    assert (record["message_state"], record["error_code"]) == ("failed", "120")
    assert float(record["total_amount"]) == 0


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "media_urls"),
        ({"media_urls": ["ftp://x/y"]}, "media_urls"),
        ({"media_urls": [f"https://x.example/{n}" for n in range(11)]}, "media_urls"),
        ({"media_urls": ["https://x.example/a"], "dst": "447700900123"}, "dst"),
        ({"media_urls": ["https://x.example/a"], "src": "442079460100"}, "src"),
        ({"media_urls": ["https://x.example/a"], "src": "14155559999"}, "src"),
        ({"media_urls": ["https://x.example/a"], "template": {"name": "x"}}, "template"),
        ({"media_urls": ["https://x.example/a"], "text": "x" * 1_601}, "text"),
    ],
)
def test_a_bad_field_is_named(api: Api, fields: dict[str, Any], name: str) -> None:
    answer = api.post("Message/", **{"src": NUMBER, "dst": "14155550123", "type": "mms", **fields})
    assert answer.status == 400, answer
    assert name in answer["error"]


def test_media_of_nobody_and_of_others_are_not_found(api: Api, handset: str) -> None:
    sub = api.post("Subaccount/", name="pictures", enabled=True)
    other = Api(api.url, sub["auth_id"], sub["auth_token"])
    (of_main,) = upload(api, PNG)
    for client, media_id in ((api, "nonsense"), (other, of_main)):
        answer = client.post("Message/", src=NUMBER, dst=handset, type="mms", media_ids=[media_id])
        assert answer.status == 404, answer
    other.close()


@pytest.mark.parametrize(
    ("dst", "state", "code"),
    [
        ("15005550001", "delivered", "000"),
        ("15005550002", "delivered", "000"),
        ("15005552040", "undelivered", "40"),
        ("15005550016", "undelivered", "80"),
        ("15005553011", "failed", "100"),
        ("15005550006", "delivered", "000"),
        ("15005550007", "delivered", "000"),
    ],
)
def test_magic_destinations_work_for_mms_too(api: Api, dst: str, state: str, code: str) -> None:
    (media_id,) = upload(api, PNG)
    record = api.final(send(api, dst, media_ids=[media_id]))
    assert (record["message_state"], record["error_code"]) == (state, code)


def test_media_that_is_not_there_fails(api: Api, sink: Sink, handset: str) -> None:
    sink.answers["/gone"] = Answer(status=404)
    record = api.final(send(api, handset, media_urls=[sink.url("/gone")]))
    assert (record["message_state"], record["error_code"]) == ("failed", "10")
    assert api.get(f"Message/{record['message_uuid']}/Media/")["objects"] == []


def test_what_is_not_to_be_logged_has_no_media(api: Api, sink: Sink, handset: str) -> None:
    sink.answers["/x.txt"] = Answer(body="A text")
    uuid = send(api, handset, media_urls=[sink.url("/x.txt")], log="false")
    assert api.final(uuid)["message_state"] == "delivered"
    assert api.get(f"Message/{uuid}/Media/")["objects"] == []


@pytest.fixture
def application(api: Api, sink: Sink) -> Iterator[str]:
    made = api.post(
        "Application/",
        app_name="pictures",
        message_url=sink.url("/inbound"),
        default_number_app=True,
    )
    yield made["app_id"]
    assert api.delete(f"Application/{made['app_id']}/").status == 204


def test_an_inbound_mms_reaches_its_application_and_is_answered(
    program: Program, api: Api, sink: Sink, handset: str, application: str
) -> None:
    xml = "<Response><Message>Nice picture</Message></Response>"
    sink.answers["/inbound"] = Answer(body=xml, content_type="application/xml")
    sent = requests.post(
        f"{program.url}/sim/handsets/{handset}/messages",
        json={
            "to": NUMBER,
            "text": "Grüezi",
            "media": [
                {
                    "content_type": "image/png",
                    "file_name": "p.png",
                    "data": base64.b64encode(PNG).decode(),
                }
            ],
        },
        timeout=30,
    )
    assert sent.status_code == 202, sent.text
    (seen,) = until(lambda: sink.seen, "the forward")
    given = seen.params
    assert (given["Type"], given["Body"], given["MediaCount"]) == ("mms", "Grüezi", "1")
    assert (given["From"], given["To"]) == (handset, NUMBER)
    assert "Text" not in given
    assert seen.is_signed_by(program.auth_token)
    assert requests.get(given["Media1"], timeout=30).content == PNG
    uuid = given["MessageUUID"]
    record = api.state(uuid, "delivered")
    assert (record["message_type"], record["message_direction"]) == ("mms", "inbound")
    (medium,) = api.get(f"Message/{uuid}/Media/")["objects"]
    assert (medium["file_name"], medium["size"]) == ("p.png", len(PNG))
    until(
        lambda: [one for one in program.handset(handset) if one["text"] == "Nice picture"],
        "the reply",
    )


def test_strangers_bring_nothing(program: Program, handset: str) -> None:
    url = f"{program.url}/carriers/mm7/simulator-mms"
    assert requests.post(url, data=b"x", timeout=30).status_code == 401
    assert requests.post(url, data=b"x", auth=("sim", "wrong"), timeout=30).status_code == 401
    assert requests.post(f"{url}x", data=b"x", auth=("sim", "simulate")).status_code == 401
    rubbish = requests.post(url, data=b"x", auth=("sim", "simulate"), timeout=30)
    assert (rubbish.status_code, "2007" in rubbish.text) == (200, True)
    nobody = requests.post(
        f"{program.url}/sim/handsets/{handset}/messages",
        json={"to": "14155559998", "media": []},
        timeout=30,
    )
    assert nobody.status_code == 404


def test_the_official_sdk_sends_mms(
    program: Program, api: Api, sink: Sink, handset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plivo.rest.client, "PLIVO_API_BASE_URI", f"{program.url}/v1/Account")
    sink.answers["/a.txt"] = Answer(body="A text")
    client = plivo.RestClient(api.auth_id, api.auth_token)
    made = client.messages.create(
        src=NUMBER, dst=handset, type_="mms", text="Hi", media_urls=[sink.url("/a.txt")]
    )
    assert api.final(made.message_uuid[0])["message_state"] == "delivered"
    media = client.messages.get(made.message_uuid[0]).listMedia()
    assert len(media["objects"] if isinstance(media, dict) else media.objects) == 1
