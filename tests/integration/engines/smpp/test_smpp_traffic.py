"""Messages both ways over real sockets: windows, rates, time-outs, rubbish."""

import asyncio
import time

import pytest

from trunkline.engines.smpp import Answered, NoResponse, Throttled
from trunkline.protocols.smpp import (
    DataSm,
    DeliverSm,
    EncodeError,
    GenericNack,
    QuerySm,
    QuerySmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSmResp,
    UnsuccessfulSme,
    decode,
    status,
    tlv,
)
from trunkline.protocols.smpp.messages import SmeAddress


async def test_a_submit_is_answered_with_its_message_id(lab):
    carrier, esme = await lab.pair()
    assert esme.client.submit(lab.message(b"one"), "ctx")
    await lab.until(lambda: esme.results)
    context, outcome = esme.results[0]
    assert context == "ctx"
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.message_id, outcome.link) == (0, "M1", "carrier")
    assert carrier.submits[0].short_message == b"one"
    stats = esme.link.stats
    assert (stats.submitted, stats.responses, stats.timeouts) == (1, 1, 0)
    assert 0 <= stats.latency_max_s == stats.latency_sum_s < 5


async def test_a_refused_message_says_why(lab):
    carrier, esme = await lab.pair()
    carrier.reply = lambda session, pdu: SubmitSmResp(
        sequence_number=pdu.sequence_number, command_status=status.ESME_RINVDSTADR
    )
    esme.client.submit(lab.message(), 1)
    await lab.until(lambda: esme.results)
    assert esme.results[0][1].status == status.ESME_RINVDSTADR
    assert esme.results[0][1].message_id == ""


async def test_a_nacked_message_is_an_answer(lab):
    carrier, esme = await lab.pair()
    carrier.reply = lambda session, pdu: GenericNack(
        sequence_number=pdu.sequence_number, command_status=status.ESME_RINVCMDID
    )
    esme.client.submit(lab.message(), 1)
    await lab.until(lambda: esme.results)
    assert esme.results[0][1].status == status.ESME_RINVCMDID
    assert esme.client.capacity() == 10


async def test_a_message_that_does_not_fit_is_not_sent(lab):
    _, esme = await lab.pair()
    with pytest.raises(EncodeError, match=r"submit_sm\.short_message"):
        esme.client.submit(lab.message(b"x" * 255), 1)
    assert esme.client.capacity() == 10
    assert esme.link.stats.submitted == 0
    esme.client.submit(lab.message(), 2)
    await lab.until(lambda: esme.results)


async def test_the_window_is_respected_and_its_return_is_told_once(lab):
    carrier, esme = await lab.pair(window=5)
    carrier.reply = None
    await lab.until(lambda: esme.capacities == 1)  # the link came up
    sent = 0
    while esme.client.capacity():
        assert esme.client.submit(lab.message(), sent)
        sent += 1
    assert sent == 5
    assert not esme.client.submit(lab.message(), 9)
    await lab.until(lambda: len(carrier.submits) == 5)
    assert esme.link.window_used == 5
    assert esme.capacities == 1
    for pdu in carrier.submits[:3]:
        carrier.session.respond(pdu.sequence_number, 0, "x")
    await lab.until(lambda: esme.capacities == 2)
    assert esme.client.capacity() == 3
    assert len(esme.results) == 3


async def test_no_answer_in_time_is_told_and_frees_the_slot(lab):
    carrier, esme = await lab.pair(window=1, response_timeout_s=0.1)
    carrier.reply = None
    esme.client.submit(lab.message(), "slow")
    await lab.until(lambda: esme.results)
    assert esme.results == [("slow", NoResponse("timeout", "carrier"))]
    assert esme.client.capacity() == 1
    assert esme.link.stats.timeouts == 1
    # the late answer disturbs nothing
    carrier.session.respond(carrier.submits[0].sequence_number, 0, "late")
    await lab.until(lambda: esme.link.stats.unmatched == 1)
    assert len(esme.results) == 1
    assert esme.client.up == 1


async def test_a_drop_answers_the_next_but_not_this_one(lab):
    carrier, esme = await lab.pair(response_timeout_s=0.2)

    def first_dropped(session, pdu):
        if len(carrier.submits) == 1:
            assert session.drop(pdu.sequence_number)
            return None
        return carrier.accept(session, pdu)

    carrier.reply = first_dropped
    esme.client.submit(lab.message(), 1)
    esme.client.submit(lab.message(), 2)
    await lab.until(lambda: len(esme.results) == 2)
    assert [context for context, _ in esme.results] == [2, 1]


