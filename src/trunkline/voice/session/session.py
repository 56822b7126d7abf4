"""The session: what verbs have of their call. All its methods belong to the call's one task.

Whoever waits, waits in `next`: there orders from outside are obeyed between two events, the call's
own end and its limits are seen, and what belongs to nobody else is looked after.
"""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import structlog

from trunkline.voice.causes import NETWORK_ERROR, SCHEDULED, Cause, Errand
from trunkline.voice.events import (
    Ended,
    LegEvent,
    MachineJudged,
    PlaybackEnded,
)
from trunkline.voice.session.beside import Beside
from trunkline.voice.session.facts import Facts, Params
from trunkline.voice.session.mailbox import Mailbox
from trunkline.voice.session.orders import MemberAction, NotLive, Order, ToMember
from trunkline.voice.session.ports import Callback, FetchFailed, Ports
from trunkline.voice.session.signals import CallOver, GoOnWith
from trunkline.voice.telephony import Leg, LegGone, Sound
from trunkline.voice.xml.document import Document, Element

log = structlog.get_logger(__name__)

T = TypeVar("T")
FAREWELL_S = 22.0  # for recordings to be written after the end
_METHODS = ("GET", "POST")
Later = Callable[[], Awaitable[None]]
Obey = Callable[["Session", Order], Awaitable[None]]


class Membership(Protocol):
    """The call's place in a conference, as long as it is in one."""

    async def obey(self, action: MemberAction, order: ToMember) -> None:
        """Carry out an order, answering it."""
        ...


class Party(Protocol):
    """The other leg, as far as a session needs it."""

    @property
    def leg(self) -> Leg:
        """The leg itself."""
        ...

    @property
    def facts(self) -> Facts:
        """What it tells about itself."""
        ...

    @property
    def cause(self) -> Cause | None:
        """Why it has ended, None as long as it lives."""
        ...


