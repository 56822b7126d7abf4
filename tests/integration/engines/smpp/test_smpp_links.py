"""Binding, keeping alive, losing and regaining links, over real sockets."""

import asyncio
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from free_ports import free_port

from trunkline.engines.smpp import LinkConfig, LinkState, client_context, server_context
from trunkline.protocols.smpp import (
    AlertNotification,
    BindTransceiver,
    DeliverSm,
    decode,
    encode,
    status,
)


@pytest.mark.parametrize("mode", ["trx", "tx", "rx"])
async def test_each_bind_mode_opens_its_directions(lab, mode):
    carrier, esme = await lab.pair(bind_mode=mode)
    assert carrier.session.bind_mode == mode
    assert carrier.session.system_id == "trunkline"
    assert esme.client.capacity() == (0 if mode == "rx" else 10)
    assert esme.client.submit(lab.message(), 1) is (mode != "rx")
    assert carrier.session.send(DeliverSm(short_message=b"mo")) is (mode != "tx")
    await lab.until(lambda: mode == "rx" or esme.results)
    await lab.until(lambda: mode == "tx" or esme.delivered)


async def test_a_transmitter_and_a_receiver_make_one_carrier(lab):
    carrier = await lab.carrier()
    more = LinkConfig("rx", "127.0.0.1", carrier.server.port, "trunkline", "secret", bind_mode="rx")
    esme = await lab.esme(carrier.server.port, bind_mode="tx", more=(more,))
    assert esme.client.submit(lab.message(), 1)
    receiver = next(each for each in carrier.sessions if each.bind_mode == "rx")
    assert receiver.send(DeliverSm())
    await lab.until(lambda: esme.delivered and esme.results)
    assert esme.delivered[0][1].link == "rx"


async def test_a_wrong_password_is_told_and_tried_again_slowly(lab):
    carrier = await lab.carrier()
    esme = await lab.esme(carrier.server.port, wait=False, password="wrong", refused_min_s=0.3)
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert esme.reasons(LinkState.WAITING) == ["bind refused: ESME_RINVPASWD"]
    await asyncio.sleep(0.14)  # 0.15 is the shortest wait after a refusal here
    assert esme.link.state is LinkState.WAITING
    carrier.verdict = lambda bind: 0
    await esme.up()
    assert esme.link.stats.reconnects >= 1
    assert esme.link.reason == ""


@pytest.mark.parametrize(
    "code", [status.ESME_RBINDFAIL, status.ESME_RINVSYSID, status.ESME_RALYBND]
)
async def test_other_refusals_are_named(lab, code):
    carrier = await lab.carrier()
    carrier.verdict = lambda bind: code
    esme = await lab.esme(carrier.server.port, wait=False)
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert status.NAMES[code] in esme.reasons(LinkState.WAITING)[0]


async def test_authentication_may_take_its_time(lab):
    carrier = await lab.carrier()

    async def slowly(bind):
        await asyncio.sleep(0.05)
        return 0

    carrier.verdict = slowly
    esme = await lab.esme(carrier.server.port)
    assert esme.client.capacity() == 10


async def test_authentication_that_breaks_refuses_the_bind(lab):
    carrier = await lab.carrier()

    async def broken(bind):
        raise RuntimeError("no database")

    carrier.verdict = broken
    esme = await lab.esme(carrier.server.port, wait=False)
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert "ESME_RSYSERR" in esme.reasons(LinkState.WAITING)[0]


async def test_a_carrier_that_is_not_there_is_tried_until_it_is(lab):
    port = free_port()
    esme = await lab.esme(port, wait=False)
    await lab.until(lambda: len(esme.reasons(LinkState.WAITING)) >= 2)
    assert "cannot connect" in esme.reasons(LinkState.WAITING)[0]
    await lab.carrier(port=port)
    await esme.up()


