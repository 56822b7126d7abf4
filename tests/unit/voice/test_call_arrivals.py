"""Whose an arriving call is: numbers, applications, phones, carriers of accounts."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from trunkline.applications.model import Application
from trunkline.billing.rates import Rates
from trunkline.engines.sip import FromTrunk, FromUser, Origin
from trunkline.numbers.model import OwnedNumber
from trunkline.voice.arriving.judge import Call, Judge, Verdict
from trunkline.voice.endpoints.model import Endpoint, Secret

MAIN, OTHER, SUB = "MAMAIN", "MAOTHER", "SASUB"
APP = Application(
    app_id="20468599130939380",
    main_auth_id=MAIN,
    account_id=MAIN,
    app_name="app",
    answer_url="https://app.test/answer",
    answer_method="POST",
    hangup_url="",
    hangup_method="POST",
    fallback_answer_url="",
    fallback_method="POST",
    message_url="",
    message_method="POST",
    default_number_app=False,
    default_endpoint_app=False,
    public_uri=False,
    log_incoming_messages=True,
    enabled=True,
    created_at=0.0,
    modified_at=None,
)
NUMBER = OwnedNumber(
    number="14155550100",
    main_auth_id=MAIN,
    account_id=SUB,
    app_id=APP.app_id,
    country="US",
    added_at=0.0,
)
PHONE = Endpoint(
    endpoint_id="1",
    main_auth_id=MAIN,
    account_id=MAIN,
    username="alice123",
    alias="alice",
    secret=Secret("phone.plivo.com", "", ""),
    app_id=APP.app_id,
    created_at=0.0,
    modified_at=None,
)
TRUNK = FromTrunk("acme", "192.0.2.1")
ALICE = FromUser("alice123", "phone.plivo.com", "192.0.2.7")
OWN = "carrier:192.0.2.9"


class Book:
    """A directory with at most one thing in it, by one of its names."""

    def __init__(self, name: str, found: Any) -> None:
        self._name, self._found = name, found

    def get(self, key: str) -> Any:
        return self._found if getattr(self._found, self._name, None) == key else None

    named = get

    def number_default(self, _: str) -> None:
        return None

    def endpoint_default(self, _: str) -> None:
        return None


def decide(
    called: str,
    origin: Origin = TRUNK,
    *,
    app: Application | None = APP,
    number: OwnedNumber = NUMBER,
    phone: Endpoint = PHONE,
    enabled: bool = True,
    caller: str = "+442071838750",
    uri: str = "",
) -> Verdict:
    account = SimpleNamespace(may_authenticate=enabled)
    judge = Judge(
        accounts=SimpleNamespace(get=lambda _: account),  # type: ignore[arg-type]
        applications=Book("app_id", app),  # type: ignore[arg-type]
        numbers=Book("number", number),  # type: ignore[arg-type]
        endpoints=Book("username", phone),  # type: ignore[arg-type]
        rates=Rates(),
        domain="phone.plivo.com",
        app_domain="app.plivo.com",
    )
    call = Call(origin, caller, called, uri or f"sip:{called}@192.0.2.5")
    return judge.decide(call, {OWN: frozenset({OTHER})})


def test_a_number_has_its_application() -> None:
    found = decide("+14155550100")
    assert (found.account_id, found.main_id, found.app) == (SUB, MAIN, APP)
    assert (found.sender, found.recipient) == ("442071838750", "14155550100")
    assert found.refused is None


def code(verdict: Verdict) -> int:
    assert verdict.refused is not None
    return verdict.refused.code


def test_what_no_number_answers() -> None:
    assert (decide("14155550199").account_id, code(decide("14155550199"))) == ("", 3050)
    assert code(decide("14155550100", app=None)) == 5020
    assert code(decide("14155550100", app=replace(APP, answer_url=""))) == 5020
    assert code(decide("14155550100", app=replace(APP, enabled=False))) == 5020
    assert code(decide("14155550100", number=replace(NUMBER, voice_enabled=False))) == 2010
    assert code(decide("14155550100", number=replace(NUMBER, unpaid_since="2026-01-01"))) == 2010
    shut = decide("14155550100", enabled=False)
    assert (code(shut), shut.account_id) == (2010, SUB)  # there is a record of it


def test_a_carrier_of_an_account_brings_that_accounts_numbers_alone() -> None:
    origin = FromTrunk(OWN, "192.0.2.9")
    assert code(decide("14155550100", origin)) == 3050
    theirs = replace(NUMBER, main_auth_id=OTHER, account_id=OTHER)
    assert decide("14155550100", origin, number=theirs).refused is None


def test_what_a_phone_dials_goes_to_its_application() -> None:
    found = decide("4915112345678", ALICE)
    assert (found.app, found.endpoint_id, found.account_id) == (APP, "1", MAIN)
    assert (found.sender, found.recipient) == ("sip:alice123@phone.plivo.com", "4915112345678")
    uri = "sip:bob@phone.plivo.com"
    assert decide("bob", ALICE, uri=uri).recipient == uri
    assert code(decide("bob", ALICE, app=None)) == 5020
    assert decide("bob", FromUser("gone", "phone.plivo.com", "x")).account_id == ""


@pytest.mark.parametrize("public", [True, False])
def test_an_application_by_its_address(*, public: bool) -> None:
    app = replace(APP, public_uri=public)
    uri = f"sip:{APP.app_id}@app.plivo.com"
    outside = decide(APP.app_id, app=app, uri=uri)
    assert (outside.app == app) is public
    assert (outside.refused is None) is public
    inside = decide(APP.app_id, ALICE, app=app, uri=uri)
    assert (inside.app, inside.refused) == (app, None)
    foreign = replace(app, main_auth_id=OTHER, account_id=OTHER)
    assert (decide(APP.app_id, ALICE, app=foreign, uri=uri).refused is None) is public


def test_a_phone_is_rung_directly() -> None:
    found = decide("alice123", caller="bob")
    assert (found.rings, found.recipient) == (PHONE, "sip:alice123@phone.plivo.com")
    assert found.sender == "bob"


def test_a_caller_without_a_name() -> None:
    assert decide("14155550100", caller="").sender == "anonymous"
