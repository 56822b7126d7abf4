import asyncio
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.accounts.permissions.model import Permissions
from trunkline.messaging.carriers.port import Carrier
from trunkline.messaging.carriers.routes import Route
from trunkline.messaging.destinations.rules import Destinations
from trunkline.messaging.errors import (
    CountryBarred,
    NoDestination,
    SenderRefused,
    TooManyDestinations,
)
from trunkline.messaging.kinds.port import Kind
from trunkline.messaging.optout import OptOuts
from trunkline.messaging.routing import Router
from trunkline.messaging.send import Prepared, Sender, SendRequest
from trunkline.messaging.store.outbound import MESSAGE_COLUMNS
from trunkline.runtime.clock import ControlledClock
from trunkline.values.ids import is_uuid
from trunkline.values.networks.lookup import Networks

FROM, TO = "14155550100", "14155550123"
EVERYWHERE = Route("a")


class Flat:
    """The same price everywhere but in Britain."""

    def sms(self, country: str, _direction: object, _network: str = "") -> int:
        return 4_000 if country == "GB" else 350

    def fee(self, *_what: object) -> int:
        return 0


class Blocked:
    """Opt-outs that are what they are."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def blocked(self, number: str, handset: str) -> bool:
        return (number, handset) in self._pairs


def sender(
    clock: ControlledClock,
    *routes: Route,
    blocked: Any = None,
    permissions: PermissionDirectory | None = None,
) -> Sender:
    carriers: dict[str, Carrier] = {}
    return Sender(
        db=cast(Any, None),  # preparing never touches it
        clock=clock,
        rates=cast(Any, Flat()),
        router=Router(routes or [EVERYWHERE], carriers),
        optouts=cast(OptOuts, blocked or Blocked()),
        destinations=Destinations(
            cast(Any, Flat()), permissions or PermissionDirectory(), Networks()
        ),
    )


def request(*recipients: str, **fields: Any) -> SendRequest:
    given: dict[str, Any] = {"sender": FROM, "text": "Hi", **fields}
    return SendRequest(
        "SA1", "MA1", given.pop("sender"), list(recipients or [TO]), given.pop("text"), **given
    )


def rows(prepared: Prepared) -> list[dict[str, Any]]:
    return [dict(zip(MESSAGE_COLUMNS, row, strict=True)) for row in prepared.rows.messages]


def callbacks(prepared: Prepared) -> list[dict[str, str]]:
    parsed = [parse_qs(webhook.body, keep_blank_values=True) for webhook in prepared.rows.webhooks]
    return [{name: values[0] for name, values in one.items()} for one in parsed]


def test_an_ordinary_message_is_queued(clock: ControlledClock) -> None:
    prepared = sender(clock).prepare(request(requester_ip="10.0.0.1"))
    (uuid,) = prepared.uuids
    assert is_uuid(uuid)
    assert prepared.invalid == []
    (row,) = rows(prepared)
    assert row == {
        "message_uuid": uuid, "main_id": "MA1", "account_id": "SA1", "direction": "outbound",
        "state": "queued", "type": "sms", "sender": FROM, "recipient": TO, "country": "US",
        "body": "Hi", "units": 1, "rate": 350, "amount": 350, "error_code": None, "log": "true",
        "requester_ip": "10.0.0.1", "created_at": clock.now(), "sent_at": None,
        "reported_at": None, "updated_at": clock.now(), "carrier": "a", "powerpack_uuid": "",
        "intent": "", "extra": "", "network": "310//", "fee_rate": 0,
        "campaign_id": "",
    }  # fmt: skip
    (dispatch,) = prepared.rows.dispatches
    assert dispatch.message_uuid == uuid
    assert (dispatch.account_id, dispatch.payer, dispatch.state) == ("SA1", "MA1", "waiting")
    assert (dispatch.carrier, dispatch.due_at, dispatch.attempts) == ("a", clock.now(), 0)
    assert dispatch.expires_at == clock.now() + 10_800
    assert prepared.rows.webhooks == []


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("+1 (415) 555-0123", TO),
        ("1.415.555.0123", TO),
        ("1/415/5550123\u00a0", TO),
        (" 14155550123\n", TO),
    ],
)
def test_destinations_are_cleaned(clock: ControlledClock, written: str, cleaned: str) -> None:
    (dispatch,) = sender(clock).prepare(request(written)).rows.dispatches
    assert dispatch.recipient == cleaned


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [("+1 415-555-0100", FROM), ("AC-ME", "ACME"), ("72345", "72345"), ("Ünit 1!", "nit1")],
)
def test_senders_are_cleaned(clock: ControlledClock, written: str, cleaned: str) -> None:
    (dispatch,) = sender(clock).prepare(request(sender=written)).rows.dispatches
    assert dispatch.sender == cleaned


@pytest.mark.parametrize("written", ["", "!?", "ABCDEFGHIJKL", "1" * 15, "12"])
def test_senders_of_no_form_are_refused(clock: ControlledClock, written: str) -> None:
    with pytest.raises(SenderRefused) as refusal:
        sender(clock).prepare(request(sender=written))
    assert refusal.value.field == "src"


def test_duplicates_are_dropped_and_bad_numbers_set_aside(clock: ControlledClock) -> None:
    prepared = sender(clock).prepare(
        request(TO, "+1-415-555-0123", "nobody", "447700900100", "", " ", "123", "0" * 11)
    )
    assert [row["recipient"] for row in rows(prepared)] == [TO, "447700900100"]
    assert prepared.invalid == ["nobody", "123", "0" * 11]
    assert len(set(prepared.uuids)) == 2
    assert [row["country"] for row in rows(prepared)] == ["US", "GB"]
    assert [row["amount"] for row in rows(prepared)] == [350, 4_000]


@pytest.mark.parametrize("written", [["nobody"], ["", " "], ["123", "x"]])
def test_without_any_number_nothing_is_accepted(clock: ControlledClock, written: list[str]) -> None:
    with pytest.raises(NoDestination) as refusal:
        sender(clock).prepare(request(*written))
    assert refusal.value.field == "dst"
    assert refusal.value.invalid == [one for one in written if one.strip()]


def test_a_thousand_destinations_are_the_most(clock: ControlledClock) -> None:
    many = [str(14_155_000_000 + at) for at in range(1_000)]
    assert len(sender(clock).prepare(request(*many, *many)).uuids) == 1_000
    with pytest.raises(TooManyDestinations, match="1001"):
        sender(clock).prepare(request(*many, TO))
    with pytest.raises(TooManyDestinations):
        sender(clock).prepare(request(*many, "nobody"))


def test_the_sender_is_no_destination(clock: ControlledClock) -> None:
    with pytest.raises(SenderRefused, match="among the destinations"):
        sender(clock).prepare(request(TO, "+1 (415) 555-0100"))


def test_each_part_is_a_unit(clock: ControlledClock) -> None:
    prepared = sender(clock).prepare(request(text="x" * 161))
    (row,) = rows(prepared)
    assert (row["units"], row["rate"], row["amount"]) == (2, 350, 700)


URL = "https://example.com/status"


@pytest.mark.parametrize("text", ["x" * 1_601, "Ж" * 738, "€" * 801])
def test_what_is_too_long_fails_with_110(clock: ControlledClock, text: str) -> None:
    prepared = sender(clock).prepare(request(text=text, callback_url=URL))
    (row,) = rows(prepared)
    assert (row["state"], row["error_code"], row["amount"]) == ("failed", 110, 0)
    assert prepared.rows.dispatches == []
    told = callbacks(prepared)
    assert [one["Status"] for one in told] == ["queued", "failed"]
    assert [one.get("ErrorCode") for one in told] == [None, "110"]
    assert [one["Sequence"] for one in told] == ["1", "2"]
    assert {one["MessageUUID"] for one in told} == set(prepared.uuids)


def test_a_blocked_pair_fails_with_200_and_others_go(clock: ControlledClock) -> None:
    one = sender(clock, blocked=Blocked((FROM, TO)))
    prepared = one.prepare(request(TO, "14155550124", callback_url=URL))
    assert [(row["state"], row["error_code"]) for row in rows(prepared)] == [
        ("failed", 200),
        ("queued", None),
    ]
    assert [dispatch.recipient for dispatch in prepared.rows.dispatches] == ["14155550124"]
    assert [told["Status"] for told in callbacks(prepared)] == ["queued", "failed", "queued"]
    assert one.prepare(request(TO, sender="14155550101")).rows.dispatches != []


def test_a_confirmation_goes_to_a_blocked_pair(clock: ControlledClock) -> None:
    one = sender(clock, blocked=Blocked((FROM, TO)))
    assert len(one.prepare(request(ignore_optout=True)).rows.dispatches) == 1


def test_without_a_route_it_fails_with_90(clock: ControlledClock) -> None:
    prepared = sender(clock, Route("a", prefixes=("44",))).prepare(request())
    (row,) = rows(prepared)
    assert (row["state"], row["error_code"], row["carrier"]) == ("failed", 90, "")
    assert prepared.rows.dispatches == []


def test_too_long_counts_before_the_opt_out(clock: ControlledClock) -> None:
    one = sender(clock, blocked=Blocked((FROM, TO)))
    (row,) = rows(one.prepare(request(text="x" * 1_601)))
    assert row["error_code"] == 110


def test_expiry_is_from_now(clock: ControlledClock) -> None:
    clock.advance(100)
    (dispatch,) = sender(clock).prepare(request(expiry_s=5)).rows.dispatches
    assert dispatch.expires_at == clock.now() + 5


@pytest.mark.parametrize(
    ("log", "recipient", "body"),
    [
        ("true", TO, "Hi"),
        ("false", "141XXXXX123", None),
        ("content_only", "141XXXXX123", "Hi"),
        ("number_only", TO, None),
    ],
)
def test_log_hides_in_the_record_not_in_the_queue(
    clock: ControlledClock, log: str, recipient: str, body: str | None
) -> None:
    prepared = sender(clock).prepare(request(log=log, callback_url=URL))
    (row,) = rows(prepared)
    assert (row["recipient"], row["body"], row["log"]) == (recipient, body, log)
    (dispatch,) = prepared.rows.dispatches
    assert (dispatch.recipient, dispatch.body) == (TO, "Hi")
    assert callbacks(prepared)[0]["To"] == TO


def test_rare_fields_are_kept_beside(clock: ControlledClock) -> None:
    prepared = sender(clock).prepare(request(extra={"dlt_entity_id": "11"}))
    assert rows(prepared)[0]["extra"] == '{"dlt_entity_id": "11"}'
    assert prepared.rows.dispatches[0].extra == '{"dlt_entity_id": "11"}'


def test_another_kind_has_routes_prices_units_and_refusals_of_its_own(
    clock: ControlledClock,
) -> None:
    kind = Kind("mms", 1, _us_rate, _refuse_555)
    prepared = sender(clock, EVERYWHERE, Route("pictures", type="mms")).prepare(
        request(TO, "14155550555", text="", kind=kind)
    )
    first, second = rows(prepared)
    assert (first["type"], first["units"], first["rate"], first["amount"]) == ("mms", 1, 1600, 1600)
    assert (second["state"], second["error_code"], second["amount"]) == ("failed", 340, 0)
    (dispatch,) = prepared.rows.dispatches
    assert (dispatch.type, dispatch.carrier) == ("mms", "pictures")


def test_another_kind_needs_a_carrier_that_carries_it(
    clock: ControlledClock,
) -> None:
    kind = Kind("whatsapp", 1, _us_rate)
    (row,) = rows(sender(clock).prepare(request(kind=kind)))
    assert (row["state"], row["error_code"]) == ("failed", 90)


def _refuse_555(_sender: str, recipient: str) -> int:
    return 340 if recipient.endswith("555") else 0


def _us_rate(country: str) -> int:
    return 1_600 if country == "US" else 0


def barred(*countries: str, account: str = "SA1", dlt: bool | None = None) -> PermissionDirectory:
    directory = PermissionDirectory(frozenset({"US"}) if countries else frozenset({"*"}))
    stored = Permissions(account, frozenset(countries) if countries else None, dlt)
    asyncio.run(directory.refresh(cast(Any, OnePull([stored]))))
    return directory


class OnePull:
    """A database that has something new once."""

    def __init__(self, new: list[Permissions]) -> None:
        self._new = new

    async def read(self, _unit: object) -> tuple[int, list[str], list[Permissions]]:
        return 1, [], self._new


def test_a_country_that_the_account_may_not_send_to_fails_with_450(
    clock: ControlledClock,
) -> None:
    sends = sender(clock, permissions=barred("US", "GB"))
    made = rows(sends.prepare(request("14155550123", "447400123456", "33612345678")))
    assert [(row["state"], row["error_code"]) for row in made] == [
        ("queued", None),
        ("queued", None),
        ("failed", 450),
    ]
    assert made[2]["amount"] == 0


def test_a_request_to_barred_countries_alone_is_refused(clock: ControlledClock) -> None:
    sends = sender(clock, permissions=barred("GB", account="MA1"))
    with pytest.raises(CountryBarred, match="do not allow messages to FR, US"):
        sends.prepare(request("14155550123", "33612345678"))
    # The subaccount's own word counts before its main account's.
    sends = sender(clock, permissions=barred("FR"))
    assert len(sends.prepare(request("33612345678")).rows.dispatches) == 1


DLT = {"dlt_entity_id": "1201159083000000001", "dlt_template_id": "1207161234567890123"}


@pytest.mark.parametrize(
    ("dlt", "extra", "error"),
    [
        (True, DLT, None),
        (True, {}, 160),
        (True, {"dlt_entity_id": "1201159083000000001"}, 160),
        (True, {**DLT, "dlt_template_id": "my template"}, 160),
        (None, {}, None),
        (False, {**DLT, "dlt_template_id": "my template"}, None),
    ],
)
def test_the_registered_route_to_india_needs_its_ids(
    clock: ControlledClock, dlt: bool | None, extra: dict[str, str], error: int | None
) -> None:
    sends = sender(clock, permissions=barred(dlt=dlt))
    india, france = rows(sends.prepare(request("919820012345", "33612345678", extra=extra)))
    assert india["error_code"] == error
    assert france["error_code"] is None
    assert ("domestic" in india["extra"]) == (dlt is True and error is None)


def test_a_message_knows_the_network_it_goes_to(clock: ControlledClock) -> None:
    (row,) = rows(sender(clock).prepare(request("4915112345678")))
    assert row["network"] == "262/01/T-Mobile"
    assert row["fee_rate"] == 0
