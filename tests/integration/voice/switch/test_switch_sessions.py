"""Sessions against a plain user agent: late and bad offers, hold, INFO, silence, media that die."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from free_ports import free_port
from switch_peer import forking
from switch_rig import LOOPBACK, TIMING, Events, Station, until

from trunkline.engines import sip
from trunkline.protocols import sdp
from trunkline.protocols.sip.bodies import RELAY
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import (
    INTERNAL_ERROR,
    MEDIA_TIMEOUT,
    NETWORK_ERROR,
    NORMAL,
    Source,
)
from trunkline.voice.events import Answered, Digit, Ended, RecordingEnded, Ringing
from trunkline.voice.switch import Target, Way
from trunkline.voice.telephony import Destination, File, Leg, RecordingSpec, Refused

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("switch-sessions"),  # they share their engines
]


def described(port: int, formats: str = "0 101", direction: str = "sendrecv") -> bytes:
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
             f"m=audio {port} RTP/AVP {formats}", "a=rtpmap:101 telephone-event/8000",
             f"a={direction}"]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n").encode()


class Phone:
    """A user agent without audio."""

    def __init__(self) -> None:
        self.calls: list[sip.IncomingCall] = []
        self.agent = sip.UserAgent(
            sip.AgentConfig(listeners=(sip.Listener("udp", LOOPBACK, 0),), timing=TIMING),
            on_call=self.calls.append,
            trunks=[sip.Trunk("peer", (LOOPBACK,))],
        )

    def dial(self, station: Station, offer: bytes) -> sip.OutgoingCall:
        uri = f"sip:100@{LOOPBACK}:{station.hop.port}"
        return self.agent.place(sip.Placing(uri, "sip:phone@test", offer, hop=station.hop))

    async def came(self) -> sip.IncomingCall:
        await until(lambda: self.calls)
        return self.calls.pop()

    @property
    def hop(self) -> sip.Hop:
        return sip.Hop("udp", LOOPBACK, self.agent.port("udp"))


async def got(call: sip.Call, kind):
    async with asyncio.timeout(20):
        while not isinstance(event := await call.next(), kind):
            assert event is not None
    return event


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("desk")
    station = Station(folder, 1, media={"media_timeout_ms": 1500, "most_legs": 3})
    await station.start()
    yield station
    await station.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line() -> AsyncIterator[Phone]:
    made = Phone()
    await made.agent.start()
    yield made
    await made.agent.close(drain_s=1.0)


@pytest_asyncio.fixture(loop_scope="module")
async def station(desk: Station) -> AsyncIterator[Station]:
    yield desk
    await desk.clear()


async def to_phone(station: Station, phone: Phone):
    """A call of the station's that the phone gets."""
    uri = f"sip:phone@{LOOPBACK}:{phone.hop.port}"
    target = station.target(station)
    station.routes = [Way("phone", (target.__class__(uri, target.caller, hop=phone.hop),))]
    events = Events()
    leg = await station.switch.place(new_uuid(), Destination("100", "200"), events)
    return leg, events, await phone.came()


async def from_phone(station: Station, phone: Phone, offer: bytes = described(40000)):
    """A call of the phone's that the station answers."""
    call = phone.dial(station, offer)
    leg, events, _ = await station.arrival()
    await leg.answer()
    await got(call, sip.Answered)
    return leg, events, call


async def test_an_offer_may_come_late(station: Station, line: Phone) -> None:
    call = line.dial(station, b"")
    leg, events, _ = await station.arrival()
    await leg.open_early()  # nothing can be heard without an offer, but it rings
    assert (await got(call, sip.Progress)).sdp == b""
    await leg.answer()
    answered = await got(call, sip.Answered)
    assert answered.offer
    assert sdp.parse(answered.sdp).media[0].port > 0
    call.acknowledge(described(40000))
    await leg.play([File("tone:440/0.1")])
    call.hang_up()
    assert (await events.got(Ended)).cause == NORMAL.by(Source.CALLER)


