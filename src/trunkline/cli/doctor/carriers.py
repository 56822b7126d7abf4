"""Checks of the carriers: a connection can be made and, if asked for, a login."""

import contextlib
import socket
import ssl
from collections.abc import Iterator, Sequence

from trunkline.cli.doctor.findings import Finding
from trunkline.protocols.smpp import (
    Answered,
    BindTransceiver,
    BindTransmitter,
    Role,
    Session,
    Unbind,  # fmt: skip
    status_name,
)
from trunkline.runtime.settings import SmppCarrier

CONNECT_TIMEOUT_S = 5.0
_READ_BYTES = 4096


class _NoAnswer(Exception):
    """The carrier ended the connection, or said what cannot be understood."""


def check_carriers(carriers: Sequence[SmppCarrier], *, bind: bool) -> Iterator[Finding]:
    """Connect to each carrier, and log in if `bind`."""
    for carrier in carriers:
        yield _check(carrier, bind=bind)


def _check(carrier: SmppCarrier, *, bind: bool) -> Finding:
    what = f"carrier {carrier.name} at {carrier.host}:{carrier.port}"
    try:
        with contextlib.closing(_connect(carrier)) as connection:
            if not bind:
                return Finding.fine(what, "reachable (--bind logs in too)")
            command_status = _bind(connection, carrier)
    except ssl.SSLError as error:
        mend = "Set tls_ca to the carrier's authority, or check that it speaks TLS on this port."
        return Finding.failure(what, f"TLS failed: {error.reason or error}", mend)
    except OSError as error:
        mend = "Check host, port and firewall; the carrier may have to allow your address."
        return Finding.failure(what, str(error), mend)
    except _NoAnswer as error:
        return Finding.failure(what, str(error), "Check that an SMPP server answers on that port.")
    if command_status == 0:
        return Finding.fine(what, "login accepted")
    mend = "Check system_id, password and system_type, and how many binds the carrier allows."
    return Finding.failure(what, f"login refused: {status_name(command_status)}", mend)


def _connect(carrier: SmppCarrier) -> socket.socket:
    plain = socket.create_connection((carrier.host, carrier.port), timeout=CONNECT_TIMEOUT_S)
    if not carrier.tls:
        return plain
    context = ssl.create_default_context(cafile=carrier.tls_ca)
    if carrier.tls_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(plain, server_hostname=carrier.host)
    except BaseException:
        plain.close()
        raise


def _bind(connection: socket.socket, carrier: SmppCarrier) -> int:
    """Log in and out; return the command_status of the login."""
    session = Session(Role.ESME)
    kind = BindTransceiver if carrier.bind_mode == "transceiver" else BindTransmitter
    login = kind(
        system_id=carrier.system_id, password=carrier.password, system_type=carrier.system_type
    )
    command_status = _ask(connection, session, session.send(login)[1])
    if command_status == 0:
        with contextlib.suppress(OSError, _NoAnswer):  # politeness: the login is proven
            _ask(connection, session, session.send(Unbind())[1])
    return command_status


def _ask(connection: socket.socket, session: Session, request: bytes) -> int:
    connection.sendall(request)
    while True:
        data = connection.recv(_READ_BYTES)
        if not data:
            raise _NoAnswer("the connection was closed without an answer")
        for event in session.receive(data):
            if isinstance(event, Answered):
                return event.response.command_status
