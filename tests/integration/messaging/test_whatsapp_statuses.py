"""Statuses and messages of WhatsApp in the store: in any order, often, and each told once."""

import asyncio
from typing import Any

import pytest
from messaging_world import HANDSET, MESSAGE_URL, NUMBER, World

from trunkline.messaging.carriers.routes import Route
from trunkline.messaging.kinds.port import Kind
from trunkline.messaging.routing import Router
from trunkline.messaging.whatsapp.keep import Keeper
from trunkline.messaging.whatsapp.model import CONVERSATION_S, Stage, StatusItem
from trunkline.messaging.whatsapp.receive import WhatsappReceiver
from trunkline.messaging.whatsapp.store import conversations
from trunkline.messaging.whatsapp.store import outbound as store
from trunkline.messaging.whatsapp.store.tables import early, known
from trunkline.protocols.whatsapp import events
from trunkline.protocols.whatsapp.events import MessageEvent

WAMID = "wamid.1"
KIND = Kind("whatsapp", 1, lambda _: 3_000)


@pytest.fixture
def chat(world: World) -> World:
    """The world with a carrier of WhatsApp messages."""
    world.sender._router = Router([Route("a", type="whatsapp")], world.carriers)
    return world


async def sent(world: World, wamid: str = WAMID, origin: str = "utility", **more: Any) -> str:
    dispatch = await world.claimed(text="{}", kind=KIND, extra={"origin": origin}, **more)
    await world.db.submit(store.record_sent, world.taken(dispatch, wamid))
    return dispatch.message_uuid


async def tell(
    world: World, *stages: Stage, wamid: str = WAMID, code: int = 0, origin: str = ""
) -> list[bool]:
    now = world.clock.now()
    items = [StatusItem("a", wamid, stage, origin, code, now) for stage in stages]
    return [await world.db.submit(store.apply, item) for item in items]


async def test_what_is_sent_is_in_a_conversation_and_paid(chat: World) -> None:
    before = await chat.cash()
    uuid = await sent(chat)
    assert await chat.state(uuid) == ("sent", None)
    assert before - await chat.cash() == 3_000
    details = await chat.db.read(lambda conn: conversations.details(conn, [uuid]))
    assert details[uuid].origin == "utility"
    assert details[uuid].expires_at == chat.clock.now() + CONVERSATION_S
    told = (await chat.webhooks())[-1]
    assert (told["Status"], told["ConversationID"]) == ("sent", details[uuid].id)
    again = await sent(chat, "wamid.2")
    more = await chat.db.read(lambda conn: conversations.details(conn, [again]))
    assert more[again].id == details[uuid].id
    chat.clock.advance(CONVERSATION_S)
    third = await sent(chat, "wamid.3")
    other = await chat.db.read(lambda conn: conversations.details(conn, [third]))
    assert other[third].id != details[uuid].id


@pytest.mark.parametrize(
    ("stages", "told", "state"),
    [
        ((Stage.SENT, Stage.DELIVERED, Stage.READ), ["delivered", "read"], "read"),
        ((Stage.READ, Stage.DELIVERED, Stage.SENT), ["delivered", "read"], "read"),
        ((Stage.DELIVERED, Stage.DELIVERED, Stage.SENT), ["delivered"], "delivered"),
        ((Stage.READ, Stage.READ, Stage.FAILED), ["delivered", "read"], "read"),
        ((Stage.FAILED, Stage.DELIVERED, Stage.FAILED), ["undelivered"], "undelivered"),
        ((Stage.DELIVERED, Stage.FAILED, Stage.READ), ["delivered", "read"], "read"),
        ((Stage.SENT, Stage.SENT), [], "sent"),
    ],
)
@pytest.mark.parametrize("when", ["after the answer", "before the answer"])
async def test_each_state_is_told_once(
    chat: World, stages: tuple[Stage, ...], told: list[str], state: str, when: str
) -> None:
    if when == "before the answer":
        assert not any(await tell(chat, *stages, code=70))
        uuid = await sent(chat)
        assert await chat.rows(early) == []
    else:
        uuid = await sent(chat)
        assert all(await tell(chat, *stages, code=70))
    assert await chat.told(uuid) == ["queued", "sent", *told]
    assert (await chat.state(uuid))[0] == state
    sequences = [one["Sequence"] for one in await chat.webhooks()]
    assert sequences == [str(at) for at in range(1, len(told) + 3)]


async def test_a_status_and_an_answer_that_missed_each_other(chat: World) -> None:
    """As when two processes commit them at one moment."""
    uuid = await sent(chat)
    await tell(chat, Stage.DELIVERED)
    now = chat.clock.now()
    row = ("1", "a", WAMID, Stage.READ.value, "", 0, now)
    await chat.db.write(lambda conn: store._insert_early.run(conn, [row]))
    chat.clock.advance(1)
    await Keeper(chat.db, chat.clock).match()
    assert (await chat.state(uuid))[0] == "read"
    assert await chat.told(uuid) == ["queued", "sent", "delivered", "read"]
    assert await chat.rows(early) == []


