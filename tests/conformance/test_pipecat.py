"""Pipecat's own Plivo serializer on calls of the program: audio both ways, keys, checkpoints."""

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e_api import Api
from e2e_cache import installed
from e2e_sink import Answer, Sink

PARTS = Path(__file__).parent / "parts"
# What the serializer imports; all that pipecat asks for would be half a gigabyte.
PACKAGES = (
    "pipecat-ai==1.14.0", "aiofiles==25.1.0", "aiohappyeyeballs==2.7.1", "aiohttp==3.14.5",
    "aiosignal==1.4.0", "annotated-types==0.8.0", "attrs==26.1.0", "docstring-parser==0.18.0",
    "frozenlist==1.8.0", "idna==3.20", "loguru==0.7.3", "loudness==0.2.0", "multidict==7.2.1",
    "numpy==2.4.6", "pillow==13.0.0", "propcache==0.5.4", "pydantic==2.14.3",
    "pydantic-core==2.50.4", "sentencex==1.0.32", "soxr==1.0.0", "typing-extensions==4.16.0",
    "typing-inspection==0.4.5", "wait-for2==0.4.1", "websockets==17.4", "yarl==1.25.1",
)  # fmt: skip
ECHOES, PRESSES_SEVENS = "15005558010", "15005558307"


@pytest.fixture(scope="session")
def pipecat() -> Path:
    """Install it once, into the user's cache; return its Python."""
    uv = str(Path(sys.executable).parent / "uv")

    def install(folder: Path) -> None:
        python = str(folder / "bin" / "python")
        for command in (
            [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--no-deps", "--python", python, *PACKAGES],
        ):
            subprocess.run(command, check=True, timeout=600)

    return installed("pipecat-1.14.0", install) / "bin" / "python"


@pytest.fixture
def agent(pipecat: Path) -> Iterator["subprocess.Popen[str]"]:
    started = subprocess.Popen(
        [str(pipecat), str(PARTS / "pipecat_app.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with started:
        yield started
        assert started.stdin is not None
        started.stdin.close()
        try:
            assert started.wait(20) == 0
        finally:
            started.kill()


def said(agent: "subprocess.Popen[str]") -> dict[str, Any]:
    assert agent.stdout is not None
    ready, _, _ = select.select([agent.stdout], [], [], 90.0)
    assert ready, "the agent says nothing"
    return json.loads(agent.stdout.readline())


def test_an_agent_of_pipecat_talks_on_calls(
    api: Api, sink: Sink, agent: "subprocess.Popen[str]"
) -> None:
    url = f"ws://127.0.0.1:{said(agent)['port']}/"
    sink.answers["/answer"] = Answer(
        body='<Response><Stream bidirectional="true" keepCallAlive="true" streamTimeout="60"'
        f' contentType="audio/x-mulaw;rate=8000">{url}</Stream></Response>',
        content_type="text/xml",
    )
    heard: dict[str, dict[str, Any]] = {}
    for number in (ECHOES, PRESSES_SEVENS):
        made = api.post(
            "Call/", **{"from": "14155550100", "to": number, "answer_url": sink.url("/answer")}
        )
        assert made.status == 201, made
        heard[number] = said(agent)
        assert heard[number]["call"] == made["request_uuid"]
    for one in heard.values():
        assert one["played"] == ["hello"]
        assert one["cleared"] >= 1
    assert abs(heard[ECHOES]["peak_hz"] - 700) < 20
    assert "7" in heard[PRESSES_SEVENS]["digits"]
