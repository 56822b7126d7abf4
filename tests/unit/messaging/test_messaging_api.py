from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operations.messages import MessageCreate, MessageGet, MessageList
from trunkline.messaging.api import DEFAULT_WINDOW_S, REACH_S, MessageApi
from trunkline.messaging.send import Prepared, SendRequest
from trunkline.messaging.store.records import Filters, Record

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z
MAIN, SUB = "MA" + "1" * 18, "SA" + "2" * 18
DAY = 86_400.0


class Accounts:
    """Accounts that all live in one time zone."""

    def __init__(self, timezone: str = "UTC") -> None:
        self.timezone = timezone
        self.auth_id = self.main_auth_id = MAIN

    def get(self, auth_id: str) -> "Accounts":
        self.auth_id = auth_id
        return self


class Stored:
    """A database that answers every question with the same."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def read(self, _query: object) -> Any:
        return self.answer


class Recorder:
    """A sender that notes what it was asked to send."""

    def __init__(self) -> None:
        self.requests: list[SendRequest] = []
        self.invalid: list[str] = []

    async def send(self, request: SendRequest) -> Prepared:
        self.requests.append(request)
        return Prepared(cast(Any, None), ["uuid-1"], self.invalid)


def api(answer: Any = None, sender: Any = None, timezone: str = "UTC") -> MessageApi:
    return MessageApi(
        db=cast(Any, Stored(answer)), sender=sender, accounts=cast(Any, Accounts(timezone))
    )


def context(account_id: str = MAIN) -> RequestContext:
    principal = Principal(auth_id=MAIN, main_auth_id=MAIN, is_subaccount=False, enabled=True)
    return RequestContext("api-id", principal, account_id, "10.0.0.1", NOW)


def filters(account_id: str = MAIN, **fields: Any) -> Filters:
    return api()._filters(context(account_id), MessageList(**fields))


def record(**changes: Any) -> Record:
    row = Record(
        "uuid", MAIN, MAIN, "outbound", "queued", "sms", "14155550100", "14155550123", "US", "Hi",
        2, 350, 700, None, "true", "10.0.0.1", NOW + 0.1, None, None, NOW + 0.25, "a", "", "", "",
    )  # fmt: skip
    return row._replace(**changes)


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("message_time", "eq"),
        ("message_time__gt", "gt"),
        ("message_time__gte", "gte"),
        ("message_time__lt", "lt"),
        ("message_time__lte", "lte"),
    ],
)
@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2025-12-31 23:00", NOW - 3_600),
        ("2025-12-31 23:00:01", NOW - 3_599),
        ("2025-12-31 23:00:01.500000", NOW - 3_598.5),
        ("2025-12-31T23:00:01", NOW - 3_599),
        ("2026-01-01 01:00:00+02:00", NOW - 3_600),
    ],
)
def test_times_in_five_ways(name: str, operator: str, written: str, seconds: float) -> None:
    times = filters(**{name: written}).times
    assert times.pop(operator) == seconds
    assert times == ({} if operator == "gte" else {"gte": NOW - REACH_S})


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01 00:00", "31/12/2025 23:00", "1e400"])
def test_what_is_no_time_names_its_field(written: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        filters(message_time__lt=written)
    assert "message_time__lt" in str(refusal.value)


def test_without_a_time_the_last_day() -> None:
    assert filters().times == {"gte": NOW - DAY}
    assert DEFAULT_WINDOW_S == DAY
    assert filters(message_state="sent").times == {"gte": NOW - DAY}


def test_never_beyond_ninety_days() -> None:
    assert filters(message_time__gte="2020-01-01 00:00").times == {"gte": NOW - 90 * DAY}
    assert filters(message_time__gt="2020-01-01 00:00").times["gte"] == NOW - 90 * DAY
    assert filters(message_time="2020-01-01 00:00").times["gte"] == NOW - 90 * DAY


def test_filters_become_columns() -> None:
    found = filters(
        message_direction="outbound",
        message_state="sent",
        message_type="sms",
        from_number="+1 (415) 555-0100",
        to_number="1-415-555-0123",
        destination_country_iso2="gb",
        powerpack_id="p",
    )
    assert found.main_id == MAIN
    assert found.equal == {
        "direction": "outbound",
        "state": "sent",
        "type": "sms",
        "sender": "14155550100",
        "recipient": "14155550123",
        "country": "GB",
        "powerpack_uuid": "p",
    }


@pytest.mark.parametrize(("written", "code"), [("000", 0), ("0", 0), ("420", 420), ("0090", 90)])
def test_error_codes(written: str, code: int) -> None:
    assert filters(error_code=written).equal == {"error_code": code}


@pytest.mark.parametrize("written", ["x", "-1", "4.2", "²", "٤٢٠", "1" * 10])
def test_what_is_no_error_code(written: str) -> None:
    with pytest.raises(InvalidParameter):
        filters(error_code=written)


def test_a_subaccount_sees_its_own() -> None:
    assert filters(SUB).equal == {"account_id": SUB}
    assert filters(subaccount=SUB).equal == {"account_id": SUB}
    assert filters(SUB, subaccount=SUB).equal == {"account_id": SUB}
    with pytest.raises(NotFound):
        filters(SUB, subaccount="SA" + "3" * 18)


async def test_links_repeat_the_filters() -> None:
    request = MessageList(
        message_state="sent", message_time__gte="2025-12-31 23:00", error_code="000", offset=40
    )
    page = await api(([record()], 100)).list(context(), request)
    assert (page.meta.total_count, page.meta.limit, page.meta.offset) == (100, 20, 40)
    for link, offset in ((page.meta.next, "60"), (page.meta.previous, "20")):
        assert link is not None
        parts = urlsplit(link)
        assert parts.path == f"/v1/Account/{MAIN}/Message/"
        assert dict(parse_qsl(parts.query)) == {
            "limit": "20",
            "offset": offset,
            "message_state": "sent",
            "message_time__gte": "2025-12-31 23:00",
            "error_code": "000",
        }


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        (record(), None, ""),
        (record(state="sent"), None, ""),
        (record(state="delivered", error_code=0), "000", ""),
        (record(state="read", error_code=0), "000", ""),
        (record(state="failed", error_code=420), "420", "Message expired in queue"),
        (record(state="undelivered", error_code=4_711), "4711", "Unknown error"),
        (record(direction="inbound", state="delivered"), None, ""),
    ],
)
async def test_error_codes_of_records(row: Record, code: str | None, text: str) -> None:
    answer = await api(row).get(context(), MessageGet(message_uuid="UUID"))
    assert (answer.error_code, answer.error_message) == (code, text)


async def test_a_record_on_the_wire() -> None:
    row = record(sent_at=NOW + 1, extra='{"dlt_entity_id": "11"}')
    answer = await api(row, timezone="Asia/Kolkata").get(context(), MessageGet(message_uuid="u"))
    assert answer.message_time == "2026-01-01 05:30:00.100000+05:30"
    assert answer.message_sent_time == "2026-01-01 05:30:01.000000+05:30"
    assert answer.message_updated_time == "2026-01-01 05:30:00.250000+05:30"
    assert (answer.total_rate, answer.total_amount, answer.units) == ("0.00350", "0.00700", 2)
    assert answer.resource_uri == f"/v1/Account/{MAIN}/Message/uuid/"
    assert (answer.dlt_entity_id, answer.dlt_template_id) == ("11", "")
    assert answer.powerpack_id is None


async def test_what_extra_holds_of_inbound_messages_is_not_shown() -> None:
    row = record(direction="inbound", state="received", sender="14155550XXX", extra="14155550123")
    answer = await api(row).get(context(), MessageGet(message_uuid="u"))
    assert "14155550123" not in (answer.dlt_entity_id, answer.from_number)


@pytest.mark.parametrize("row", [None, record(created_at=NOW - REACH_S - 1)])
async def test_what_is_gone_is_not_found(row: Record | None) -> None:
    with pytest.raises(NotFound):
        await api(row).get(context(), MessageGet(message_uuid="u"))


async def test_creating_hands_everything_on() -> None:
    recorder = Recorder()
    request = MessageCreate(
        src="14155550100", dst="14155550123<447700900100", text="Hi", url="https://example.com/",
        method="GET", log="false", message_expiry=5, trackable=True, dlt_entity_id="11",
    )  # fmt: skip
    answer = await api(sender=recorder).create(context(SUB), request)
    assert answer.message_uuid == ["uuid-1"]
    (sent,) = recorder.requests
    assert sent == SendRequest(
        SUB, MAIN, "14155550100", ["14155550123", "447700900100"], "Hi", "10.0.0.1",
        "https://example.com/", "GET", "false", 5, {"dlt_entity_id": "11", "trackable": "true"},
    )  # fmt: skip


async def test_creating_tells_of_invalid_numbers_only_when_there_are() -> None:
    recorder = Recorder()
    request = MessageCreate(src="1" * 11, dst="14155550123", text="Hi")
    answer = await api(sender=recorder).create(context(), request)
    assert not answer.invalid_number
    recorder.invalid = ["x"]
    answer = await api(sender=recorder).create(context(), request)
    assert answer.invalid_number == ["x"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"src": None}, MissingParameter),
        ({"text": None}, MissingParameter),
        ({"text": ""}, MissingParameter),
        ({"powerpack_uuid": "p"}, InvalidParameter),
        ({"src": None, "powerpack_uuid": "p", "type": "whatsapp"}, InvalidParameter),
        ({"type": "whatsapp"}, InvalidParameter),
        ({"type": "mms"}, InvalidParameter),
        ({"template": {}}, InvalidParameter),
        ({"location": {}}, InvalidParameter),
    ],
)
async def test_what_cannot_be_created(fields: dict[str, Any], error: type[Exception]) -> None:
    given: dict[str, Any] = {"src": "14155550100", "dst": "14155550123", "text": "Hi", **fields}
    recorder = Recorder()
    with pytest.raises(error):
        await api(sender=recorder).create(context(), MessageCreate(**given))
    assert recorder.requests == []
