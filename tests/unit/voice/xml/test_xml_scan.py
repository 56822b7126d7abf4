"""Reading XML as SDKs write it, and refusing what is none or does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.voice.xml.decode import MAX_BYTES, decode
from trunkline.voice.xml.errors import Dangerous, InvalidDocument, Malformed, TooLarge
from trunkline.voice.xml.scan import MAX_DEPTH, MAX_NODES, scan


def text_of(document: str) -> str:
    return scan(document).text


def attribute_of(document: str) -> str:
    return scan(document).attributes["a"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish & chips", "Fish & chips"),
        ("http://x.test/?a=1&b=2&copy=3&", "http://x.test/?a=1&b=2&copy=3&"),
        ("a &lt; b &gt; c &quot;d&quot; &apos;e&apos;", "a < b > c \"d\" 'e'"),
        ("1 < 2, 2 <3 and 4 <= 5", "1 < 2, 2 <3 and 4 <= 5"),
        ("&#233;&#xE9;&#XE9;", "ééé"),
        ("&#55357;&#56832;", "😀"),  # .NET: two halves of a surrogate pair
        ("&#55357;x", "\ufffdx"),
        ("&#0;&#x110000;", "\ufffd\ufffd"),
        ("caf&eacute;&nbsp;bar", "café\xa0bar"),
        ("&unknown;", "&unknown;"),
        ("<![CDATA[a <b> & c]]> d", "a <b> & c d"),
        ("a<!-- <b> & -- > -->b", "ab"),
        ("a<?php echo 1; ?>b", "ab"),
        ("line\r\nnext\rlast", "line\nnext\nlast"),
        ("∫test ®", "∫test ®"),
    ],
)
def test_text_is_understood(written: str, meant: str) -> None:
    assert text_of(f"<R>{written}</R>") == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a='it\"s'", 'it"s'),
        ('a="it\'s"', "it's"),
        ('a = "x"', "x"),
        ('a="say "yes" or "no""', 'say "yes" or "no"'),  # Node, Ruby, PHP, .NET
        ('a="x "y" z" b="2"', 'x "y" z'),
        ("a='x 'y' z' b='2'", "x 'y' z"),
        ('a="http://x.test/?a=1&b=2"', "http://x.test/?a=1&b=2"),
        ('a="1 > 2"', "1 > 2"),
        ('a="1 < 2"', "1 < 2"),
        ('a="&quot;&#10;"', '"\n'),
        ('a="one\ntwo"', "one two"),
        ('a=""', ""),
    ],
)
def test_values_are_understood(written: str, meant: str) -> None:
    assert attribute_of(f"<R {written}/>") == meant


def test_a_stray_quote_spoils_no_neighbour() -> None:
    node = scan('<R a="say "hello" now" b="2" c=\'3\'/>')
    assert node.attributes == {"a": 'say "hello" now', "b": "2", "c": "3"}


@pytest.mark.parametrize(
    "prologue",
    [
        "",
        '<?xml version="1.0"?>\n',
        '<?xml version="1.0" encoding="utf-8" ?>',
        "\n\n <?xml version='1.0'?>",  # a template with a line before it
        "<!-- hello -->",
        "<!DOCTYPE R>",
        "\ufeff",
    ],
)
def test_what_may_come_first(prologue: str) -> None:
    assert scan(f"{prologue}<R/>\n<!-- end -->\n").name == "R"


def test_namespaces_are_passed_over() -> None:
    root = scan(
        '<p:R xmlns:p="urn:x" xmlns="urn:y" p:a="1" b="2">'
        '<lang xmlns:xml="http://schema.omg.org/spec/XMI/2.1" xml:lang="it"/></p:R>'
    )
    assert (root.name, root.attributes) == ("R", {"b": "2"})
    assert root.children[0].attributes == {"xml:lang": "it"}


def test_lines_are_counted() -> None:
    root = scan("<R>\n\n<A\nx='1'/><B>\n</B><C/></R>")
    assert [child.line for child in root.children] == [3, 4, 5]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("<!-- only this -->", "empty"),
        ("hello", "outside of the root"),
        ("Notice: x in y.php<R/>", "outside of the root"),
        ("<R/>more", "outside of the root"),
        ("<R/><R/>", "after the end"),
        ("<R>", "<R> of line 1 is not closed"),
        ("<R>\n<A></R>", "</R> where </A> should be"),
        ("</R>", "closes nothing"),
        ("<R></r>", "</r> where </R> should be"),
        ("<R a=1/>", "not well-formed"),
        ("<R a='1' a='2'/>", "a twice"),
        ("<R a='1/>", "does not end"),
        ("<R", "not well-formed"),
        ("<R></R x>", "not well-formed"),
        ("<R><!-- x</R>", "does not end"),
        ("<R><![CDATA[x</R>", "does not end"),
        ("<R><?x</R>", "does not end"),
        ("<R><!x></R>", "a declaration where none may be"),
        ('{"json": true}', "outside of the root"),
    ],
)
def test_what_is_no_xml_is_refused(document: str, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        scan(document)


def entity(number: int) -> str:
    before = f"&l{number - 1};" * 10 if number else "lol"
    return f'<!ENTITY l{number} "{before}">'


ENTITIES = "".join(map(entity, range(9)))
BOMB = f"<!DOCTYPE R [{ENTITIES}]><R>&l8;</R>"


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        '<!DOCTYPE R [<!ENTITY x SYSTEM "file:///etc/passwd">]><R>&x;</R>',
        '<!DOCTYPE R SYSTEM "http://evil.test/x.dtd"><R/>',
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://x.test/"><html/>',
        '<R><!DOCTYPE R [<!ENTITY x "y">]></R>',
    ],
)
def test_document_types_that_do_something_are_refused(document: str) -> None:
    with pytest.raises(Dangerous):
        scan(document)


def test_limits() -> None:
    deep = "<A>" * MAX_DEPTH + "</A>" * MAX_DEPTH
    assert scan(deep).name == "A"
    with pytest.raises(TooLarge):
        scan(f"<A>{deep}</A>")
    with pytest.raises(TooLarge):
        scan(f"<R>{'<A/>' * MAX_NODES}</R>")
    with pytest.raises(TooLarge):
        scan("<R " + " ".join(f"a{n}='1'" for n in range(65)) + "/>")
    with pytest.raises(TooLarge):
        decode(b"x" * (MAX_BYTES + 1))


@pytest.mark.parametrize(
    "document",
    [
        "<R a=" + '"' * 50_000,
        "<R " + "a" * 90_000,
        "<R>" + "&" * 90_000 + "</R>",
        "<R>" + "<" * 90_000 + "</R>",
        "<R" + " " * 90_000,
        "<R a='" + "' b" * 30_000,
        "<" * 90_000,
    ],
)
def test_rubbish_of_full_size_is_answered_at_once(document: str) -> None:
    try:
        scan(document)
    except InvalidDocument:
        return


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<R>é</R>".encode(), ""),
        (b"\xef\xbb\xbf" + "<R>é</R>".encode(), "text/xml; charset=iso-8859-1"),
        ("<R>é</R>".encode("latin-1"), "text/xml; charset=ISO-8859-1"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><R>é</R>".encode("latin-1"), ""),
        ("<R>é</R>".encode("latin-1"), ""),  # said to be nothing, and not UTF-8
        ("<R>é</R>".encode("utf-16"), ""),
        ("<R>é</R>".encode("utf-16-le"), ""),
        ("<R>é</R>".encode("utf-16-be"), ""),
        ('<?xml version="1.0" encoding="utf-16"?><R>é</R>'.encode(), ""),
        ("<R>é</R>".encode(), 'application/xml; charset="no-such-thing"'),
        ("<R>é</R>".encode(), "text/xml; charset=unicode_escape"),
    ],
)
def test_character_sets(body: bytes, content_type: str) -> None:
    assert scan(decode(body, content_type)).text == "é"


@pytest.mark.parametrize("body", [b"<R>\0</R>", b"<R>\x01</R>", b"\xff\xfe<\0R"])
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body)


WORD = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(WORD, WORD)
def test_what_is_written_well_is_read_as_it_was(text: str, value: str) -> None:
    node = scan(f'<R a="{value.replace("&", "&amp;").replace(chr(34), "&quot;")}">'
                f'{text.replace("&", "&amp;").replace("<", "&lt;")}</R>')  # fmt: skip
    assert node.text == text
    assert node.attributes["a"] == value


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(body: bytes) -> None:
    for candidate in (body, b"<R>" + body + b"</R>", b"<R a='" + body + b"'/>"):
        try:
            scan(decode(candidate))
        except InvalidDocument:
            continue
