"""A proxy between an unchanged SDK and the program: it ends TLS as Plivo's hosts, and records.

The SDKs believe to speak to https://api.plivo.com; they are told only of the proxy and of the
authority that signed its certificate, both through options they have.
"""

import datetime
import http.client
import http.server
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("api.plivo.com", "lookup.plivo.com", "stats.plivo.com")
_HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "host"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of an SDK and the raw answer it got."""

    method: str
    target: str
    request_body: bytes
    status: int
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


class Recorder:
    """Listens on loopback; `url` is for proxy options, `authority` a PEM file for trust options."""

    def __init__(self, upstream: str, folder: Path) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.authority = folder / "authority.pem"
        self.exchanges: list[Exchange] = []
        self.context = _make_context(folder, self.authority)
        recorder = self

        class Handler(_Handler):
            owner = recorder

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def taken(self) -> list[Exchange]:
        """Return what was recorded since the last time."""
        found, self.exchanges = self.exchanges, []
        return found

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Recorder

    def do_CONNECT(self) -> None:
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        self.connection = self.owner.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the one in TLS; the server closes what it was made of

    def forward(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        upstream = http.client.HTTPConnection(self.owner.upstream, timeout=30)
        try:
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        self.owner.exchanges.append(Exchange(self.command, self.path, body, answer.status, content))
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in (*_HOP, "content-length"):
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = forward  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Say nothing: what matters is recorded."""


def _make_context(folder: Path, authority: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Trunkline tests")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    root = _certificate(issuer, issuer, issuer_key, issuer_key, [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (x509.KeyUsage(True, False, False, False, False, True, True, False, False), True),
        (x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key()), False),
    ])  # fmt: skip
    leaf = _certificate(subject, issuer, key, issuer_key, [
        (x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
    ])  # fmt: skip
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    chain = folder / "recorder.pem"
    chain.write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())
