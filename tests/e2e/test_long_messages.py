"""Long texts are cut, charged per part, put together on the handset."""

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

SENTENCE = "The quick brown fox jumps over the lazy dog. "
TEXTS = {
    "one GSM part, full": ("a" * 160, 1),
    "two GSM parts": ("b" * 161, 2),
    "extended characters count twice": ("€" * 80 + "c", 2),
    "ten GSM parts": ((SENTENCE * 40)[:1_530], 10),
    "one UCS-2 part, full": ("Ж" * 70, 1),
    "two UCS-2 parts": ("Ж" * 71, 2),
    "pairs stay whole": ("😀" * 34 + "x" + "😀" * 34, 3),
    "mixed": ("Grüße, 你好, שלום! " * 20, 6),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_long_text_arrives_whole(
    program: Program, api: Api, sink: Sink, handset: str, name: str
) -> None:
    text, units = TEXTS[name]
    uuid = api.send(handset, text, url=sink.url("/long"))
    record = api.final(uuid)
    assert record["message_state"] == "delivered"
    assert record["units"] == units
    arrived = until(lambda: program.handset(handset), "the message on the handset")
    # Blanks at the ends are the text's too.
    assert [(one["text"], one["parts"]) for one in arrived] == [(text, units)]
    assert not arrived[0]["missing"]
    rate, total = (float(record[f"total_{name}"]) for name in ("rate", "amount"))
    assert round(total * 100_000) == round(rate * 100_000) * units
    # One message, so one set of callbacks.
    until(lambda: len(sink.seen) >= 3, "the callbacks")
    assert sink.statuses(uuid) == ["queued", "sent", "delivered"]
    assert {one.params["Units"] for one in sink.seen} == {str(units)}


def test_a_text_that_is_too_long_fails_with_110(api: Api, sink: Sink, handset: str) -> None:
    uuid = api.send(handset, "a" * 1_601, url=sink.url("/long"))
    record = api.final(uuid)
    assert (record["message_state"], record["error_code"]) == ("failed", "110")
    assert record["total_amount"] == "0.00000"
    until(lambda: len(sink.seen) >= 2, "the callbacks")
    assert sink.statuses(uuid) == ["queued", "failed"]
    assert sink.of(Status="failed")[0].params["ErrorCode"] == "110"
