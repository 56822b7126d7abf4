"""The simulator as a server: binds, sessions, and the handsets' side for tests and the console."""

import asyncio
import hmac
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import cast

from trunkline.engines.smpp import Answered, NoResponse, Outcome, Server, ServerConfig
from trunkline.engines.smpp import ServerSession as Session
from trunkline.protocols.smpp import Bind, DataSm, DeliverSm, Request, Response, SubmitSm, status
from trunkline.runtime.clock import Clock
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.carrier import Carrier, Manners, Submit, World
from trunkline.simulator.counters import Counters
from trunkline.simulator.handsets import HandsetMessage, Handsets
from trunkline.simulator.originate import originated
from trunkline.simulator.outbox import MAX_WAITING, Delivery, OnAnswer
from trunkline.simulator.personality import PERSONALITIES, Personality
from trunkline.simulator.rules import Rules


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Where the simulator listens and how its carriers behave; times in seconds.

    Port 0 takes any free one. `system_id` is one more name for the well-behaved carrier, which
    `tps` limits. `password` (1–8 characters, SMPP34 5.2.2) is everyone's. Shares are 0–1.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    system_id: str = "sim"
    password: str = "sim"  # noqa: S105 - a simulator on loopback has no secret
    response_delay_s: float = 0.0
    receipt_delay_s: float = 0.0
    receipt_jitter_s: float = 0.0
    tps: int | None = None
    undelivered_share: float = 0.0
    early_share: float = 0.0
    duplicate_share: float = 0.0
    track: bool = False
    window: int = 100
    ack_timeout_s: float = 30.0
    max_waiting: int = MAX_WAITING
    tls: ssl.SSLContext | None = None
    personalities: Mapping[str, Personality] = field(default_factory=lambda: PERSONALITIES)


class _Line:
    """A session as its carrier sees it."""

    __slots__ = ("carrier", "session")

    def __init__(self, session: Session, carrier: Carrier) -> None:
        self.session = session
        self.carrier = carrier

    @property
    def free(self) -> int:
        return self.session.free

    def deliver(self, pdu: DeliverSm | DataSm, on_answer: OnAnswer) -> bool:
        return self.session.send(pdu, on_answer)

    def accept(self, pdu: Submit, message_id: str) -> None:
        self.session.respond(pdu.sequence_number, status.ESME_ROK, message_id)

    def refuse(self, pdu: Submit, command_status: int) -> None:
        self.session.respond(pdu.sequence_number, command_status)

    def ignore(self, pdu: Submit) -> None:
        self.session.drop(pdu.sequence_number)

    def cut(self) -> None:
        self.session.abort("cut by the simulator")


