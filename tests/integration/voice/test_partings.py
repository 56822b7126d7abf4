"""What is kept of the dialogs of a node's legs, and who sends the BYEs when it is dead."""

import asyncio
from dataclasses import dataclass, field, replace

from sqlalchemy import text
from voice_desk import Desk

from trunkline.engines.sip import (
    Binding,
    Farewell,
    Hop,
    Invitation,
    Remains,
    Unanswered,
    Word,
)
from trunkline.protocols.sip import Malformed
from trunkline.protocols.sip.digest import Credentials
from trunkline.voice.partings.flows import Flows
from trunkline.voice.partings.telling import Partings
from trunkline.voice.records.dialogs import KeptDialogs

CREDENTIALS = Credentials("us", "ours")


def farewell(call_id: str, target: str = "sip:bob@192.0.2.1") -> Farewell:
    hop = Hop("tls", "192.0.2.7", 5061, name="carrier.example")
    return Farewell(call_id, "<sip:a@b>;tag=1", "<sip:c@d>;tag=2", target, ("<sip:e;lr>",), 1, hop)


def answered(call_id: str, target: str = "sip:bob@192.0.2.1") -> Remains:
    return Remains(farewell(call_id, target))


def rings(call_id: str, uri: str = "sip:bob@192.0.2.1", *, dial: bool = True) -> Remains:
    hop = Hop("tcp", "192.0.2.8", 40_000, dial=dial)
    via = "SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK1"
    from_, to = "<sip:a@b>;tag=1", "<sip:bob@192.0.2.1>"
    return Remains(ringing=(Invitation(uri, via, from_, to, call_id, 1, (), hop),))


def waits(call_id: str, port: int) -> Remains:
    via = f"SIP/2.0/UDP 192.0.2.1:{port};branch=z9hG4bK1"
    from_, to, hop = "<sip:c@d>;tag=1", "<sip:a@b>", Hop("udp", "127.0.0.1", port)
    return Remains(
        caller=Unanswered("sip:a@b", (via,), from_, to, call_id, 1, "ours", hop, "<sip:a@b>")
    )


