"""A real phone: baresip registers, is called, calls; what it says and hears is right."""

import asyncio
from pathlib import Path

import pytest
from baresip import Baresip, level_at, read_wav, tone

from trunkline.engines.media import ALL, MediaConfig, MediaProcess, stream_of
from trunkline.engines.media import messages as m
from trunkline.engines.sip import Answered, Confirmed, Ended, Offered, Progress, remains_of
from trunkline.protocols import sdp


@pytest.fixture
async def alice():
    """Give a function that starts baresip as alice, registered with us."""
    phones = []

    async def start(home, **more) -> Baresip:
        phones.append(Baresip("alice", "secret", f"127.0.0.1:{home.agent.port()}", **more))
        return await asyncio.to_thread(phones[-1].start)

    yield start
    for phone in phones:
        await asyncio.to_thread(phone.stop)


async def test_it_registers_and_is_called(lab, alice, bodies):
    home = await lab.party(trunks=[], secrets={"alice": "secret"})
    phone = await alice(home)
    (binding,) = home.agent.registrar.contacts("alice")
    assert "baresip" in binding.user_agent
    call = home.place(binding.hop, uri=binding.contact)
    answered = await home.got(call, Answered)
    assert b"m=audio" in answered.sdp, phone.log()
    assert (await call.reinvite(bodies[2])).accepted
    assert (await call.reinvite(bodies[0])).accepted
    assert (await call.send_digit("5")).accepted
    call.hang_up()
    await home.got(call, Ended)
    await asyncio.to_thread(phone.wait_for, "CALL_CLOSED")


async def test_it_calls_and_holds(lab, alice, bodies):
    home = await lab.party(trunks=[], secrets={"alice": "secret"})

    def on_call(call):
        call.ring(180)
        call.answer(bodies[1])

    def on_event(_, event):
        if isinstance(event, Offered):
            event.offer.accept(bodies[1])

    home.on_call, home.on_event = on_call, on_event
    phone = await alice(home)
    await asyncio.to_thread(phone.dial, f"sip:bob@127.0.0.1:{home.agent.port()}")
    call = await home.first()
    await home.got(call, Confirmed)
    assert call.origin.username == "alice"
    assert b"m=audio" in call.offer
    await asyncio.to_thread(phone.wait_for, "CALL_ESTABLISHED")
    await asyncio.to_thread(phone.hold)
    assert b"sendonly" in (await home.got(call, Offered)).sdp
    await asyncio.to_thread(phone.hang_up)
    assert (await home.got(call, Ended)).side == "remote"


async def test_another_process_ends_its_calls(lab, alice, bodies):
    """Both ways, after other requests: tags and CSeq are right to somebody else's eyes."""
    home, heir = await lab.party(trunks=[], secrets={"alice": "secret"}), await lab.party()
    home.on_call = lambda call: call.answer(bodies[1])
    phone = await alice(home)
    (binding,) = home.agent.registrar.contacts("alice")
    call = home.place(binding.hop, uri=binding.contact)
    await home.got(call, Answered)
    assert (await call.reinvite(bodies[2])).accepted
    assert (await call.send_digit("5")).accepted
    assert await heir.agent.part(word_for(call)) == 200
    await asyncio.to_thread(phone.wait_for, "CALL_CLOSED")
    await asyncio.to_thread(phone.dial, f"sip:bob@127.0.0.1:{home.agent.port()}")
    came = await home.first()
    await home.got(came, Confirmed)
    assert await heir.agent.part(word_for(came)) == 200


async def test_another_process_ends_what_rings(lab, alice):
    home, heir = await lab.party(trunks=[], secrets={"alice": "secret"}), await lab.party()
    home.on_call = lambda call: call.ring(180)
    phone = await alice(home, answer="manual")
    (binding,) = home.agent.registrar.contacts("alice")
    call = home.place(binding.hop, uri=binding.contact)
    await home.got(call, Progress)
    assert await heir.agent.part(word_for(call)) == 200  # of the CANCEL; 487 goes to who called
    await asyncio.to_thread(phone.wait_for, "CALL_CLOSED")
    await asyncio.to_thread(phone.dial, f"sip:bob@127.0.0.1:{home.agent.port()}")
    came = await home.first()
    await asyncio.to_thread(phone.wait_for, "CALL_RINGING")
    assert await heir.agent.part(word_for(came)) == 202  # whether it is acknowledged, home hears
    await asyncio.to_thread(phone.wait_for, "CALL_CLOSED", 2)


def word_for(call):
    (word,) = remains_of([call]).words
    return word


async def test_it_hears_and_is_heard(lab, alice, tmp_path):
    home = await lab.party(trunks=[], secrets={"alice": "secret"})
    told = []
    media = MediaProcess(MediaConfig(first_port=26_000, last_port=27_999), told.append)
    await media.start()
    phone = await alice(home, sound=tone(700.0, 60.0))
    opened = await media.open_leg("leg")
    local = sdp.LocalAudio(opened.address, opened.port, ALL, rtcp_port=opened.rtcp_port)
    (binding,) = home.agent.registrar.contacts("alice")
    call = home.place(binding.hop, sdp.serialize(sdp.offer(local)), uri=binding.contact)
    agreed = sdp.accept(local, sdp.parse((await home.got(call, Answered)).sdp))
    assert await media.set_stream("leg", stream_of(agreed)) is None
    recorded = tmp_path / "phone.wav"
    await media.request(m.Record(recording="r", path=str(recorded), leg="leg", tracks=("inbound",)))
    items = (m.ToneItem((500.0,), 60_000),)
    await media.request(m.Play(playback="p", items=items, leg="leg"))
    await asyncio.to_thread(phone.press, "42#")
    await lab.until(lambda: len([each for each in told if isinstance(each, m.Digit)]) == 3)
    digits = [each for each in told if isinstance(each, m.Digit)]
    assert [(each.digit, each.method) for each in digits] == [(digit, "rfc4733") for digit in "42#"]
    await lab.until(lambda: recorded.stat().st_size > 24_000)
    call.hang_up()
    await home.got(call, Ended)
    await asyncio.to_thread(phone.wait_for, "CALL_CLOSED")
    await media.close()
    said, heard = phone_audio(recorded), phone.heard()[4_000:12_000]
    assert level_at(said, 700.0) > -13.5
    assert level_at(said, 500.0) < -50.0
    assert level_at(heard, 500.0) > -14.0
    assert level_at(heard, 700.0) < -50.0


def phone_audio(path: Path):
    """The middle of a recording: the beginning has a jitter buffer that fills, digits are later."""
    return read_wav(path)[2_000:6_000]
