"""Texts are answered by their first word, callers by a menu."""

import re

import pytest
from answers import DEPARTMENTS, WORDS, Menu, on_text

WRITTEN = [(word, form) for word in WORDS for form in (str.lower, str.upper, str.title)]


@pytest.mark.parametrize(("word", "form"), WRITTEN, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("more", ["", " please", "  "])
def test_a_word_is_answered(trunkline, word, form, more):
    trunkline.on_message(trunkline.app(lambda request: on_text(request.params)))
    phone = trunkline.phone()
    phone.send_sms(trunkline.number, form(word) + more)
    assert phone.expect_sms().string == WORDS[word]


@pytest.mark.parametrize("text", ["sun", "12", "¿qué?", "привет", "天気", "çà", "🙂", "x" * 99])
def test_what_nobody_understands_is_said(trunkline, text):
    trunkline.on_message(trunkline.app(lambda request: on_text(request.params)))
    phone = trunkline.phone()
    phone.send_sms(trunkline.number, text)
    phone.expect_sms(re.escape(f"Sorry, nobody understands {text}."))


@pytest.mark.parametrize("number", range(3))
def test_the_answer_comes_from_the_number_that_was_written_to(trunkline, number):
    trunkline.on_message(trunkline.app(lambda request: on_text(request.params)))
    phone = trunkline.phone()
    phone.send_sms(trunkline.numbers[number], "menu")
    phone.expect_sms("BALANCE")
    assert phone.sms[0].sender == trunkline.numbers[number]


@pytest.mark.parametrize("digit", [*DEPARTMENTS, "9"])
def test_a_caller_is_connected(trunkline, digit):
    menu = Menu()
    app = trunkline.app(lambda request: menu.answer(request.params))
    menu.url = app.url
    trunkline.on_call(app, hangup=trunkline.app_url())
    call = trunkline.phone().call(digits=digit, digits_after_s=0.5)
    app.expect(Digits=digit, timeout_s=20)
    call.expect("ended", timeout_s=20)
    assert menu.chosen == [digit]
    assert call.heard.sound_s > 0.3


def test_nobody_is_called_when_the_phone_is_busy(trunkline):
    phone = trunkline.phone()
    trunkline.faults.busy(to=phone.number)
    hangup = trunkline.app()
    trunkline.client().calls.create(
        from_=trunkline.number,
        to_=phone.number,
        answer_url=trunkline.app_url("<Response><Hangup/></Response>"),
        hangup_url=hangup.url,
    )
    assert hangup.expect(timeout_s=20).params["HangupCauseName"] == "Busy Line"
    assert phone.expect_call().details["sip_status"] == 486
