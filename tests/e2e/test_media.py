"""Media over the wire: uploaded, listed, fetched, refused, forgotten."""

import http.client
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import plivo
import plivo.rest.client
import pytest
import requests
from e2e_api import Api
from e2e_program import Program

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
TEXT = b"Hello, world\n"


def upload(api: Api, *files: tuple[str, bytes], **more: Any) -> requests.Response:
    return requests.post(
        f"{api.url}{api.root}Media/",
        auth=(api.auth_id, api.auth_token),
        files=[("file", (name, io.BytesIO(body))) for name, body in files],
        timeout=30,
        **more,
    )


def test_uploaded_media_are_listed_and_can_be_fetched(api: Api) -> None:
    answer = upload(api, ("../a.png", PNG), ("b.txt", TEXT))
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["objects"]
    assert (first["content_type"], first["file_name"], first["size"]) == (
        "image/png",
        "a.png",
        len(PNG),
    )
    assert (first["status"], first["status_code"]) == ("success", 201)
    assert second["content_type"] == "text/plain"
    page = api.get("Media/", limit=1)
    assert page["objects"][0]["media_id"] in (first["media_id"], second["media_id"])
    assert page["meta"]["total_count"] >= 2
    assert page["meta"]["next"].endswith("offset=1")
    one = api.get(f"Media/{first['media_id']}/")
    assert (one.status, one["file_name"]) == (200, "a.png")
    fetched = requests.get(one["media_url"], timeout=30)
    assert (fetched.status_code, fetched.content) == (200, PNG)
    assert fetched.headers["content-type"] == "image/png"
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert requests.head(one["media_url"], timeout=30).status_code == 200
    assert requests.get(one["media_url"][:-1], timeout=30).status_code == 403
    bare = one["media_url"].partition("?")[0]
    assert requests.get(bare, timeout=30).status_code == 403


def test_media_of_another_account_are_not_there(api: Api) -> None:
    sub = api.post("Subaccount/", name="other", enabled=True)
    other = Api(api.url, sub["auth_id"], sub["auth_token"])
    of_main = upload(api, ("a.png", PNG)).json()["objects"][0]["media_id"]
    of_sub = upload(other, ("a.png", PNG)).json()["objects"][0]["media_id"]
    assert other.get(f"Media/{of_main}/").status == 404
    assert other.get(f"Media/{of_sub}/").status == 200
    assert api.get(f"Media/{of_sub}/").status == 200
    assert [one["media_id"] for one in other.get("Media/")["objects"]] == [of_sub]
    assert api.get("Media/nonsense/").status == 404
    other.close()


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("a.png", b"MZ\x90\x00 no picture")], "type"),
        ([("a.png", b"")], "empty"),
        ([("a.png", PNG), ("b.bin", b"\x7fELF\x00")], "b.bin"),
        ([("a.png", PNG + bytes(2 * 1024 * 1024))], "2 MB"),
        ([(f"{n}.png", PNG) for n in range(11)], "10"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_kept(
    api: Api, files: list[tuple[str, bytes]], why: str
) -> None:
    before = api.get("Media/")["meta"]["total_count"]
    answer = upload(api, *files)
    assert answer.status_code == 400, answer.text
    assert "file" in answer.json()["error"]
    assert why in answer.json()["error"]
    assert api.get("Media/")["meta"]["total_count"] == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nrubbish\r\n"),
        ("multipart/form-data; boundary=x", bytes(range(256)) * 50),
        ("application/json", b"{}"),
        ("application/json", b'{"file": "a.png"}'),
        ("text/plain", b"a"),
    ],
)
def test_rubbish_is_refused_in_words(api: Api, kind: str, body: bytes) -> None:
    answer = requests.post(
        f"{api.url}{api.root}Media/",
        auth=(api.auth_id, api.auth_token),
        data=body,
        headers={"Content-Type": kind},
        timeout=30,
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]


def test_a_body_beyond_all_bounds_is_not_even_read(program: Program, api: Api) -> None:
    connection = http.client.HTTPConnection(urlsplit(program.url).netloc, timeout=30)
    login = requests.auth._basic_auth_str(api.auth_id, api.auth_token)  # type: ignore[attr-defined]
    connection.putrequest("POST", f"{api.root}Media/")
    for name, value in (("Authorization", login), ("Content-Length", str(1 << 40))):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.filterwarnings("ignore")  # the SDK does not close the files it opens
def test_the_official_sdk_uploads_and_reads(
    program: Program, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plivo.rest.client, "PLIVO_API_BASE_URI", f"{program.url}/v1/Account")
    file = tmp_path / "photo.png"
    file.write_bytes(PNG)
    client = plivo.RestClient(api.auth_id, api.auth_token)
    taken = client.media.upload([str(file), str(file)])
    assert [one["file_name"] for one in taken["objects"]] == ["photo.png"] * 2
    media_id = taken["objects"][0]["media_id"]
    assert client.media.get(media_id)["media_id"] == media_id
    assert media_id in [one["media_id"] for one in client.media.list()["objects"]]
