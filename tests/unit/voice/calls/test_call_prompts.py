"""What is heard: Speak, Play, Wait, DTMF, Hangup, Redirect, PreAnswer; and how calls end."""

import pytest
from voice_rig import ANSWER, START, Rig

from trunkline.voice.call import Machine
from trunkline.voice.causes import MEDIA_TIMEOUT, Errand, Source
from trunkline.voice.interpreter.walk import MOST_AT_ONCE, Start
from trunkline.voice.telephony import File, Silence, Speech


def response(*elements: str) -> str:
    return f"<Response>{''.join(elements)}</Response>"


async def test_elements_are_done_in_turn_and_the_end_hangs_up(rig: Rig) -> None:
    leg = await rig.arrives(
        response(
            '<Speak voice="MAN" language="de-DE" loop="2">Guten <emphasis>Tag</emphasis></Speak>',
            "<Play>https://files.test/a.mp3</Play>",
        )
    )
    assert leg.state == "answered"
    assert leg.heard == [
        (Speech("Guten Tag", "MAN", "de-DE", 2, "Guten <emphasis>Tag</emphasis>"),)
    ]
    await rig.passes(4)
    assert leg.heard[1] == (File("https://files.test/a.mp3"),)
    assert leg.state == "answered"
    await rig.passes(3)
    assert rig.cause(leg) == 4010
    assert len(rig.calls) == 0


async def test_the_answer_url_is_asked_with_all_parameters(rig: Rig) -> None:
    await rig.arrives(response("<Wait/>"), sender="+14155550111")
    asked = rig.asked(ANSWER)
    assert (asked.method, asked.errand) == ("POST", Errand.ANSWER)
    assert asked.params == {
        "CallUUID": "uuid-1",
        "From": "14155550111",
        "To": "14155550100",
        "Direction": "inbound",
        "CallStatus": "ringing",
        "BillRate": "0.00500",
        "ParentAuthID": "MATESTTESTTESTTESTTE",
        "SessionStart": "2026-01-01 00:00:00.000000",
        "Event": "StartApp",
    }


async def test_the_hangup_url_is_told_how_it_ended(rig: Rig) -> None:
    leg = await rig.arrives(response('<Speak loop="0">x</Speak>'))
    await rig.passes(61.5)
    leg.leaves()
    await rig.settle()
    (told,) = rig.told("hangup")
    assert told["Event"] == "Hangup"
    assert told["CallStatus"] == "completed"
    assert told["HangupCause"] == "NORMAL_CLEARING"
    assert told["HangupCauseName"] == "Normal Hangup"
    assert told["HangupCauseCode"] == "4000"
    assert told["HangupSource"] == "Caller"
    assert (told["Duration"], told["BillDuration"]) == ("62", "120")
    assert (told["BillRate"], told["TotalCost"]) == ("0.00500", "0.01000")
    assert told["StartTime"] == told["AnswerTime"] == "2026-01-01 00:00:00"
    assert told["EndTime"] == "2026-01-01 00:01:01"


async def test_without_a_hangup_url_the_answer_url_is_told(rig: Rig) -> None:
    await rig.arrives(response(), hangup_url="")
    assert [(one.url, one.params["Event"]) for one in rig.callbacks] == [(ANSWER, "Hangup")]


async def test_a_hang_up_in_mid_prompt_ends_everything(rig: Rig) -> None:
    leg = await rig.arrives(response("<Speak>Hello</Speak>", "<Speak>World</Speak>"))
    await rig.passes(1)
    leg.leaves()
    await rig.passes(10)
    assert len(leg.heard) == 1
    assert rig.cause(leg) == 4000
    assert len(rig.calls) == 0


async def test_a_sound_that_cannot_be_had_is_passed_over(rig: Rig) -> None:
    rig.pages.slow[ANSWER] = 1
    leg = await rig.arrives(response("<Play>https://files.test/x.mp3</Play>", "<Speak>On</Speak>"))
    leg.broken_files.add("https://files.test/x.mp3")
    await rig.passes(1.1)
    assert leg.heard[-1] == (Speech("On"),)
    await rig.passes(2)
    assert rig.cause(leg) == 4010


async def test_wait_does_not_answer_but_lets_time_pass(rig: Rig) -> None:
    leg = await rig.arrives(response('<Wait length="7"/>', "<Speak>Now</Speak>"))
    await rig.passes(6.9)
    assert leg.state == "ringing"
    await rig.passes(0.2)
    assert leg.state == "answered"


async def test_wait_for_silence_ends_early(rig: Rig) -> None:
    leg = await rig.arrives(
        response("<Speak>x</Speak>", '<Wait length="60" silence="true" minSilence="3000"/>')
    )
    await rig.passes(2)
    assert leg.watching
    await rig.passes(1)
    leg.sounds(active=True)
    await rig.passes(20)
    leg.sounds(active=False)
    await rig.passes(2.9)
    assert leg.state == "answered"
    await rig.passes(0.2)
    assert rig.cause(leg) == 4010
    assert rig.clock.now() == pytest.approx(START + 26.1)


