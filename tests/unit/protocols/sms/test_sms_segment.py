import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols.sms import gsm, ucs2
from trunkline.protocols.sms.decode import Alphabet, read, text_of
from trunkline.protocols.sms.payload import ESM_UDHI, Dialect, PartPayload, payloads
from trunkline.protocols.sms.reassembly import Part, Reassembler
from trunkline.protocols.sms.segment import Encoding, TooLong, choose, segment, units

GSM_CHARS = "".join(char for char in gsm.BASIC if char != "\x1b") + "".join(gsm.EXTENSION)
# 1,600 septets and 737 units at most, whatever is drawn.
gsm_texts = st.text(alphabet=GSM_CHARS, max_size=800)
ucs2_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=368)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("", Encoding.GSM7, 1),
        ("a" * 160, Encoding.GSM7, 1),
        ("a" * 161, Encoding.GSM7, 2),
        ("a" * 306, Encoding.GSM7, 2),
        ("a" * 307, Encoding.GSM7, 3),
        ("a" * 1600, Encoding.GSM7, 11),
        ("€" * 80, Encoding.GSM7, 1),
        ("€" * 81, Encoding.GSM7, 2),
        ("€" * 152, Encoding.GSM7, 2),  # 76 pairs a part: 153 septets cannot hold 76.5
        ("€" * 153, Encoding.GSM7, 3),
        ("你" * 70, Encoding.UCS2, 1),
        ("你" * 71, Encoding.UCS2, 2),
        ("你" * 134, Encoding.UCS2, 2),
        ("你" * 135, Encoding.UCS2, 3),
        ("你" * 737, Encoding.UCS2, 11),
        ("😀" * 35, Encoding.UCS2, 1),
        ("😀" * 36, Encoding.UCS2, 2),
        ("😀" * 66, Encoding.UCS2, 2),  # 33 pairs a part
        ("😀" * 67, Encoding.UCS2, 3),
        ("a" * 69 + "ç", Encoding.UCS2, 1),
        ("a" * 70 + "ç", Encoding.UCS2, 2),
    ],
)
def test_units(text: str, encoding: Encoding, expected: int) -> None:
    assert choose(text) is encoding
    assert units(text) == (encoding, expected)
    assert segment(text).units == expected


@pytest.mark.parametrize(
    ("text", "length", "limit"),
    [("a" * 1601, 1601, 1600), ("€" * 801, 1602, 1600), ("你" * 738, 738, 737)],
)
def test_too_long(text: str, length: int, limit: int) -> None:
    with pytest.raises(TooLong) as raised:
        segment(text)
    assert (raised.value.length, raised.value.limit) == (length, limit)


def test_an_escape_pair_moves_whole_to_the_next_part() -> None:
    first, second = segment("a" * 152 + "€" + "b" * 100).parts
    assert first == b"a" * 152
    assert second == b"\x1b\x65" + b"b" * 100


def test_a_surrogate_pair_moves_whole_to_the_next_part() -> None:
    first, second = segment("é你" * 33 + "😀" + "你" * 10).parts
    assert len(first) == 66 * 2
    assert ucs2.decode(second) == "😀" + "你" * 10


@given(st.one_of(gsm_texts, ucs2_texts))
def test_every_part_is_within_limits_and_whole(text: str) -> None:
    cut = segment(text)
    single, part = (160, 153) if cut.encoding is Encoding.GSM7 else (140, 134)
    limit = single if len(cut.parts) == 1 else part
    assert all(len(octets) <= limit for octets in cut.parts)
    assert len(cut.parts) == 1 or all(cut.parts)
    pieces = [text_of(octets, cut.encoding.value) for octets in cut.parts]
    assert "".join(piece or "" for piece in pieces) == text or text.startswith("\ufeff")


@given(st.one_of(gsm_texts, ucs2_texts), st.booleans())
def test_wide_parts_leave_room_for_their_header(text: str, unicode: bool) -> None:
    if unicode and len(text.encode("utf-16-be")) > 2 * 737:
        return
    cut = segment(text, wide=True, unicode=unicode)
    for part in payloads(cut.encoding, cut.parts, Dialect.UDH16, 0x1234):
        # 3GPP 23.040 9.2.3.24: 140 octets; septets begin on a boundary after the header.
        header = 7 if len(cut.parts) > 1 else 0
        body = len(part.short_message) - header
        if cut.encoding is Encoding.GSM7:
            assert body + (header * 8 + 6) // 7 <= 160
        else:
            assert body + header <= 140


