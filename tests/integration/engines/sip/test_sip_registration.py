"""Registrar and registrations, between two of our agents and from a socket."""

import asyncio
import datetime
import ipaddress
import ssl

import pytest
from certificates import Authority
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from trunkline.engines.sip import (
    Answered,
    Ended,
    Failed,
    Listener,
    RegistrarPolicy,
    RegistrationState,
    StreamLimits,
    Trunk,
    TrunkRegistration,
)
from trunkline.protocols.sip.digest import Credentials

ALICE = Credentials("alice", "secret")


async def registered(lab, transport="udp", phone_config=None, **config):
    """Give (registrar's party, the phone's party, the phone's registration)."""
    listeners = (Listener("udp", "127.0.0.1", 0), Listener("tcp", "127.0.0.1", 0))
    home = await lab.party(trunks=[], secrets={"alice": "secret"}, listeners=listeners, **config)
    phone = await lab.party(listeners=listeners, **(phone_config or {}))
    states = []
    registration = phone.agent.register(
        TrunkRegistration(
            f"sip:127.0.0.1:{home.agent.port(transport)};transport={transport}",
            "sip:alice@127.0.0.1",
            ALICE,
        ),
        lambda _, state, reason: states.append((state, reason)),
    )
    await lab.until(lambda: states)
    assert states[0][0] is RegistrationState.REGISTERED, states
    return home, phone, registration


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_phone_is_reached_where_it_registered(lab, transport):
    home, phone, registration = await registered(lab, transport)
    (binding,) = home.agent.registrar.contacts("alice")
    assert binding.hop.transport == transport
    assert binding.hop.dial is (transport == "udp")
    call = home.place(binding.hop, uri=binding.contact)
    await home.got(call, Answered)
    other = await phone.first()
    call.hang_up()
    assert (await phone.got(other, Ended)).side == "remote"
    await phone.agent.unregister(registration)
    assert registration.state is RegistrationState.CLOSED
    assert home.agent.registrar.contacts("alice") == []
    assert [len(bindings) for _, bindings in home.bound] == [1, 0]


async def test_a_registered_phone_may_call(lab):
    home, phone, _ = await registered(lab)
    call = phone.place(home.hop(), credentials=ALICE)
    await phone.got(call, Answered)
    origin = (await home.first()).origin
    assert (origin.username, origin.realm, origin.host) == ("alice", "trunkline", "127.0.0.1")
    wrong = phone.place(home.hop(), credentials=Credentials("alice", "wrong"))
    assert (await phone.got(wrong, Failed)).status == 403
    nobody = phone.place(home.hop())
    assert (await phone.got(nobody, Failed)).status == 401
    assert len(home.calls) == 1


async def test_a_trunk_that_has_to_prove_itself(lab):
    home = await lab.party(
        trunks=[Trunk("carrier", ("127.0.0.0/8",), challenge=True)], secrets={"alice": "secret"}
    )
    carrier = await lab.party()
    call = carrier.place(home.hop(), credentials=ALICE)
    await carrier.got(call, Answered)
    assert (await home.first()).origin.name == "carrier"
    assert (await carrier.got(carrier.place(home.hop()), Failed)).status == 401


async def test_a_closed_connection_unregisters(lab):
    home, phone, _ = await registered(lab, "tcp")
    for connection in list(phone.agent._core.transports._connections.values()):
        connection.abort()
    await lab.until(lambda: not home.agent.registrar.contacts("alice"))
    assert home.agent.registrar.users == 0


async def test_a_silent_connection_is_kept_for_whom_it_reaches(lab):
    """A phone, or a call, that is reached by its connection alone (RFC 5626 5.3)."""
    party = await lab.party(
        listeners=(Listener("tcp", "127.0.0.1", 0),),
        streams=StreamLimits(idle_s=1.0),
        secrets={"alice": "secret"},
    )
    phone = await lab.party(listeners=(Listener("tcp", "127.0.0.1", 0),))
    port = party.agent.port("tcp")
    registrar = f"sip:127.0.0.1:{port};transport=tcp"
    phone.agent.register(TrunkRegistration(registrar, "sip:alice@127.0.0.1", ALICE))
    await lab.until(lambda: party.bound)
    caller = await lab.party(listeners=(Listener("tcp", "127.0.0.1", 0),))
    call = caller.place(party.hop("tcp"))
    await caller.got(call, Answered)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""  # nobody is reached by it: it is closed
    writer.close()
    (binding,) = party.agent.registrar.contacts("alice")
    assert party.agent._core.transports.is_open(binding.hop)
    assert party.agent._core.transports.is_open(party.calls[0].hop)
    party.calls[0].hang_up()
    await caller.got(call, Ended)