@pytest.mark.parametrize("answer", [b"", described(40000, "18"), b"v=rubbish"])
async def test_a_late_offer_that_is_not_answered_well_ends_the_call(
    station: Station, line: Phone, answer: bytes
) -> None:
    call = line.dial(station, b"")
    leg, events, _ = await station.arrival()
    await leg.answer()
    await got(call, sip.Answered)
    call.acknowledge(answer)
    assert (await events.got(Ended)).cause.code == 2070
    await got(call, sip.Ended)


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (described(40000, "18"), "no codec in common"),
        (described(0), "the audio stream is refused"),
        (b'v=0\r\n"rub"\r\n', "line 2 ('\\\"rub\\\"'): is not of the form x=value"),
        (b"\xff\xfe", "line 1 "),
        (b"v=0\r\n", "there is no o= line"),
    ],
    ids=["g729", "refused", "rubbish", "binary", "empty"],
)
async def test_what_cannot_be_spoken_is_refused_before_it_rings(
    station: Station, line: Phone, offer: bytes, why: str
) -> None:
    call = line.dial(station, offer)
    failed = await got(call, sip.Failed)
    assert failed.status == 488
    assert (failed.headers.get("warning") or "").startswith(f'399 trunkline "{why}')
    assert station.arrivals == []


async def test_the_caller_holds_and_resumes(station: Station, line: Phone) -> None:
    leg, events, call = await from_phone(station, line)
    held = await call.reinvite(described(40000, direction="sendonly"))
    assert sdp.read_audio(sdp.parse(held.sdp), sdp.parse(held.sdp).media[0]).direction == (
        sdp.Direction.RECVONLY
    )
    resumed = await call.reinvite(described(40000))
    first, second = sdp.parse(held.sdp).origin, sdp.parse(resumed.sdp).origin
    assert first.session_id == second.session_id
    assert int(second.version) == int(first.version) + 1
    refused = await call.reinvite(described(40000, "18"))
    assert refused.status == 488
    offered = await call.reinvite(b"")
    assert sdp.parse(offered.sdp).media[0].port > 0
    assert not events.all
    await leg.hang_up(NORMAL)
    await got(call, sip.Ended)


@pytest.mark.parametrize("side", ["callee", "caller"])
async def test_who_has_moved_when_the_session_is_refreshed(
    station: Station, line: Phone, side: str
) -> None:
    """RFC 4028 7.4: a refresh by re-INVITE is an offer, and its answer counts."""
    here = described(40000, direction="recvonly")  # so nobody waits for its audio
    if side == "callee":
        leg, events, call = await from_phone(station, line, here)
    else:
        leg, events, call = await to_phone(station, line)
        call.answer(here)
        await events.got(Answered)
        await got(call, sip.Confirmed)
    ours = next(one for one in station.agent._desk.live() if one.call_id == call.call_id)
    ours.leg.allow = frozenset()  # it knows no UPDATE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((LOOPBACK, 0))
        ear.setblocking(False)
        # What it answers the same offer with:
        call.local_sdp = described(ear.getsockname()[1], direction="recvonly")
        ours._refresh()  # as its timer would do
        heard = asyncio.get_running_loop().sock_recv(ear, 2048)
        assert len(await asyncio.wait_for(heard, 10)) > 12  # RTP
    await leg.hang_up(NORMAL)
    await events.got(Ended)


async def test_keys_come_by_info_too_but_each_once(station: Station, line: Phone) -> None:
    _, events, call = await from_phone(station, line)
    assert (await call.send_digit("5")).status == 200
    assert (await call.info(RELAY, b"Signal=*\r\nDuration=160\r\n")).status == 200
    assert (await call.info(RELAY, b"Signal=nonsense\r\n")).status == 200
    await until(lambda: len(events.of(Digit)) == 2)
    assert [event.digit for event in events.of(Digit)] == ["5", "*"]
    call.hang_up()
    await events.got(Ended)


async def test_a_line_without_audio_is_hung_up(station: Station, line: Phone) -> None:
    _leg, events, call = await from_phone(station, line)
    assert (await events.got(Ended)).cause == MEDIA_TIMEOUT
    assert (await got(call, sip.Ended)).side == "remote"


async def test_silence_before_the_answer_ends_nothing(station: Station, line: Phone) -> None:
    leg, events, call = await to_phone(station, line)
    call.ring(183, described(40000))
    assert (await events.got(Ringing)).early_media
    await asyncio.sleep(1.8)  # longer than the media time-out
    assert not events.of(Ended)
    call.answer(described(40000))
    await events.got(Answered)
    await leg.hang_up(NORMAL)
    await got(call, sip.Ended)