async def test_wait_for_a_beep_ends_with_it(rig: Rig) -> None:
    leg = await rig.arrives(response("<Speak>x</Speak>", '<Wait length="60" beep="true"/>'))
    await rig.passes(5)
    assert leg.said[-1] == "await a beep"
    leg.press("1")
    leg.sounds(active=True)
    await rig.passes(5)
    assert leg.state == "answered"
    leg.beeps()
    await rig.settle()
    assert leg.said[-2:] == ["no beep", "hang up 4010"]
    assert rig.clock.now() == pytest.approx(START + 10)


async def test_wait_for_a_beep_has_a_longest_time(rig: Rig) -> None:
    leg = await rig.arrives(response("<Speak>x</Speak>", '<Wait length="7" beep="true"/>'))
    await rig.passes(8.9)
    assert leg.state == "answered"
    await rig.passes(0.2)
    assert rig.cause(leg) == 4010
    assert "no beep" in leg.said


async def test_wait_for_silence_has_a_longest_time(rig: Rig) -> None:
    leg = await rig.arrives(
        response("<Speak>x</Speak>", '<Wait length="10" silence="true" minSilence="3000"/>')
    )
    await rig.passes(2.5)
    leg.sounds(active=True)
    await rig.passes(9)
    assert leg.state == "answered"
    await rig.passes(0.6)
    assert rig.cause(leg) == 4010


@pytest.mark.parametrize(
    ("attributes", "code", "source"),
    [
        ("", 4000, Source.XML),
        ('reason="rejected"', 3020, Source.XML),
        ("reason='busy'", 3010, Source.XML),
    ],
)
async def test_hangup_refuses_without_answering(
    rig: Rig, attributes: str, code: int, source: Source
) -> None:
    leg = await rig.arrives(response(f"<Hangup {attributes}/>"))
    assert leg.said == [f"hang up {code}"]
    assert rig.book.causes[leg.uuid].source is source
    (told,) = rig.told("hangup")
    assert (told["CallStatus"], told["HangupSource"]) == ("completed", "Answer XML")
    assert "AnswerTime" not in told


async def test_a_scheduled_hangup_lets_the_rest_go_on(rig: Rig) -> None:
    leg = await rig.arrives(response('<Hangup schedule="60"/>', '<Speak loop="0">x</Speak>'))
    await rig.passes(59)
    assert leg.state == "answered"
    await rig.passes(1)
    assert rig.cause(leg) == 6000
    assert rig.book.causes[leg.uuid].source is Source.XML


async def test_the_time_limit_ends_a_call(rig: Rig) -> None:
    leg = await rig.arrives(response('<Speak loop="0">x</Speak>'), time_limit_s=30.0)
    await rig.passes(30)
    assert rig.cause(leg) == 6000


async def test_who_limits_a_call_to_a_minute_pays_a_minute(rig: Rig) -> None:
    _, leg = await rig.calls_out(response('<Speak loop="0">x</Speak>'), time_limit_s=60.0)
    leg.answers()
    await rig.settle()
    rig.clock.advance(60.02)  # so late the program wakes up
    await rig.settle()
    assert rig.cause(leg) == 6000
    (told,) = rig.told("hangup")
    assert (told["Duration"], told["BillDuration"]) == ("60", "60")


async def test_the_time_limit_counts_while_a_machine_is_looked_for(rig: Rig) -> None:
    _, leg = await rig.calls_out(
        response('<Speak loop="0">x</Speak>'), time_limit_s=7.0, machine=Machine()
    )
    leg.answers()
    await rig.passes(4)
    leg.judged(machine=False)
    await rig.passes(2.9)
    assert leg.state == "answered"
    await rig.passes(0.1)
    assert rig.cause(leg) == 6000
    _, other = await rig.calls_out(time_limit_s=2.0, machine=Machine())
    other.answers()
    await rig.passes(2)
    assert rig.cause(other) == 6000


async def test_an_engine_may_end_a_leg(rig: Rig) -> None:
    leg = await rig.arrives(response('<Speak loop="0">x</Speak>'))
    leg.leaves(MEDIA_TIMEOUT)
    await rig.settle()
    assert rig.cause(leg) == 6020


async def test_preanswer_is_heard_before_the_answer(rig: Rig) -> None:
    leg = await rig.arrives(
        response("<PreAnswer><Speak>Costs</Speak><Wait length='2'/></PreAnswer><Speak>On</Speak>")
    )
    assert (leg.state, len(leg.heard)) == ("early", 1)
    await rig.passes(3.9)
    assert leg.state == "early"
    await rig.passes(0.2)
    assert leg.state == "answered"


