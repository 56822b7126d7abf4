"""What a caller says and types: GetDigits, GetInput, Record."""

import pytest
from voice_leg import ScriptedLeg
from voice_rig import Rig

from trunkline.voice.causes import Errand
from trunkline.voice.session.orders import HangUp, Record, Transfer
from trunkline.voice.telephony import File, RecordingSpec, Speech, Tone

ACTION = "https://app.test/action"
AFTER = "<Speak>No input</Speak>"


def response(*elements: str) -> str:
    return f"<Response>{''.join(elements)}</Response>"


@pytest.fixture
def pages(rig: Rig) -> dict[str, object]:
    rig.pages.pages[ACTION] = response("<Speak>Thanks</Speak>")
    return rig.pages.pages  # type: ignore[return-value]


def digits(attributes: str = "", prompt: str = "<Speak>Press</Speak>") -> str:
    return response(f"<GetDigits action='{ACTION}' {attributes}>{prompt}</GetDigits>", AFTER)


async def thanked(rig: Rig, leg: ScriptedLeg) -> bool:
    await rig.settle()
    return bool(leg.heard) and leg.heard[-1] == (Speech("Thanks"),)


async def test_the_finishing_key_ends_and_is_left_out(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits())
    leg.press("1234#")
    assert await thanked(rig, leg)
    asked = rig.asked(ACTION)
    assert asked.params["Digits"] == "1234"
    assert (asked.method, asked.errand) == ("POST", Errand.ACTION)
    assert asked.params["CallStatus"] == "in-progress"


async def test_the_first_key_cuts_the_prompt_short(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits())
    assert leg.playing
    leg.press("1")
    await rig.settle()
    assert not leg.playing


async def test_enough_digits_need_no_finishing_key(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits("numDigits='4' method='GET'"))
    leg.press("12345")
    assert await thanked(rig, leg)
    assert (rig.asked(ACTION).params["Digits"], rig.asked(ACTION).method) == ("1234", "GET")


async def test_a_pause_ends_the_digits(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits("digitTimeout='3'"))
    leg.press("1")
    await rig.passes(2.9)
    leg.press("2")
    await rig.passes(2.9)
    assert not await thanked(rig, leg)
    await rig.passes(0.2)
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["Digits"] == "12"


async def test_the_time_for_the_first_digit_begins_after_the_prompt(
    rig: Rig, pages: object
) -> None:
    leg = await rig.arrives(digits("timeout='5' retries='2'"))
    await rig.passes(2 + 4.9)
    assert len(leg.heard) == 1
    await rig.passes(0.2)
    assert leg.heard == [(Speech("Press"),)] * 2
    await rig.passes(2 + 5)
    assert leg.heard[-1] == (Speech("No input"),)
    assert not [one for one in rig.pages.asked if one.url == ACTION]


async def test_the_finishing_key_alone_is_no_input(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits())
    leg.press("#")
    await rig.settle()
    assert leg.heard[-1] == (Speech("No input"),)