async def test_the_carriers_word_on_the_category_counts(chat: World) -> None:
    uuid = await sent(chat)
    await tell(chat, Stage.SENT, origin="marketing")
    details = await chat.db.read(lambda conn: conversations.details(conn, [uuid]))
    assert details[uuid].origin == "marketing"


async def test_another_carriers_id_is_another_message(chat: World) -> None:
    uuid = await sent(chat)
    item = StatusItem("b", WAMID, Stage.READ, "", 0, chat.clock.now())
    assert await chat.db.submit(store.apply, item) is False
    assert (await chat.state(uuid))[0] == "sent"


async def test_what_is_old_is_forgotten_but_its_state(chat: World) -> None:
    uuid = await sent(chat)
    await tell(chat, Stage.DELIVERED)
    await tell(chat, Stage.DELIVERED, wamid="stranger")
    chat.clock.advance(1_000 * 86_400)  # ids are of the real time
    await Keeper(chat.db, chat.clock).sweep()
    assert [row["dispatch"] for row in await chat.rows(known)] == [""]
    assert await chat.rows(early) == []
    await tell(chat, Stage.READ)
    assert (await chat.state(uuid))[0] == "read"
    assert await chat.told(uuid) == ["queued", "sent", "delivered"]


def receiver(world: World) -> WhatsappReceiver:
    async def fetch(*_: Any) -> None:
        return None

    return WhatsappReceiver(
        db=world.db,
        clock=world.clock,
        numbers=world.numbers,
        applications=world.applications,
        sender=world.sender,
        price=lambda _: 100,
        network=lambda _: "",
        fetch=fetch,
    )


def arrived(text: str = "Hello", wamid: str = "wamid.in", **more: Any) -> MessageEvent:
    message = {"id": wamid, "from": HANDSET, "type": "text", "text": {"body": text}, **more}
    (event,) = events.read(events.message_body("1", {}, (HANDSET, "Ada"), message))
    assert isinstance(event, MessageEvent)
    return event


async def test_a_message_that_comes_twice_is_one(chat: World) -> None:
    taker = receiver(chat)
    await taker.take("a", NUMBER, arrived())
    await taker.take("a", NUMBER, arrived())
    await taker.take("a", NUMBER, arrived(wamid="wamid.other"))
    assert len(await chat.records("inbound")) == 2
    first, second = await chat.webhooks("message.inbound")
    assert first["Body"] == "Hello"
    assert first["ConversationID"] == second["ConversationID"]
    assert taker.received == 2


async def test_twice_in_one_moment_too(chat: World) -> None:
    taker = receiver(chat)
    await asyncio.gather(*(taker.take("a", NUMBER, arrived()) for _ in range(5)))
    assert len(await chat.records("inbound")) == 1
    assert len(await chat.webhooks("message.inbound")) == 1


async def test_each_message_lets_the_conversation_go_on(chat: World) -> None:
    taker = receiver(chat)
    start = chat.clock.now()

    async def is_open() -> bool:
        now = chat.clock.now()
        return HANDSET in await chat.db.read(
            lambda conn: conversations.open_with(conn, NUMBER, [HANDSET], now)
        )

    assert not await is_open()
    await taker.take("a", NUMBER, arrived())
    chat.clock.advance(CONVERSATION_S - 1)
    assert await is_open()
    await taker.take("a", NUMBER, arrived(wamid="wamid.later"))
    chat.clock.advance(CONVERSATION_S - 1)
    assert await is_open()
    chat.clock.advance(1)
    assert chat.clock.now() > start + CONVERSATION_S
    assert not await is_open()


async def test_templates_open_nothing_for_free_text(chat: World) -> None:
    await sent(chat)
    now = chat.clock.now()
    found = await chat.db.read(lambda conn: conversations.open_with(conn, NUMBER, [HANDSET], now))
    assert found == set()


async def test_the_message_replied_to_is_named_as_we_know_it(chat: World) -> None:
    uuid = await sent(chat)
    await receiver(chat).take("a", NUMBER, arrived(context={"id": WAMID}))
    (told,) = await chat.webhooks("message.inbound")
    assert told["Context"] == f'{{"id":"{uuid}"}}'
    assert MESSAGE_URL


async def test_a_number_nobody_has(chat: World) -> None:
    taker = receiver(chat)
    await taker.take("a", "19995550100", arrived())
    assert (taker.unknown_number, await chat.records("inbound")) == (1, [])