class Session:
    """One call's surroundings; `other` is the party it is connected with."""

    def __init__(self, ports: Ports, facts: Facts, leg: Leg, mailbox: Mailbox, obey: Obey) -> None:
        self.ports = ports
        self.facts = facts
        self.leg = leg
        self.mailbox = mailbox
        self.other: Party | None = None
        self.called: Mapping[str, Party] = {}  # by a Dial that has taken none yet
        self.membership: Membership | None = None
        self.early = False  # within PreAnswer
        self.ends_at: float | None = None
        self.ends_with: Cause = SCHEDULED
        self.beside = Beside()
        self.on_connect: list[Later] = []  # recordings that start when a Dial is answered
        self.on_machine: Callable[[bool], None] | None = None
        self._obey = obey
        self._early_open = False
        self._over: CallOver | None = None  # the leg has ended; nothing else will come
        self._order = itertools.count()
        self._later: list[tuple[float, int, Later]] = []

    # --- waiting ---------------------------------------------------------------------------------

    async def next(
        self, timeout_s: float | None = None, *, until: "asyncio.Future[Any] | None" = None
    ) -> LegEvent | None:
        """Return the next event that is the verb's.

        None once the time has passed or `until` is done. Raises CallOver when the leg ends or a
        limit is reached, and the signals that orders bring.
        """
        try:
            return await self._next(timeout_s, until)
        except (CallOver, asyncio.CancelledError):  # by the end of the process
            self.facts.over = True
            raise

    async def _next(
        self, timeout_s: float | None, until: "asyncio.Future[Any] | None"
    ) -> LegEvent | None:
        clock = self.ports.clock
        give_up = None if timeout_s is None else clock.now() + timeout_s
        while True:
            if self._over is not None:
                raise self._over
            item = await self.mailbox.take(self._patience(give_up), until)
            if item is None:
                await self._due()
                if (until is not None and until.done()) or (
                    give_up is not None and clock.now() >= give_up
                ):
                    return None
            elif isinstance(item, Order):
                await self._obey(self, item)
            elif not self._looked_after(item):
                return item

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something slow without losing sight of the call; what ends the call ends the work.

        Digits that arrive meanwhile are nobody's.
        """
        task = asyncio.ensure_future(work)
        task.add_done_callback(lambda _: self.mailbox.wake())
        try:
            while not task.done():
                await self.next(until=task)
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def pause(self, seconds: float) -> None:
        """Let time pass; events meanwhile are nobody's."""
        ends = self.ports.clock.now() + seconds
        while (left := ends - self.ports.clock.now()) > 0:
            await self.next(left)

    async def departed(self) -> CallOver:
        """Wait for the word of an end that is known of already; return how it ended."""
        unknown = CallOver(NETWORK_ERROR, at=self.ports.clock.now())
        return await self.drain(FAREWELL_S) or unknown

    async def drain(self, seconds: float) -> CallOver | None:
        """After the end: let recordings and the like finish, until the leg itself has ended.

        Return how it ended; None when it did not in this time.
        """
        self._later.clear()
        self.facts.over = True
        ends = self.ports.clock.now() + seconds
        while (self._over is None or self.beside.awaits_others(self.leg)) and (
            left := ends - self.ports.clock.now()
        ) > 0:
            item = await self.mailbox.take(left)
            if isinstance(item, Order):
                item.refuse(NotLive("The call has ended."))
            elif item is not None:
                with contextlib.suppress(CallOver):
                    self._looked_after(item)
        return self._over

    def later(self, seconds: float, what: Later) -> None:
        """Do something after a time, between events, if the call still lives."""
        at = self.ports.clock.now() + seconds
        heapq.heappush(self._later, (at, next(self._order), what))
        self.mailbox.wake()

    def end_at(self, at: float, cause: Cause = SCHEDULED) -> None:
        """Limit the call; the earliest limit counts."""
        if self.ends_at is None or at < self.ends_at:
            self.ends_at, self.ends_with = at, cause

    def _patience(self, give_up: float | None) -> float | None:
        times = [at for at in (give_up, self.ends_at) if at is not None]
        if self._later:
            times.append(self._later[0][0])
        return max(0.0, min(times) - self.ports.clock.now()) if times else None

    async def _due(self) -> None:
        now = self.ports.clock.now()
        if self.ends_at is not None and now >= self.ends_at:
            raise CallOver(self.ends_with, at=self.ends_at)
        while self._later and self._later[0][0] <= now:
            await heapq.heappop(self._later)[2]()

    def _looked_after(self, event: LegEvent) -> bool:
        match event:
            case Ended() if event.leg == self.leg.uuid:
                self._over = CallOver(event.cause, gone=True, at=event.at)
                raise self._over
            case MachineJudged() if self.on_machine is not None and event.leg == self.leg.uuid:
                self.on_machine(event.machine)
                return True
            case _:
                return self.beside.heeds(event)

    # --- the leg ---------------------------------------------------------------------------------

    @property
    def answered(self) -> bool:
        """The call is answered (and billed)."""
        return self.facts.answered_at is not None

    async def answer(self) -> None:
        """Answer an inbound call, once."""
        if self.answered or not self.facts.inbound:
            return
        await self.leg.answer()
        self.facts.answered_at = self.ports.clock.now()
        self.ports.journal.answered(self.facts)

    async def be_heard(self) -> None:
        """See to it that the far end hears what is played: by answering, or early."""
        if self.answered:
            return
        if not self.early:
            await self.answer()
        elif self.facts.inbound:
            await self.open_early()

    @property
    def audible(self) -> bool:
        """The far end hears what is played, and is heard."""
        return self.answered or self._early_open

    async def open_early(self) -> None:
        """Let an inbound caller hear us before the call is answered."""
        if not self._early_open:
            await self.leg.open_early()
            self._early_open = True

    async def play(self, sounds: Sequence[Sound]) -> None:
        """Play to the end; a sound that cannot be had does not end the call."""
        if not sounds:
            return
        await self.be_heard()
        playback = await self.leg.play(sounds)
        done = False
        try:
            while not done:
                event = await self.next()
                done = isinstance(event, PlaybackEnded) and event.playback == playback
                if done and isinstance(event, PlaybackEnded) and event.error:
                    log.warning("call.unheard", call=self.facts.call_uuid, reason=event.error)
        finally:
            if not done:
                with contextlib.suppress(LegGone):
                    await self.leg.stop_playing(playback)

    # --- requests to the application -------------------------------------------------------------

    async def fetch(
        self, url: str, method: str, errand: Errand, extra: Params | None = None
    ) -> Document:
        """Ask for a document while the call is looked after; raises CallOver when there is none."""
        if method not in _METHODS:
            raise CallOver(errand.invalid_method)
        event = "StartApp" if errand is Errand.ANSWER else "Redirect"
        params = self.facts.params(event) | (extra or {})
        try:
            return await self.during(
                self.ports.documents.fetch(self.facts.account_id, url, method, params, errand)
            )
        except FetchFailed as failure:
            log.warning("call.document", call=self.facts.call_uuid, url=url, reason=str(failure))
            raise CallOver(failure.cause) from None

    async def act(self, element: Element, extra: Params, *, logged: bool = True) -> None:
        """Do what an element's `action`, `method` and `redirect` say; may raise GoOnWith.

        With `logged` False the parameters are kept nowhere.
        """
        url, method = element.string("action"), element.string("method")
        if not url:
            return
        if element.flag("redirect"):
            document = await self.fetch(url, method, Errand.ACTION, extra)
            raise GoOnWith(document, Errand.ACTION)
        self.tell(url, method, "action" if logged else "unlogged", extra, event="Redirect")

    def tell(
        self,
        url: str,
        method: str,
        kind: str,
        extra: Params,
        *,
        event: str = "",
        status: str = "",
        facts: Facts | None = None,
    ) -> None:
        """Send a callback; nothing happens without a URL. `facts`: of the other party."""
        if not url:
            return
        facts = facts or self.facts
        if facts is self.facts and self.leg.over:  # its recordings and streams end before it
            facts.over = True
        params = facts.params(event, status) | extra
        self.ports.callbacks.tell(
            Callback(
                f"voice.{kind}",
                facts.account_id,
                facts.call_uuid,
                url,
                method if method in _METHODS else "POST",
                params,
            )
        )

    def act_hung_up(self, element: Element, extra: Params) -> None:
        """Tell the action of an element that the caller has gone; nothing more comes of it."""
        self.tell(element.string("action"), element.string("method"), "action", extra,
                  event="Redirect", status="completed")  # fmt: skip