async def test_digits_may_be_got_before_the_answer(rig: Rig) -> None:
    rig.pages.pages["https://app.test/digits"] = response("<Hangup reason='busy'/>")
    leg = await rig.arrives(
        response(
            "<PreAnswer><GetDigits action='https://app.test/digits' numDigits='1'>"
            "<Speak>?</Speak></GetDigits></PreAnswer>"
        )
    )
    leg.press("1")
    await rig.settle()
    assert "answer" not in leg.said
    assert rig.cause(leg) == 3010


async def test_redirect_goes_on_elsewhere(rig: Rig) -> None:
    rig.pages.pages["https://app.test/next"] = response("<Speak>There</Speak>")
    leg = await rig.arrives(
        response("<Redirect method='get'> https://app.test/next </Redirect><Speak>no</Speak>")
    )
    assert leg.heard == [(Speech("There"),)]
    asked = rig.asked("https://app.test/next")
    assert (asked.method, asked.errand) == ("GET", Errand.REDIRECT)
    assert asked.params["Event"] == "Redirect"


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<Redirect>https://app.test/none</Redirect>", 7014),
        ("<Redirect>not a url</Redirect>", 7024),
        ("<Redirect/>", 7024),
        ("<Redirect method='PUT'>https://app.test/none</Redirect>", 7034),
        ("<Redirect>https://app.test/broken</Redirect>", 8014),
    ],
)
async def test_a_redirect_that_leads_nowhere_ends_the_call(
    rig: Rig, element: str, code: int
) -> None:
    rig.pages.pages["https://app.test/broken"] = "<Response><Speak></Response>"
    leg = await rig.arrives(response(element))
    assert rig.cause(leg) == code
    assert rig.book.causes[leg.uuid].source is Source.ERROR


async def test_a_loop_of_redirects_ends(rig: Rig) -> None:
    leg = await rig.arrives(response(f"<Redirect>{ANSWER}</Redirect>"))
    await rig.passes(0.5)
    for _ in range(20):
        await rig.settle()
    assert rig.cause(leg) == 7014
    assert len(rig.pages.asked) <= MOST_AT_ONCE + 1


async def test_a_slow_loop_of_redirects_may_go_on(rig: Rig) -> None:
    leg = await rig.arrives(response("<Wait length='5'/>", f"<Redirect>{ANSWER}</Redirect>"))
    await rig.passes(5 * (MOST_AT_ONCE + 10))
    assert leg.state == "ringing"
    leg.leaves()
    await rig.settle()


@pytest.mark.parametrize(("page", "code"), [(404, 7011), ("<html/>", 8011), ("", 8011)])
async def test_a_dead_answer_url_ends_the_call(rig: Rig, page: str | int, code: int) -> None:
    leg = await rig.arrives(page)
    assert rig.cause(leg) == code


@pytest.mark.parametrize("page", [503, "<Response><Say>x</Say></Response>"])
async def test_the_fallback_takes_the_place_of_a_dead_answer_url(rig: Rig, page: str | int) -> None:
    rig.pages.pages["https://app.test/fallback"] = response("<Speak>Sorry</Speak>")
    start = Start(ANSWER, fallback_url="https://app.test/fallback", fallback_method="GET")
    leg = await rig.arrives(page, start=start)
    assert leg.heard == [(Speech("Sorry"),)]
    assert rig.asked("https://app.test/fallback").method == "GET"


async def test_a_fallback_that_fails_as_well_ends_the_call(rig: Rig) -> None:
    start = Start(ANSWER, fallback_url="https://app.test/fallback")
    leg = await rig.arrives("rubbish", start=start)
    assert rig.cause(leg) == 7011


async def test_a_caller_that_leaves_while_the_document_is_fetched(rig: Rig) -> None:
    rig.pages.slow[ANSWER] = 10
    leg = await rig.arrives(response("<Speak>x</Speak>"))
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert rig.cause(leg) == 4000
    (told,) = rig.told("hangup")
    assert told["CallStatus"] == "completed"


async def test_dtmf_is_sent_and_may_be_waited_for(rig: Rig) -> None:
    leg = await rig.arrives(response('<DTMF async="false">1w2</DTMF>', "<Hangup/>"))
    assert leg.sent == "1w2"
    assert leg.state == "answered"
    await rig.passes(1)
    assert leg.state == "ended"


async def test_a_message_is_sent_in_the_midst_of_a_call(rig: Rig) -> None:
    leg = await rig.arrives(
        response("<Message callbackUrl='https://app.test/sms'>Hi</Message><Wait length='5'/>")
    )
    (text,) = rig.texts
    assert (text.src, text.dst, text.body) == ("14155550100", "14155550111", "Hi")
    assert text.callback_url == "https://app.test/sms"
    assert leg.state == "answered"


async def test_prompts_of_get_digits_have_silence_between(rig: Rig) -> None:
    leg = await rig.arrives(
        response("<GetDigits><Speak>a</Speak><Wait length='3'/><Speak>b</Speak></GetDigits>")
    )
    assert leg.heard == [(Speech("a"), Silence(3.0), Speech("b"))]
