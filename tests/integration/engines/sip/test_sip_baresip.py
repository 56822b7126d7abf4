"""A real phone: baresip registers, is called, and calls."""

import asyncio
import shutil
import socket
import wave

import pytest

from trunkline.engines.sip import Answered, Confirmed, Ended

CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{port}
sip_trans_def udp
audio_player nil,nil
audio_source aufile,{sound}
audio_alert nil,nil
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
"""
ACCOUNT = "<sip:alice@127.0.0.1:{home};transport=udp>;auth_pass=secret;answermode=auto;regint=60\n"


@pytest.fixture
async def baresip(tmp_path):
    """Start baresip as alice; gives a function of (its port, our port, what to do first)."""
    assert shutil.which("baresip"), "baresip is not installed: run .ci/system-tools"
    running = []

    async def start(port: int, home: int, *commands: str):
        sound = tmp_path / "silence.wav"
        with wave.open(str(sound), "wb") as written:
            written.setparams((1, 2, 8000, 0, "NONE", ""))
            written.writeframes(bytes(60 * 16_000))  # at its end it would hang up
        (tmp_path / "config").write_text(CONFIG.format(port=port, sound=sound))
        (tmp_path / "accounts").write_text(ACCOUNT.format(home=home))
        (tmp_path / "contacts").write_text("")
        with (tmp_path / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                "baresip",
                *("-f", str(tmp_path)),
                *(part for command in commands for part in ("-e", command)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )
        running.append(process)
        return tmp_path / "log"

    yield start
    for process in running:
        if process.returncode is None:
            process.kill()  # asked kindly it takes seconds
        await process.wait()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_it_registers_and_is_called(lab, baresip, bodies):
    home = await lab.party(trunks=[], secrets={"alice": "secret"})
    log = await baresip(free_port(), home.agent.port())
    await lab.until(lambda: home.agent.registrar.contacts("alice"))
    (binding,) = home.agent.registrar.contacts("alice")
    assert "baresip" in binding.user_agent
    call = home.place(binding.hop, uri=binding.contact)
    answered = await home.got(call, Answered)
    assert b"m=audio" in answered.sdp, log.read_text()
    assert (await call.reinvite(bodies[2])).accepted
    assert (await call.reinvite(bodies[0])).accepted
    assert (await call.send_digit("5")).accepted
    call.hang_up()
    await home.got(call, Ended)


async def test_it_calls(lab, baresip, bodies):
    home = await lab.party(trunks=[], secrets={"alice": "secret"})

    def on_call(call):
        call.ring(180)
        call.answer(bodies[1])

    home.on_call = on_call
    port = home.agent.port()
    await baresip(free_port(), port, f"/dial sip:bob@127.0.0.1:{port}")
    call = await home.first()
    await home.got(call, Confirmed)
    assert call.origin.username == "alice"
    assert b"m=audio" in call.offer
    call.hang_up()
    assert (await home.got(call, Ended)).side == "local"
