"""STOP, START and HELP: who told which number to stop gets nothing more from it."""

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

US = "14155550101"


def texts(program: Program, handset: str) -> list[str]:
    return [one["text"] for one in program.handset(handset)]


@pytest.mark.parametrize("word", ["STOP", " stop\n", "Unsubscribe", "stop all"])
def test_stop_blocks_the_pair(
    program: Program, api: Api, sink: Sink, handset: str, word: str
) -> None:
    assert program.handset_sends(handset, US, word).status == 202
    until(lambda: texts(program, handset), "the confirmation")
    assert "unsubscribed" in texts(program, handset)[0]

    before = api.credit()
    uuid = api.send(handset, "Buy now", src=US, url=sink.url("/status"))
    record = api.final(uuid)
    assert (record["message_state"], record["error_code"]) == ("failed", "200")
    until(lambda: len(sink.seen) >= 2, "the callbacks")
    assert sink.statuses(uuid) == ["queued", "failed"]
    assert sink.of(Status="failed")[0].params["ErrorCode"] == "200"
    assert api.credit() == before

    other = api.final(api.send(handset, "From elsewhere", src="12125550102"))
    assert other["message_state"] == "delivered"
    assert "Buy now" not in texts(program, handset)


def test_start_unblocks_it(program: Program, api: Api, handset: str) -> None:
    program.handset_sends(handset, US, "STOP")
    until(lambda: len(texts(program, handset)) == 1, "the confirmation")
    program.handset_sends(handset, US, "start")
    until(lambda: len(texts(program, handset)) == 2, "the confirmation")
    assert "resubscribed" in texts(program, handset)[1]
    record = api.final(api.send(handset, "Welcome back", src=US))
    assert record["message_state"] == "delivered"
    assert texts(program, handset)[-1] == "Welcome back"


def test_the_list_is_right_at_each_moment(program: Program, api: Api, handset: str) -> None:
    """Each word counts from its acknowledgement on, also while the list is being read again."""
    for number in range(12):
        word, state = (("STOP", "failed"), ("START", "delivered"))[number % 2]
        assert program.handset_sends(handset, US, word).status == 202
        for _ in range(5):
            assert api.final(api.send(handset, "Now?", src=US))["message_state"] == state


def test_start_is_confirmed_only_to_the_blocked(program: Program, api: Api, handset: str) -> None:
    program.handset_sends(handset, US, "START")
    program.handset_sends(handset, US, "HELP")
    until(lambda: texts(program, handset), "the help")
    assert [text.split()[:2] for text in texts(program, handset)] == [["Reply", "STOP"]]


def test_a_sentence_with_stop_in_it_is_a_message(program: Program, api: Api, handset: str) -> None:
    program.handset_sends(handset, US, "STOP!")
    program.handset_sends(handset, US, "please stop")
    record = api.final(api.send(handset, "Still here", src=US))
    assert record["message_state"] == "delivered"
    assert texts(program, handset) == ["Still here"]


def test_the_opt_out_survives_a_restart(launch: object, handset: str) -> None:
    program: Program = launch()  # type: ignore[operator]
    program.handset_sends(handset, US, "STOP")
    until(lambda: program.rows("SELECT 1 FROM optouts"), "the opt-out")
    program.kill()
    program.start()
    api = program.api()
    record = api.final(api.send(handset, "Buy now", src=US))
    assert record["error_code"] == "200"