@dataclass
class Agent:
    sent: list[tuple[str, Credentials | None]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    unknown: tuple[Hop, ...] = ()  # who answers 481 there

    async def part(self, word: Word, *, credentials: Credentials | None, reason: str) -> int:
        self.sent.append((word.call_id, credentials))
        self.words.append(word)
        if word.call_id == "unreadable":
            raise Malformed("an address has no URI")
        return 481 if word.hop in self.unknown else 200


@dataclass
class Phones:
    """Where users are registered."""

    of: dict[str, list[Hop]] = field(default_factory=dict)

    def contacts(self, username: str) -> list[Binding]:
        hops = self.of.get(username, [])
        return [Binding("sip:bob@192.0.2.1", hop, 0.0, 1.0, "", 1, "", hop) for hop in hops]


def partings(
    desk: Desk, node: str, agent: Agent, *dead: str, phones: Phones | None = None
) -> Partings:
    async def is_dead(node: str) -> bool:
        return node in dead

    return Partings(
        db=desk.db,
        clock=desk.clock,
        agent=agent,
        kept=KeptDialogs(desk.db, node),
        is_dead=is_dead,
        on_outage=lambda: None,
        credentials_of=lambda trunk, _: CREDENTIALS if trunk == "carrier" else None,
        flows=Flows((phones or Phones()).contacts, wait_s=0.6),
    )


async def told(heir: Partings) -> int:
    """Return of how many legs the heir has told now."""
    found = await heir.sweep()
    await heir.settled()
    return found


async def kept(desk: Desk) -> list[tuple[str, str]]:
    """Return legs and nodes, once all that waits is written."""
    await desk.db.write(lambda _: None)
    query = text("SELECT leg_uuid, node FROM call_dialogs ORDER BY leg_uuid")
    return await desk.db.read(lambda conn: [(row[0], row[1]) for row in conn.execute(query)])


async def test_the_far_ends_of_a_dead_node_are_told_once(desk: Desk) -> None:
    dead, living = KeptDialogs(desk.db, "dead"), KeptDialogs(desk.db, "living")
    dead.keep("leg-1", answered("old"), "carrier")
    dead.keep("leg-1", answered("one"), "carrier")  # it has moved
    dead.keep("leg-2", answered("two"), "")
    dead.keep("leg-3", answered("three"), "")
    dead.forget("leg-3")  # it ended in peace
    dead.keep("leg-5", answered("unreadable"), "")
    living.keep("leg-4", answered("four"), "")
    assert [leg for leg, _ in await kept(desk)] == ["leg-1", "leg-2", "leg-4", "leg-5"]
    agent = Agent()
    heir = partings(desk, "heir", agent, "dead")
    assert await told(heir) == 3
    assert sorted(agent.sent, key=lambda one: one[0]) == [
        ("one", CREDENTIALS),
        ("two", None),
        ("unreadable", None),
    ]
    assert await kept(desk) == [("leg-4", "living")]
    assert await told(heir) == 0


async def test_what_is_kept_is_what_is_sent(desk: Desk) -> None:
    # With a name in ISO 8859-1, as it is read from the wire.
    name = b'"J\xf6rg" <sip:c@d>;tag=2'.decode("utf-8", "surrogateescape")
    one = replace(farewell("one"), remote=name)
    both = replace(rings("two"), answered=one)
    KeptDialogs(desk.db, "dead").keep("leg", both, "")
    KeptDialogs(desk.db, "dead").keep("other", waits("three", 40_000), "")
    assert await kept(desk) == [("leg", "dead"), ("other", "dead")]
    agent = Agent()
    assert await told(partings(desk, "heir", agent, "dead")) == 2
    assert agent.words == [*both.words, *waits("three", 40_000).words]


async def test_who_comes_later_has_nothing_to_tell(desk: Desk) -> None:
    """And what an heir had claimed when it died in its turn is told by the next."""
    KeptDialogs(desk.db, "dead").keep("leg", answered("one"), "")
    await kept(desk)
    await desk.db.write(
        lambda conn: conn.execute(text("UPDATE call_dialogs SET node = 'first heir'"))
    )
    agent = Agent()
    assert await told(partings(desk, "second heir", agent, "dead")) == 0
    assert await told(partings(desk, "second heir", agent, "dead", "first heir")) == 1
    assert await kept(desk) == []


async def test_what_another_release_wrote_is_let_go(desk: Desk) -> None:
    await desk.db.write(
        lambda conn: conn.execute(
            text("INSERT INTO call_dialogs VALUES ('leg', 'dead', 'carrier', '{}')")
        )
    )
    agent = Agent()
    assert await told(partings(desk, "heir", agent, "dead")) == 1
    assert agent.sent == []
    assert await kept(desk) == []


async def test_nothing_is_kept_of_phones_that_this_process_plays(desk: Desk) -> None:
    own = KeptDialogs(desk.db, "node", {("127.0.0.1", 40000)})
    own.keep("simulated", answered("one", "sip:bob@127.0.0.1:40000"), "simulator")
    own.keep("simulated", rings("one", "sip:bob@127.0.0.1:40000"), "simulator")
    own.keep("simulated", waits("one", 40_000), "")
    assert await kept(desk) == []
    own.keep("real", answered("two", "sip:bob@127.0.0.1:40001"), "carrier")
    own.keep("real too", rings("three", "sip:bob@127.0.0.1:40001"), "carrier")
    own.keep("real, and calls", waits("four", 40_001), "")
    assert [leg for leg, _ in await kept(desk)] == ["real", "real too", "real, and calls"]


async def test_a_phone_is_told_by_the_connection_it_opens_next(desk: Desk) -> None:
    KeptDialogs(desk.db, "dead").keep("leg", rings("one", dial=False), "bob")
    assert await kept(desk) == [("leg", "dead")]
    old, other, new = (Hop("tcp", "192.0.2.8", port, dial=False) for port in range(41_000, 41_003))
    phones, agent = Phones({"bob": [other], "eve": [old]}), Agent(unknown=(other,))
    heir = partings(desk, "heir", agent, "dead", phones=phones)
    assert await heir.sweep() == 1
    await asyncio.sleep(0.1)
    assert [word.hop for word in agent.words] == [other]  # another phone of his
    assert await kept(desk) == [("leg", "heir")]
    phones.of["bob"].append(new)
    await heir.settled()
    assert [word.hop for word in agent.words] == [other, new]
    assert heir.untold == 0
    assert await kept(desk) == []


async def test_a_phone_that_does_not_come_back_is_given_up(desk: Desk) -> None:
    gone = Hop("tls", "192.0.2.8", 40_000, dial=False)
    KeptDialogs(desk.db, "dead").keep("leg", rings("one", dial=False), "bob")
    lost = Remains(replace(farewell("two"), hop=gone))
    KeptDialogs(desk.db, "dead").keep("other", lost, "bob")
    assert len(await kept(desk)) == 2
    agent = Agent(unknown=(None,))
    heir = partings(desk, "heir", agent, "dead")
    assert await told(heir) == 2
    # Of a dialog it is known where its phone would take calls, if it is not behind NAT.
    assert [(word.call_id, word.hop) for word in agent.words] == [("two", None)]
    assert heir.untold == 1
    assert await kept(desk) == []
