"""Every outcome a carrier can have, asked for by a magic destination, ends as Plivo's would."""

from collections.abc import Callable, Iterator

import pytest
from e2e_api import FINAL, Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_smsc import Smsc, carrier
from e2e_waiting import until

from trunkline.simulator import ERR_CODES
from trunkline.simulator.outcomes import NAMED

# Destination → state, error code of the record; None: no error code while not final.
OUTCOMES: dict[str, tuple[str, str | None]] = {
    "0001": ("delivered", "000"),
    "0002": ("delivered", "000"),
    "0003": ("delivered", "000"),
    "0004": ("sent", None),
    "0005": ("failed", "20"),
    "0006": ("delivered", "000"),
    "0007": ("delivered", "000"),
    "0008": ("delivered", "000"),
    "0009": ("delivered", "000"),
    "0010": ("delivered", "000"),
    "0011": ("delivered", "000"),
    "0012": ("delivered", "000"),
    "0013": ("delivered", "000"),
    "0014": ("delivered", "000"),
    "0015": ("delivered", "000"),
    "0016": ("undelivered", "80"),
    "0017": ("undelivered", "100"),
    "0018": ("undelivered", "100"),
    "0019": ("undelivered", "1000"),
    "0020": ("sent", None),
    "0021": ("delivered", "000"),
    "0022": ("delivered", "000"),
    "0023": ("failed", "20"),
    "0024": ("failed", "420"),
    # Receipt UNDELIV with err:nnn, by the list that most carriers share.
    "1001": ("undelivered", "50"),
    "1011": ("undelivered", "70"),
    "1015": ("undelivered", "100"),
    "1031": ("undelivered", "80"),
    "1034": ("undelivered", "20"),
    "1060": ("undelivered", "80"),
    "1999": ("undelivered", "1000"),
    # Receipt UNDELIV that means a Plivo error by the carrier's own list.
    "2030": ("undelivered", "30"),
    "2050": ("undelivered", "50"),
    "2200": ("undelivered", "200"),
    "2000": ("undelivered", "1000"),
    # Refused with a command_status.
    "3001": ("failed", "110"),
    "3002": ("failed", "10"),
    "3010": ("failed", "40"),
    "3011": ("failed", "50"),
    "3101": ("failed", "100"),
    "3102": ("failed", "100"),
    "3192": ("failed", "10"),
    "3257": ("failed", "100"),
    "3254": ("failed", "20"),
    "3300": ("failed", "1000"),
    "3900": ("failed", "100"),
    "3013": ("failed", "90"),
    "3069": ("failed", "20"),
    "3100": ("failed", "20"),
    # Later, or at another attempt.
    "4001": ("delivered", "000"),
    "5001": ("delivered", "000"),
    "5003": ("delivered", "000"),
    "6001": ("delivered", "000"),
    "7010": ("delivered", "000"),
}
# Retried with growing pauses: minutes that only a controlled clock makes short.
SLOW = {"0005", "0023", "3013", "3069", "3100"}
# These take the link down, and with it whatever else is under way.
CUTTING = {"0006", "0007"}
# No carrier mixes its ways to write ids; those of these two are in test_carriers.py.
MIXED_IDS = {"0013", "0014"}
STUCK = {"0024"}
QUICK = sorted(OUTCOMES.keys() - SLOW - CUTTING - STUCK - MIXED_IDS)


def test_the_table_is_whole() -> None:
    assert {f"0{number:03d}" for number in NAMED} <= OUTCOMES.keys()
    assert {code[0] for code in OUTCOMES} == set("01234567")


@pytest.fixture(scope="module")
def magic(
    new_database: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory, loop: object
) -> Iterator["Magic"]:
    """The program with the simulator as an external carrier, so that both sides are seen."""
    started = Magic(new_database(), tmp_path_factory, loop)
    yield started
    started.stop()