async def test_invalid_digits_are_told_and_asked_for_again(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(
        digits(
            "validDigits='12' numDigits='1' retries='2' invalidDigitsSound='https://f.test/no.wav'"
        )
    )
    leg.press("7")
    await rig.settle()
    assert leg.heard[-1] == (File("https://f.test/no.wav"),)
    await rig.passes(3)
    assert leg.heard[-1] == (Speech("Press"),)
    leg.press("2")
    assert await thanked(rig, leg)


async def test_no_key_finishes_when_there_is_none(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits("finishOnKey=''"))
    leg.press("1#")
    await rig.passes(2)
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["Digits"] == "1#"


async def test_a_beep_follows_the_prompt(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits("playBeep='true'"))
    assert leg.heard == [(Speech("Press"), Tone())]


async def test_without_redirect_the_next_element_follows(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits("redirect='false' numDigits='1'"))
    leg.press("1")
    await rig.settle()
    assert leg.heard[-1] == (Speech("No input"),)
    assert not [one for one in rig.pages.asked if one.url == ACTION]
    (told,) = rig.told("action")
    assert (told["Digits"], told["Event"]) == ("1", "Redirect")


@pytest.mark.parametrize(
    ("action", "attributes", "code"),
    [
        ("https://app.test/none", "", 7012),
        ("nonsense", "", 7022),
        (ACTION, "method='PATCH'", 7032),
        ("https://app.test/broken", "", 8012),
    ],
)
async def test_an_action_that_fails_ends_the_call(
    rig: Rig, action: str, attributes: str, code: int
) -> None:
    rig.pages.pages["https://app.test/broken"] = "<Response><Foo/></Response>"
    leg = await rig.arrives(response(f"<GetDigits action='{action}' {attributes}/>", AFTER))
    leg.press("1#")
    await rig.settle()
    assert rig.cause(leg) == code


async def test_a_caller_that_leaves_among_digits(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(digits())
    leg.press("12")
    leg.leaves()
    await rig.settle()
    assert rig.cause(leg) == 4000


# --- GetInput ------------------------------------------------------------------------------------


def asking(attributes: str = "inputType='dtmf speech'") -> str:
    return response(
        f"<GetInput action='{ACTION}' {attributes}><Speak>Say or press</Speak></GetInput>", AFTER
    )


async def test_speech_goes_to_the_action(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(
        asking("inputType='speech' language='en-GB' hints='yes, no' speechEndTimeout='3'")
    )
    assert leg.listening is not None
    assert leg.listening.language == "en-GB"
    assert leg.listening.hints == ("yes", "no")
    assert leg.listening.end_silence_s == 3.0
    leg.speaks("yes please", confidence=0.87)
    assert await thanked(rig, leg)
    params = rig.asked(ACTION).params
    assert (params["InputType"], params["Speech"]) == ("speech", "yes please")
    assert params["SpeechConfidenceScore"] == "0.87"
    assert leg.listening is None


async def test_keys_go_to_the_action(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(asking("inputType='dtmf' numDigits='3'"))
    assert leg.listening is None
    leg.press("123")
    assert await thanked(rig, leg)
    params = rig.asked(ACTION).params
    assert (params["InputType"], params["Digits"], params["Speech"]) == ("dtmf", "123", "")


async def test_the_first_kind_of_input_decides(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(asking())
    leg.press("1")
    await rig.settle()
    leg.speaks("two")
    leg.press("2")
    await rig.passes(2)
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["Digits"] == "12"


async def test_input_before_the_prompt_ends_cuts_it_short(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(asking())
    leg.mumbles("tw", "o")
    await rig.settle()
    assert not leg.playing


async def test_interim_results_are_told(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(
        asking("inputType='speech' interimSpeechResultsCallback='https://app.test/interim'")
    )
    leg.mumbles("I", "want")
    leg.mumbles("I want", "tea")
    leg.speaks("I want tea")
    assert await thanked(rig, leg)
    told = rig.told("interim")
    assert [(one["StableSpeech"], one["UnstableSpeech"]) for one in told] == [
        ("I", "want"),
        ("I want", "tea"),
    ]
    assert [one["SequenceNumber"] for one in told] == ["1", "2"]
    assert told[0]["Stability"] == "0.50"


async def test_without_input_the_next_element_follows(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(asking("inputType='dtmf speech' executionTimeout='10' retries='2'"))
    await rig.passes(2 + 9.9)
    assert len(leg.heard) == 1
    await rig.passes(0.2)
    assert len(leg.heard) == 2
    await rig.passes(2 + 10)
    assert leg.heard[-1] == (Speech("No input"),)


async def test_input_must_begin_in_time(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(asking("inputType='dtmf' executionTimeout='30' startInputTimeout='4'"))
    await rig.passes(2 + 4.1)
    assert leg.heard[-1] == (Speech("No input"),)


async def test_digits_without_an_end_are_taken_when_time_is_up(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(asking("inputType='dtmf' executionTimeout='5' digitEndTimeout='10'"))
    await rig.passes(2 + 4)
    leg.press("4")
    await rig.passes(1.1)
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["Digits"] == "4"


async def test_a_language_nobody_understands_leaves_the_keys(rig: Rig, pages: object) -> None:
    rig.pages.slow["https://app.test/answer"] = 1
    leg = await rig.arrives(asking("inputType='dtmf speech' language='xx-XX' numDigits='1'"))
    leg.deaf_languages.add("xx-XX")
    await rig.passes(1)
    leg.press("5")
    assert await thanked(rig, leg)


async def test_a_language_nobody_understands_is_no_input(rig: Rig, pages: object) -> None:
    rig.pages.slow["https://app.test/answer"] = 1
    leg = await rig.arrives(asking("inputType='speech' language='xx-XX'"))
    leg.deaf_languages.add("xx-XX")
    await rig.passes(1)
    assert leg.heard == [(Speech("No input"),)]


# --- Record --------------------------------------------------------------------------------------


def recording(attributes: str = "") -> str:
    return response(f"<Record action='{ACTION}' {attributes}/>", "<Speak>Nothing</Speak>")


async def test_a_key_ends_a_recording(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(recording("finishOnKey='*' fileFormat='wav' maxLength='30'"))
    assert leg.heard == [(Tone(),)]
    await rig.passes(0.2)
    ((spec, _),) = leg.recording.values()
    assert (spec.format, spec.max_s, spec.silence_s, spec.finish_on) == ("wav", 30, 15, "*")
    await rig.passes(4)
    leg.press("*")
    assert await thanked(rig, leg)
    params = rig.asked(ACTION).params
    assert params["RecordUrl"] == f"https://files.test/{spec.recording_id}.wav"
    assert params["RecordingID"] == spec.recording_id
    assert (params["RecordingDuration"], params["RecordingDurationMs"]) == ("4", "4000")
    assert int(params["RecordingEndMs"]) - int(params["RecordingStartMs"]) == 4000
    assert params["Digits"] == "*"
    assert [one.event.recording_id for one in rig.book.recordings] == [spec.recording_id]


@pytest.mark.parametrize("how", ["silence", "length"])
async def test_silence_and_length_end_a_recording(rig: Rig, pages: object, how: str) -> None:
    leg = await rig.arrives(recording("playBeep='false'"))
    await rig.passes(20)
    if how == "silence":
        leg.falls_silent()
    else:
        await rig.passes(40)
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["Digits"] == ""


async def test_the_action_hears_of_a_recording_whose_caller_left(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(recording("callbackUrl='https://app.test/recorded'"))
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert rig.cause(leg) == 4000
    (action,) = rig.told("action")
    assert (action["CallStatus"], action["RecordingDuration"]) == ("completed", "4")
    (recorded,) = rig.told("record")
    assert recorded["RecordUrl"] == action["RecordUrl"]
    assert not [one for one in rig.pages.asked if one.url == ACTION]


@pytest.mark.parametrize("after_s", [0, 5])
@pytest.mark.parametrize("then", ["", "<Redirect>https://app.test/b</Redirect>"])
async def test_nothing_follows_a_recording_whose_caller_left(
    rig: Rig, then: str, after_s: int
) -> None:
    leg = await rig.arrives(response(f"<Record action='{ACTION}' playBeep='false'/>{then}"))
    leg.keeping_s = 3.0 if after_s else 0.0
    await rig.passes(after_s)
    leg.leaves()
    await rig.passes(10)
    assert (rig.cause(leg), rig.book.causes[leg.uuid].source.value) == (4000, "Caller")
    assert [one.url for one in rig.pages.asked] == ["https://app.test/answer"]
    assert len(rig.told("action")) == bool(after_s)


async def test_who_leaves_as_the_document_ends_has_ended_the_call(rig: Rig) -> None:
    leg = await rig.arrives(response("<Speak>Hello</Speak><Wait length='5'/>"))
    leg.keeping_s = 10.0
    await rig.passes(2)
    await rig.calls.do(leg.uuid, Record(spec=RecordingSpec("r-1")))
    leg.leaves()  # which is told only once the recording is kept
    await rig.passes(20)
    assert (rig.cause(leg), rig.book.causes[leg.uuid].source.value) == (4000, "Caller")
    (hangup,) = rig.told("hangup")
    assert hangup["Duration"] == "2"


@pytest.mark.parametrize("by", ["an order", "the time limit", "the process"])
async def test_a_recording_that_we_break_off_is_told_as_well(
    rig: Rig, pages: object, by: str
) -> None:
    told = "callbackUrl='https://app.test/recorded' transcriptionUrl='https://app.test/text'"
    leg = await rig.arrives(recording(told), time_limit_s=8.2 if by == "the time limit" else 600)
    await rig.passes(5.2)
    if by == "an order":
        await rig.calls.do(leg.uuid, HangUp())
    elif by == "the process":
        await rig.calls.close()
    else:
        await rig.passes(3)
    await rig.settle()
    (recorded,), (action,), (hangup,) = (rig.told(what) for what in ("record", "action", "hangup"))
    assert recorded["RecordingDuration"] == ("8" if by == "the time limit" else "5")
    assert (action["RecordUrl"], action["CallStatus"]) == (recorded["RecordUrl"], "completed")
    assert hangup["CallUUID"] == leg.uuid
    (kept,) = rig.book.recordings
    assert kept.transcription_url == "https://app.test/text"


async def test_a_transfer_leaves_what_was_recorded(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(recording("callbackUrl='https://app.test/recorded'"))
    await rig.passes(5.2)
    rig.pages.pages["https://app.test/b"] = response("<Speak>Elsewhere</Speak>")
    await rig.calls.do(leg.uuid, Transfer(aleg_url="https://app.test/b"))
    await rig.settle()
    assert leg.heard[-1] == (Speech("Elsewhere"),)
    (recorded,) = rig.told("record")
    assert recorded["RecordingDuration"] == "5"
    assert rig.told("action") == []


@pytest.mark.parametrize("by", ["the caller", "the document"])
async def test_a_recording_that_is_kept_late_is_told_and_costs_nothing(
    rig: Rig, pages: object, by: str
) -> None:
    leg = await rig.arrives(
        response(
            f"<Record action='{ACTION}' recordSession='true' redirect='false' maxLength='600'"
            " callbackUrl='https://app.test/recorded'/>",
            "<Wait length='50'/><Hangup/>",
        )
    )
    leg.keeping_s = 15.0
    if by == "the caller":
        await rig.passes(50)
        leg.leaves()
    await rig.passes(52)
    assert rig.told("hangup") == [] or by == "the caller"
    await rig.passes(15)
    (recorded,) = rig.told("record")
    assert recorded["RecordUrl"].endswith(".mp3")
    (hangup,) = rig.told("hangup")
    assert (hangup["Duration"], hangup["BillDuration"]) == ("50", "60")


async def test_without_a_recording_the_next_element_follows(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(recording("playBeep='false'"))
    leg.falls_silent()
    await rig.settle()
    assert leg.heard == [(Speech("Nothing"),)]


async def test_a_session_is_recorded_beside_what_follows(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(
        recording(
            "recordSession='true' redirect='false' callbackUrl='https://app.test/recorded' "
            "maxLength='600'"
        )
    )
    (told,) = rig.told("action")
    assert (told["RecordingDuration"], told["RecordingEndMs"]) == ("-1", "-1")
    assert leg.heard == [(Speech("Nothing"),)]
    await rig.passes(2)
    assert rig.cause(leg) == 4010
    (recorded,) = rig.told("record")
    assert recorded["RecordingDuration"] == "2"
    assert recorded["RecordingID"] == told["RecordingID"]


async def test_a_session_with_redirect_goes_on_with_the_action(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(recording("recordSession='true'"))
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["RecordingDurationMs"] == "-1"
    assert len(leg.recording) == 1


async def test_transcription_is_asked_for(rig: Rig, pages: object) -> None:
    leg = await rig.arrives(
        recording(
            "playBeep='false' transcriptionUrl='https://app.test/t' transcriptionMethod='GET'"
        )
    )
    await rig.passes(3)
    leg.press("1")
    await rig.settle()
    (kept,) = rig.book.recordings
    assert (kept.transcription, kept.transcription_url) == ("auto", "https://app.test/t")
    assert kept.transcription_method == "GET"


async def test_keys_between_two_elements_are_nobodys(rig: Rig, pages: dict[str, object]) -> None:
    """PLIVO XML GetDigits: digits beyond numDigits are ignored; so are those while it is asked."""
    rig.pages.slow[ACTION] = 1.0
    pages[ACTION] = response("<Speak>Again</Speak>", "<GetDigits numDigits='2'/>")
    leg = await rig.arrives(digits("numDigits='1'"))
    leg.press("12")
    await rig.passes(0.5)
    leg.press("3")  # the next document is not there yet
    await rig.passes(1)
    leg.press("4")  # it is speaking
    await rig.passes(2)
    assert rig.asked(ACTION).params["Digits"] == "1"
    assert [one for one in rig.pages.asked if one.url == ACTION] == [rig.asked(ACTION)]


@pytest.mark.parametrize(("log", "kind"), [("true", "action"), ("false", "unlogged")])
async def test_input_may_be_kept_out_of_the_log(
    rig: Rig, pages: object, log: str, kind: str
) -> None:
    leg = await rig.arrives(digits(f"numDigits='4' redirect='false' log='{log}'"))
    leg.press("1234")
    await rig.settle()
    assert [one["Digits"] for one in rig.told(kind)] == ["1234"]


@pytest.mark.parametrize("element", ["GetDigits", "GetInput"])
async def test_keys_that_a_busy_machine_tells_late_count(
    rig: Rig, pages: object, element: str
) -> None:
    """They had come when the time was up, and nobody had told."""
    times = {
        "GetDigits": "digitTimeout='2'",
        "GetInput": "inputType='dtmf' digitEndTimeout='2' executionTimeout='60'",
    }
    leg = await rig.arrives(
        response(f"<{element} action='{ACTION}' numDigits='4' {times[element]}/>", AFTER)
    )
    leg.press("1")
    leg.unheard = "23"
    await rig.passes(2.1)
    assert not await thanked(rig, leg)
    await rig.passes(1.7)
    leg.unheard = "4"
    await rig.passes(0.4)
    assert await thanked(rig, leg)
    assert rig.asked(ACTION).params["Digits"] == "1234"
