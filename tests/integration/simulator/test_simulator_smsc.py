"""The simulated carrier against our own client, over real sockets: every outcome of the table."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from trunkline.engines.smpp import (
    Answered,
    Client,
    ClientConfig,
    Delivery,
    LinkConfig,
    NoResponse,
    Outcome,
    Throttled,
)
from trunkline.protocols.smpp import DataSm, DeliverSm, SubmitSm, Tlv, tlv
from trunkline.protocols.sms import decode, payload, receipts, segment
from trunkline.runtime.clock import ControlledClock
from trunkline.simulator import Simulator, SimulatorConfig
from trunkline.simulator.outbox import RETRY_S

SENDER = "14155550100"
WAIT_S = 5.0


class Esme:
    """A customer of the carrier: submits and keeps what it is told, in order."""

    def __init__(self, port: int, system_id: str = "sim", **more: object) -> None:
        self.log: list[str] = []
        self.delivered: list[DeliverSm | DataSm] = []
        self.statuses: list[int] = []
        """command_status of the coming acknowledgements; 0 when there is none left, -1: silence."""
        link = LinkConfig(
            name="link",
            host="127.0.0.1",
            port=port,
            system_id=system_id,
            password=str(more.pop("password", "sim")),
            reconnect_min_s=0.05,
            refused_min_s=0.05,
            **more,  # type: ignore[arg-type]
        )
        self.client = Client(
            ClientConfig(link=link), on_result=self._result, on_deliver=self._deliver
        )
        self._results: dict[object, asyncio.Future[Outcome]] = {}
        self._changed = asyncio.Event()

    async def __aenter__(self) -> "Esme":
        await self.client.start()
        await self.until(lambda: self.client.up == 1)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close(drain_s=0.0)

    async def submit(self, destination: str, text: str = "hi", **fields: object) -> Outcome:
        return await self.begin(destination, text, **fields)

    def begin(
        self, destination: str, text: str = "hi", **fields: object
    ) -> asyncio.Future[Outcome]:
        values: dict[str, object] = {
            "source_addr": SENDER,
            "destination_addr": destination,
            "registered_delivery": 1,
            "short_message": text.encode(),
        }
        return self.send(SubmitSm(**(values | fields)))  # type: ignore[arg-type]

    def send(self, pdu: SubmitSm | DataSm) -> asyncio.Future[Outcome]:
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        key = len(self._results)
        self._results[key] = future
        assert self.client.submit(pdu, key)
        return future

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while True:
                if condition():
                    return
                await asyncio.sleep(0.002)

    async def receipts(self, count: int = 1) -> list[receipts.Receipt]:
        await self.until(lambda: len(self.delivered) >= count)
        await asyncio.sleep(0.02)  # for one too many to show itself
        assert len(self.delivered) == count
        return [as_receipt(pdu) for pdu in self.delivered]

    def _result(self, context: object, outcome: Outcome) -> None:
        self.log.append("response")
        self._results[context].set_result(outcome)

    def _deliver(self, pdu: DeliverSm | DataSm, delivery: Delivery) -> None:
        self.log.append("deliver")
        self.delivered.append(pdu)
        status = self.statuses.pop(0) if self.statuses else 0
        if status >= 0:
            delivery.ack(status)


def as_receipt(pdu: DeliverSm | DataSm) -> receipts.Receipt:
    assert receipts.is_receipt(pdu.esm_class)
    got = receipts.parse(
        pdu.short_message.decode("latin-1") if isinstance(pdu, DeliverSm) else "",
        receipted_message_id=tlv.RECEIPTED_MESSAGE_ID.find(pdu.tlvs),
        message_state=tlv.MESSAGE_STATE.find(pdu.tlvs),
        network_error_code=tlv.NETWORK_ERROR_CODE.find(pdu.tlvs),
        intermediate=receipts.is_intermediate(pdu.esm_class),
    )
    assert got is not None
    return got


def text_of(pdu: DeliverSm | DataSm) -> str | None:
    assert isinstance(pdu, DeliverSm)
    content = decode.read(pdu.data_coding, pdu.esm_class, pdu.short_message)
    return decode.text_of(content.body, pdu.data_coding)


@pytest.fixture
def clock() -> ControlledClock:
    return ControlledClock(1_700_000_000.0)


@pytest.fixture
async def simulator(clock: ControlledClock) -> AsyncIterator[Simulator]:
    one = Simulator(SimulatorConfig(track=True), clock)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def esme(simulator: Simulator) -> AsyncIterator[Esme]:
    async with Esme(simulator.port) as one:
        yield one


def accepted(outcome: Outcome) -> str:
    assert isinstance(outcome, Answered)
    assert outcome.status == 0
    assert outcome.message_id
    return outcome.message_id


async def test_an_ordinary_number_is_reached(simulator: Simulator, esme: Esme) -> None:
    message_id = accepted(await esme.submit("4915112345678", "Hello"))
    (got,) = await esme.receipts()
    assert (got.message_id, got.stat, got.err) == (message_id, "DELIVRD", "000")
    pdu = esme.delivered[0]
    assert (pdu.source_addr, pdu.destination_addr) == ("4915112345678", SENDER)
    assert esme.log == ["response", "deliver"]
    (shown,) = simulator.inbox("+4915112345678")
    assert (shown.sender, shown.text, shown.system_id) == (SENDER, "Hello", "sim")
    assert shown.message_ids == (message_id,)
    counters = simulator.counters
    assert (counters.submits, counters.accepted, counters.receipts_acked) == (1, 1, 1)


@pytest.mark.parametrize(
    ("destination", "stat", "err"),
    [
        ("15005550001", "DELIVRD", "000"),
        ("15005550008", "DELIVRD", ""),  # data_sm
        ("15005550009", "DELIVRD", ""),  # TLVs alone
        ("15005550010", "DELIVRD", "0000"),  # odd text
        ("15005550016", "EXPIRED", "27"),
        ("15005550017", "REJECTD", "000"),
        ("15005550018", "DELETED", "000"),
        ("15005550019", "UNKNOWN", "000"),
        ("15005550020", "LOSTINIT", "000"),
        ("15005551034", "UNDELIV", "34"),
        ("15005552030", "UNDELIV", "9030"),
        ("15005552000", "UNDELIV", "9000"),
    ],
)
async def test_one_receipt(
    simulator: Simulator, esme: Esme, destination: str, stat: str, err: str
) -> None:
    message_id = accepted(await esme.submit(destination))
    (got,) = await esme.receipts()
    assert (got.message_id, got.stat, got.err) == (message_id, stat, err)
    assert len(simulator.inbox(destination)) == (stat == "DELIVRD")


async def test_forms_are_what_they_say(esme: Esme) -> None:
    for destination in ("15005550008", "15005550009", "15005550010"):
        accepted(await esme.submit(destination))
    await esme.receipts(3)
    by_data_sm, tlvs_only, odd = esme.delivered
    assert isinstance(by_data_sm, DataSm)
    assert isinstance(tlvs_only, DeliverSm)
    assert isinstance(odd, DeliverSm)
    assert tlvs_only.short_message == b""
    assert tlvs_only.tlvs
    assert odd.tlvs == ()
    assert b"stat:delivrd" in odd.short_message
    assert b"sub:" not in odd.short_message


async def test_receipt_before_response(esme: Esme) -> None:
    message_id = accepted(await esme.submit("15005550002"))
    (got,) = await esme.receipts()
    assert got.message_id == message_id
    assert esme.log == ["deliver", "response"]


async def test_receipt_twice(simulator: Simulator, esme: Esme) -> None:
    message_id = accepted(await esme.submit("15005550003"))
    got = await esme.receipts(2)
    assert [each.message_id for each in got] == [message_id] * 2
    assert len(simulator.inbox("15005550003")) == 1


async def test_never_a_receipt(simulator: Simulator, esme: Esme, clock: ControlledClock) -> None:
    accepted(await esme.submit("15005550004"))
    clock.advance(86_400)
    await esme.receipts(0)
    assert len(simulator.inbox("15005550004")) == 1


async def test_no_response(simulator: Simulator) -> None:
    async with Esme(simulator.port, response_timeout_s=0.2) as esme:
        outcome = await esme.submit("15005550005")
        assert isinstance(outcome, NoResponse)
        assert outcome.reason == "timeout"
        assert simulator.counters.unanswered == 1
        assert simulator.inbox("15005550005") == []
        accepted(await esme.submit("15005550001"))  # the link is as good as before


async def test_link_cut_and_message_lost(simulator: Simulator, esme: Esme) -> None:
    outcome = await esme.submit("15005550006")
    assert isinstance(outcome, NoResponse)
    assert outcome.reason == "disconnected"
    await esme.until(lambda: simulator.counters.binds == 2 and esme.client.up == 1)
    assert simulator.inbox("15005550006") == []
    message_id = accepted(await esme.submit("15005550006"))
    (got,) = await esme.receipts()
    assert got.message_id == message_id
    assert len(simulator.inbox("15005550006")) == 1


async def test_link_cut_and_message_taken(simulator: Simulator, esme: Esme) -> None:
    assert isinstance(await esme.submit("15005550007"), NoResponse)
    await esme.until(lambda: esme.client.up == 1 and len(esme.delivered) == 1)
    message_id = accepted(await esme.submit("15005550007"))
    first, second = await esme.receipts(2)
    assert first.message_id != message_id
    assert second.message_id == message_id
    assert len(simulator.inbox("15005550007")) == 2
    assert simulator.counters.duplicates == 1


@pytest.mark.parametrize(
    ("destination", "first", "intermediate"),
    [("15005550011", "ENROUTE", True), ("15005550012", "ACCEPTD", False)],
)
async def test_not_final_then_delivered(
    esme: Esme, destination: str, first: str, intermediate: bool
) -> None:
    accepted(await esme.submit(destination))
    got = await esme.receipts(2)
    assert [each.stat for each in got] == [first, "DELIVRD"]
    assert [each.intermediate for each in got] == [intermediate, False]


async def test_delivered_and_then_not(esme: Esme) -> None:
    accepted(await esme.submit("15005550021"))
    assert [each.stat for each in await esme.receipts(2)] == ["DELIVRD", "UNDELIV"]


@pytest.mark.parametrize(
    ("system_id", "destination", "response_base", "receipt_base"),
    [
        ("sim", "15005550013", 16, 10),
        ("sim", "15005550014", 10, 16),
        ("sim", "15005550015", 16, 16),
        ("sim-hex", "4915", 16, 10),
        ("sim-dec", "4915", 10, 16),
    ],
)
async def test_ids_in_two_dialects(
    simulator: Simulator, system_id: str, destination: str, response_base: int, receipt_base: int
) -> None:
    async with Esme(simulator.port, system_id) as esme:
        message_id = accepted(await esme.submit(destination))
        (got,) = await esme.receipts()
        assert message_id != got.message_id
        assert int(message_id, response_base) == int(got.message_id, receipt_base)


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("15005553001", 0x01),
        ("15005553008", 0x08),
        ("15005553010", 0x0A),
        ("15005553011", 0x0B),
        ("15005553069", 0x45),
        ("15005553100", 0x64),
        ("15005553195", 0xC3),
        ("15005553257", 0x101),
        ("15005553901", 0x401),
        ("15005550023", 0x08),
    ],
)
async def test_refused(simulator: Simulator, esme: Esme, destination: str, status: int) -> None:
    for _ in range(2):
        outcome = await esme.submit(destination)
        assert isinstance(outcome, Answered)
        assert (outcome.status, outcome.message_id) == (status, "")
    assert simulator.counters.refused == 2
    assert simulator.inbox(destination) == []


async def resubmit(esme: Esme, destination: str) -> list[int]:
    """Submit the same message until it is accepted; the statuses of the refusals."""
    statuses: list[int] = []
    for _ in range(10):
        await esme.until(lambda: esme.client.capacity() > 0)
        outcome = await esme.submit(destination)
        assert isinstance(outcome, (Answered, Throttled))
        if outcome.status == 0:
            return statuses
        statuses.append(outcome.status)
    return statuses


@pytest.mark.parametrize(
    ("destination", "statuses"),
    [
        ("15005555002", [0x58, 0x58]),
        ("15005556003", [0x08] * 3),
        ("15005550022", [0x14]),
        ("15005553000", []),
    ],
)
async def test_refused_some_times(esme: Esme, destination: str, statuses: list[int]) -> None:
    assert await resubmit(esme, destination) == statuses
    await esme.receipts(1)


async def test_always_throttled(simulator: Simulator, esme: Esme) -> None:
    assert isinstance(await esme.submit("15005550024"), Throttled)
    assert simulator.counters.throttled == 1


async def test_delivered_later(simulator: Simulator, esme: Esme, clock: ControlledClock) -> None:
    accepted(await esme.submit("15005554060"))
    clock.advance(59.9)
    await esme.receipts(0)
    assert simulator.inbox("15005554060") == []
    clock.advance(0.1)
    (got,) = await esme.receipts(1)
    assert got.done_date_raw == "2311142214"
    assert len(simulator.inbox("15005554060")) == 1


async def test_answered_later(esme: Esme, clock: ControlledClock) -> None:
    pending = esme.begin("15005557050")
    await asyncio.sleep(0.05)
    assert not pending.done()
    clock.advance(0.5)
    accepted(await pending)
    await esme.receipts(1)
    assert esme.log == ["response", "deliver"]


@pytest.mark.parametrize(
    ("registered", "destination", "count"),
    [(0, "4915", 0), (2, "4915", 0), (2, "15005551001", 1), (1, "4915", 1)],
)
async def test_receipts_as_registered(
    esme: Esme, registered: int, destination: str, count: int
) -> None:
    accepted(await esme.submit(destination, registered_delivery=registered))
    await esme.receipts(count)


@pytest.mark.parametrize("dialect", payload.Dialect)
async def test_long_messages_are_joined_on_the_handset(
    simulator: Simulator, esme: Esme, dialect: payload.Dialect
) -> None:
    text = "Grüße 你好 😀 " * 12
    cut = segment.segment(text)
    for part in payload.payloads(cut.encoding, cut.parts, dialect, 0x1234):
        tlvs: tuple[Tlv, ...] = ()
        if part.sar is not None:
            tlvs = (
                tlv.SAR_MSG_REF_NUM.of(part.sar[0]),
                tlv.SAR_TOTAL_SEGMENTS.of(part.sar[1]),
                tlv.SAR_SEGMENT_SEQNUM.of(part.sar[2]),
            )
        if part.message_payload is not None:
            tlvs = (tlv.MESSAGE_PAYLOAD.of(part.message_payload),)
        pdu = SubmitSm(
            source_addr=SENDER,
            destination_addr="4915",
            esm_class=part.esm_class,
            data_coding=part.data_coding,
            short_message=part.short_message,
            tlvs=tlvs,
        )
        accepted(await esme.send(pdu))
    (shown,) = simulator.inbox("4915")
    assert shown.text == text


async def test_submits_by_data_sm(simulator: Simulator, esme: Esme) -> None:
    pdu = DataSm(
        source_addr=SENDER,
        destination_addr="4915",
        registered_delivery=1,
        tlvs=(tlv.MESSAGE_PAYLOAD.of(b"by another PDU"),),
    )
    message_id = accepted(await esme.send(pdu))
    (got,) = await esme.receipts()
    assert got.message_id == message_id
    assert simulator.inbox("4915")[0].text == "by another PDU"
    other = (tlv.MESSAGE_PAYLOAD.of(b"another text"),)
    accepted(await esme.send(DataSm(source_addr=SENDER, destination_addr="4915", tlvs=other)))
    assert simulator.counters.duplicates == 0


async def test_a_handset_answers(simulator: Simulator, esme: Esme) -> None:
    assert await simulator.send("+4915112345678", "+14155550100", "STOP") == ["mo-1-1"]
    (pdu,) = esme.delivered
    assert (pdu.source_addr, pdu.destination_addr, text_of(pdu)) == (
        "4915112345678",
        SENDER,
        "STOP",
    )
    assert not receipts.is_receipt(pdu.esm_class)
    long = "Ünïcödé and [brackets] " * 10
    assert len(await simulator.send("+4915112345678", SENDER, long)) == 4
    assert len(esme.delivered) == 5
    assert simulator.counters.mo_acked == 5


async def test_a_handsets_message_waits_for_the_next_bind(simulator: Simulator) -> None:
    sending = asyncio.create_task(simulator.send("4915", SENDER, "are you there?"))
    await asyncio.sleep(0.02)
    assert simulator.waiting() == 1
    async with Esme(simulator.port) as esme:
        await sending
        assert [text_of(pdu) for pdu in esme.delivered] == ["are you there?"]
    with pytest.raises(TimeoutError):
        await simulator.send("4915", SENDER, "nobody", timeout_s=0.05)
    assert simulator.waiting() == 1
    async with Esme(simulator.port) as esme:
        await esme.until(lambda: len(esme.delivered) == 1)


async def test_what_was_not_acknowledged_comes_again_after_the_next_bind(
    simulator: Simulator, esme: Esme
) -> None:
    esme.statuses = [-1, -1]
    message_id = accepted(await esme.submit("4915"))
    sending = asyncio.create_task(simulator.send("4915", SENDER, "again"))
    await esme.until(lambda: len(esme.delivered) == 2)
    assert simulator.cut() == 1
    await sending
    await esme.until(lambda: len(esme.delivered) == 4)
    assert [as_receipt(esme.delivered[at]).message_id for at in (0, 2)] == [message_id] * 2
    assert [text_of(esme.delivered[at]) for at in (1, 3)] == ["again", "again"]
    assert simulator.counters.redelivered == 2
    await esme.until(lambda: simulator.counters.receipts_acked == 1)
    assert simulator.counters.mo_acked == 1


async def test_what_was_refused_comes_again_in_its_time(
    simulator: Simulator, esme: Esme, clock: ControlledClock
) -> None:
    esme.statuses = [0x64]  # RX_T_APPN
    accepted(await esme.submit("4915"))
    await esme.receipts(1)
    assert simulator.waiting() == 1
    clock.advance(RETRY_S)
    await esme.receipts(2)
    await esme.until(lambda: simulator.counters.receipts_acked == 1)
    assert simulator.waiting() == 0


async def test_a_transmitter_gets_its_receipts_on_the_receiver(simulator: Simulator) -> None:
    async with (
        Esme(simulator.port, bind_mode="tx") as transmitter,
        Esme(simulator.port, bind_mode="rx") as receiver,
    ):
        message_id = accepted(await transmitter.submit("4915"))
        (got,) = await receiver.receipts()
        assert got.message_id == message_id
        assert transmitter.delivered == []


async def test_customers_do_not_get_each_others_receipts(simulator: Simulator) -> None:
    async with Esme(simulator.port) as one, Esme(simulator.port, "sim-hex") as other:
        accepted(await one.submit("4915"))
        await one.receipts(1)
        assert other.delivered == []


async def test_a_wrong_password_and_an_unknown_name_are_refused(simulator: Simulator) -> None:
    for system_id, password in (("sim", "wrong"), ("nobody", "sim"), ("sim-refusing", "sim")):
        esme = Esme(simulator.port, system_id, password=password)
        await esme.client.start()
        before = simulator.counters.binds_refused
        await esme.until(lambda before=before: simulator.counters.binds_refused > before)
        assert esme.client.up == 0
        await esme.client.close(drain_s=0.0)
    assert simulator.counters.binds == 0


async def test_the_silent_carrier(simulator: Simulator) -> None:
    async with Esme(simulator.port, "sim-silent", response_timeout_s=0.2) as esme:
        assert isinstance(await esme.submit("4915"), NoResponse)
        assert simulator.inbox("4915") == []


async def test_the_early_carrier(simulator: Simulator) -> None:
    async with Esme(simulator.port, "sim-early") as esme:
        accepted(await esme.submit("4915"))
        await esme.receipts(1)
        assert esme.log == ["deliver", "response"]


async def test_the_slow_carrier(simulator: Simulator, clock: ControlledClock) -> None:
    async with Esme(simulator.port, "sim-slow") as esme:
        pending = esme.begin("4915")
        await asyncio.sleep(0.05)
        assert not pending.done()
        clock.advance(0.05)
        accepted(await pending)


async def test_the_throttled_carrier(simulator: Simulator, clock: ControlledClock) -> None:
    async with Esme(simulator.port, "sim-throttled", window=200) as esme:
        pending = [esme.begin("4915", f"m{at}") for at in range(50)]
        outcomes = await asyncio.gather(*pending)
        assert [type(outcome) for outcome in outcomes] == [Answered] * 20 + [Throttled] * 30
        clock.advance(0.1)
        await esme.until(lambda: esme.client.capacity() > 0)
        accepted(await esme.submit("4915"))


async def test_the_flaky_carrier(simulator: Simulator) -> None:
    async with Esme(simulator.port, "sim-flaky") as esme:
        for at in range(49):
            accepted(await esme.submit("4915", f"m{at}"))
        assert isinstance(await esme.submit("4915", "m49"), NoResponse)
        await esme.until(lambda: esme.client.up == 1 and simulator.counters.binds == 2)
        accepted(await esme.submit("4915", "m49"))
        assert len(simulator.inbox("4915")) == 50


async def test_ordinary_messages_may_go_wrong_by_chance(clock: ControlledClock) -> None:
    async def run(seed: int) -> list[str]:
        config = SimulatorConfig(
            seed=seed, undelivered_share=0.3, duplicate_share=0.2, receipt_jitter_s=5.0
        )
        simulator = Simulator(config, clock)
        await simulator.start()
        async with Esme(simulator.port) as esme:
            for at in range(40):
                accepted(await esme.submit("4915", str(at)))
            clock.advance(5.0)
            await esme.until(lambda: len(simulator_acked(simulator)) >= 40)
            await asyncio.sleep(0.02)
            stats = [as_receipt(pdu).stat for pdu in esme.delivered]
        await simulator.stop()
        return stats

    def simulator_acked(simulator: Simulator) -> range:
        return range(simulator.counters.receipts_acked)

    first, again, other = await run(7), await run(7), await run(8)
    assert first == again != other
    assert 4 <= first.count("UNDELIV") <= 22
    assert len(first) > 40


async def test_a_restarted_simulator_gives_other_ids(clock: ControlledClock) -> None:
    ids: set[str] = set()
    for _ in range(2):
        simulator = Simulator(SimulatorConfig(), clock)
        await simulator.start()
        async with Esme(simulator.port) as esme:
            ids.add(accepted(await esme.submit("4915")))
        await simulator.stop()
        clock.advance(1)
    assert len(ids) == 2


async def test_a_flood_is_answered_and_reported_in_full(clock: ControlledClock) -> None:
    simulator = Simulator(SimulatorConfig(track=True), clock)
    await simulator.start()
    async with Esme(simulator.port, window=100) as esme:
        pending: list[asyncio.Future[Outcome]] = []
        for at in range(3000):
            await esme.until(lambda: esme.client.capacity() > 0)
            pending.append(esme.begin(f"4915{at:06d}"))
        ids = {accepted(outcome) for outcome in await asyncio.gather(*pending)}
        await esme.until(lambda: simulator.counters.receipts_acked == 3000)
        assert len(ids) == 3000
        assert {as_receipt(pdu).message_id for pdu in esme.delivered} == ids
    assert simulator.handsets.received == 3000
    assert simulator.counters.duplicates == 0
    await simulator.stop()
