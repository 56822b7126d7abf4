"""Looks on while a program and Trunkline talk HTTP, and tells what was asked and how it ended.

It changes no octet and may fail without harm: then it tells nothing more of that connection.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import httptools


@dataclass(frozen=True, slots=True)
class Caught:
    """A request that was meant for Plivo; `status` 0 is no answer, `path` has no query.

    `refused` requests were answered by this room, all others by Trunkline.
    """

    method: str
    host: str
    path: str
    agent: str
    status: int
    refused: bool = False


Tell = Callable[[Caught], None]


class Asked:
    """Reads requests; `ended` counts those that are complete."""

    def __init__(self) -> None:
        self.begun: deque[tuple[str, str, str]] = deque()
        self.ended = 0
        self._url = b""
        self._agent = ""
        self._blind = False
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take what the program sent."""
        if self._blind:
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._blind = True

    @property
    def is_blind(self) -> bool:
        """Whether what comes is no HTTP any more."""
        return self._blind

    def on_message_begin(self) -> None:
        self._url, self._agent = b"", ""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"user-agent":
            self._agent = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        self.begun.append((method, _path(self._url), self._agent))

    def on_message_complete(self) -> None:
        self.ended += 1


@dataclass(slots=True)
class Answered:
    """Reads the answers' statuses; those before the last (1xx) do not count."""

    tell: Callable[[int], bool]
    _blind: bool = False
    _anew: bool = False
    _parser: httptools.HttpResponseParser = field(init=False)

    def __post_init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Take what Trunkline sent."""
        if self._blind:
            return
        if self._anew:
            self._anew = False
            self._parser = httptools.HttpResponseParser(self)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._blind = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:
            self._anew = self.tell(status)


class Watch:
    """One connection of a program, to `host`."""

    def __init__(self, host: str, tell: Tell) -> None:
        self._host = host
        self._tell = tell
        self._asked = Asked()
        self._answered = Answered(self._on_status)
        self.asked = self._asked.feed
        self.answered = self._answered.feed

    def close(self) -> None:
        """Tell the requests that had no answer."""
        while self._asked.begun:
            self._on_status(0)

    def _on_status(self, status: int) -> bool:
        """Tell one request's end; return whether its answer has a head alone."""
        if not self._asked.begun:
            return False
        method, path, agent = self._asked.begun.popleft()
        self._tell(Caught(method, self._host, path, agent, status))
        return method == "HEAD"


def _path(url: bytes) -> str:
    try:
        path = httptools.parse_url(url).path or b"/"
    except httptools.HttpParserInvalidURLError:
        path = url.partition(b"?")[0]
    return path.decode("latin-1")
