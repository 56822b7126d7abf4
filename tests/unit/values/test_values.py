import os

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.values import ids
from trunkline.values.money import format_amount, parse_amount
from trunkline.values.pages import Page, page_meta
from trunkline.values.phone import (
    SenderKind,
    country_of,
    parse_phone_number,
    sanitise_sender,
    sender_kind,
)


def test_uuids_sort_in_the_order_they_were_made() -> None:
    made = [ids.new_uuid() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(ids.is_uuid(uuid) and uuid[14] == "7" and uuid[19] in "89ab" for uuid in made)


def test_a_forked_child_does_not_repeat_its_parents_randomness() -> None:
    ids.new_uuid()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, ids.new_uuid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 64).decode()
    os.close(read)
    os.close(write)
    assert theirs[20:] != ids.new_uuid()[20:]


def test_ids_have_the_form_that_sdks_check() -> None:
    for prefix in ("MA", "SA"):
        made = ids.new_auth_id(prefix)
        assert ids.is_auth_id(made)
        assert made.startswith(prefix)
    token = ids.new_auth_token()
    assert len(token) == 40
    assert token.isalnum()
    app_id = ids.new_app_id()
    assert len(app_id) == 17
    assert app_id.isdigit()


@pytest.mark.parametrize(
    "text", ["", "MA", "ma2025rk4e639vjfzagv", "XA2025RK4E639VJFZAGV", "MA2025RK4E639VJFZAG-", "é"]
)
def test_what_is_not_an_auth_id(text: str) -> None:
    assert not ids.is_auth_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "x" * 36, "5b40a428bfc7-4daf-9d06-726c558bf3b88", "5b40a428-bfc7-4daf-9d06-726c558bf3b"],
)
def test_what_is_not_a_uuid(text: str) -> None:
    assert not ids.is_uuid(text)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("14152828726", "14152828726"),
        ("+1 (415) 282-8726", "14152828726"),
        ("1/415.282-8726", "14152828726"),
        ("1234567", "1234567"),
        ("12345678901234", "12345678901234"),
        ("123456", None),
        ("123456789012345", None),
        ("04152828726", None),
        ("jsgf3dsjh28372", None),
        ("１４１５２８２８７２６", None),
        ("", None),
    ],
)
def test_destinations_are_cleaned_as_plivo_does(text: str, digits: str | None) -> None:
    assert parse_phone_number(text) == digits


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("14155550100", SenderKind.LONG_CODE),
        ("12345", SenderKind.SHORT_CODE),
        ("ACME", SenderKind.ALPHANUMERIC),
        ("ACME2345678", SenderKind.ALPHANUMERIC),
        ("ACME23456789", None),
        ("12", None),
        ("123456789012345", None),
        ("", None),
    ],
)
def test_kinds_of_sender(text: str, kind: SenderKind | None) -> None:
    assert sender_kind(text) == kind


def test_senders_keep_letters_and_digits_only() -> None:
    assert sanitise_sender("+1 (415) 555-0100") == "14155550100"
    assert sanitise_sender("Ac-me é") == "Acme"


def test_the_country_is_the_same_as_when_asked_number_by_number() -> None:
    checked = 0
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in (0, 1, 2):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                digits = phonenumbers.format_number(example, 0)[1:]
                assert country_of(digits) == phonenumbers.region_code_for_number(example), digits
                checked += 1
    assert checked > 500


@pytest.mark.parametrize("text", ["", "12345", "99999999999", "0000000", "abc", "８８"])
def test_what_has_no_country(text: str) -> None:
    assert country_of(text) in ("", "US")


@given(st.integers(-(10**16), 10**16))
def test_money_survives_text(units: int) -> None:
    assert parse_amount(format_amount(units)) == units


@pytest.mark.parametrize(
    ("text", "units"), [("0.00250", 250), ("1", 100_000), ("-0.5", -50_000), ("1.80900", 180_900)]
)
def test_money_is_read(text: str, units: int) -> None:
    assert parse_amount(text) == units


@pytest.mark.parametrize(
    "text",
    ["", "x", "0.000001", "NaN", "Infinity", "1e999", "1e12000000", "1e-12000000"],
)
def test_what_is_not_money(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|has more"):
        parse_amount(text)


def test_links_of_a_page() -> None:
    path = "/v1/Account/MA/Message/"
    first = page_meta(Page(20, 0), 45, path, [("message_state", "sent")])
    assert first.next == f"{path}?limit=20&offset=20&message_state=sent"
    assert first.previous is None
    last = page_meta(Page(20, 40), 45, path)
    assert last.next is None
    assert last.previous == f"{path}?limit=20&offset=20"
    assert page_meta(Page(20, 5), 6, path).previous == f"{path}?limit=20&offset=0"
