"""What travels between control and media, and what is made from SDP."""

import msgspec
import pytest

from trunkline.engines.media import messages as m
from trunkline.engines.media import speakable, stream_of
from trunkline.engines.media.wire import MAX_MESSAGE, BadFrame, Unpacker, pack
from trunkline.protocols import sdp

STREAM = m.Stream(address="192.0.2.1", port=4000, codec="PCMU", payload_type=0, receive_types=(0,))
COMMANDS: list[m.Command] = [
    m.OpenLeg("a"), m.SetStream("a", STREAM), m.CloseLeg("a"), m.Join("a", "r"), m.Leave("a"),
    m.SetMember("a", muted=True), m.Play(
        playback="p", leg="a",
        items=(m.FileItem("/x.wav"), m.ToneItem((440.0,), 100), m.SilenceItem(20)),
    ),
    m.StopPlay("p"), m.SendDigits("a", "1"), m.Record(recording="r", path="/r", leg="a"),
    m.StopRecord("r"), m.PauseRecord("r", True), m.Watch(leg="a", speech=True),
    m.OpenTap(tap="t", leg="a"), m.CloseTap("t"), m.Feed(tap="t", audio=b"\0\xff"),
    m.Checkpoint("t", "n"), m.ClearFeed("t"), m.GetLegStats("a"), m.GetProcessStats(),
]  # fmt: skip


def test_all_commands_travel_in_any_pieces() -> None:
    data = b"".join(pack(m.Request(n, c)) for n, c in enumerate(COMMANDS))
    unpacker = Unpacker(msgspec.msgpack.Decoder(m.Request))
    found = [r for at in range(0, len(data), 7) for r in unpacker.feed(data[at : at + 7])]
    assert [r.command for r in found] == COMMANDS
    assert [r.number for r in found] == list(range(len(COMMANDS)))


def test_replies_and_events_are_told_apart() -> None:
    sent = [m.Reply(7, m.Refused("full")), m.Told(m.Digit("a", "1", 100, "inband"))]
    unpacker = Unpacker[m.Reply | m.Told](msgspec.msgpack.Decoder(m.Reply | m.Told))
    assert unpacker.feed(b"".join(map(pack, sent))) == sent


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\0\0\0\1\xc1", b"\0\0\0\2\x92\x01"])
def test_rubbish_ends_the_connection(data: bytes) -> None:
    with pytest.raises(BadFrame):
        Unpacker(msgspec.msgpack.Decoder(m.Request)).feed(data)
    assert MAX_MESSAGE < 1 << 31


def test_a_stream_of_what_sdp_agreed_on() -> None:
    theirs = sdp.parse(
        b"v=0\no=- 1 1 IN IP4 192.0.2.7\ns=-\nc=IN IP4 192.0.2.7\nt=0 0\n"
        b"m=audio 5000 RTP/AVP 111 0 110 13\na=rtpmap:111 OPUS/48000/2\n"
        b"a=rtpmap:110 telephone-event/48000\na=sendonly\na=ptime:40"
    )
    local = sdp.LocalAudio("192.0.2.1", 4000, speakable(("opus", "PCMU")))
    _, agreed = sdp.answer(theirs, local)
    assert stream_of(agreed) == m.Stream(
        address="192.0.2.7", port=5000, codec="opus", payload_type=111, receive_types=(111,),
        rtcp_address="192.0.2.7", rtcp_port=5001, event_type=110, event_rate=48000,
        event_receive_types=(110,), noise_type=13, other_types=((0, "PCMU"),), ptime_ms=40,
        sends=False, receives=True,
    )  # fmt: skip


def test_names_of_codecs() -> None:
    assert [c.name for c in speakable(("PCMA", "g722"))] == [
        "PCMA", "G722", "telephone-event", "CN",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="SILK"):
        speakable(("PCMU", "SILK"))
