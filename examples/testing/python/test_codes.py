"""Codes are sent, checked, and no longer sent to whom they cannot reach."""

import re

import plivo
import pytest
from codes import TEXTS, Codes

CODE = r"\b(\d{6})\b"


@pytest.fixture
def codes(trunkline):
    return Codes(trunkline.client(), trunkline.number)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("number", ["", "+14155552671", "+1 (212) 555-2672", "442079460958"])
def test_the_code_that_came_is_accepted_once(trunkline, codes, language, number):
    phone = trunkline.phone(number or None)
    codes.send(phone.number, language)
    code = phone.expect_sms(CODE)[1]
    assert codes.check(phone.number, code)
    assert not codes.check(phone.number, code)


@pytest.mark.parametrize("guess", ["", "0", "abcdef", "0000000", "١٢٣٤٥٦"])
def test_a_guess_is_not_accepted(trunkline, codes, guess):
    phone = trunkline.phone()
    codes.send(phone.number)
    assert phone.expect_sms(CODE)[1] != guess
    assert not codes.check(phone.number, guess.encode("ascii", "ignore").decode())


def test_a_new_code_takes_the_place_of_the_old_one(trunkline, codes):
    phone = trunkline.phone()
    codes.send(phone.number)
    old = phone.expect_sms(CODE)[1]
    codes.send(phone.number)
    new = phone.expect_sms(CODE)[1]
    assert codes.check(phone.number, new) or old == new


def test_each_phone_has_its_own_code(trunkline, codes):
    phones = [trunkline.phone() for _ in range(6)]
    for phone in phones:
        codes.send(phone.number)
    for phone in phones:
        assert codes.check(phone.number, phone.expect_sms(CODE)[1])
        assert len(phone.sms) == 1


@pytest.mark.parametrize("error", [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300, 1000])
def test_who_cannot_be_reached_gets_no_second_code(trunkline, codes, error):
    status = trunkline.app(lambda request: codes.on_status(request.params))
    codes.status_url = status.url
    phone = trunkline.phone()
    trunkline.faults.undelivered(error, to=phone.number)
    codes.send(phone.number)
    status.expect(Status="undelivered", ErrorCode=str(error))
    trunkline.webhooks.expect(Status="undelivered", state="delivered")
    assert codes.unreachable == {phone.number: str(error)}
    with pytest.raises(ValueError, match="cannot be reached"):
        codes.send(phone.number)
    assert phone.sms == []


@pytest.mark.parametrize("count", range(1, 13))
def test_nothing_of_other_tests_is_seen(trunkline, codes, count):
    shared = trunkline.phone("+1 206 555 9901")
    assert shared.sms == []
    assert trunkline.webhooks.all() == []
    for _ in range(count):
        codes.send(shared.number)
        assert codes.check(shared.number, shared.expect_sms(CODE)[1])
    assert [one.sender for one in shared.sms] == [trunkline.number] * count


@pytest.mark.usefixtures("trunkline_sdk")
def test_an_application_that_makes_its_own_client(trunkline):
    phone = trunkline.phone()
    Codes(plivo.RestClient(), trunkline.number).send(phone.number)
    assert re.fullmatch(CODE, phone.expect_sms(CODE)[0])


@pytest.mark.trunkline_clock
def test_a_report_that_was_not_taken_comes_again_a_minute_later(trunkline, codes):
    status = trunkline.app(lambda request: codes.on_status(request.params))
    codes.status_url = status.url
    phone = trunkline.phone()
    trunkline.faults.undelivered(30, to=phone.number)
    status.fail(503, times=3)  # queued, sent, undelivered
    codes.send(phone.number)
    for report in ("queued", "sent", "undelivered"):
        trunkline.webhooks.expect(Status=report, attempts=1)
    assert codes.unreachable == {}
    trunkline.clock.advance(61)
    trunkline.webhooks.expect(Status="undelivered", state="delivered")
    assert codes.unreachable == {phone.number: "30"}
