"""Killed under load, again and again: nothing accepted is lost, nothing is charged twice.

The carrier and the customer live in this process, so they see what a real carrier and a real
customer would. `TRUNKLINE_KILL_ROUNDS` asks for more rounds than the few of every day.
"""

import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable

from e2e_load import Handsets, Load
from e2e_program import Program
from e2e_sink import Sink
from e2e_smsc import Smsc, carrier
from e2e_waiting import until

ROUNDS = {"sqlite": 5, "postgresql": 3}
SEED = 20_260_401
WINDOW, BINDS = 40, 2
EARLIEST_S, LATEST_S = 0.1, 1.2  # after the load began
AFTER = 60  # messages sent after each restart
FINAL_S = 60.0
NUMBER = "14155550100"


def rounds(engine: str) -> int:
    return int(os.environ.get("TRUNKLINE_KILL_ROUNDS", ROUNDS[engine]))


def test_killed_under_load_and_sent_again(
    engine: str,
    launch: Callable[..., Program],
    new_smsc: Callable[..., Smsc],
    new_sink: Callable[[], Sink],
) -> None:
    story = Story(launch, new_smsc(**CARRIER), new_sink(), policy="resend")
    dice = random.Random(SEED)
    for number in range(rounds(engine)):
        duplicates = story.smsc.counters.duplicates
        uncertain = story.kill(dice.uniform(EARLIEST_S, LATEST_S))
        story.check(number)
        again = story.smsc.counters.duplicates - duplicates
        # What had no answer at the kill may have been taken, and is then taken twice.
        assert again <= uncertain <= WINDOW * BINDS, (number, again, uncertain)
    assert set(story.states()) == {"delivered"}
    story.check_inbound()


def test_killed_under_load_and_marked(
    engine: str,
    launch: Callable[..., Program],
    new_smsc: Callable[..., Smsc],
    new_sink: Callable[[], Sink],
) -> None:
    story = Story(launch, new_smsc(**CARRIER), new_sink(), policy="mark")
    dice = random.Random(SEED + 1)
    uncertain = 0
    for number in range(max(1, rounds(engine) - 2)):
        uncertain += story.kill(dice.uniform(EARLIEST_S, LATEST_S))
        story.check(number)
    assert story.smsc.counters.duplicates == 0
    states = story.states()
    assert set(states) <= {"delivered", "failed"}
    assert states["failed"] == uncertain
    codes = story.program.rows("SELECT DISTINCT error_code FROM messages WHERE state = 'failed'")
    assert codes == ([(20,)] if uncertain else [])


def test_the_dead_one_s_process_id_has_gone_to_another(
    launch: Callable[..., Program], new_smsc: Callable[..., Smsc], handset: str
) -> None:
    smsc = new_smsc(track=True)
    config = carrier("outside", smsc.port, "sim-silent", response_timeout_s=60)
    program = launch(config=config, simulator="false", own_processes="true")
    uuid = program.api().send(handset)
    until(lambda: smsc.counters.to(handset) == 1, "the submit")
    program.kill()
    owner = f"{socket.gethostname()}:{os.getpid()}:0123456789ab"  # we live, and send nothing
    program.change("UPDATE dispatches SET owner = :owner", owner=owner)
    program.start()
    until(lambda: smsc.counters.to(handset) == 2, "the submit by the next program")
    assert program.api().message(uuid)["message_state"] == "queued"


CARRIER = {
    "track": True,
    "response_delay_s": 0.02,
    "receipt_delay_s": 0.1,
    "receipt_jitter_s": 0.4,
}


class Story:
    """One database, one carrier and one customer through many lives of the program."""

    def __init__(
        self, launch: Callable[..., Program], smsc: Smsc, sink: Sink, *, policy: str
    ) -> None:
        self.smsc, self.sink = smsc, sink
        config = carrier("outside", smsc.port, window=WINDOW, binds=BINDS)
        self.program = launch(
            config=config, simulator="false", own_processes="true", uncertain=policy
        )
        self.load = Load(self.program, sink.url("/status"))
        self.handsets = Handsets(smsc, NUMBER)

    def kill(self, after_s: float) -> int:
        """Load, kill, start again, load a little; return how many messages were uncertain."""
        self.load.start()
        self.handsets.start()
        time.sleep(after_s)
        self.program.kill()
        self.load.stop()
        found = self.program.rows("SELECT count(*) FROM dispatches WHERE state = 'sending'")
        self.program.start()
        self.load.start(AFTER)
        self.load.join()
        self.handsets.stop()
        return found[0][0]

    def check(self, number: int) -> None:
        """Wait until everything has ended, then compare what everybody knows."""
        program = self.program
        until(lambda: not program.rows("SELECT 1 FROM dispatches LIMIT 1"), "the end", FINAL_S)
        until(lambda: not program.rows("SELECT 1 FROM webhooks WHERE state < 2 LIMIT 1"),
              "the last callback", FINAL_S)  # fmt: skip
        found = dict(
            program.rows("SELECT message_uuid, state FROM messages WHERE direction = 'outbound'")
        )
        accepted = self.load.accepted
        assert len(set(accepted)) == len(accepted)
        assert set(accepted) <= found.keys(), number
        assert len(found) <= self.load.asked
        assert set(found.values()) <= {"delivered", "failed", "undelivered"}, Counter(
            found.values()
        )
        self.check_callbacks(found)
        self.check_bill(found)

    def check_callbacks(self, found: dict[str, str]) -> None:
        """Every end was told at least once, and never another end."""
        told: dict[str, set[str]] = {}
        for one in list(self.sink.seen):
            told.setdefault(one.params["MessageUUID"], set()).add(one.params["Status"])
        ends = {"delivered", "failed", "undelivered"}
        wrong = {
            uuid: told.get(uuid)
            for uuid, state in found.items()
            if told.get(uuid, set()) & ends != {state} or "queued" not in told[uuid]
        }
        assert not wrong, wrong

    def check_bill(self, found: dict[str, str]) -> None:
        """Each message that a carrier took was charged once; the balance is the ledger's sum."""
        program = self.program
        charged = [row[0] for row in program.rows(
            "SELECT resource_id FROM ledger WHERE kind = 'message'"
        )]  # fmt: skip
        assert len(charged) == len(set(charged))
        assert set(charged) == {uuid for uuid, state in found.items() if state != "failed"}
        amounts = program.rows(
            "SELECT sum(m.amount + m.fee_rate * m.units + l.amount) FROM messages m JOIN ledger l"
            " ON l.resource_id = m.message_uuid AND l.kind = 'message'"
        )
        assert amounts == [(0,)]
        (total,) = program.rows("SELECT sum(amount) FROM ledger")[0]
        assert program.rows("SELECT cash FROM balances") == [(total,)]
        assert int(total) == program.api().credit()

    def states(self) -> Counter[str]:
        rows = self.program.rows("SELECT state FROM messages WHERE direction = 'outbound'")
        return Counter(row[0] for row in rows)

    def check_inbound(self) -> None:
        """What was acknowledged to the carrier is there; what was not came again."""
        rows = self.program.rows("SELECT body FROM messages WHERE direction = 'inbound'")
        kept = Counter(row[0] for row in rows)
        assert len(self.handsets.taken) > 20
        assert set(self.handsets.taken) <= kept.keys()
        twice = sum(kept.values()) - len(kept)
        assert twice <= self.smsc.counters.redelivered
