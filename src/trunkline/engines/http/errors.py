"""What can go wrong with one outgoing request; `str(error)` is a sentence for a person.

HttpError
├── InvalidUrl            the address cannot be used at all
├── Blocked               the address policy forbids where it leads
├── ConnectFailed         no connection: refused, unreachable, reset before any answer
│   ├── ResolveFailed     the name has no address
│   ├── TlsFailed         certificate or handshake refused
│   ├── Unanswered        closed after the request was sent: it may have been heard
│   └── StaleConnection   inside the client only: it sends again on a fresh connection
├── TimedOut              a time limit passed
│   └── ConnectTimedOut   before there was a connection
├── BadResponse           the answer is not HTTP, is cut off, or is out of bounds
│   └── TooManyRedirects
├── TooManyConnections    the client's own bound is reached
└── ClientClosed          the client was closed under the request
"""

from trunkline.values.errors import TrunklineError


class HttpError(TrunklineError):
    """The request got no usable answer."""


class InvalidUrl(HttpError):
    """The address is not an absolute http or https URL."""


class Blocked(HttpError):
    """The address leads to a network that the policy forbids."""


class ConnectFailed(HttpError):
    """No connection to the target, or it closed before the first byte of an answer."""


class ResolveFailed(ConnectFailed):
    """The host name has no address."""


class TlsFailed(ConnectFailed):
    """The TLS handshake failed, or the certificate is not trusted."""


class Unanswered(ConnectFailed):
    """The peer closed a fresh connection after the request and before any byte of an answer."""


class TimedOut(HttpError):
    """The read limit or the total limit passed."""


class ConnectTimedOut(TimedOut):
    """The connect limit passed, or the total limit before there was a connection."""


class BadResponse(HttpError):
    """The answer is not HTTP/1.x, is cut off, or exceeds a bound."""


class TooManyRedirects(BadResponse):
    """More redirects than allowed."""


class TooManyConnections(HttpError):
    """The bound on connections, or on requests waiting for one, is reached."""


class ClientClosed(HttpError):
    """The client was closed before the request ended."""


class StaleConnection(ConnectFailed):
    """A reused connection was closed by the peer before any byte of the answer."""