async def test_n_binds_share_the_messages(lab):
    carrier = await lab.carrier()
    carrier.reply = None
    esme = await lab.esme(carrier.server.port, binds=3, window=4)
    assert [link.name for link in esme.client.links] == ["carrier#1", "carrier#2", "carrier#3"]
    assert esme.client.capacity() == 12
    for n in range(12):
        assert esme.client.submit(lab.message(), n)
    assert not esme.client.submit(lab.message(), 99)
    await lab.until(lambda: len(carrier.submits) == 12)
    assert [link.window_used for link in esme.client.links] == [4, 4, 4]
    assert [session.unanswered for session in carrier.sessions] == [4, 4, 4]


async def test_a_lost_link_reports_each_outstanding_once_and_comes_back(lab):
    carrier, esme = await lab.pair(window=20)
    carrier.reply = lambda session, pdu: (
        carrier.accept(session, pdu) if len(carrier.submits) <= 5 else None
    )
    for n in range(20):
        assert esme.client.submit(lab.message(), n)
    await lab.until(lambda: len(carrier.submits) == 20)
    carrier.session.abort()
    await lab.until(lambda: len(esme.results) == 20)
    assert sorted(esme.lost()) == list(range(5, 20))
    assert sorted(context for context, _ in esme.results) == list(range(20))
    assert {o.reason for _, o in esme.results[5:]} == {"disconnected"}
    await esme.up()
    assert esme.link.stats.disconnected == 15
    assert esme.client.capacity() == 20
    carrier.reply = carrier.accept
    assert esme.client.submit(lab.message(), 20)
    await lab.until(lambda: len(esme.results) == 21)
    assert esme.results[-1][1].status == 0


async def test_one_link_lost_leaves_the_other_working(lab):
    carrier = await lab.carrier()
    esme = await lab.esme(carrier.server.port, binds=2, reconnect_min_s=30.0, reconnect_max_s=30.0)
    carrier.sessions[0].abort()
    await lab.until(lambda: esme.client.up == 1)
    assert esme.client.capacity() == 10
    assert esme.client.submit(lab.message(), "x")
    await lab.until(lambda: esme.results)
    assert esme.results[0][1].status == 0


async def test_a_silent_carrier_is_asked_and_given_up(lab):
    carrier, esme = await lab.pair(enquire_link_s=0.1, enquire_timeout_s=0.15)
    await asyncio.sleep(0.4)
    assert esme.link.state is LinkState.UP  # it answered several enquire_links
    assert esme.link.stats.reconnects == 0
    carrier.session.machine.answer_enquire_link = False
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert "enquire_link" in esme.reasons(LinkState.WAITING)[0]


async def test_a_half_open_connection_is_found_out(lab):
    """The peer takes octets and never says a word after the bind."""
    carrier, esme = await lab.pair(enquire_link_s=0.1, enquire_timeout_s=0.1, window=3)
    carrier.session.wire._transport.pause_reading()
    for n in range(3):
        assert esme.client.submit(lab.message(), n)
    await lab.until(lambda: len(esme.results) == 3)
    assert sorted(esme.lost()) == [0, 1, 2]


async def test_no_answer_to_the_bind_is_not_waited_for_for_ever(lab):
    hold = asyncio.Event()

    async def never(reader, writer):
        await hold.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    esme = await lab.esme(port, wait=False, connect_timeout_s=0.1)
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert esme.reasons(LinkState.WAITING)[0] == "no answer to the bind"
    await esme.client.close()
    hold.set()
    server.close()


async def test_the_carrier_may_unbind(lab):
    carrier, esme = await lab.pair()
    carrier.session.unbind()
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert esme.reasons(LinkState.WAITING)[0] == "the carrier unbound"
    await lab.until(lambda: carrier.closed)
    await esme.up()


async def test_close_drains_the_window_and_unbinds(lab):
    carrier, esme = await lab.pair()
    carrier.reply = None
    for n in range(5):
        esme.client.submit(lab.message(), n)
    await lab.until(lambda: len(carrier.submits) == 5)
    closing = asyncio.create_task(esme.client.close(drain_s=3.0))
    await asyncio.sleep(0.05)
    assert esme.client.capacity() == 0
    assert not esme.client.submit(lab.message(), 9)
    for pdu in carrier.submits:
        carrier.session.respond(pdu.sequence_number, 0, "late")
    await asyncio.wait_for(closing, 1.0)
    assert [o.message_id for _, o in esme.results] == ["late"] * 5
    assert carrier.closed == ["the ESME unbound"]
    assert esme.link.state is LinkState.CLOSED


