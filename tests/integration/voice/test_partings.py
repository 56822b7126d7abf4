"""What is kept of the dialogs of a node's legs, and who sends the BYEs when it is dead."""

from dataclasses import dataclass, field, replace

from sqlalchemy import text
from voice_desk import Desk

from trunkline.engines.sip import Farewell, Hop
from trunkline.protocols.sip import Malformed
from trunkline.protocols.sip.digest import Credentials
from trunkline.voice.partings import Partings
from trunkline.voice.records.dialogs import KeptDialogs

CREDENTIALS = Credentials("us", "ours")


def farewell(call_id: str, target: str = "sip:bob@192.0.2.1") -> Farewell:
    hop = Hop("tls", "192.0.2.7", 5061, name="carrier.example")
    return Farewell(call_id, "<sip:a@b>;tag=1", "<sip:c@d>;tag=2", target, ("<sip:e;lr>",), 1, hop)


@dataclass
class Agent:
    sent: list[tuple[str, Credentials | None]] = field(default_factory=list)
    last: Farewell | None = None

    async def part(
        self, farewell: Farewell, *, credentials: Credentials | None, reason: str
    ) -> int:
        self.sent.append((farewell.call_id, credentials))
        self.last = farewell
        if farewell.call_id == "unreadable":
            raise Malformed("an address has no URI")
        return 200


def partings(desk: Desk, node: str, agent: Agent, *dead: str) -> Partings:
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
    )


async def kept(desk: Desk) -> list[tuple[str, str]]:
    """Return legs and nodes, once all that waits is written."""
    await desk.db.write(lambda _: None)
    query = text("SELECT leg_uuid, node FROM call_dialogs ORDER BY leg_uuid")
    return await desk.db.read(lambda conn: [(row[0], row[1]) for row in conn.execute(query)])


async def test_the_far_ends_of_a_dead_node_are_told_once(desk: Desk) -> None:
    dead, living = KeptDialogs(desk.db, "dead"), KeptDialogs(desk.db, "living")
    dead.keep("leg-1", farewell("old"), "carrier")
    dead.keep("leg-1", farewell("one"), "carrier")  # it has moved
    dead.keep("leg-2", farewell("two"), "")
    dead.keep("leg-3", farewell("three"), "")
    dead.forget("leg-3")  # it ended in peace
    dead.keep("leg-5", farewell("unreadable"), "")
    living.keep("leg-4", farewell("four"), "")
    assert [leg for leg, _ in await kept(desk)] == ["leg-1", "leg-2", "leg-4", "leg-5"]
    agent = Agent()
    heir = partings(desk, "heir", agent, "dead")
    assert await heir.sweep() == 3
    assert sorted(agent.sent, key=lambda one: one[0]) == [
        ("one", CREDENTIALS),
        ("two", None),
        ("unreadable", None),
    ]
    assert await kept(desk) == [("leg-4", "living")]
    assert await heir.sweep() == 0


async def test_what_is_kept_is_what_is_sent(desk: Desk) -> None:
    # With a name in ISO 8859-1, as it is read from the wire.
    name = b'"J\xf6rg" <sip:c@d>;tag=2'.decode("utf-8", "surrogateescape")
    one = replace(farewell("one"), remote=name)
    KeptDialogs(desk.db, "dead").keep("leg", one, "")
    assert await kept(desk) == [("leg", "dead")]
    agent = Agent()
    assert await partings(desk, "heir", agent, "dead").sweep() == 1
    assert agent.last == one


async def test_who_comes_later_has_nothing_to_tell(desk: Desk) -> None:
    """And what an heir had claimed when it died in its turn is told by the next."""
    KeptDialogs(desk.db, "dead").keep("leg", farewell("one"), "")
    await kept(desk)
    await desk.db.write(
        lambda conn: conn.execute(text("UPDATE call_dialogs SET node = 'first heir'"))
    )
    agent = Agent()
    assert await partings(desk, "second heir", agent, "dead").sweep() == 0
    assert await partings(desk, "second heir", agent, "dead", "first heir").sweep() == 1
    assert await kept(desk) == []


async def test_what_another_release_wrote_is_let_go(desk: Desk) -> None:
    await desk.db.write(
        lambda conn: conn.execute(
            text("INSERT INTO call_dialogs VALUES ('leg', 'dead', 'carrier', '{}')")
        )
    )
    agent = Agent()
    assert await partings(desk, "heir", agent, "dead").sweep() == 1
    assert agent.sent == []
    assert await kept(desk) == []


async def test_nothing_is_kept_of_phones_that_this_process_plays(desk: Desk) -> None:
    own = KeptDialogs(desk.db, "node", {("127.0.0.1", 40000)})
    own.keep("simulated", farewell("one", "sip:bob@127.0.0.1:40000"), "simulator")
    own.keep("real", farewell("two", "sip:bob@127.0.0.1:40001"), "carrier")
    assert [leg for leg, _ in await kept(desk)] == ["real"]
