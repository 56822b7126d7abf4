import pytest

from trunkline.messaging.media.sniff import sniff, uploadable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"gimp xcf file", "image/xcf"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(20), "video/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4" + bytes(20), "video/3gpp"),
        (b"\x00\x00\x00\x18ftyp3g2a" + bytes(20), "video/3gpp2"),
        (b"\x00\x00\x01\xba" + bytes(20), "video/mpeg"),
        (b"ID3\x03" + bytes(20), "audio/mp3"),
        (b"\xff\xfb\x90\x44" + bytes(20), "audio/mpeg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"OggS" + bytes(20), "audio/ogg"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "text/vcard"),
        ("Grüezi\r\n".encode(), "text/plain"),
    ],
)
def test_a_file_is_what_its_bytes_are(body: bytes, kind: str) -> None:
    assert uploadable(body, "application/x-lies", "lies.exe") == kind


def test_only_between_texts_the_name_decides() -> None:
    assert sniff(b"a,b\n1,2\n", file_name="a.csv") == "text/csv"
    assert sniff(b"a,b\n1,2\n", "text/csv") == "text/csv"
    assert sniff(b"a,b\n1,2\n") == "text/plain"
    assert sniff(PNG, "text/csv", "a.csv") == "image/png"


@pytest.mark.parametrize(
    "body",
    [b"", b"MZ\x90\x00\x03", b"\x7fELF\x02\x01", b"PK\x03\x04 zip", b"\xff\xfe\xfd", b"a\x00b"],
)
def test_what_is_none_of_these_is_not_taken(body: bytes) -> None:
    assert sniff(body, "image/png", "a.png") is None


def test_what_handsets_send_may_not_all_be_uploaded() -> None:
    assert sniff(b"#!AMR\n") == "audio/amr"
    assert uploadable(b"#!AMR\n") is None


def test_a_long_text_is_looked_at_by_its_head() -> None:
    assert sniff(b"a" * 65_535 + "é".encode() * 10) == "text/plain"
