"""RTP and RTCP packets: golden octets, round trips, rubbish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols import rtp

GOLDEN = bytes.fromhex("80801234000003e8deadbeef") + b"audio"


def test_a_plain_packet() -> None:
    packet = rtp.Packet(0, 0x1234, 1000, 0xDEADBEEF, b"audio", marker=True)
    assert rtp.parse(GOLDEN) == packet
    assert rtp.serialize(packet) == GOLDEN


def test_csrcs_an_extension_and_padding() -> None:
    packet = rtp.Packet(8, 1, 2, 3, b"pay", csrcs=(7, 8), extension=(0xBEDE, b"12345678"))
    data = rtp.serialize(packet, padding=4)
    assert data.hex() == (
        "b208000100000002000000030000000700000008bede0002" + b"12345678pay".hex() + "00000004"
    )
    assert rtp.parse(data) == packet


@given(
    st.integers(0, 127), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=50),
    st.lists(st.integers(0, 0xFFFFFFFF), max_size=15), st.integers(0, 20), st.booleans(),
    st.one_of(st.none(), st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=3))),
)  # fmt: skip
def test_what_is_written_is_read(
    kind: int, sequence: int, number: int, payload: bytes, csrcs: list[int], padding: int,
    marker: bool, extension: tuple[int, bytes] | None,
) -> None:  # fmt: skip
    words = None if extension is None else (extension[0], extension[1] * 4)
    packet = rtp.Packet(kind, sequence, number, number, payload, marker, tuple(csrcs), words)
    assert rtp.parse(rtp.serialize(packet, padding=padding)) == packet


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x80", GOLDEN[:11], b"\x40" + GOLDEN[1:], b"\x8f" + GOLDEN[1:],
        b"\x90" + GOLDEN[1:12], b"\x90" + GOLDEN[1:12] + b"\0\0\0\x09",
        b"\xa0" + GOLDEN[1:12], b"\xa0" + GOLDEN[1:12] + b"\0", b"\xa0" + GOLDEN[1:12] + b"\x09",
    ],
)  # fmt: skip
def test_rubbish_is_malformed(data: bytes) -> None:
    with pytest.raises(rtp.Malformed):
        rtp.parse(data)


@pytest.mark.parametrize(
    "packet",
    [
        rtp.Packet(128, 0, 0, 0, b""),
        rtp.Packet(0, 1 << 16, 0, 0, b""),
        rtp.Packet(0, 0, -1, 0, b""),
        rtp.Packet(0, 0, 0, 0, b"", csrcs=(0,) * 16),
        rtp.Packet(0, 0, 0, 0, b"", extension=(0, b"odd")),
    ],
)
def test_values_that_do_not_fit(packet: rtp.Packet) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rtp.serialize(packet)


REPORTS: tuple[rtp.Rtcp, ...] = (
    rtp.SenderReport(1, 0xE9A2B3C4D5E6F708, 160, 10, 1600, (
        rtp.ReportBlock(2, 25, -3, 0x10005, 40, 0xB3C4D5E6, 65536),
    )),
    rtp.ReceiverReport(1, (rtp.ReportBlock(2, 0, 0x7FFFFF, 5, 0),)),
    rtp.SourceDescription(((1, ((rtp.CNAME, "a@b"), (2, "Ann"))), (5, ()))),
    rtp.Bye((1, 2), "over"),
    rtp.Bye((1,)),
    rtp.Other(204, 3, b"\0\0\0\x01name"),
)  # fmt: skip


def test_rtcp_comes_back_as_it_was() -> None:
    data = rtp.serialize_rtcp(*REPORTS)
    assert len(data) % 4 == 0
    assert rtp.is_rtcp(data)
    assert rtp.parse_rtcp(data) == list(REPORTS)


def test_a_golden_compound() -> None:
    data = rtp.serialize_rtcp(
        rtp.ReceiverReport(0x01020304), rtp.SourceDescription(((0x01020304, ((1, "x"),)),))
    )
    assert data.hex() == "80c9000101020304" + "81ca00020102030401017800"


@given(st.binary(max_size=120))
def test_any_octets_are_rtcp_or_malformed(data: bytes) -> None:
    for octets in (
        data,
        b"\x81\xc8\0\x06" + data,
        b"\x82\xca\0\x04" + data,
        b"\x81\xcb\0\1" + data,
    ):
        try:
            rtp.parse_rtcp(octets)
        except rtp.Malformed:
            continue


@given(st.binary(max_size=60))
def test_any_octets_are_rtp_or_malformed(data: bytes) -> None:
    try:
        packet = rtp.parse(data)
    except rtp.Malformed:
        return
    again = rtp.parse(rtp.serialize(packet))
    assert again == packet


def test_too_many_blocks() -> None:
    with pytest.raises(ValueError, match="31"):
        rtp.serialize_rtcp(rtp.ReceiverReport(1, (rtp.ReportBlock(2, 0, 0, 0, 0),) * 32))
    with pytest.raises(ValueError, match=r".+"):
        rtp.serialize_rtcp(rtp.ReceiverReport(-1))


# -- what a receiver counts ----------------------------------------------------------------------


def receive(reception: rtp.Reception, *sequences: int) -> list[bool]:
    return [reception.packet(n & 0xFFFF, (n * 160) & 0xFFFFFFFF, n * 160) for n in sequences]


def test_loss_disorder_and_duplicates() -> None:
    reception = rtp.Reception(7)
    assert receive(reception, 65530, 65531, 65533, 65532, 65533, 65537) == [
        True, True, True, True, False, True,
    ]  # fmt: skip
    assert (reception.expected, reception.received, reception.duplicates) == (8, 6, 1)
    assert reception.lost == 2
    assert reception.highest_sequence == 65537
    assert reception.jitter == 0
    block = reception.report(0.0)
    assert block.fraction_lost == 2 * 256 // 8
    receive(reception, *range(65538, 65548))
    assert reception.report(0.0).fraction_lost == 0


def test_a_jump_is_believed_with_the_second_packet() -> None:
    reception = rtp.Reception(7)
    receive(reception, *range(10))
    assert receive(reception, 30000) == [False]
    assert receive(reception, 9) == [False]  # a duplicate
    assert receive(reception, 30010, 30011) == [False, True]
    assert reception.restarts == 1
    assert reception.expected == 1


def test_jitter_as_in_the_rfc() -> None:
    """RFC 3550 A.8: J += (|D| - J) / 16."""
    reception = rtp.Reception(7)
    expected, transit = 0.0, 0
    for n in range(200):
        late = (n * 37) % 80
        reception.packet(n, n * 160, n * 160 + late)
        if n:
            expected += (abs(late - transit) - expected) / 16
        transit = late
    assert abs(reception.jitter - expected) <= 1


def test_the_round_trip() -> None:
    """RFC 3550 figure 2: 6.125 s."""
    block = rtp.ReportBlock(1, 0, 0, 0, 0, lsr=0xB7052000, dlsr=0x00054000)
    assert rtp.round_trip_s(block, 0xB710_8000 << 16) == pytest.approx(6.125)
    assert rtp.round_trip_s(rtp.ReportBlock(1, 0, 0, 0, 0), 1 << 40) is None
    assert rtp.round_trip_s(block, 0xB700_0000 << 16) is None


def test_what_an_sr_leaves_in_our_report() -> None:
    reception = rtp.Reception(7)
    receive(reception, 1, 2)
    reception.sender_report(0x1122334455667788, now=100.0)
    block = reception.report(now=101.5)
    assert (block.lsr, block.dlsr) == (0x33445566, 98304)


def test_ntp_time() -> None:
    assert rtp.ntp_time(0) >> 32 == 2_208_988_800