class Simulator:
    """An SMSC with several carriers' manners and handsets behind them, on one socket."""

    def __init__(self, config: SimulatorConfig, clock: Clock, rules: Rules | None = None) -> None:
        self.config = config
        self.rules = rules or Rules()
        self.counters = Counters()
        self.handsets = Handsets()
        self._agenda = Agenda(clock)
        self._carriers = _carriers(config, self._world(clock))
        self._lines: dict[Session, _Line] = {}
        self._references = count(1)
        self._server = Server(
            ServerConfig(
                host=config.host,
                port=config.port,
                system_id="trunkline-sim",
                window=config.window,
                response_timeout_s=config.ack_timeout_s,
                tls=config.tls,
            ),
            authenticate=self._authenticate,
            on_submit=self._on_submit,
            on_result=self._on_result,
            on_room=self._on_room,
            on_bound=self._on_bound,
            on_closed=self._on_closed,
        )

    @property
    def port(self) -> int:
        """The port it listens on; 0 when it does not."""
        return self._server.port

    async def start(self) -> None:
        """Listen; OSError when the port cannot be had."""
        self._agenda.start()
        await self._server.start()

    async def stop(self) -> None:
        """Unbind everyone and forget what was planned; inboxes and counters stay readable."""
        await self._agenda.stop()
        await self._server.close()

    # -- for tests and the console ---------------------------------------------------------------

    def inbox(self, number: str) -> list[HandsetMessage]:
        """What the handset of a number shows, the oldest first."""
        return self.handsets.inbox(number)

    def listen(self, listener: Callable[[HandsetMessage], None]) -> Callable[[], None]:
        """Tell `listener` of every message a handset gets; returns what ends it."""
        return self.handsets.listen(listener)

    async def send(
        self,
        from_number: str,
        to_number: str,
        text: str,
        *,
        system_id: str = "",
        timeout_s: float = 30.0,
    ) -> list[str]:
        """Send from a handset to the customer bound as `system_id`, and wait until it has it.

        Returns one reference per part. TimeoutError when nobody acknowledged in time; the
        message is kept and goes out at the next bind. Raises KeyError for a system_id nobody
        plays, TooLong for a text no handset could send.
        """
        carrier = self._carriers[system_id or self.config.system_id]
        loop = asyncio.get_running_loop()
        reference = next(self._references)
        deliveries = [
            Delivery(pdu, is_receipt=False, done=loop.create_future())
            for pdu in originated(from_number, to_number, text, reference)
        ]
        for delivery in deliveries:
            carrier.outbox.put(delivery)
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(*(each.done for each in deliveries if each.done is not None))
        return [f"mo-{reference}-{at}" for at in range(1, len(deliveries) + 1)]

    def waiting(self, system_id: str = "") -> int:
        """Count deliveries a customer has not acknowledged and that are not on their way."""
        return len(self._carriers[system_id or self.config.system_id].outbox)

    def cut(self, system_id: str = "") -> int:
        """Cut every link of a customer as a failing network does; returns how many."""
        carrier = self._carriers[system_id or self.config.system_id]
        lines = [line for line in self._lines.values() if line.carrier is carrier]
        for line in lines:
            line.cut()
        self.counters.links_cut += len(lines)
        return len(lines)

    # -- the server's callbacks ------------------------------------------------------------------

    def _authenticate(self, session: Session, bind: Bind) -> int:  # noqa: ARG002
        carrier = self._carriers.get(bind.system_id)
        code = status.ESME_ROK
        if carrier is None:
            code = status.ESME_RINVSYSID
        elif not hmac.compare_digest(bind.password.encode(), self.config.password.encode()):
            code = status.ESME_RINVPASWD
        elif carrier.personality.bind_status:
            code = carrier.personality.bind_status
        if code != status.ESME_ROK:
            self.counters.binds_refused += 1
        return code

    def _on_bound(self, session: Session) -> None:
        self.counters.binds += 1
        line = self._lines[session] = _Line(session, self._carriers[session.system_id])
        if session.bind_mode != "tx":
            line.carrier.outbox.open_line(line)

    def _on_closed(self, session: Session, reason: str) -> None:  # noqa: ARG002
        line = self._lines.pop(session, None)
        if line is not None:
            line.carrier.outbox.close_line(line)

    def _on_submit(self, session: Session, pdu: Request) -> Response | None:
        line = self._lines[session]
        if isinstance(pdu, (SubmitSm, DataSm)):
            line.carrier.submit(line, pdu)
        else:
            session.respond(pdu.sequence_number, status.ESME_RINVCMDID)
        return None

    def _on_result(self, session: Session, context: object, outcome: Outcome) -> None:  # noqa: ARG002
        on_answer = cast("OnAnswer", context)
        if isinstance(outcome, NoResponse):
            on_answer(None)
        elif isinstance(outcome, Answered):
            on_answer(outcome.status)
        else:
            on_answer(status.ESME_RTHROTTLED)

    def _on_room(self, session: Session) -> None:
        line = self._lines.get(session)
        if line is not None:
            line.carrier.outbox.flush()

    def _world(self, clock: Clock) -> World:
        # The second of the start leads every id, so that a restart repeats none of them.
        numbers = count(int(clock.now()) << 24)
        rnd = Random(self.config.seed)  # noqa: S311 - chance to be repeated, not a secret
        return World(clock, self._agenda, self.handsets, self.counters, numbers, rnd, self.rules)


def _carriers(config: SimulatorConfig, world: World) -> dict[str, Carrier]:
    manners = Manners(
        response_s=config.response_delay_s,
        receipt_s=config.receipt_delay_s,
        jitter_s=config.receipt_jitter_s,
        undelivered_share=config.undelivered_share,
        early_share=config.early_share,
        duplicate_share=config.duplicate_share,
        track=config.track,
    )
    own = config.personalities.get(config.system_id) or PERSONALITIES["sim"]
    own = replace(own, system_id=config.system_id, tps=config.tps or own.tps)
    played = dict(config.personalities) | {config.system_id: own}
    return {
        system_id: Carrier(personality, manners, world, config.max_waiting)
        for system_id, personality in played.items()
    }