async def test_who_answers_has_described_itself_while_it_rang(station: Station) -> None:
    """Of two that ring the second one answers: it need not repeat itself (RFC 3261 13.2.1)."""
    phones = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((LOOPBACK, 0))
        ear.setblocking(False)
        ports = {"first": 40000, "second": ear.getsockname()[1]}
        async with forking(phones, lambda fork: described(ports[fork])) as forks:
            hop = sip.Hop("udp", LOOPBACK, phones)
            target = Target(f"sip:100@{LOOPBACK}:{hop.port}", "sip:200@trunkline.test", hop=hop)
            station.routes = [Way("forks", (target,))]
            events = Events()
            leg = await station.switch.place(new_uuid(), Destination("100", "200"), events)
            await events.got(Answered)
            heard = asyncio.get_running_loop().sock_recv(ear, 2048)
            assert len(await asyncio.wait_for(heard, 10)) > 12  # RTP
            assert not events.of(Ended)
            await leg.hang_up(NORMAL)
            await events.got(Ended)
            assert set(forks.acknowledged) == {"second"}


async def test_a_phone_that_rings_in_another_codec_costs_the_others_nothing(
    station: Station, line: Phone
) -> None:
    target = station.target(station)
    uri = f"sip:phone@{LOOPBACK}:{line.hop.port}"
    station.routes = [Way("phones", (target.__class__(uri, target.caller, hop=line.hop),) * 2)]

    async def rung() -> tuple[Leg, Events, list[sip.IncomingCall]]:
        events = Events()
        leg = await station.switch.place(new_uuid(), Destination("100", "200"), events)
        await until(lambda: len(line.calls) == 2)
        calls, line.calls[:] = line.calls[:], []
        calls[0].ring(183, described(40000, "18"))
        return leg, events, calls

    leg, events, (odd, fit) = await rung()
    assert (await got(odd, sip.Ended)).side == "remote"
    fit.answer(described(40000))
    await events.got(Answered)
    await leg.hang_up(NORMAL)
    await events.got(Ended)
    # What the other says counts.
    _, events, (odd, fit) = await rung()
    await got(odd, sip.Ended)
    fit.reject(503)
    assert (await events.got(Ended)).cause.code == 3090
    # When none is left that could be heard, it is over.
    _, events, (_, other) = await rung()
    other.ring(183, described(40000, "18"))
    assert (await events.got(Ended)).cause.code == 2070


async def test_an_answer_without_a_codec_in_common_is_hung_up(
    station: Station, line: Phone
) -> None:
    for answer in (described(40000, "18"), b""):
        _, events, call = await to_phone(station, line)
        call.answer(answer)
        assert (await events.got(Ended)).cause.code == 2070
        await got(call, sip.Ended)


async def test_a_challenge_that_is_not_met_is_an_authentication_failure(
    station: Station, line: Phone
) -> None:
    for status, code in ((401, 4240), (407, 4240), (302, 5020), (480, 3000), (699, 3100)):
        _, events, call = await to_phone(station, line)
        call.reject(status)
        assert (await events.got(Ended)).cause.code == code


async def test_without_room_nothing_rings(station: Station, line: Phone) -> None:
    legs = [await to_phone(station, line) for _ in range(3)]
    assert not station.switch.admit()
    call = line.dial(station, described(40000))
    assert (await got(call, sip.Failed)).status == 503
    with pytest.raises(Refused) as refused:
        await station.switch.place(new_uuid(), Destination("100", "200"), Events())
    assert refused.value.cause == INTERNAL_ERROR
    for leg, events, _ in legs:
        await leg.hang_up(NORMAL)
        await events.got(Ended)
    await station.free()
    assert station.switch.admit()


async def test_a_media_process_that_dies_takes_its_calls_along(
    station: Station, line: Phone
) -> None:
    leg, events, call = await from_phone(station, line)
    await leg.record(RecordingSpec("cut", "wav", "mono", session=True))
    await leg.play([File("tone:440/30")])
    await asyncio.sleep(1.2)
    pid = station.pool.processes[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert (await events.got(Ended)).cause == INTERNAL_ERROR
    (recorded,) = events.of(RecordingEnded)
    assert recorded.why == "hangup"
    assert recorded.duration_ms >= 500  # all but the last half second
    assert (await got(call, sip.Ended)).side == "remote"
    await until(station.switch.admit)  # another process serves
    _, events, call = await from_phone(station, line)
    call.hang_up()
    await events.got(Ended)


async def test_a_user_agent_that_is_closed_ends_the_calls_of_the_switch(
    tmp_path: Path, line: Phone
) -> None:
    station = Station(tmp_path, 1)
    await station.start()
    _, events, call = await from_phone(station, line)
    await station.agent.close(drain_s=1.0)
    assert (await events.got(Ended)).cause == NETWORK_ERROR
    with contextlib.suppress(AssertionError):
        await got(call, sip.Ended)
    await station.close()
