from trunkline.protocols.sms import decode, payload, segment
from trunkline.simulator.handsets import HandsetMessage, Handsets


def arrive(handsets: Handsets, text: str, recipient: str = "4915", at: float = 0.0) -> None:
    cut = segment.segment(text)
    for number, part in enumerate(
        payload.payloads(cut.encoding, cut.parts, payload.Dialect.UDH, 7), 1
    ):
        content = decode.read(part.data_coding, part.esm_class, part.short_message)
        handsets.arrive("ACME", recipient, content, at, ("sim", f"id{number}"))


def test_a_message_is_shown_as_its_reader_sees_it() -> None:
    handsets = Handsets()
    arrive(handsets, "Hi [€]", at=5.0)
    assert handsets.inbox("+4915") == [
        HandsetMessage("ACME", "4915", "Hi [€]", 1, 5.0, "sim", 0, ("id1",))
    ]
    assert handsets.inbox("4916") == []


def test_long_messages_are_joined() -> None:
    handsets = Handsets()
    text = "你好" * 50
    arrive(handsets, text)
    (shown,) = handsets.inbox("4915")
    assert (shown.text, shown.parts, shown.message_ids) == (text, 2, ("id1", "id2"))


def test_an_incomplete_message_is_shown_at_the_next_arrival_after_its_time() -> None:
    handsets = Handsets()
    head = payload.payloads(segment.Encoding.GSM7, (b"one", b"two"), payload.Dialect.UDH, 1)[0]
    content = decode.read(0, head.esm_class, head.short_message)
    handsets.arrive("ACME", "4915", content, 0.0, ("sim", "a"))
    assert handsets.inbox("4915") == []
    arrive(handsets, "x" * 200, "4916", at=301.0)
    (shown,) = handsets.inbox("4915")
    assert (shown.text, shown.missing) == ("one", (2,))


def test_inboxes_are_bounded_both_ways() -> None:
    handsets = Handsets(per_number=3, numbers=2)
    for at in range(5):
        arrive(handsets, f"m{at}", "1")
    assert [shown.text for shown in handsets.inbox("1")] == ["m2", "m3", "m4"]
    arrive(handsets, "x", "2")
    arrive(handsets, "again", "1")
    arrive(handsets, "x", "3")  # number 2 was quiet the longest
    assert handsets.inbox("2") == []
    assert len(handsets.inbox("1")) == 3
    assert handsets.received == 8


def test_listeners_hear_until_they_stop() -> None:
    handsets = Handsets()
    heard: list[str | None] = []
    stop = handsets.listen(lambda shown: heard.append(shown.text))
    arrive(handsets, "a")
    stop()
    arrive(handsets, "b")
    assert heard == ["a"]
