"""The same functions from Python, from the shell, and in front of another server."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest
from e2e_package import Package
from e2e_program import TRUNKLINE, Program

from trunkline.functions import AsyncPlivo, FunctionError, Plivo

NUMBER = "14155550100"
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="session")


def test_from_python(program: Program, handset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Plivo(program.auth_id, program.auth_token, program.url) as plivo:
        sent = plivo.sendMessage(src=NUMBER, destination=[handset], text="Hello")
        (uuid,) = sent["message_uuid"]
        assert plivo.get_single_message(message_uuid=uuid)["to_number"] == handset
        made = plivo.createEndpoint(username="python", password="secret123", alias="Python")
        assert plivo.deleteEndpoint(endpointId=made["endpoint_id"]) == {"status": "success"}
        with pytest.raises(FunctionError) as refused:
            plivo.getSingleMessage(messageUuid=uuid, authToken="wrong")
        assert (refused.value.status, refused.value.code) == (401, "API_ERROR")
    monkeypatch.setenv("TRUNKLINE_URL", program.url)
    monkeypatch.setenv("PLIVO_AUTH_ID", program.auth_id)
    login = {"authId": program.auth_id, "authToken": program.auth_token}
    assert Plivo.getSingleMessage(messageUuid=uuid, **login)["message_uuid"] == uuid
    assert Plivo.getAccountDetails(authToken=program.auth_token)["auth_id"] == program.auth_id


async def test_from_python_awaited(program: Program) -> None:
    async with AsyncPlivo(program.auth_id, program.auth_token, program.url) as plivo:
        assert (await plivo.getPricing(countryIso="US"))["country_iso"] == "US"
        with pytest.raises(FunctionError, match="countryIso parameter is invalid") as refused:
            await plivo.get_pricing(country_iso="USA")
        assert refused.value.fields == ("countryIso",)


def test_from_the_shell(program: Program, handset: str) -> None:
    sent = program.cli(
        "fn", "sendMessage", "--src", NUMBER, "--destination", handset, "--text=Hello",
        "--url", "http://127.0.0.1:9/status",
    )  # fmt: skip
    assert '"message_uuid"' in sent.stdout
    refused = program.cli("fn", "getPricing", "--country-iso", "USA", check=False)
    assert refused.returncode == 1
    assert "getPricing: status 400: countryIso parameter is invalid" in refused.stderr


@pytest.fixture
def front(program: Program) -> Iterator[Package]:
    """The form by itself, in front of the running program."""
    words = [str(TRUNKLINE), "functions", "--upstream", program.url, "--http", "127.0.0.1:0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        url, _, _ = process.stdout.readline().partition("/api/Plivo, by ")
        try:
            yield Package(program, url)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def test_in_front_of_another_server(front: Package, program: Program, handset: str) -> None:
    assert front.url.startswith("http://127.0.0.1:")
    assert front.url != program.url
    assert len(front.send("Plivo", None)[1]["blocks"]) == 68
    sent = front("sendMessage", src=NUMBER, destination=handset, text="Hello")
    program.api().final(sent["message_uuid"][0])
    made = front("createEndpoint", username="front", password="secret123", alias="Front")
    assert front("deleteEndpoint", endpointId=made["endpoint_id"]) == {"status": "success"}
    assert front("getLiveCalls")["calls"] is not None