async def test_a_refused_registration_is_told(lab):
    home = await lab.party(trunks=[], secrets={"alice": "other"})
    phone = await lab.party()
    states = []
    phone.agent.register(
        TrunkRegistration(f"sip:127.0.0.1:{home.agent.port()}", "sip:alice@x", ALICE),
        lambda _, state, reason: states.append((state, reason)),
    )
    await lab.until(lambda: states)
    assert states == [(RegistrationState.FAILED, "403 Forbidden")]


async def test_an_interval_that_is_too_brief_is_raised(lab):
    home, _, registration = await registered(lab, registrar=RegistrarPolicy(min_s=900))
    assert registration._expires_s == 900
    (binding,) = home.agent.registrar.contacts("alice")
    assert binding.seconds_left(home.agent._core.loop.time()) > 800


def certificate(folder):
    """Make a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sip")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    place = folder / "sip.pem"
    place.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return place


async def test_a_call_over_tls(lab, tmp_path):
    place = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(place)
    client = ssl.create_default_context(cafile=str(place))
    callee = await lab.party(listeners=(Listener("tls", "127.0.0.1", 0, server),))
    caller = await lab.party(
        listeners=(Listener("udp", "127.0.0.1", 0), Listener("tls", "127.0.0.1", 0, server)),
        client_tls=client,
    )
    call = caller.place(callee.hop("tls"))
    await caller.got(call, Answered)
    other = await callee.first()
    assert "transport=tls" in (other.request.headers.get("contact") or "")
    other.hang_up()
    assert (await caller.got(call, Ended)).side == "remote"
    # RFC 3261 8.1.1.8, 12.1.1: who is called by sips is told to call back by that.
    port = callee.agent.port("tls")
    call = caller.place(callee.hop("tls"), uri=f"sips:bob@127.0.0.1:{port}")
    answered = await caller.got(call, Answered)
    assert answered.headers.get("contact") == f"<sips:trunkline@127.0.0.1:{port}>"
    other = callee.calls[-1]
    told = other.request.headers.get("contact")
    assert told == f"<sips:trunkline@127.0.0.1:{caller.agent.port('tls')}>"
    other.hang_up()
    assert (await caller.got(call, Ended)).side == "remote"
    # Without the right authority it does not go through.
    distrusting = await lab.party(
        listeners=(Listener("tls", "127.0.0.1", 0, server),),
        client_tls=ssl.create_default_context(),
    )
    failed = await distrusting.got(distrusting.place(callee.hop("tls")), Failed)
    assert (failed.status, failed.local) == (503, True)


async def test_a_name_is_proved_before_its_connection_is_used(lab, tmp_path):
    known = Authority(tmp_path, "known")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(known.certificate("sip.example", "leaf.pem"))
    callee = await lab.party(listeners=(Listener("tls", "127.0.0.1", 0, server),))
    caller = await lab.party(
        listeners=(Listener("udp", "127.0.0.1", 0),),
        client_tls=ssl.create_default_context(cafile=str(known.path)),
    )
    hop = callee.hop("tls")._replace(name="sip.example")
    await caller.got(caller.place(hop), Answered)
    failed = await caller.got(caller.place(hop._replace(name="other.example")), Failed)
    assert (failed.status, failed.local) == (503, True)
    assert "other.example" in failed.reason
    failed = await caller.got(caller.place(callee.hop("tls")._replace(name="127.0.0.1")), Failed)
    assert failed.local
    await caller.got(caller.place(hop), Answered)
    assert callee.agent._core.transports.connections == 1


async def test_sha_256_is_offered_where_it_is_configured(lab):
    home, _, _ = await registered(lab, algorithms=("SHA-256",))
    assert home.agent.registrar.contacts("alice")
    assert home.agent.stats.unauthorised == 0
