"""Carriers that misbehave: their messages end rightly, and nobody else waits for them."""

import time
from collections.abc import Callable, Iterator

import pytest
from e2e_api import FINAL, Api
from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_smsc import Smsc, carrier
from e2e_waiting import until

# Carrier → prefix; the system_id is one of the simulator's.
CARRIERS = {
    "sim": "1301",
    "sim-throttled": "1302",
    "sim-slow": "1303",
    "sim-refusing": "1304",
    "sim-silent": "1305",
    "sim-early": "1306",
    "sim-hex": "1307",
    "sim-dec": "1308",
    "sim-flaky": "1309",
}
EACH = 120
HEALTHY_S = 10.0  # a healthy carrier takes a moment for so few


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[], str | None],
    tmp_path_factory: pytest.TempPathFactory,
    loop: BackgroundLoop,
) -> Iterator["Town"]:
    """The program with every kind of carrier, each with a route of its own."""
    started = Town(new_database(), tmp_path_factory, loop)
    yield started
    started.stop()


class Town:
    """A program, a simulator that plays all carriers, and one more for failover."""

    def __init__(
        self, database: str | None, tmp: pytest.TempPathFactory, loop: BackgroundLoop
    ) -> None:
        self.smsc = Smsc(loop, track=True, receipt_delay_s=0.05).start()
        self.first = Smsc(loop, track=True).start()
        self.second = Smsc(loop, track=True).start()
        blocks = [
            carrier(name, self.smsc.port, name, prefixes=[prefix], window=20, response_timeout_s=1)
            for name, prefix in CARRIERS.items()
        ]
        blocks.append(carrier("first", self.first.port, prefixes=["1401"], priority=1))
        blocks.append(carrier("second", self.second.port, prefixes=["1401"], priority=2))
        self.program = Program(
            tmp.mktemp("town"), database, {"TRUNKLINE_SIMULATOR": "false"}, (), "\n".join(blocks)
        ).start()
        self.api: Api = self.program.api()
        self._numbers = iter(range(1, 1_000_000))

    def send(self, name: str, count: int, **more: int) -> list[str]:
        """Send to handsets behind a carrier, in one request."""
        prefix = CARRIERS.get(name, "1401")
        numbers = [f"{prefix}{next(self._numbers):07d}" for _ in range(count)]
        uuids = self.api.send("<".join(numbers), f"By {name}", **more)
        return uuids if isinstance(uuids, list) else [uuids]

    def states(self, uuids: list[str]) -> dict[str, int]:
        rows = self.program.rows("SELECT message_uuid, state, error_code FROM messages")
        wanted = set(uuids)
        found: dict[str, int] = {}
        for uuid, state, code in rows:
            if uuid in wanted:
                key = f"{state} {code}" if code else state
                found[key] = found.get(key, 0) + 1
        return found

    def all_final(self, uuids: list[str], timeout_s: float) -> dict[str, int]:
        """Wait for the end of messages; return how many ended how."""
        try:
            until(
                lambda: {key.split()[0] for key in self.states(uuids)} <= set(FINAL),
                "the end of all",
                timeout_s,
            )
        except AssertionError:
            raise AssertionError(f"not final: {self.states(uuids)}") from None
        return self.states(uuids)

    def stop(self) -> None:
        assert self.program.stop() == 0
        for smsc in (self.smsc, self.first, self.second):
            smsc.stop()


def test_misbehaving_carriers_slow_nobody_down(town: Town) -> None:
    bad = ("sim-throttled", "sim-refusing", "sim-silent", "sim-flaky", "sim-slow")
    sent = {name: town.send(name, EACH, message_expiry=20) for name in bad}
    began = time.monotonic()
    for name in ("sim", "sim-early", "sim-hex", "sim-dec"):
        sent[name] = town.send(name, EACH)
    for name in ("sim", "sim-early", "sim-hex", "sim-dec"):
        assert town.all_final(sent[name], HEALTHY_S) == {"delivered": EACH}, name
    assert time.monotonic() - began < HEALTHY_S

    # 100 a second: throttled, slowed, never failed.
    assert town.all_final(sent["sim-throttled"], 20) == {"delivered": EACH}
    assert town.all_final(sent["sim-slow"], 20) == {"delivered": EACH}
    # Cut at each 50th submit, which is lost; the others may go twice.
    assert town.all_final(sent["sim-flaky"], 40) == {"delivered": EACH}
    # Nothing leaves: it expires in the queue.
    assert town.all_final(sent["sim-refusing"], 40) == {"failed 420": EACH}
    # No answer, five times over, or the time is over before that.
    ends = town.all_final(sent["sim-silent"], 60)
    assert set(ends) <= {"failed 20", "failed 420"}, ends
    for name in ("sim-throttled", "sim-slow", "sim-early", "sim-hex", "sim-dec"):
        assert all(town.smsc.counters.to(number) >= 1 for number in numbers(town, sent[name]))


def test_ids_in_hex_here_and_in_decimal_there_are_matched_from_the_start(town: Town) -> None:
    for name in ("sim-hex", "sim-dec"):
        assert town.all_final(town.send(name, 20), HEALTHY_S) == {"delivered": 20}


def test_a_carrier_cut_in_mid_window_loses_nothing(town: Town) -> None:
    uuids = town.send("sim-slow", 200)
    until(lambda: town.states(uuids).get("queued", 0) < 190, "the first of them")
    assert town.smsc.cut_in_mid_window("sim-slow") == 1
    assert town.all_final(uuids, 40) == {"delivered": 200}
    again = [town.smsc.counters.to(number) - 1 for number in numbers(town, uuids)]
    assert 0 < sum(again) <= 20  # what was in the window went twice


def test_messages_go_by_another_carrier_when_the_first_dies(town: Town) -> None:
    assert town.all_final(town.send("failover", 20), HEALTHY_S) == {"delivered": 20}
    assert (town.first.counters.accepted, town.second.counters.accepted) == (20, 0)
    town.first.stop()
    uuids = town.send("failover", 50)
    assert town.all_final(uuids, HEALTHY_S) == {"delivered": 50}
    assert town.second.counters.accepted == 50
    carriers = town.program.rows(
        "SELECT DISTINCT carrier FROM messages WHERE message_uuid >= :first", first=min(uuids)
    )
    assert ("second",) in carriers


def numbers(town: Town, uuids: list[str]) -> list[str]:
    rows = town.program.rows("SELECT message_uuid, recipient FROM messages")
    wanted = set(uuids)
    return [recipient for uuid, recipient in rows if uuid in wanted]
