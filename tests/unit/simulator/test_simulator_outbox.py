import asyncio

from trunkline.protocols.smpp import DataSm, DeliverSm
from trunkline.runtime.clock import ControlledClock
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.counters import Attempts, Bucket, Counters
from trunkline.simulator.outbox import RETRY_S, Delivery, OnAnswer, Outbox


class Phone:
    """A line with a window that answers when told."""

    def __init__(self, window: int = 2) -> None:
        self.window = window
        self.sent: list[str] = []
        self.open: list[OnAnswer] = []

    @property
    def free(self) -> int:
        return self.window - len(self.open)

    def deliver(self, pdu: DeliverSm | DataSm, on_answer: OnAnswer) -> bool:
        self.sent.append(pdu.destination_addr)
        self.open.append(on_answer)
        return True

    def answer(self, status: int | None = 0) -> None:
        self.open.pop(0)(status)

    def die(self) -> None:
        self.window = 0
        open_, self.open = self.open, []
        for on_answer in open_:
            on_answer(None)


def delivery(name: str) -> Delivery:
    return Delivery(DeliverSm(destination_addr=name), is_receipt=True)


async def turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Desk:
    def __init__(self, max_waiting: int = 100) -> None:
        self.clock = ControlledClock(0.0)
        self.agenda = Agenda(self.clock)
        self.counters = Counters()
        self.outbox = Outbox(self.agenda, self.counters, max_waiting)

    async def __aenter__(self) -> "Desk":
        self.agenda.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.agenda.stop()


async def test_the_window_is_kept_and_order_too() -> None:
    async with Desk() as desk:
        phone = Phone(window=2)
        desk.outbox.open_line(phone)
        for name in "abcd":
            desk.outbox.put(delivery(name))
        assert phone.sent == ["a", "b"]
        phone.answer()
        phone.answer()
        assert phone.sent == ["a", "b", "c", "d"]
        assert desk.counters.receipts_acked == 2


async def test_what_was_not_acknowledged_goes_again_in_order_at_the_next_bind() -> None:
    async with Desk() as desk:
        first = Phone(window=2)
        desk.outbox.open_line(first)
        for name in "abc":
            desk.outbox.put(delivery(name))
        desk.outbox.close_line(first)
        first.die()
        await turn()
        second = Phone(window=9)
        desk.outbox.open_line(second)
        assert second.sent == ["a", "b", "c"]
        assert desk.counters.redelivered == 2
        assert desk.counters.receipts_sent == 3


async def test_a_lost_one_moves_to_a_line_that_is_still_there() -> None:
    async with Desk() as desk:
        first, second = Phone(), Phone(window=9)
        desk.outbox.open_line(first)
        desk.outbox.put(delivery("a"), first)
        desk.outbox.put(delivery("b"), first)
        desk.outbox.open_line(second)
        desk.outbox.close_line(first)
        first.die()
        await turn()
        assert second.sent == ["a", "b"]


async def test_a_refused_one_waits_for_its_time() -> None:
    async with Desk() as desk:
        phone = Phone()
        desk.outbox.open_line(phone)
        desk.outbox.put(delivery("a"))
        phone.answer(0x64)
        await turn()
        assert phone.sent == ["a"]
        desk.clock.advance(RETRY_S)
        await turn()
        assert phone.sent == ["a", "a"]
        assert desk.counters.refused_by_client == 1


async def test_a_refused_one_goes_at_the_next_bind_before_its_time() -> None:
    async with Desk() as desk:
        phone = Phone()
        desk.outbox.open_line(phone)
        desk.outbox.put(delivery("a"))
        phone.answer(0x64)
        other = Phone()
        desk.outbox.open_line(other)
        assert phone.sent + other.sent == ["a", "a"]


async def test_the_oldest_is_dropped_when_full() -> None:
    async with Desk(max_waiting=2) as desk:
        for name in "abcd":
            desk.outbox.put(delivery(name))
        assert desk.counters.dropped == 2
        phone = Phone(window=9)
        desk.outbox.open_line(phone)
        assert phone.sent == ["c", "d"]


async def test_lines_take_turns() -> None:
    async with Desk() as desk:
        phones = [Phone(window=9), Phone(window=9)]
        for phone in phones:
            desk.outbox.open_line(phone)
        for name in "abcd":
            desk.outbox.put(delivery(name))
        assert [len(phone.sent) for phone in phones] == [2, 2]


async def test_the_agenda_runs_what_is_due_in_order_and_nothing_sooner() -> None:
    clock = ControlledClock(0.0)
    agenda = Agenda(clock)
    agenda.start()
    ran: list[str] = []
    agenda.after(20, lambda: ran.append("late"))
    agenda.after(10, lambda: ran.append("early"))
    agenda.after(10, lambda: ran.append("early too"))
    await turn()
    assert ran == []
    clock.advance(10)
    await turn()
    assert ran == ["early", "early too"]
    agenda.after(1, lambda: ran.append("new"))
    await turn()
    clock.advance(3600)
    await turn()
    assert ran == ["early", "early too", "new", "late"]
    agenda.after(1, lambda: ran.append("never"))
    await agenda.stop()
    assert len(agenda) == 0


async def test_more_than_a_batch_is_worked_off() -> None:
    clock = ControlledClock(0.0)
    agenda = Agenda(clock)
    agenda.start()
    ran: list[int] = []
    for at in range(2000):
        agenda.after(1, lambda at=at: ran.append(at))
    clock.advance(1)
    for _ in range(30):
        await asyncio.sleep(0)
    assert ran == list(range(2000))
    await agenda.stop()


def test_counters_know_duplicates() -> None:
    counters = Counters()
    counters.track("s", "d", b"x")
    counters.track("s", "d", b"y")
    counters.track("s", "d", b"x")
    assert counters.duplicates == 1
    assert counters.to("+d") == 3
    assert counters.to("e") == 0


def test_attempts_are_counted_per_message_and_bounded() -> None:
    attempts = Attempts(most=2)
    assert [attempts.bump("s", "d", b"x") for _ in range(2)] == [1, 2]
    assert attempts.bump("s", "d", b"y") == 1
    assert attempts.bump("s", "d", b"z") == 1
    assert attempts.bump("s", "d", b"x") == 1


def test_a_bucket_lets_its_rate_through() -> None:
    bucket = Bucket(100, 0.0)
    taken = sum(bucket.take(tick / 1000) for tick in range(10_000))  # 1,000 a second asked
    assert 1000 <= taken <= 1020
