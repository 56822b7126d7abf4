"""Fetching documents: a signed request with retries and time limits, and its answer as XML."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from trunkline.engines.http.errors import (
    ConnectFailed,
    ConnectTimedOut,
    HttpError,
    InvalidUrl,
    TimedOut,
)
from trunkline.engines.http.message import HttpResponse, Timeouts
from trunkline.engines.http.url import Url, parse_url
from trunkline.runtime.clock import Clock
from trunkline.voice.causes import Errand
from trunkline.voice.documents.tuning import Tuning, split
from trunkline.voice.session.facts import Params
from trunkline.voice.session.ports import FetchFailed
from trunkline.voice.xml.check import read
from trunkline.voice.xml.document import Document
from trunkline.voice.xml.errors import InvalidDocument, TooLarge
from trunkline.webhooks import Credentials
from trunkline.webhooks.voice import sign_request, upgrade_headers


class Http(Protocol):
    """What is needed of the HTTP client.

    It must keep bodies of more than 100 KiB, to be refused here and not cut.
    """

    async def request(
        self,
        method: str,
        url: str | Url,
        headers: list[tuple[bytes, bytes]],
        body: bytes = b"",
        *,
        timeouts: Timeouts = ...,
    ) -> HttpResponse:
        """Send a request; raises HttpError."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One attempt, for the log: what was asked, and what came of it."""

    account_id: str
    errand: Errand
    method: str
    url: str
    params: Params
    at: float
    status: int | None  # None: no answer
    body: str
    error: str


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt gave no document; `kind` is what retries go by."""

    kind: str
    text: str


class Fetcher:
    """Asks applications; holds no state."""

    def __init__(
        self,
        *,
        clock: Clock,
        http: Http,
        credentials: Callable[[str], Credentials | None],
        asked: Callable[[Asked], None] | None = None,
    ) -> None:
        self._clock = clock
        self._http = http
        self._credentials = credentials
        self._asked = asked

    async def fetch(
        self, account_id: str, url: str, method: str, params: Params, errand: Errand
    ) -> Document:
        """Ask for a document; raises FetchFailed with the cause of the errand."""
        address, tuning = split(url.strip())
        try:
            target = parse_url(address)
        except InvalidUrl as error:
            raise FetchFailed(errand.invalid_url, str(error)) from None
        credentials = self._credentials(account_id)
        if credentials is None:
            raise FetchFailed(errand.unreachable, "The account that owns the call is gone.")
        ends_at = self._clock.now() + tuning.total_s

        async def attempt() -> HttpResponse | _Failure:
            asking = _Asking(account_id, errand, method, target, params)
            return await self._attempt(asking, credentials, tuning, ends_at)

        response = await self._repeated(attempt, tuning, ends_at)
        if isinstance(response, _Failure):
            raise FetchFailed(errand.unreachable, response.text)
        try:
            if response.truncated:
                raise TooLarge("The document is too long.")
            return read(response.body, (response.header(b"content-type") or b"").decode("latin-1"))
        except InvalidDocument as error:
            raise FetchFailed(errand.invalid_xml, str(error)) from None

    def signature_headers(self, account_id: str, url: str) -> tuple[tuple[str, str], ...]:
        """Return the headers that sign the upgrade to a WebSocket."""
        credentials = self._credentials(account_id)
        return () if credentials is None else upgrade_headers(url, credentials)

    async def _repeated(
        self,
        attempt: Callable[[], Awaitable[HttpResponse | _Failure]],
        tuning: Tuning,
        ends_at: float,
    ) -> HttpResponse | _Failure:
        for left in range(tuning.retries, -1, -1):
            outcome = await attempt()
            if isinstance(outcome, HttpResponse) or not left:
                return outcome
            if not tuning.repeats_after(outcome.kind) or self._clock.now() >= ends_at:
                return outcome
        raise AssertionError("unreachable: there is at least one attempt")

    async def _attempt(
        self, asking: "_Asking", credentials: Credentials, tuning: Tuning, ends_at: float
    ) -> HttpResponse | _Failure:
        request = sign_request(asking.method, asking.target, asking.params, credentials)
        started = self._clock.now()
        total_s = max(0.1, ends_at - started)
        response: HttpResponse | None = None
        try:
            response = await self._http.request(
                asking.method,
                request.url,
                request.headers,
                request.body,
                timeouts=Timeouts(tuning.connect_s, total_s, tuning.read_s),
            )
        except HttpError as error:
            failure = _Failure(_kind(error), str(error))
        else:
            if 200 <= response.status <= 299:
                self._note(asking, started, response, "")
                return response
            kind = "4xx" if response.status < 500 else "5xx"
            failure = _Failure(kind, f"The answer was HTTP status {response.status}.")
        self._note(asking, started, response, failure.text)
        return failure

    def _note(
        self, asking: "_Asking", at: float, response: HttpResponse | None, error: str
    ) -> None:
        if self._asked is not None:
            self._asked(
                Asked(
                    asking.account_id,
                    asking.errand,
                    asking.method,
                    asking.target.text,
                    asking.params,
                    at,
                    response.status if response else None,
                    response.body.decode("utf-8", "replace") if response else "",
                    error,
                )
            )


@dataclass(frozen=True, slots=True)
class _Asking:
    account_id: str
    errand: Errand
    method: str
    target: Url
    params: Params


def _kind(error: HttpError) -> str:
    if isinstance(error, ConnectFailed | ConnectTimedOut):
        return "ct"
    return "rt" if isinstance(error, TimedOut) else "other"
