"""TLS contexts for SMPP links and servers."""

import ssl


def client_context(
    ca_file: str | None = None,
    *,
    cert_file: str | None = None,
    key_file: str | None = None,
    verify: bool = True,
) -> ssl.SSLContext:
    """Make a context that checks the carrier's certificate, against ca_file or the system's."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert_file is not None:
        context.load_cert_chain(cert_file, key_file)
    return context


def server_context(
    cert_file: str, key_file: str | None = None, *, client_ca_file: str | None = None
) -> ssl.SSLContext:
    """Make a context for a listener; with client_ca_file an ESME must show a certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert_file, key_file)
    if client_ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