async def test_answers_in_any_order_find_their_message(lab):
    carrier, esme = await lab.pair()
    carrier.reply = None
    for n in range(10):
        esme.client.submit(lab.message(b"%d" % n), n)
    await lab.until(lambda: len(carrier.submits) == 10)
    for pdu in reversed(carrier.submits):
        carrier.session.respond(pdu.sequence_number, 0, pdu.short_message.decode())
    await lab.until(lambda: len(esme.results) == 10)
    assert [(c, o.message_id) for c, o in esme.results] == [(n, str(n)) for n in range(9, -1, -1)]


async def test_a_delivery_is_acknowledged_when_the_application_says(lab):
    carrier, esme = await lab.pair()
    esme.ack_at_once = False
    assert carrier.session.send(DeliverSm(short_message=b"mo", source_addr="1555"), "d1")
    assert carrier.session.send(DataSm(tlvs=(tlv.MESSAGE_PAYLOAD.of(b"data"),)), "d2")
    await lab.until(lambda: len(esme.delivered) == 2)
    assert carrier.results == []
    assert carrier.session.outstanding == 2
    (first, ack_first), (second, ack_second) = esme.delivered
    assert first.short_message == b"mo"
    assert tlv.MESSAGE_PAYLOAD.find(second.tlvs) == b"data"
    assert ack_second.ack()
    assert ack_first.ack(status.ESME_RX_P_APPN)
    assert not ack_first.ack()
    await lab.until(lambda: len(carrier.results) == 2)
    assert [(c, o.status) for c, o in carrier.results] == [("d2", 0), ("d1", 0x65)]
    assert esme.link.stats.delivered == 2


async def test_an_acknowledgement_on_a_dead_link_does_nothing(lab):
    carrier, esme = await lab.pair()
    esme.ack_at_once = False
    carrier.session.send(DeliverSm(), "d")
    await lab.until(lambda: esme.delivered)
    carrier.session.abort()
    await lab.until(lambda: carrier.results)
    assert isinstance(carrier.results[0][1], NoResponse)
    await esme.up()
    assert esme.delivered[0][1].ack() is False
    assert esme.client.submit(lab.message(), 1)
    await lab.until(lambda: esme.results)


async def test_a_receipt_before_its_response(lab):
    carrier, esme = await lab.pair()
    order = []

    def early(session, pdu):
        session.send(DeliverSm(esm_class=4, tlvs=(tlv.RECEIPTED_MESSAGE_ID.of("M1"),)))
        return carrier.accept(session, pdu)

    carrier.reply = early
    esme.client._on_result = lambda context, outcome: order.append(outcome.message_id)
    deliver = esme.client._on_deliver
    esme.client._on_deliver = lambda pdu, delivery: (
        order.append(tlv.RECEIPTED_MESSAGE_ID.find(pdu.tlvs)),
        deliver(pdu, delivery),
    )
    esme.client.submit(lab.message(), 1)
    await lab.until(lambda: len(order) == 2)
    assert order == ["M1", "M1"]


async def test_the_server_window_and_its_room(lab):
    carrier, esme = await lab.pair({"window": 3})
    esme.ack_at_once = False
    sent = 0
    while carrier.session.send(DeliverSm(), sent):
        sent += 1
    assert sent == 3
    await lab.until(lambda: len(esme.delivered) == 3)
    assert carrier.rooms == 0
    for _, delivery in esme.delivered:
        delivery.ack()
    await lab.until(lambda: len(carrier.results) == 3)
    await lab.until(lambda: carrier.rooms == 1)
    assert carrier.session.free == 3


async def test_a_delivery_without_answer_times_out_at_the_server(lab):
    carrier, esme = await lab.pair({"response_timeout_s": 0.1})
    esme.ack_at_once = False
    carrier.session.send(DeliverSm(), "d")
    await lab.until(lambda: carrier.results)
    assert carrier.results[0][1].reason == "timeout"


async def test_too_many_unanswered_are_throttled_by_the_server(lab):
    carrier, esme = await lab.pair({"submit_window": 2})
    carrier.reply = None
    for n in range(3):
        esme.client.submit(lab.message(), n)
    await lab.until(lambda: esme.results)
    assert esme.results == [(2, Throttled(status.ESME_RTHROTTLED, "carrier"))]
    assert esme.link.stats.throttled == 1