async def test_close_does_not_wait_longer_than_told(lab):
    carrier, esme = await lab.pair()
    carrier.reply = None
    esme.client.submit(lab.message(), "x")
    await lab.until(lambda: carrier.submits)
    await asyncio.wait_for(esme.client.close(drain_s=0.1), 1.0)
    assert esme.lost() == ["x"]


async def test_close_while_waiting_to_reconnect(lab):
    port = free_port()
    esme = await lab.esme(port, wait=False, reconnect_min_s=60.0, reconnect_max_s=60.0)
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    await asyncio.wait_for(esme.client.close(), 1.0)


async def test_an_alert_is_passed_on(lab):
    carrier, esme = await lab.pair()
    assert carrier.session.send(AlertNotification(source_addr="1555"))
    await lab.until(lambda: esme.alerts)
    assert esme.alerts[0][0].source_addr == "1555"
    assert carrier.session.outstanding == 0


async def test_the_server_closes_who_does_not_bind(lab):
    carrier = await lab.carrier(bind_timeout_s=0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", carrier.server.port)
    assert await asyncio.wait_for(reader.read(), 2.0) == b""
    assert carrier.closed == ["no bind in time"]
    writer.close()


async def test_the_server_closes_who_is_silent(lab):
    carrier, esme = await lab.pair({"idle_timeout_s": 0.3}, enquire_link_s=60.0)
    esme.link._binding._session.answer_enquire_link = False
    await lab.until(lambda: "idle" in carrier.closed)


async def test_the_server_keeps_who_answers_enquire_link(lab):
    carrier, esme = await lab.pair({"idle_timeout_s": 0.2}, enquire_link_s=60.0)
    await asyncio.sleep(0.6)
    assert not carrier.closed
    assert esme.client.up == 1


async def test_the_server_takes_no_more_than_its_sessions(lab):
    carrier = await lab.carrier(max_sessions=1)
    await lab.esme(carrier.server.port)
    second = await lab.esme(carrier.server.port, wait=False)
    await lab.until(lambda: "too many sessions" in carrier.closed)
    assert second.client.up == 0
    assert len(carrier.sessions) == 1


async def test_a_second_bind_in_one_session_is_refused(lab):
    carrier = await lab.carrier()
    reader, writer = await asyncio.open_connection("127.0.0.1", carrier.server.port)
    bind = BindTransceiver(system_id="a", password="secret")
    writer.write(encode(bind, 1))
    first = await reader.readexactly(31)
    assert decode(first).command_status == 0
    writer.write(encode(bind, 2))
    assert decode(await reader.readexactly(16)).command_status == status.ESME_RALYBND
    writer.close()


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "carrier.test")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("carrier.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(cert_file), str(key_file)


async def test_tls_with_a_checked_certificate(lab, tmp_path):
    cert, key = certificate(tmp_path)
    carrier = await lab.carrier(tls=server_context(cert, key))
    esme = await lab.esme(carrier.server.port, tls=client_context(cert), server_name="carrier.test")
    for n in range(10):
        assert esme.client.submit(lab.message(), n)
    await lab.until(lambda: len(esme.results) == 10)
    assert {outcome.status for _, outcome in esme.results} == {0}


async def test_tls_with_another_name_is_not_trusted(lab, tmp_path):
    cert, key = certificate(tmp_path)
    carrier = await lab.carrier(tls=server_context(cert, key))
    esme = await lab.esme(
        carrier.server.port, wait=False, tls=client_context(cert), server_name="other.test"
    )
    await lab.until(lambda: esme.reasons(LinkState.WAITING))
    assert "certificate" in esme.reasons(LinkState.WAITING)[0].lower()
    assert not carrier.sessions


async def test_tls_unchecked_when_the_operator_says_so(lab, tmp_path):
    cert, key = certificate(tmp_path)
    carrier = await lab.carrier(tls=server_context(cert, key))
    esme = await lab.esme(carrier.server.port, tls=client_context(verify=False))
    assert esme.client.up == 1
