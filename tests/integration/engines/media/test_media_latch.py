"""Where packets may come from and go to, on real sockets."""

import socket
import struct

from media_rig import Peer, Rig, sine

from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.g711 import ulaw_encode
from trunkline.protocols.rtp import SenderReport, parse_rtcp

FRAME = ulaw_encode(sine(1000.0, 160)).tobytes()


def sends(rig: Rig, peer: Peer, ticks: int = 5) -> int:
    """Packets the peer gets while it sends."""
    before = len(peer.packets)
    rig.tick(ticks, lambda _: peer.send(FRAME))
    return len(peer.packets) - before


def received(rig: Rig, leg: str) -> int:
    stats = rig.do(m.GetLegStats(leg))
    assert isinstance(stats, m.LegStats)
    return stats.packets_received


def stranger(rig: Rig, like: Peer) -> Peer:
    """Somebody at another address of this machine."""
    peer = Peer("127.0.0.2")
    peer.target, peer.ssrc = like.target, like.ssrc + 1
    rig.peers[f"stranger{len(rig.peers)}"] = peer
    return peer


def test_media_goes_to_the_address_of_the_sdp_before_any_arrives(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.tick(5)
    assert len(peer.packets) == 5


def test_a_source_elsewhere_is_followed_within_the_window(rig: Rig) -> None:
    """The SDP has a private address: answers go to where packets come from."""
    sdp = rig.open("leg")
    real = stranger(rig, sdp)
    assert sends(rig, real) > 0
    rig.tick(400)  # the window ends, the socket is connected
    assert sends(rig, real) == 5
    assert sends(rig, sdp) == 0
    assert rig.of(m.MediaStarted) == [m.MediaStarted("leg", "127.0.0.2", real.port)]


def test_after_the_window_only_the_address_of_the_sdp_may_begin(rig: Rig) -> None:
    sdp = rig.open("leg")
    rig.tick(300)
    late = stranger(rig, sdp)
    assert sends(rig, late) == 0
    assert received(rig, "leg") == 0
    sends(rig, sdp)
    assert received(rig, "leg") == 5


def test_within_the_window_the_address_of_the_sdp_wins(rig: Rig) -> None:
    sdp = rig.open("leg")
    other = stranger(rig, sdp)
    sends(rig, other)
    assert sends(rig, sdp) > 0
    assert sends(rig, other) == 0


def test_another_port_of_the_sdps_address_is_a_nat(rig: Rig) -> None:
    sdp = rig.open("leg")
    rig.tick(300)
    mapped = Peer()
    mapped.target = sdp.target
    rig.peers["mapped"] = mapped
    assert sends(rig, mapped) > 0


def test_once_connected_strangers_are_not_heard(rig: Rig) -> None:
    sdp = rig.open("leg")
    sends(rig, sdp)
    other = stranger(rig, sdp)
    sends(rig, other)
    assert received(rig, "leg") == 5


def test_a_reinvite_opens_the_latch_again(rig: Rig) -> None:
    old = rig.open("leg")
    sends(rig, old)
    new = stranger(rig, old)
    assert rig.do(m.SetStream("leg", rig.stream(new))) == m.Done()
    assert sends(rig, new) > 0
    assert sends(rig, old) == 0
    assert len(rig.of(m.MediaStarted)) >= 1
    # The same address again changes nothing: no packet is lost for it.
    assert rig.do(m.SetStream("leg", rig.stream(new))) == m.Done()
    assert sends(rig, new) == 5


def test_a_nat_that_forgot_the_call_is_found_again_on_a_reinvite(rig: Rig) -> None:
    """The SDP is the same private address, packets come from another port than before."""
    sdp = rig.open("leg")
    before = stranger(rig, sdp)
    sends(rig, before)
    rig.tick(300)
    sends(rig, before)
    after = stranger(rig, sdp)
    assert sends(rig, after) == 0
    rig.do(m.SetStream("leg", rig.stream(sdp)))
    assert sends(rig, after) > 0
    assert sends(rig, before) == 0
    assert rig.of(m.MediaStarted)[0].port == before.port


def test_a_reinvite_gives_nobody_else_a_call_that_goes_on(rig: Rig) -> None:
    sdp = rig.open("leg")
    sends(rig, sdp)
    thief = stranger(rig, sdp)
    rig.do(m.SetStream("leg", rig.stream(sdp)))
    assert sends(rig, sdp) == 5
    assert sends(rig, thief) == 0
    assert sends(rig, sdp) == 5


def test_what_is_no_rtp_of_the_leg_opens_nothing(rig: Rig) -> None:
    sdp = rig.open("leg")
    other = stranger(rig, sdp)
    rubbish = [
        b"", b"\0", b"\x80", bytes(200), b"\x80\x7f" + bytes(170), b"INVITE sip:x SIP/2.0\r\n",
    ]  # fmt: skip

    def each(index: int) -> None:
        for data in rubbish:
            other.sock.sendto(data, other.target)

    rig.tick(5, each)
    assert sends(rig, other, 1) <= 1
    assert rig.do(m.GetLegStats("leg")).refused >= 25  # type: ignore[union-attr]


def test_a_peer_that_refuses_and_comes_back(rig: Rig) -> None:
    """ICMP makes a connected socket raise on send and on receive; the call goes on."""
    peer = rig.open("leg")
    sends(rig, peer)
    port = peer.port
    peer.sock.close()
    peer.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # unbound: nobody is at the port
    peer.sock.setblocking(False)
    rig.tick(20)
    peer.sock.close()
    peer.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.sock.bind(("127.0.0.1", port))
    peer.sock.setblocking(False)
    assert sends(rig, peer) >= 4
    assert received(rig, "leg") == 10


def test_exhaustion_is_an_answer(rig: Rig) -> None:
    small = Rig(first_port=30100, last_port=30103, most_legs=10)
    try:
        answers = [small.do(m.OpenLeg(str(n))) for n in range(4)]
        assert [type(a) for a in answers[:2]] == [m.LegOpened, m.LegOpened]
        assert answers[2] == m.Refused("ports", "no port is free")
        assert isinstance(small.do(m.CloseLeg("0")), m.LegStats)
        assert isinstance(small.do(m.OpenLeg("again")), m.LegOpened)
    finally:
        small.close()
    few = Rig(most_legs=1)
    try:
        assert isinstance(few.do(m.OpenLeg("one")), m.LegOpened)
        assert few.do(m.OpenLeg("two")) == m.Refused("full", "1 legs")
        assert few.do(m.OpenLeg("one")) == m.Refused("exists", "one")
    finally:
        few.close()


def test_a_name_is_not_looked_up(rig: Rig) -> None:
    peer = rig.open("leg")
    refused = rig.do(m.SetStream("leg", rig.stream(peer, address="phone.example")))
    assert isinstance(refused, m.Refused)
    assert refused.reason == "invalid"


def test_a_held_peer_stays_where_it_is(rig: Rig) -> None:
    peer = rig.open("leg")
    sends(rig, peer)
    rig.do(m.SetStream("leg", rig.stream(peer, address="", sends=False)))
    assert sends(rig, peer) == 0
    rig.do(m.SetStream("leg", rig.stream(peer)))
    assert sends(rig, peer) == 5


def test_reports_are_sent_and_read(rig: Rig) -> None:
    peer = rig.open("leg")
    sends(rig, peer, 400)
    data = peer.rtcp.recv(2048)
    report = parse_rtcp(data)[0]
    assert isinstance(report, SenderReport)
    assert report.blocks[0].ssrc == peer.ssrc
    assert report.blocks[0].lost == 0
    # The peer answers: it lost 7, and got our report 100 ms ago.
    middle = report.ntp >> 16 & 0xFFFFFFFF
    block = struct.pack("!IIIIII", report.ssrc, 7, 900, 160, middle, 0)
    ours = rig.engine._legs["leg"].pair.port + 1
    peer.rtcp.sendto(struct.pack("!BBHI", 0x81, 201, 7, peer.ssrc) + block, ("127.0.0.1", ours))
    peer.rtcp.sendto(b"rubbish", ("127.0.0.1", ours))
    rig.tick(20)
    stats = rig.do(m.GetLegStats("leg"))
    assert isinstance(stats, m.LegStats)
    assert stats.remote_lost == 7
    assert stats.remote_jitter_ms == 20.0
    assert stats.round_trip_ms >= 0


def test_no_media_is_told_once_and_again_after_some(rig: Rig) -> None:
    peer = rig.open("leg")
    sends(rig, peer)
    rig.now += 61
    rig.tick(20)
    rig.now += 61
    rig.tick(20)
    assert len(rig.of(m.MediaTimeout)) == 1
    assert rig.of(m.MediaTimeout)[0].silent_ms >= 60_000
    sends(rig, peer, 20)
    rig.now += 61
    rig.tick(20)
    assert len(rig.of(m.MediaTimeout)) == 2


def test_a_leg_on_hold_does_not_time_out(rig: Rig) -> None:
    peer = rig.open("leg", receives=False)
    rig.now += 100
    rig.tick(20)
    assert not rig.of(m.MediaTimeout)
    rig.do(m.SetStream("leg", rig.stream(peer)))
    rig.tick(20)
    assert not rig.of(m.MediaTimeout)


def test_a_peer_that_holds_us_in_silence_does_not_time_out(rig: Rig) -> None:
    peer = rig.open("leg")
    sends(rig, peer)
    for held in ({"sends": False}, {"sends": False, "address": ""}):
        rig.do(m.SetStream("leg", rig.stream(peer, **held)))
        rig.now += 100
        rig.tick(20)
        assert not rig.of(m.MediaTimeout)
    rig.do(m.SetStream("leg", rig.stream(peer)))
    rig.now += 50
    rig.tick(20)
    assert not rig.of(m.MediaTimeout)
    rig.now += 11
    rig.tick(20)
    assert len(rig.of(m.MediaTimeout)) == 1