async def test_too_many_unacknowledged_are_sent_back_for_later(lab):
    carrier, esme = await lab.pair(deliver_window=2)
    esme.ack_at_once = False
    for n in range(3):
        carrier.session.send(DeliverSm(), n)
    await lab.until(lambda: carrier.results)
    assert [(c, o.status) for c, o in carrier.results] == [(2, status.ESME_RX_T_APPN)]


async def test_other_requests_go_through_too(lab):
    carrier, esme = await lab.pair()

    def reply(session, pdu):
        if isinstance(pdu, QuerySm):
            return QuerySmResp(
                sequence_number=pdu.sequence_number, message_id=pdu.message_id, message_state=2
            )
        return SubmitMultiResp(
            sequence_number=pdu.sequence_number,
            message_id="multi",
            unsuccess_smes=(UnsuccessfulSme(1, 1, "2", 11),),
        )

    carrier.reply = reply
    esme.client.submit(QuerySm(message_id="M1"), "q")
    esme.client.submit(SubmitMulti(dest_addresses=(SmeAddress(1, 1, "2"),)), "m")
    await lab.until(lambda: len(esme.results) == 2)
    (_, query), (_, multi) = esme.results
    assert query.pdu.message_state == 2
    assert multi.message_id == "multi"
    assert multi.pdu.unsuccess_smes[0].error_status_code == 11


async def test_rubbish_from_the_carrier_ends_the_connection_not_the_client(lab):
    carrier, esme = await lab.pair()
    carrier.reply = None
    esme.client.submit(lab.message(), "x")
    await lab.until(lambda: carrier.submits)
    carrier.session.wire.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await lab.until(lambda: esme.results)
    assert esme.lost() == ["x"]
    assert any("garbage" in reason for _, _, reason in esme.states)
    await esme.up()


async def test_bad_pdus_from_the_carrier_are_answered_and_survived(lab):
    carrier, esme = await lab.pair()
    unknown = bytes.fromhex("00000010 00000999 00000000 00000005")
    truncated = bytes.fromhex("00000012 00000005 00000000 00000006 4141")
    illegal = bytes.fromhex("00000010 00000008 00000000 00000007".replace(" ", ""))
    seen = []
    carrier.session.wire._owner = Recorder(carrier.session, seen)
    carrier.session.wire.write(unknown + truncated + illegal)
    await lab.until(lambda: len(seen) == 3)
    assert [(pdu.command_name, pdu.command_status) for pdu in seen] == [
        ("generic_nack", status.ESME_RINVCMDID),
        ("deliver_sm_resp", status.ESME_RINVCMDLEN),
        ("cancel_sm_resp", status.ESME_RINVBNDSTS),
    ]
    assert esme.client.submit(lab.message(), 1)
    await lab.until(lambda: esme.results)


class Recorder:
    """Stands between a wire and its session and keeps the unmatched answers."""

    def __init__(self, owner, seen) -> None:
        self.owner = owner
        self.seen = seen

    def on_event(self, wire, event):
        response = getattr(event, "response", None)
        if response is not None:
            self.seen.append(response)
        self.owner.on_event(wire, event)

    def __getattr__(self, name):
        return getattr(self.owner, name)


async def test_a_malformed_answer_is_told_as_no_answer(lab):
    carrier, esme = await lab.pair(window=1)

    def malformed(session, pdu):
        session.drop(pdu.sequence_number)
        head = bytes.fromhex("00000012 80000004 00000000")
        session.wire.write(head + pdu.sequence_number.to_bytes(4, "big") + b"AB")
        return

    carrier.reply = malformed
    esme.client.submit(lab.message(), 1)
    await lab.until(lambda: esme.results)
    assert esme.results == [(1, NoResponse("malformed", "carrier"))]
    assert esme.client.capacity() == 1


async def test_rubbish_from_an_esme_is_nacked_and_cut_off(lab):
    carrier = await lab.carrier()
    other = await lab.esme(carrier.server.port)
    reader, writer = await asyncio.open_connection("127.0.0.1", carrier.server.port)
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03rubbish and more of it")
    answer = await asyncio.wait_for(reader.read(), 2.0)
    nack = decode(answer)
    assert nack.command_name == "generic_nack"
    assert nack.command_status == status.ESME_RINVCMDLEN
    writer.close()
    other.client.submit(lab.message(), 1)
    await lab.until(lambda: other.results)
    assert len(carrier.server.sessions) == 1