class Magic:
    """A program, its carrier and its customer."""

    def __init__(self, database: str | None, tmp: pytest.TempPathFactory, loop: object) -> None:
        self.smsc = Smsc(loop, track=True, receipt_delay_s=0.02).start()  # type: ignore[arg-type]
        self.sink = Sink(loop).start()  # type: ignore[arg-type]
        config = carrier(
            "magic", self.smsc.port, response_timeout_s=0.5, window=100, errors=dict(ERR_CODES)
        )
        self.program = Program(
            tmp.mktemp("magic"),
            database,
            {"TRUNKLINE_SIMULATOR": "false"},
            ("--clock", "controlled"),
            config,
        ).start()
        self.api: Api = self.program.api()

    def send(self, code: str) -> str:
        return self.api.send(f"1500555{code}", f"Magic {code}", url=self.sink.url("/status"))

    def later(self, seconds: float) -> None:
        """Let time pass in the program, without waiting."""
        self.program.advance(seconds)

    def stop(self) -> None:
        assert self.program.stop() == 0
        self.smsc.stop()
        self.sink.stop()


def check(magic: Magic, code: str, uuid: str) -> None:
    state, error = OUTCOMES[code]
    record = magic.api.state(uuid, state)
    assert record["error_code"] == error, (code, record)
    told = (
        ["queued"] + ([] if state == "failed" else ["sent"]) + ([] if state == "sent" else [state])
    )
    until(lambda: len(magic.sink.of(MessageUUID=uuid)) >= len(told), f"the callbacks of {code}")
    assert magic.sink.statuses(uuid) == told, code
    (last,) = magic.sink.of(MessageUUID=uuid, Status=state)
    bad = state in ("failed", "undelivered")
    assert last.params.get("ErrorCode") == (error if bad else None), code
    charged = "0.00000" if state == "failed" else "0.00550"
    assert record["total_amount"] == last.params["TotalAmount"] == charged


def test_quick_outcomes(magic: Magic) -> None:
    sent = {code: magic.send(code) for code in QUICK}

    def final() -> bool:
        magic.later(0.5)
        open_ = {code for code in QUICK if OUTCOMES[code][0] != "sent"}
        states = magic.program.rows("SELECT message_uuid, state FROM messages")
        return {sent[code] for code in open_} <= {row[0] for row in states if row[1] in FINAL}

    until(final, "the end of all", 30)
    for code, uuid in sent.items():
        check(magic, code, uuid)
    assert magic.smsc.counters.to("15005550022") == 2
    assert magic.smsc.counters.to("15005555003") == 4
    assert magic.smsc.counters.to("15005556001") == 2


@pytest.mark.parametrize(("code", "submits"), [("0006", 2), ("0007", 2)])
def test_a_cut_link_is_bound_again(magic: Magic, code: str, submits: int) -> None:
    uuid = magic.send(code)

    def final() -> bool:
        magic.later(0.5)
        return magic.api.message(uuid)["message_state"] in FINAL

    until(final, "the end")
    check(magic, code, uuid)
    assert magic.smsc.counters.to(f"1500555{code}") == submits


def test_retries_come_to_an_end(magic: Magic) -> None:
    sent = {code: magic.send(code) for code in SLOW}

    def final() -> bool:
        magic.later(10)
        states = {magic.api.message(uuid)["message_state"] for uuid in sent.values()}
        return states <= set(FINAL)

    until(final, "the end of all", 40)
    for code, uuid in sent.items():
        check(magic, code, uuid)
        assert magic.smsc.counters.to(f"1500555{code}") == 5, code


@pytest.mark.parametrize("code", sorted(MIXED_IDS | {"2030"}))
def test_the_shared_simulator_plays_every_outcome(
    program: Program, api: Api, code: str, handset: str
) -> None:
    for number in range(6):  # so that the way its ids are written is known by now
        api.final(api.send(handset, f"Ordinary {number}"))
    state, error = OUTCOMES[code]
    record = api.state(api.send(f"1500555{code}", f"Magic {code}"), state, timeout_s=4)
    assert record["error_code"] == error


def test_a_destination_that_is_always_throttled_holds_nobody_else_up(
    launch: Callable[..., Program],
) -> None:
    program = launch("--clock", "flowing")
    api = program.api()
    stuck = api.send("15005550024", "Never", message_expiry=60)
    others = [api.send(f"1206555{number:04d}") for number in range(9000, 9010)]
    for uuid in others:  # slowed, because the carrier says so, and not stopped
        assert api.final(uuid, timeout_s=10)["message_state"] == "delivered"
    assert api.message(stuck)["message_state"] == "queued"
    program.advance(60)
    record = api.final(stuck, timeout_s=30)
    assert (record["message_state"], record["error_code"]) == OUTCOMES["0024"]
