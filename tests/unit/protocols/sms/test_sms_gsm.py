import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols.sms import gsm, ucs2

ENCODABLE = "".join(char for char in gsm.BASIC if char != "\x1b") + "".join(gsm.EXTENSION)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("", b""),
        ("@", b"\x00"),
        ("hello @ $5_", b"hello \x00 \x025\x11"),
        ("£1", b"\x011"),
        ("Ω and Δ", b"\x15 and \x10"),
        ("ÄÖÑÜ§¿äöñüà", b"\x5b\x5c\x5d\x5e\x5f\x60\x7b\x7c\x7d\x7e\x7f"),
        ("[a]", b"\x1b\x3ca\x1b\x3e"),
        ("{}^\\~|", b"\x1b\x28\x1b\x29\x1b\x14\x1b\x2f\x1b\x3d\x1b\x40"),
        ("€9", b"\x1b\x659"),
        ("€[Ω", b"\x1b\x65\x1b\x3c\x15"),
        ("a\fb\r\n", b"a\x1b\x0ab\x0d\x0a"),
    ],
)
def test_golden_octets_both_ways(text: str, octets: bytes) -> None:
    assert gsm.encode(text) == octets
    assert gsm.decode(octets) == text
    assert gsm.count(text) == len(octets)


@pytest.mark.parametrize("text", ["ç", "`", "a\x1bb", "\x80", "你", "😀", "á", "\t", "\xad"])
def test_foreign_characters_are_refused(text: str) -> None:
    assert gsm.try_encode(text) is None
    assert gsm.count(text) is None
    with pytest.raises(ValueError, match="alphabet"):
        gsm.encode(text)


def test_every_code_of_the_basic_table_has_its_own_character() -> None:
    assert len(gsm.BASIC) == 128
    assert len(set(gsm.BASIC)) == 128


@given(st.text(alphabet=ENCODABLE))
def test_encodable_text_survives(text: str) -> None:
    octets = gsm.encode(text)
    assert octets.isascii()
    assert gsm.decode(octets) == text


@given(st.text())
def test_any_text_is_either_refused_or_survives(text: str) -> None:
    octets = gsm.try_encode(text)
    assert (octets is None) == any(char not in ENCODABLE for char in text)
    if octets is not None:
        assert gsm.decode(octets) == text


@given(st.binary())
def test_decoding_never_fails(octets: bytes) -> None:
    assert len(gsm.decode(octets)) <= len(octets)


def test_odd_escapes_and_octets_decode_by_rule() -> None:
    assert gsm.decode(b"a\x1b") == "a "
    assert gsm.decode(b"\x1b\x1bb") == " b"
    assert gsm.decode(b"\x1bA") == "A"
    assert gsm.decode(b"\x1b\x80") == "\ufffd"
    assert gsm.decode(b"a\xff") == "a\ufffd"


def test_packing_matches_the_published_example() -> None:
    # "hellohello" packed: the example every SMS PDU tutorial uses (3GPP 23.038 6.1.2.1.1).
    assert gsm.pack(gsm.encode("hellohello")).hex() == "e8329bfd4697d9ec37"
    assert gsm.unpack(bytes.fromhex("e8329bfd4697d9ec37"), 10) == b"hellohello"


@given(st.binary(max_size=200), st.integers(0, 6))
def test_unpack_undoes_pack(octets: bytes, fill_bits: int) -> None:
    septets = bytes(octet & 0x7F for octet in octets)
    packed = gsm.pack(septets, fill_bits)
    assert len(packed) == (len(septets) * 7 + fill_bits + 7) // 8
    assert gsm.unpack(packed, len(septets), fill_bits) == septets


@given(st.binary(max_size=20), st.integers(0, 300), st.integers(0, 6))
def test_unpack_never_reads_past_the_end(packed: bytes, count: int, fill_bits: int) -> None:
    assert len(gsm.unpack(packed, count, fill_bits)) <= min(count, len(packed) * 8 // 7)


def test_ucs2_counts_code_units_and_keeps_to_big_endian() -> None:
    assert ucs2.encode("你😀") == bytes.fromhex("4f60d83dde00")
    assert ucs2.count("你😀") == 3
    assert ucs2.encode("\ud83d") == b"\x00?"


def test_ucs2_decoding_is_tolerant() -> None:
    assert ucs2.decode(b"\xfe\xff\x00A") == "A"
    assert ucs2.decode(b"\xff\xfeA\x00") == "A"
    assert ucs2.decode(b"\x00A\x00") == "A\ufffd"
    assert ucs2.decode(b"\xd8\x3d\x00A").endswith("A")


@given(st.binary())
def test_ucs2_decoding_never_fails(octets: bytes) -> None:
    ucs2.decode(octets)
