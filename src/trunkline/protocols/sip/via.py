"""Via: where a request came past, and the way its responses go back (RFC 3261 18.2, RFC 3581)."""

from typing import Final, NamedTuple

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import (
    Params,
    is_token,
    parse_host_port,
    parse_number,
    parse_params,
    write_params,
)

COOKIE: Final = "z9hG4bK"
"""How the branch of every client begins that keeps RFC 3261 (8.1.1.7)."""


class Via(NamedTuple):
    """One value. `host` keeps the brackets of IPv6; `port` is None when not written."""

    transport: str
    host: str
    port: int | None
    params: Params

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""

    @property
    def has_magic(self) -> bool:
        """Whether the branch alone names the transaction (RFC 3261 17.2.3, RFC 4475 3.2.1)."""
        branch = self.branch
        return len(branch) > len(COOKIE) and branch.startswith(COOKIE)

    @property
    def sent_by(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def reply_to(self, default_port: int = 5060) -> tuple[str, int]:
        """Host and port that unreliable transports answer to (RFC 3261 18.2.2, RFC 3581 4)."""
        host = self.params.get("received") or self.params.get("maddr") or self.host
        port = parse_number(self.params.get("rport"), 65535) or self.port or default_port
        return host, port

    def __str__(self) -> str:
        return f"SIP/2.0/{self.transport} {self.sent_by}{write_params(self.params)}"


def parse_via(text: str) -> Via:
    """Read one value; Malformed when it is none. Spaces may be around its slashes and colons."""
    head, _, rest = text.partition(";")
    if head.startswith("SIP/2.0/"):
        transport, _, sent_by = head[8:].lstrip().partition(" ")
    else:
        pieces = head.split("/", 2)
        if len(pieces) != 3 or pieces[0].strip().upper() != "SIP":
            raise Malformed("a Via is not understood")
        transport, _, sent_by = pieces[2].strip().partition(" ")
    if not is_token(transport):
        raise Malformed("a Via has no transport")
    host, port = parse_host_port(sent_by)
    return Via(transport.upper(), host, port, parse_params(rest))
