"""One simulated carrier: what it answers to submits, and what it reports afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Final, Protocol

from trunkline.protocols.smpp import DataSm, SubmitSm, status, tlv
from trunkline.protocols.sms.decode import Content, read
from trunkline.runtime.clock import Clock
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.counters import Attempts, Bucket, Counters
from trunkline.simulator.handsets import Handsets
from trunkline.simulator.outbox import Delivery, Line, Outbox
from trunkline.simulator.outcomes import ALWAYS, ORDINARY, Answer, Outcome, Step, outcome_of
from trunkline.simulator.personality import Personality
from trunkline.simulator.reports import Taken, receipt, response_id, wanted
from trunkline.simulator.rules import Rules

Submit = SubmitSm | DataSm


class SubmitLine(Line, Protocol):
    """A bound session that submits; each method does nothing once the session is gone."""

    def accept(self, pdu: Submit, message_id: str) -> None: ...

    def refuse(self, pdu: Submit, command_status: int) -> None: ...

    def ignore(self, pdu: Submit) -> None:
        """Never answer it."""
        ...

    def cut(self) -> None:
        """Drop the connection as a failing network does."""
        ...


@dataclass(frozen=True, slots=True)
class Manners:
    """Delays in seconds, and shares (0–1) of ordinary messages that go otherwise than well."""

    response_s: float = 0.0
    receipt_s: float = 0.0
    jitter_s: float = 0.0
    undelivered_share: float = 0.0
    early_share: float = 0.0
    duplicate_share: float = 0.0
    track: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What all carriers of one simulator share."""

    clock: Clock
    agenda: Agenda
    handsets: Handsets
    counters: Counters
    numbers: Iterator[int]
    rnd: Random
    rules: Rules


_UNDELIVERED: Final = replace(ORDINARY, steps=(Step("UNDELIV", "034"),))
_EARLY: Final = replace(ORDINARY, early=True)
_TWICE: Final = replace(ORDINARY, steps=(Step(), Step()))


