"""Inbound messages: stored, forwarded, joined from parts; keywords; replies of applications."""

import asyncio
import itertools
from typing import Any

import pytest
from messaging_world import (
    CASH,
    HANDSET,
    INBOUND_RATE,
    MESSAGE_URL,
    NUMBER,
    OTHER_NUMBER,
    World,
)
from sqlalchemy import insert, update

from trunkline.messaging import keywords
from trunkline.messaging.receive import KIND
from trunkline.messaging.reply import Replier
from trunkline.messaging.store import inbound
from trunkline.messaging.store.tables import inbound_parts, optouts
from trunkline.protocols.sms.decode import Alphabet, Content
from trunkline.protocols.sms.udh import Concat
from trunkline.runtime.changes import KEPT, OPT_OUTS, forget_removals, revisions
from trunkline.runtime.db import Connection
from trunkline.webhooks import WebhookOutcome

PLAIN_NUMBER = "14155550102"  # without an application


def heard(world: World, content: Content, **ends: Any) -> "asyncio.Future[bool]":
    """Have a carrier deliver something; the future tells what it was answered."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    world.receiver.receive(
        ends.get("carrier", "a"),
        (ends.get("sender", HANDSET), ends.get("recipient", NUMBER)),
        content,
        ends.get("alphabet", Alphabet.GSM),
        answer.set_result,
    )
    return answer


async def hear(world: World, text: str | bytes, **ends: Any) -> bool:
    body, coding = (text, 4) if isinstance(text, bytes) else (text.encode("utf-16-be"), 8)
    async with asyncio.timeout(10):
        return await heard(world, Content(body, ends.pop("coding", coding)), **ends)


def part(number: int, total: int = 3, text: str = "", reference: int = 7) -> Content:
    body = (text or f"[{number}]").encode("utf-16-be")
    return Content(body, 8, Concat(reference, total, number))


async def hear_parts(world: World, *parts: Content, **ends: Any) -> list[bool]:
    async with asyncio.timeout(10):
        return [await heard(world, one, **ends) for one in parts]


async def arrived(world: World) -> list[str]:
    return [record["body"] for record in await world.records("inbound")]


async def replies(world: World) -> list[tuple[str, str, str]]:
    return [
        (record["sender"], record["recipient"], record["body"])
        for record in await world.records("outbound")
    ]


async def test_a_message_is_stored_forwarded_and_acknowledged(world: World) -> None:
    answer = heard(world, Content("Grüße 🎉".encode("utf-16-be"), 8))
    assert not answer.done()  # not before it is durable
    assert await answer
    (record,) = await world.records("inbound")
    expected = {
        "main_id": world.account.auth_id, "account_id": world.account.auth_id,
        "direction": "inbound", "state": "received", "type": "sms", "sender": HANDSET,
        "recipient": NUMBER, "country": "US", "body": "Grüße 🎉", "units": 1,
        "rate": INBOUND_RATE, "amount": INBOUND_RATE, "error_code": None, "log": "true",
        "created_at": world.clock.now(), "sent_at": None, "intent": "", "extra": "",
    }  # fmt: skip
    assert {name: record[name] for name in expected} == expected
    (told,) = await world.webhooks(KIND)
    assert told == {
        "MessageUUID": record["message_uuid"], "From": HANDSET, "To": NUMBER, "Text": "Grüße 🎉",
        "Type": "sms", "Units": "1", "TotalRate": "0.00100", "TotalAmount": "0.00100",
        "MessageIntent": "", "PowerpackUUID": "",
    }  # fmt: skip
    assert world.receiver.counters.received == 1


async def test_a_number_without_an_application_only_keeps_it(world: World) -> None:
    assert await hear(world, "Hi", recipient=PLAIN_NUMBER)
    assert await arrived(world) == ["Hi"]
    assert await world.webhooks(KIND) == []


async def test_nobodys_number_is_not_known_and_nothing_is_stored(world: World) -> None:
    assert world.receiver.knows(NUMBER)
    assert not world.receiver.knows("14155559999")
    assert world.receiver.counters.unknown_number == 1
    assert not await hear(world, "Hi", recipient="14155559999")
    assert await world.records("inbound") == []


async def test_every_alphabet_and_what_cannot_be_text(world: World) -> None:
    assert await hear(world, b"\x00\x1b\x65", coding=0)
    assert await hear(world, b"\xfc", coding=0, alphabet=Alphabet.LATIN1)
    assert await hear(world, b"\x01\xff")
    assert await hear(world, "a\0b")  # PostgreSQL has no NUL
    assert await hear(world, b"\xd8\x00", coding=8)  # half a surrogate pair
    assert await hear(world, b"", coding=0)
    assert await arrived(world) == ["@€", "ü", "01ff", "a\ufffdb", "\ufffd", ""]


async def test_without_log_neither_text_nor_sender_is_kept(world: World) -> None:
    assert await hear(world, "secret", recipient=OTHER_NUMBER)
    (record,) = await world.records("inbound")
    assert (record["body"], record["sender"], record["log"]) == (None, "14155550XXX", "false")
    (told,) = await world.webhooks(KIND)
    assert (told["Text"], told["From"]) == ("secret", HANDSET)
    ends = await world.db.read(lambda conn: inbound.ends_of(conn, [record["message_uuid"]]))
    assert ends == {record["message_uuid"]: (world.account.auth_id, HANDSET, OTHER_NUMBER)}
    done = [(record["message_uuid"], True)]
    await world.db.write(lambda conn: inbound.mark_forwarded(conn, done, world.clock.now()))
    (record,) = await world.records("inbound")
    assert (record["state"], record["extra"]) == ("delivered", "")


async def test_a_dead_database_makes_the_carrier_deliver_again(world: World) -> None:
    with world.broken():
        assert not await hear(world, "Hi")
        assert await hear_parts(world, part(1)) == [False]
    assert await arrived(world) == []
    assert await hear(world, "Hi")
    assert await arrived(world) == ["Hi"]


# -- parts


async def test_parts_come_together_in_any_order(world: World) -> None:
    for turn, order in enumerate(itertools.permutations((1, 2, 3))):
        parts = [part(number, reference=turn) for number in order]
        assert await hear_parts(world, *parts) == [True] * 3
    assert await arrived(world) == ["[1][2][3]"] * 6
    assert await world.rows(inbound_parts) == []
    (record, *_) = await world.records("inbound")
    assert (record["units"], record["amount"]) == (3, 3 * INBOUND_RATE)


async def test_parts_of_one_commit(world: World) -> None:
    answers = [heard(world, part(number)) for number in (3, 1, 2)]
    assert await asyncio.gather(*answers) == [True] * 3
    assert await arrived(world) == ["[1][2][3]"]


async def test_a_part_that_came_twice_counts_once(world: World) -> None:
    await hear_parts(world, part(1), part(1, text="again"), part(3), part(2))
    assert await arrived(world) == ["[1][2][3]"]
    await hear_parts(world, part(3))  # a straggler begins a message of its own
    assert len(await world.rows(inbound_parts)) == 1


async def test_a_character_cut_in_two_is_whole_again(world: World) -> None:
    octets = "🎉".encode("utf-16-be")
    halves = [
        Content(octets[:2], 8, Concat(1, 2, 1)),
        Content(octets[2:], 8, Concat(1, 2, 2)),
    ]
    await hear_parts(world, *halves)
    assert await arrived(world) == ["🎉"]


async def test_messages_with_the_same_reference_do_not_mix(world: World) -> None:
    await hear_parts(world, part(1, 2, "A1 "))
    await hear_parts(world, part(1, 2, "B1 "), sender="14155550124")
    await hear_parts(world, part(1, 2, "C1 "), recipient=PLAIN_NUMBER)
    await hear_parts(world, part(1, 2, "D1 "), carrier="b")
    await hear_parts(world, part(1, 3, "E1 "))
    assert await arrived(world) == []
    await hear_parts(world, part(2, 2, "B2"), sender="14155550124")
    await hear_parts(world, part(2, 2, "A2"))
    assert await arrived(world) == ["B1 B2", "A1 A2"]
    assert len(await world.rows(inbound_parts)) == 3


async def test_a_single_part_of_one_needs_no_others(world: World) -> None:
    assert await hear_parts(world, part(1, 1, "whole")) == [True]
    assert await arrived(world) == ["whole"]


async def test_what_stays_incomplete_is_delivered_as_far_as_it_came(world: World) -> None:
    await hear_parts(world, part(3), part(1), part(1, text="again"))
    waiting_since = world.clock.now()
    world.clock.advance(200)
    await hear_parts(world, part(2, reference=8))
    await world.receiver.deliver_incomplete(waiting_since)
    assert await arrived(world) == []
    await world.receiver.deliver_incomplete(waiting_since + 1)
    assert await arrived(world) == ["[1][3]"]
    (left,) = await world.rows(inbound_parts)
    assert left["reference"] == 8


async def test_the_janitor_delivers_it_in_time(world: World) -> None:
    janitor = world.janitor()
    await hear_parts(world, part(1))
    world.clock.advance(299)
    await janitor.sweep()
    assert await arrived(world) == []
    world.clock.advance(2)
    await janitor.sweep()
    assert await arrived(world) == ["[1]"]


# -- keywords


async def test_stop_blocks_confirms_and_start_undoes_it(world: World) -> None:
    assert await hear(world, " stop ")
    assert await replies(world) == [(NUMBER, HANDSET, keywords.OPT_OUT_REPLY)]
    assert world.optouts.blocked(NUMBER, HANDSET)
    (uuid,) = await world.send()
    assert await world.state(uuid) == ("failed", 200)
    (other,) = await world.send(sender=OTHER_NUMBER)
    assert await world.state(other) == ("queued", None)
    assert await hear(world, "Start")
    assert (await replies(world))[-1] == (NUMBER, HANDSET, keywords.OPT_IN_REPLY)
    assert not world.optouts.blocked(NUMBER, HANDSET)
    (again,) = await world.send()
    assert await world.state(again) == ("queued", None)
    told = await world.webhooks(KIND)
    assert [one["MessageIntent"] for one in told] == ["optout", "optin"]
    intents = [record["intent"] for record in await world.records("inbound")]
    assert intents == ["optout", "optin"]


async def test_stop_twice_is_confirmed_and_kept_once(world: World) -> None:
    assert await asyncio.gather(hear(world, "STOP"), hear(world, "UNSUB")) == [True, True]
    assert len(await replies(world)) == 2
    await world.optouts.refresh(world.db)
    assert world.optouts.blocked(NUMBER, HANDSET)


async def test_start_of_one_who_is_not_blocked_is_not_confirmed(world: World) -> None:
    assert await hear(world, "YES")
    assert await replies(world) == []
    assert (await world.records("inbound"))[0]["intent"] == "optin"


async def test_help_is_answered(world: World) -> None:
    assert await hear(world, "info")
    assert await replies(world) == [(NUMBER, HANDSET, keywords.HELP_REPLY)]
    assert not world.optouts.blocked(NUMBER, HANDSET)


async def test_a_confirmation_is_charged_to_the_numbers_owner(world: World) -> None:
    world.carriers["a"].reply = lambda row: pytest.fail("only looked at")
    assert await hear(world, "STOP")
    (row,) = await world.claim()
    assert (row.account_id, row.payer) == (world.account.auth_id, world.account.auth_id)
    assert (row.callback_url, await world.cash()) == ("", CASH - INBOUND_RATE)


async def test_keywords_from_what_cannot_be_answered(world: World) -> None:
    senders = ("ACME", "72345", NUMBER, "")
    for sender in senders:
        assert await hear(world, "STOP", sender=sender)
        assert await hear(world, "HELP", sender=sender)
        assert world.optouts.blocked(NUMBER, sender)
    assert await arrived(world) == ["STOP", "HELP"] * len(senders)
    assert await replies(world) == []


async def test_opt_outs_of_another_process_are_read(world: World) -> None:
    await hear(world, "STOP")
    from_disk = type(world.optouts)()
    assert not from_disk.blocked(NUMBER, HANDSET)
    await from_disk.refresh(world.db)
    assert from_disk.blocked(NUMBER, HANDSET)
    await hear(world, "START")
    await from_disk.refresh(world.db)
    assert not from_disk.blocked(NUMBER, HANDSET)


async def test_only_opt_outs_that_are_new_are_read(world: World) -> None:
    """A list of millions is read once, not every other second."""
    others = type(world.optouts)()
    await hear(world, "STOP")
    await others.refresh(world.db)
    unannounced = insert(optouts).values(number="1", handset="2", at=1.0, keyword="STOP")
    await world.db.write(lambda conn: conn.execute(unannounced))
    await others.refresh(world.db)
    assert not others.blocked("1", "2")  # nothing said that there was anything to read
    await hear(world, "STOP", sender="72345")
    await others.refresh(world.db)
    assert others.blocked(NUMBER, HANDSET)
    assert others.blocked(NUMBER, "72345")
    assert not others.blocked("1", "2")


async def test_a_list_that_is_read_anew_has_none_that_ended_meanwhile(world: World) -> None:
    others = type(world.optouts)()
    await hear(world, "STOP")
    await hear(world, "STOP", sender="72345")
    await others.refresh(world.db)
    await hear(world, "START")
    further = update(revisions).where(revisions.c.id == OPT_OUTS)
    further = further.values(revision=revisions.c.revision + KEPT)
    await world.db.write(lambda conn: conn.execute(further))
    assert await world.db.write(forget_removals) == 1
    await others.refresh(world.db)
    assert not others.blocked(NUMBER, HANDSET)
    assert others.blocked(NUMBER, "72345")


async def test_what_is_told_while_the_list_is_read_is_not_undone(world: World) -> None:
    await hear(world, "STOP")
    reading = asyncio.create_task(world.optouts.refresh(world.db))
    await asyncio.sleep(0)
    await asyncio.gather(reading, hear(world, "START"), world.optouts.refresh(world.db))
    assert not world.optouts.blocked(NUMBER, HANDSET)
    await world.optouts.refresh(world.db)
    assert not world.optouts.blocked(NUMBER, HANDSET)


async def test_an_opt_out_that_was_not_stored_does_not_count(world: World) -> None:
    with world.broken():
        assert not await hear(world, "STOP")
    assert not world.optouts.blocked(NUMBER, HANDSET)


# -- what the application answered


def outcome(uuid: str, account_id: str, **changes: Any) -> WebhookOutcome:
    given = WebhookOutcome(
        1, KIND, uuid, account_id, True, True, 200, "application/xml; charset=utf-8", "", None
    )
    return given._replace(**changes)


async def answer(world: World, uuid: str, **changes: Any) -> None:
    replier = Replier(clock=world.clock, sender=world.sender, payer_of=lambda account: account)
    one = outcome(uuid, world.account.auth_id, **changes)

    def apply(conn: Connection) -> None:
        replier.outcomes(conn, [one])

    await world.db.write(apply)


async def forwarded(world: World, **ends: Any) -> str:
    await hear(world, "Hi", **ends)
    return (await world.records("inbound"))[-1]["message_uuid"]


OUTCOMES: list[tuple[dict[str, Any], str]] = [
    ({}, "delivered"),
    ({"ok": False, "status": 500}, "undelivered"),
    ({"ok": False, "status": None, "content_type": ""}, "undelivered"),
    ({"ok": False, "final": False}, "received"),
]


async def test_the_outcome_is_the_state(world: World) -> None:
    for changes, state in OUTCOMES:
        uuid = await forwarded(world)
        await answer(world, uuid, **changes)
        assert (await world.record(uuid))["state"] == state


async def test_a_reply_goes_back_by_default(world: World) -> None:
    uuid = await forwarded(world)
    body = (
        "<Response><Message>one & two</Message>"
        f"<Message src='{OTHER_NUMBER}' dst='447700900100&lt;14155550124' "
        "callbackUrl='https://example.com/s?a=1&b=2' callbackMethod='get'>three</Message>"
        "</Response>"
    )
    await answer(world, uuid, body=body)
    assert await replies(world) == [
        (NUMBER, HANDSET, "one & two"),
        (OTHER_NUMBER, "447700900100", "three"),
        (OTHER_NUMBER, "14155550124", "three"),
    ]
    rows = await world.claim()
    urls = [(row.callback_url, row.callback_method) for row in rows]
    assert urls == [("", "POST")] + [("https://example.com/s?a=1&b=2", "GET")] * 2


async def test_a_reply_to_a_hidden_sender_reaches_it(world: World) -> None:
    uuid = await forwarded(world, recipient=OTHER_NUMBER)
    await answer(world, uuid, body="<Response><Message>Hi</Message></Response>")
    assert await replies(world) == [(OTHER_NUMBER, HANDSET, "Hi")]


NO_REPLIES: list[dict[str, Any]] = [
    {"content_type": "text/plain"},
    {"content_type": ""},
    {"ok": False, "status": 500},
    {"body": "<Response><Message src='!'>Hi</Message></Response>"},
    {"body": "<Response><Message dst='nobody'>Hi</Message></Response>"},
    {"body": f"<Response><Message dst='{NUMBER}'>Hi</Message></Response>"},
    {"body": "not xml"},
]


async def test_what_is_no_reply_sends_nothing(world: World) -> None:
    for changes in NO_REPLIES:
        uuid = await forwarded(world)
        given = {"body": "<Response><Message>Hi</Message></Response>", **changes}
        await answer(world, uuid, **given)
        assert await replies(world) == [], changes
        assert (await world.record(uuid))["state"] in ("delivered", "undelivered")


async def test_a_bad_reply_beside_a_good_one(world: World) -> None:
    uuid = await forwarded(world)
    body = "<Response><Message dst='x'>no</Message><Message>yes</Message></Response>"
    await answer(world, uuid, body=body)
    assert await replies(world) == [(NUMBER, HANDSET, "yes")]


async def test_where_the_messages_go(world: World) -> None:
    """The application's URL and method."""
    await hear(world, "Hi")
    await hear(world, "Hi", recipient=OTHER_NUMBER)

    def read(conn: Connection) -> list[tuple[str, str]]:
        found = conn.exec_driver_sql("SELECT method, url FROM webhooks ORDER BY id")
        return [(row[0], row[1]) for row in found]

    assert await world.db.read(read) == [("POST", MESSAGE_URL), ("GET", MESSAGE_URL)]
