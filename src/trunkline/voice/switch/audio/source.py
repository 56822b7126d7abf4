"""Sounds as files of this machine: fetched from their URLs and kept, or spoken."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import Blocked, HttpError, InvalidUrl
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits, HttpResponse, Timeouts
from trunkline.runtime.clock import Clock
from trunkline.voice.switch.audio import mpeg, riff
from trunkline.voice.switch.audio.kept import Kept, KeptSounds
from trunkline.voice.switch.ports import Synthesiser, Unheard
from trunkline.voice.telephony import File, Speech

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 10_000_000  # PLIVO XML Play: mp3 or wav up to 10 MB
# PLIVO callback configuration: audio has 2 s to connect, 120 s to be read, and one more try.
_TIMEOUTS: Final = Timeouts(connect_s=2.0, total_s=120.0)
_TRIES: Final = 2
_LIMITS: Final = HttpLimits(connections=64, connections_per_origin=8, body_bytes=MOST_BYTES)
_AT_ONCE: Final = 16  # bounds the memory of bodies under way
_MOST_FRESH_S: Final = 86_400.0
_MOST_LOCKS: Final = 10_000
_HEADERS: Final = [(b"Accept", b"audio/*, */*;q=0.5"), (b"User-Agent", b"Trunkline")]


class _NotThere(Unheard):
    """The source of a sound says nothing of it now."""


@dataclass(slots=True)
class SoundCounters:
    """Running totals."""

    fetched: int = 0
    unchanged: int = 0  # the server said so
    fresh: int = 0  # nobody was asked
    failed: int = 0


@dataclass(slots=True)
class _Turns:
    """One fetch of a URL at a time; those that come meanwhile find what it brought."""

    locks: "OrderedDict[str, asyncio.Lock]" = field(default_factory=OrderedDict[str, asyncio.Lock])

    def of(self, url: str) -> asyncio.Lock:
        lock = self.locks.setdefault(url, asyncio.Lock())
        self.locks.move_to_end(url)
        while len(self.locks) > _MOST_LOCKS:
            self.locks.popitem(last=False)
        return lock


class SoundSource:
    """One object a process; made inside the event loop, ended by `close`.

    Files are kept in `folder` by what is in them, and asked for again by their validators
    (RFC 9111 4.3): a file that has not changed is not sent twice. `policy` says which addresses may
    be asked, `most_bytes` how much is kept.
    """

    def __init__(
        self,
        folder: Path,
        policy: AddressPolicy,
        clock: Clock,
        synthesiser: Synthesiser | None = None,
        *,
        most_bytes: int = 1 << 30,
    ) -> None:
        self.counters: Final = SoundCounters()
        self._kept = KeptSounds(folder, most_bytes)
        self._http = HttpClient(policy, _LIMITS)
        self._clock = clock
        self._synthesiser = synthesiser
        self._turns = _Turns()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def path_of(self, sound: File | Speech) -> Path:
        """Return a sound file; see the port. Raises Unheard."""
        if isinstance(sound, File):
            async with self._turns.of(sound.url):
                return await self._file(sound.url)
        if self._synthesiser is None:
            raise Unheard("nothing can speak here")
        return await self._synthesiser.speak(sound)

    async def close(self) -> None:
        """Drop the connections."""
        await self._http.close()

    async def _file(self, url: str) -> Path:
        kept = await asyncio.to_thread(self._kept.find, url)
        if kept is not None and kept.fresh_until > self._clock.now():
            self.counters.fresh += 1
            return kept.path
        try:
            async with self._room:
                response = await self._ask(url, kept)
            return await self._take(url, kept, response)
        except Unheard as unheard:
            self.counters.failed += 1
            if kept is None or not isinstance(unheard, _NotThere):
                raise
            # RFC 9111 4.2.4: what is kept may be used while its source is not there.
            log.warning("sound.stale", url=url, reason=str(unheard))
            return kept.path

    async def _ask(self, url: str, kept: Kept | None) -> HttpResponse:
        headers = list(_HEADERS)
        if kept is not None and kept.etag:
            headers.append((b"If-None-Match", kept.etag.encode("latin-1")))
        if kept is not None and kept.modified:
            headers.append((b"If-Modified-Since", kept.modified.encode("latin-1")))
        for tries_left in reversed(range(_TRIES)):
            try:
                response = await self._http.request("GET", url, headers, timeouts=_TIMEOUTS)
            except (Blocked, InvalidUrl) as error:
                raise Unheard(f"{url}: {error}") from error
            except HttpError as error:
                if not tries_left:
                    raise _NotThere(f"{url}: {error}") from error
                continue
            if response.status < 500 or not tries_left:
                return response
        raise AssertionError("the last try returns or raises")

    async def _take(self, url: str, kept: Kept | None, response: HttpResponse) -> Path:
        fresh_until = self._clock.now() + _freshness_s(response)
        if response.status == 304 and kept is not None:
            self.counters.unchanged += 1
            await self._keep(self._kept.note, url, replace(kept, fresh_until=fresh_until))
            return kept.path
        if response.status >= 500:
            raise _NotThere(f"{url} answers {response.status}")
        if response.status != 200:  # RFC 9111 4.3.3: what is kept is not what is there any more
            raise Unheard(f"{url} answers {response.status}")
        if response.truncated:
            raise Unheard(f"{url} is larger than {MOST_BYTES} bytes")
        suffix = suffix_of(response.body)
        if not suffix:
            raise Unheard(f"{url} is neither WAV nor MP3")
        self.counters.fetched += 1

        def store() -> Path:
            mended = mpeg.mended if suffix == ".mp3" else riff.mended
            path = self._kept.put(mended(response.body), suffix)
            self._kept.note(
                url,
                Kept(
                    path, _text(response, b"etag"), _text(response, b"last-modified"), fresh_until
                ),
            )
            return path

        return await self._keep(store)

    async def _keep(self, do: Callable[..., Path], *arguments: object) -> Path:
        try:
            return await asyncio.to_thread(do, *arguments)
        except OSError as error:
            raise Unheard(f"the sound cannot be kept: {error}") from error


def suffix_of(body: bytes) -> str:
    """Return how a file of this content is called: `.wav`, `.mp3`, or "" when it is neither."""
    if body[:4] in (b"RIFF", b"RF64") and body[8:12] == b"WAVE":
        return ".wav"
    # Some encoders begin with octets of 0, which every player passes over.
    head = body.lstrip(b"\0")[:3]
    # ISO/IEC 11172-3 2.4.1.3: eleven bits of one, then a layer
    sync = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06
    return ".mp3" if head == b"ID3" or sync else ""


def _freshness_s(response: HttpResponse) -> float:
    """RFC 9111 4.2.1: how long it may be used unasked; without a word of it, not at all."""
    for directive in _text(response, b"cache-control").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-store", "no-cache"):
            return 0.0
        if name == "max-age" and value.strip('"').isascii() and value.strip('"').isdigit():
            return min(float(value.strip('"')), _MOST_FRESH_S)
    return 0.0


def _text(response: HttpResponse, name: bytes) -> str:
    return (response.header(name) or b"").decode("latin-1")[:1024]
