import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols.sms import udh
from trunkline.protocols.sms.udh import BadHeader, Concat, Element, Ports


@pytest.mark.parametrize(
    ("octets", "concat"),
    [
        ("0500032a0301", Concat(0x2A, 3, 1)),
        ("060804012a0302", Concat(0x12A, 3, 2, wide=True)),
        ("0a0003010201 0003020202", Concat(2, 2, 2)),  # the last of two counts
        ("0500032a0300", None),  # sequence 0
        ("0500032a0304", None),  # sequence above total
        ("0500032a0000", None),
        ("0400022a03", None),  # wrong size
        ("0470020102", None),  # an element nobody knows
        ("00", None),
    ],
)
def test_concatenation(octets: str, concat: Concat | None) -> None:
    header, rest = udh.parse(bytes.fromhex(octets) + b"text")
    assert header.concat == concat
    assert rest == b"text"


def test_ports_stand_beside_concatenation() -> None:
    octets = udh.build([udh.concat_element(Concat(1, 2, 1)), udh.ports_element(Ports(2948, 9200))])
    header, rest = udh.parse(octets)
    assert header.concat == Concat(1, 2, 1)
    assert header.ports == Ports(2948, 9200)
    assert rest == b""
    eight_bit, _ = udh.parse(bytes.fromhex("040402f0f1"))
    assert eight_bit.ports == Ports(0xF0, 0xF1)


@pytest.mark.parametrize("octets", ["", "05", "0500032a03", "0100", "02000a", "050003010201"[:10]])
def test_lengths_that_lie_are_refused(octets: str) -> None:
    with pytest.raises(BadHeader):
        udh.parse(bytes.fromhex(octets))


def test_an_element_past_the_header_is_refused_though_octets_follow() -> None:
    with pytest.raises(BadHeader, match="element 0x00"):
        udh.parse(bytes.fromhex("030003aa") + b"plenty of text")


elements = st.lists(st.builds(Element, st.integers(0, 255), st.binary(max_size=20)), max_size=10)


@given(elements, st.binary(max_size=20))
def test_parse_undoes_build(wanted: list[Element], text: bytes) -> None:
    header, rest = udh.parse(udh.build(wanted) + text)
    assert header.elements == tuple(wanted)
    assert rest == text


@given(st.binary(max_size=300))
def test_parse_gives_a_header_or_bad_header(octets: bytes) -> None:
    try:
        header, rest = udh.parse(octets)
    except BadHeader:
        return
    assert udh.build(header.elements) + rest == octets


@given(
    st.builds(Concat, st.integers(0, 255), st.just(255), st.integers(1, 255))
    | st.builds(Concat, st.integers(0, 65535), st.just(9), st.integers(1, 9), st.just(True))
)
def test_concat_survives(concat: Concat) -> None:
    assert udh.parse(udh.build([udh.concat_element(concat)]))[0].concat == concat


def test_build_refuses_what_does_not_fit() -> None:
    with pytest.raises(BadHeader):
        udh.build([Element(1, bytes(256))])
    with pytest.raises(BadHeader):
        udh.build([Element(1, bytes(200)), Element(2, bytes(100))])
