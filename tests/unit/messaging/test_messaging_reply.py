import pytest

from trunkline.messaging.reply import MAX_XML_CHARS, MessageElement, parse


def texts(document: str) -> list[str]:
    return [element.text for element in parse(document)]


def test_all_attributes_are_read() -> None:
    document = (
        '<?xml version="1.0" encoding="utf-8"?>\n<Response>\n  '
        '<Message src="14155550100" dst="14155550123&lt;14155550124" type="sms" '
        'callbackUrl="https://example.com/cb?a=1&amp;b=2" callbackMethod="get">\n Hi \n</Message>'
        "\n</Response>\n"
    )
    assert parse(document) == [
        MessageElement(
            "14155550100", "14155550123<14155550124", "Hi", "https://example.com/cb?a=1&b=2", "GET"
        )
    ]


def test_what_is_left_out_is_empty_and_posted() -> None:
    assert parse("<Response><Message>Hi</Message></Response>") == [
        MessageElement("", "", "Hi", "", "POST")
    ]


def test_single_quotes_do_as_well() -> None:
    (element,) = parse("<Response><Message src='1' dst='2'>it's</Message></Response>")
    assert (element.src, element.dst, element.text) == ("1", "2", "it's")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fish & chips", "fish & chips"),
        ("fish &amp; chips", "fish & chips"),
        ("a&b", "a&b"),
        ("&&", "&&"),
        ("&#x41;&#66;", "AB"),
        ("1 &lt; 2 &gt; 0 &quot;&apos;", "1 < 2 > 0 \"'"),
        ("& ;", "& ;"),
        ("&#;", "&#;"),
        ("Grüße 🎉", "Grüße 🎉"),
    ],
)
def test_bare_ampersands_are_taken_literally(written: str, meant: str) -> None:
    assert texts(f"<Response><Message>{written}</Message></Response>") == [meant]


def test_a_bare_ampersand_in_an_attribute_too() -> None:
    (element,) = parse(
        '<Response><Message callbackUrl="https://example.com/?a=1&b=2">Hi</Message></Response>'
    )
    assert element.callback_url == "https://example.com/?a=1&b=2"


def test_several_messages_come_in_order() -> None:
    document = "<Response><Message>1</Message><Wait/><Message>2</Message></Response>"
    assert texts(document) == ["1", "2"]


def test_other_kinds_of_message_are_left_out() -> None:
    document = '<Response><Message type="mms">a</Message><Message type="sms">b</Message></Response>'
    assert texts(document) == ["b"]


def test_a_message_without_text_is_none() -> None:
    assert texts("<Response><Message/><Message> \n </Message><Message>x</Message></Response>") == [
        "x"
    ]


def test_comments_and_cdata_are_ordinary_xml() -> None:
    document = (
        "<Response><!-- who wrote this? --><Message><![CDATA[if a < b]]></Message></Response>"
    )
    assert texts(document) == ["if a < b"]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "ok",
        "<Response>",
        "<Response><Message>Hi</Response>",
        "<Answer><Message>Hi</Message></Answer>",
        "<Answer><Response><Message>Hi</Message></Response></Answer>",
        "<Responses><Message>Hi</Message></Responses>",
        '{"Response": "Hi"}',
        "<Response><Message>&unknown;</Message></Response>",
        "<Response><Message>\0</Message></Response>",
    ],
)
def test_what_is_no_response_says_nothing(document: str) -> None:
    assert parse(document) == []


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE Response [<!ENTITY a "boom">]>',
        '<!DOCTYPE Response SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE Response>",
        "<!doctype Response>",
    ],
)
def test_document_types_are_refused(head: str) -> None:
    assert parse(f"{head}<Response><Message>a &a; b</Message></Response>") == []
    assert parse(f"{head}<Response><Message>Hi</Message></Response>") == []


def test_a_huge_document_is_refused() -> None:
    frame = "<Response><Message>{}</Message></Response>"
    room = MAX_XML_CHARS - len(frame) + 2
    assert len(texts(frame.format("x" * room))[0]) == room
    assert parse(frame.format("x" * (room + 1))) == []


def test_deep_nesting_is_read_without_harm() -> None:
    depth = 10_000
    document = "<Response>" + "<a>" * depth + "</a>" * depth + "<Message>x</Message></Response>"
    assert texts(document) in ([], ["x"])