class Carrier:
    """A personality at work, with the queue of what it has for its customer."""

    def __init__(
        self, personality: Personality, manners: Manners, world: World, max_waiting: int
    ) -> None:
        self.personality = personality
        self.outbox = Outbox(world.agenda, world.counters, max_waiting)
        self._world = world
        self._manners = manners
        own = personality
        self._response_s = _first(own.response_delay_s, manners.response_s)
        self._receipt_s = _first(own.receipt_delay_s, manners.receipt_s)
        self._bucket = Bucket(own.tps, world.clock.now()) if own.tps else None
        self._disturbs = (
            manners.undelivered_share + manners.early_share + manners.duplicate_share
        ) > 0
        self._attempts = Attempts()
        self._since_cut = 0

    def submit(self, line: SubmitLine, pdu: Submit) -> None:
        """Take a submit_sm or data_sm and answer it now, later or never."""
        self._world.counters.submits += 1
        if self._manners.track:
            self._world.counters.track(pdu.source_addr, pdu.destination_addr, _octets(pdu))
        if self._personality_steps_in(line, pdu):
            return
        rules = self._world.rules
        outcome = outcome_of(rules.stand_in("message", pdu.source_addr, pdu.destination_addr))
        if outcome is ORDINARY:
            if self._disturbs:
                outcome = self._disturbed()
        elif self._outcome_steps_in(line, pdu, outcome):
            return
        self._take(line, pdu, outcome)

    def _personality_steps_in(self, line: SubmitLine, pdu: Submit) -> bool:
        own = self.personality
        if own.silent:
            self._ignore(line, pdu)
            return True
        if own.drop_every:
            self._since_cut += 1
            if self._since_cut >= own.drop_every:
                self._since_cut = 0
                self._cut(line)
                return True
        if self._bucket is not None and not self._bucket.take(self._world.clock.now()):
            self._refuse(line, pdu, status.ESME_RTHROTTLED)
            return True
        return False

    def _outcome_steps_in(self, line: SubmitLine, pdu: Submit, outcome: Outcome) -> bool:
        if outcome.answer is Answer.NEVER:
            self._ignore(line, pdu)
            return True
        if outcome.status == 0 and outcome.answer is Answer.GIVEN:
            return False
        attempt = self._attempts.bump(pdu.source_addr, pdu.destination_addr, _octets(pdu))
        if outcome.status and (outcome.refusals == ALWAYS or attempt <= outcome.refusals):
            self._refuse(line, pdu, outcome.status)
            return True
        if outcome.answer is Answer.GIVEN or attempt > 1:
            return False
        if outcome.answer is Answer.CUT_KEPT:
            line.ignore(pdu)
            self._take(line, pdu, outcome)
        self._cut(line)
        return True

    def _refuse(self, line: SubmitLine, pdu: Submit, command_status: int) -> None:
        counters = self._world.counters
        if command_status == status.ESME_RTHROTTLED:
            counters.throttled += 1
        else:
            counters.refused += 1
        line.refuse(pdu, command_status)

    def _ignore(self, line: SubmitLine, pdu: Submit) -> None:
        self._world.counters.unanswered += 1
        line.ignore(pdu)

    def _cut(self, line: SubmitLine) -> None:
        self._world.counters.links_cut += 1
        line.cut()

    def _disturbed(self) -> Outcome:
        manners, point = self._manners, self._world.rnd.random()
        for share, outcome in (
            (manners.undelivered_share, _UNDELIVERED),
            (manners.early_share, _EARLY),
            (manners.duplicate_share, _TWICE),
        ):
            if point < share:
                return outcome
            point -= share
        return ORDINARY

    def _take(self, line: SubmitLine, pdu: Submit, outcome: Outcome) -> None:
        world = self._world
        world.counters.accepted += 1
        taken = Taken(
            next(world.numbers),
            outcome.ids or self.personality.ids,
            (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr),
            (pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr),
            pdu.registered_delivery,
            world.clock.now(),
        )
        content = _content(pdu)
        wait_s = self._response_s if outcome.response_s is None else outcome.response_s
        early = outcome.early or self.personality.early
        if early:
            self._plan(line, taken, outcome, content, None)
        message_id = response_id(taken.number, taken.ids)
        if wait_s > 0:
            world.agenda.after(wait_s, partial(line.accept, pdu, message_id))
        else:
            line.accept(pdu, message_id)
        if not early:
            self._plan(line, taken, outcome, content, wait_s)

    def _plan(
        self,
        line: Line,
        taken: Taken,
        outcome: Outcome,
        content: Content,
        wait_s: float | None,
    ) -> None:
        """Plan the receipts; `wait_s` is when the response leaves, None = receipts leave now."""
        if not outcome.steps:
            self._land(taken, content)
        for step in outcome.steps:
            after_s = 0.0
            if wait_s is not None:
                own_s = self._own_delay() if step.after_s is None else step.after_s
                after_s = wait_s + own_s
            if after_s > 0:
                due = partial(self._due, line, taken, step, content)
                self._world.agenda.after(after_s, due)
            else:
                self._due(line, taken, step, content)

    def _own_delay(self) -> float:
        jitter_s = self._manners.jitter_s
        if not jitter_s:
            return self._receipt_s
        return self._receipt_s + self._world.rnd.random() * jitter_s

    def _due(self, line: Line, taken: Taken, step: Step, content: Content) -> None:
        if step.stat == "DELIVRD" and not taken.landed:
            self._land(taken, content)
        if wanted(taken.registered, step):
            pdu = receipt(taken, step, self._world.clock.now())
            self.outbox.put(Delivery(pdu, is_receipt=True), line)

    def _land(self, taken: Taken, content: Content) -> None:
        taken.landed = True
        self._world.handsets.arrive(
            taken.source[2],
            taken.destination[2].removeprefix("+"),
            content,
            self._world.clock.now(),
            (self.personality.system_id, response_id(taken.number, taken.ids)),
        )


def _first(own: float | None, general: float) -> float:
    return general if own is None else own


def _octets(pdu: Submit) -> bytes:
    """What makes a message the same message when it is submitted again."""
    if isinstance(pdu, SubmitSm) and not pdu.tlvs:
        return pdu.short_message
    head = pdu.short_message if isinstance(pdu, SubmitSm) else b""
    return b"\0".join((head, *(value for _, value in pdu.tlvs)))


def _content(pdu: Submit) -> Content:
    tlvs = pdu.tlvs
    if not tlvs and isinstance(pdu, SubmitSm):
        if not pdu.esm_class & 0x40:
            return Content(pdu.short_message, pdu.data_coding)
        return read(pdu.data_coding, pdu.esm_class, pdu.short_message)
    found = dict(tlvs)
    sar = [
        found.get(parameter.tag)
        for parameter in (tlv.SAR_MSG_REF_NUM, tlv.SAR_TOTAL_SEGMENTS, tlv.SAR_SEGMENT_SEQNUM)
    ]
    numbers = [int.from_bytes(value, "big") for value in sar if value is not None]
    return read(
        pdu.data_coding,
        pdu.esm_class,
        pdu.short_message if isinstance(pdu, SubmitSm) else b"",
        found.get(tlv.MESSAGE_PAYLOAD.tag),
        (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None,
    )