async def test_submits_before_the_bind_are_refused(lab):
    carrier = await lab.carrier()
    reader, writer = await asyncio.open_connection("127.0.0.1", carrier.server.port)
    writer.write(bytes.fromhex("00000021 00000004 00000000 00000009" + "00" * 17))
    answer = decode(await reader.readexactly(16))
    assert answer.command_name == "submit_sm_resp"
    assert answer.command_status == status.ESME_RINVBNDSTS
    assert answer.sequence_number == 9
    writer.close()


async def test_a_callback_that_fails_does_not_harm_the_others(lab, caplog):
    _, esme = await lab.pair()
    done = []

    def on_result(context, outcome):
        done.append(context)
        if context == 1:
            raise RuntimeError("application fault")

    esme.client._on_result = on_result
    for n in range(4):
        esme.client.submit(lab.message(), n)
    await lab.until(lambda: len(done) == 4)
    assert esme.client.up == 1
    assert "application fault" in caplog.text


async def test_an_agreed_rate_is_kept(lab):
    carrier, esme = await lab.pair(tps=100.0, burst=1.0)
    esme.client._on_capacity = lambda: pump(esme, lab)
    start = time.perf_counter()
    pump(esme, lab)
    await lab.until(lambda: len(carrier.submits) >= 50)
    assert 0.4 <= time.perf_counter() - start <= 1.5


def pump(esme, lab) -> None:
    for _ in range(esme.client.capacity()):
        assert esme.client.submit(lab.message(), None)


async def test_an_unknown_limit_is_adapted_to_without_spinning(lab):
    """100 a second, counted by the clock second; the first second may be wasteful."""
    carrier, esme = await lab.pair(window=50)
    loop = asyncio.get_running_loop()
    taken: dict[int, int] = {}
    accepted = []

    def limited(session, pdu):
        second = int(loop.time())
        taken[second] = taken.get(second, 0) + 1
        if taken[second] > 100:
            return SubmitSmResp(
                sequence_number=pdu.sequence_number, command_status=status.ESME_RTHROTTLED
            )
        accepted.append(loop.time())
        return SubmitSmResp(sequence_number=pdu.sequence_number, message_id="ok")

    carrier.reply = limited
    esme.client._on_capacity = lambda: pump(esme, lab)
    pump(esme, lab)
    await asyncio.sleep(4.0)
    start, cpu, tried = loop.time(), time.process_time(), len(carrier.submits)
    await asyncio.sleep(3.0)
    end, cpu = loop.time(), time.process_time() - cpu
    rate = sum(start <= at < end for at in accepted) / (end - start)
    assert rate >= 92  # three seconds of a hundred, cut anywhere
    assert (len(carrier.submits) - tried) / (end - start) <= 115
    assert cpu <= 1.0


async def test_the_client_is_told_nothing_twice_under_load(lab):
    """Thousands of messages with losses of the link in between: each has one outcome."""
    carrier, esme = await lab.pair(window=50)
    sent = 0

    def more() -> None:
        nonlocal sent
        for _ in range(min(esme.client.capacity(), 3000 - sent)):
            assert esme.client.submit(lab.message(), sent)
            sent += 1

    def moody(session, pdu):
        if len(carrier.submits) % 700 == 0:
            session.abort()
        return carrier.accept(session, pdu)

    carrier.reply = moody
    esme.client._on_capacity = more
    more()
    await lab.until(lambda: len(esme.results) == 3000, 20.0)
    assert sorted(context for context, _ in esme.results) == list(range(3000))
    assert esme.link.stats.reconnects >= 1
    assert len(esme.lost()) == esme.link.stats.disconnected <= 50 * 5


async def test_an_on_capacity_that_fails_is_called_again(lab, caplog, monkeypatch):
    monkeypatch.setattr("trunkline.engines.smpp.client._RETRY_S", 0.05)
    carrier = await lab.carrier()
    calls = []

    def failing() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("database away")

    esme = await lab.esme(carrier.server.port, wait=False)
    esme.client._on_capacity = failing
    await lab.until(lambda: len(calls) == 2)
    assert "database away" in caplog.text


async def test_settings_that_cannot_bind_are_refused_at_once(lab):
    with pytest.raises(EncodeError, match=r"bind_transceiver\.password"):
        await lab.esme(1, password="longer than nine")