@given(st.one_of(gsm_texts, ucs2_texts), st.sampled_from(Dialect), st.integers(0, 100_000))
def test_every_dialect_is_read_back(text: str, dialect: Dialect, reference: int) -> None:
    cut = segment(text)
    fields = payloads(cut.encoding, cut.parts, dialect, reference)
    joiner = Reassembler()
    got: str | None = None
    for field in fields:
        content = read(
            field.data_coding,
            field.esm_class,
            field.short_message,
            field.message_payload,
            field.sar,
        )
        if content.concat is None:
            assert len(fields) == 1
            got = text_of(content.body, content.data_coding)
        else:
            part = Part("s", "d", content.concat, content.body, content.data_coding)
            joined = joiner.add(part, 0.0)
            got = joined.text() if joined else got
    assert got == text or text.startswith("\ufeff")


def test_golden_udh_payload() -> None:
    got = payloads(Encoding.GSM7, (b"one", b"two"), Dialect.UDH, 0x1FF)
    assert got == (
        PartPayload(b"\x05\x00\x03\xff\x02\x01one", ESM_UDHI, 0),
        PartPayload(b"\x05\x00\x03\xff\x02\x02two", ESM_UDHI, 0),
    )


def test_golden_sar_and_message_payload() -> None:
    assert payloads(Encoding.UCS2, (b"\0a", b"\0b"), Dialect.SAR, 70_000) == (
        PartPayload(b"\0a", 0, 8, (70_000 & 0xFFFF, 2, 1)),
        PartPayload(b"\0b", 0, 8, (70_000 & 0xFFFF, 2, 2)),
    )
    assert payloads(Encoding.UCS2, (b"\0a", b"\0b"), Dialect.PAYLOAD, 1) == (
        PartPayload(b"", 0, 8, None, b"\0a\0b"),
    )


@pytest.mark.parametrize("dialect", Dialect)
def test_one_part_is_plain_in_every_dialect(dialect: Dialect) -> None:
    assert payloads(Encoding.GSM7, (b"x",), dialect, 9) == (PartPayload(b"x", 0, 0),)


@pytest.mark.parametrize(
    ("coding", "body", "alphabet", "text"),
    [
        (0, b"\x00\x1b\x65", Alphabet.GSM, "@€"),
        (0, b"\xe9@", Alphabet.LATIN1, "é@"),
        (0, b"a\xe9", Alphabet.ASCII, "a\ufffd"),
        (0, "né€".encode(), Alphabet.UTF8, "né€"),
        (1, b"a@\xe9", Alphabet.GSM, "a@\ufffd"),
        (3, b"\xe9@", Alphabet.GSM, "é@"),
        (8, b"\x4f\x60", Alphabet.GSM, "你"),
        (2, b"\x00\x01", Alphabet.GSM, None),
        (4, b"\x00\x01", Alphabet.GSM, None),
        (0x10, b"\x00", Alphabet.GSM, "@"),  # flash, default alphabet
        (0x18, b"\x4f\x60", Alphabet.GSM, "你"),  # flash, UCS-2
        (0x14, b"\x00", Alphabet.GSM, None),
        (0x30, b"\x00", Alphabet.GSM, None),  # compressed
        (0xC8, b"\x00", Alphabet.GSM, "@"),
        (0xE0, b"\x4f\x60", Alphabet.GSM, "你"),
        (0xF0, b"\x00", Alphabet.GSM, "@"),
        (0xF1, b"@", Alphabet.LATIN1, "@"),
        (0xF5, b"\x00", Alphabet.GSM, None),
        (14, "안".encode("euc-kr"), Alphabet.GSM, "안"),
    ],
)
def test_data_codings(coding: int, body: bytes, alphabet: Alphabet, text: str | None) -> None:
    assert text_of(body, coding, alphabet) == text


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=260), st.sampled_from(Alphabet))
def test_reading_anything_never_fails(
    coding: int, esm_class: int, octets: bytes, alphabet: Alphabet
) -> None:
    content = read(coding, esm_class, octets, None, (1, 2, 3))
    text_of(content.body, coding, alphabet)
    assert len(content.body) <= len(octets)
    assert content.concat is None or 1 <= content.concat.sequence <= content.concat.total


def test_a_broken_header_leaves_the_text_as_it_came() -> None:
    content = read(0, ESM_UDHI, b"\x05\x00\x09hello")
    assert content.header is None
    assert content.body == b"\x05\x00\x09hello"


def test_payload_is_read_when_the_short_message_is_empty() -> None:
    assert read(0, 0, b"", b"long").body == b"long"
    assert read(0, 0, b"short", b"long").body == b"short"


def test_sar_counts_only_when_it_makes_sense() -> None:
    assert read(0, 0, b"x", sar=(7, 2, 3)).concat is None
    concat = read(0, 0, b"x", sar=(7, 2, 2)).concat
    assert concat is not None
    assert (concat.reference, concat.total, concat.sequence, concat.wide) == (7, 2, 2, True)
