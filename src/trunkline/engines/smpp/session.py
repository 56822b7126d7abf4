"""One ESME on our server."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Final, Protocol, cast

from trunkline.engines.smpp.config import BindMode, ServerConfig
from trunkline.engines.smpp.outcome import (
    THROTTLES,
    Answered,
    NoResponse,
    NoResponseReason,
    Outcome,
    Throttled,
)
from trunkline.engines.smpp.stats import Stats
from trunkline.engines.smpp.wire import Sent, Wire
from trunkline.protocols import smpp
from trunkline.protocols.smpp import commands, status, tlv

logger = logging.getLogger(__name__)

_BINDS: Final[dict[int, tuple[BindMode, type[smpp.BindResp]]]] = {
    commands.BIND_TRANSCEIVER: ("trx", smpp.BindTransceiverResp),
    commands.BIND_TRANSMITTER: ("tx", smpp.BindTransmitterResp),
    commands.BIND_RECEIVER: ("rx", smpp.BindReceiverResp),
}
_MESSAGE_IDS: Final[dict[int, type[smpp.MessageIdResp] | type[smpp.SubmitMultiResp]]] = {
    commands.SUBMIT_MULTI: smpp.SubmitMultiResp,
    commands.SUBMIT_SM: smpp.SubmitSmResp,
    commands.DATA_SM: smpp.DataSmResp,
}


class Handlers(Protocol):
    """The application, as the sessions of a server see it."""

    def authenticate(self, session: "ServerSession", bind: smpp.Bind) -> int | Awaitable[int]: ...

    def on_submit(self, session: "ServerSession", pdu: smpp.Request) -> smpp.Response | None: ...

    def on_result(self, session: "ServerSession", context: object, outcome: Outcome) -> None: ...

    def on_room(self, session: "ServerSession") -> None: ...

    def on_bound(self, session: "ServerSession") -> None: ...

    def on_connected(self, session: "ServerSession") -> None: ...

    def on_closed(self, session: "ServerSession", reason: str) -> None: ...


class ServerSession:
    """What the application and the simulator do with one ESME."""

    def __init__(
        self, config: ServerConfig, handlers: Handlers, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.stats: Final = Stats()
        self.system_id = ""
        self.bind_mode: BindMode | None = None
        """None until the bind is accepted."""
        self.closed = False
        self._config = config
        self._handlers = handlers
        self._loop = loop
        self.machine: Final = smpp.Session(
            smpp.Role.SMSC,
            window=config.window,
            peer_window=config.submit_window,
            strict_tlvs=True,
        )
        self.wire: Final = Wire(self.machine, self, loop)
        self._binding: asyncio.Task[None] | None = None
        self._full = False
        self._enquired = False

    # -- for the application ---------------------------------------------------------------------

    @property
    def name(self) -> str:
        """`system_id@address:port`, for logs and outcomes."""
        return f"{self.system_id}@{self.wire.peer}"

    @property
    def outstanding(self) -> int:
        """Requests of ours that the ESME has not answered."""
        return self.machine.in_flight

    @property
    def unanswered(self) -> int:
        """Requests of the ESME that we have not answered."""
        return len(self.machine.unanswered)

    @property
    def free(self) -> int:
        """How many deliver_sm may be sent now; 0 unless bound to receive."""
        if self.wire.closed or self.wire.blocked or self.bind_mode in (None, "tx"):
            self._full = True
            return 0
        free = self.machine.free
        if not free:
            self._full = True
        return free

    def send(self, pdu: smpp.Request, context: object = None) -> bool:
        """Send deliver_sm, data_sm or alert_notification; False when `free` is 0.

        on_result tells once what became of it (never for alert_notification); on_room is called
        when there is room after there was none.
        """
        if not self.free:
            return False
        self.wire.send(pdu, context, self._loop.time())
        self.stats.submitted += 1
        if not self.machine.free:
            self._full = True
        return True

    def respond(self, sequence_number: int, status: int = 0, message_id: str = "") -> bool:
        """Answer a request of the ESME; False when it does not wait for one or is gone.

        An accepted submit_sm, data_sm or submit_multi gets message_id; query_sm needs `answer`.
        """
        asked = self.machine.unanswered.get(sequence_number)
        if asked is None:
            return False
        response = _MESSAGE_IDS.get(asked)
        if response is None:
            return self.wire.refuse(sequence_number, status)
        return self.wire.respond(
            response(sequence_number=sequence_number, command_status=status, message_id=message_id)
        )

    def answer(self, response: smpp.Response) -> bool:
        """Answer with a whole response PDU; False when nobody waits for it."""
        return self.wire.respond(response)

    def drop(self, sequence_number: int) -> bool:
        """Never answer that request (for a simulator)."""
        return self.machine.drop(sequence_number)

    def unbind(self) -> None:
        """Ask the ESME to part; it closes when it has answered."""
        if self.machine.state.bound and not self.wire.closed:
            self.wire.send(smpp.Unbind(), None, self._loop.time())

    def close(self, reason: str = "closed") -> None:
        """Close the connection after what was written has left."""
        self.wire.close(reason)

    def abort(self, reason: str = "aborted") -> None:
        """Cut the connection at once."""
        self.wire.abort(reason)

    # -- for the server --------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Look at the time-outs; `now` is the loop's time."""
        if self.wire.closed:
            return
        config = self._config
        if self.bind_mode is None:
            if now - self.wire.since >= config.bind_timeout_s:
                self.wire.close("no bind in time")
            return
        self._expire(now)
        silent_s = now - self.wire.heard_at
        if silent_s >= config.idle_timeout_s:
            self.wire.abort("idle")
        elif silent_s < config.idle_timeout_s / 2.0:
            self._enquired = False
        elif not self._enquired and self.machine.state.bound:
            self._enquired = True
            self.wire.send(smpp.EnquireLink(), None, now)

    def _expire(self, now: float) -> None:
        late = self.wire.expired(now - self._config.response_timeout_s)
        for found in late:
            if found.command_id not in smpp.UNWINDOWED:
                self.stats.timeouts += 1
                self._lost(found, "timeout")
        if late:
            self._room()

    # -- WireOwner -------------------------------------------------------------------------------

    def on_connected(self, wire: Wire) -> None:  # noqa: ARG002
        self._handlers.on_connected(self)

    def on_writable(self, wire: Wire) -> None:  # noqa: ARG002
        self._room()

    def on_event(self, wire: Wire, event: smpp.Event) -> None:
        if isinstance(event, smpp.Received):
            self._on_received(event.request)
        elif isinstance(event, smpp.Answered):
            self._on_answered(event, wire.heard_at)
        elif isinstance(event, smpp.BadAnswer):
            self.stats.refused += 1
            if event.asked not in smpp.UNWINDOWED:
                self._result(event.context, NoResponse("malformed", self.name))
        elif isinstance(event, smpp.Unmatched):
            self.stats.unmatched += 1
        elif isinstance(event, smpp.Refused):
            self.stats.refused += 1
            logger.info("smpp %s: refused 0x%08X: %s", self.name, event.command_id, event.reason)

    def on_lost(self, wire: Wire, reason: str, unanswered: list[smpp.Outstanding]) -> None:  # noqa: ARG002
        self.closed = True
        if self._binding is not None:
            self._binding.cancel()
        for found in unanswered:
            if found.command_id not in smpp.UNWINDOWED:
                self.stats.disconnected += 1
                self._lost(found, "disconnected")
        self._handlers.on_closed(self, reason)

    # -- inside ----------------------------------------------------------------------------------

    def _on_received(self, request: smpp.Request) -> None:
        if isinstance(request, smpp.Bind):
            self._on_bind(request)
        elif isinstance(request, smpp.Unbind):
            self.wire.respond(smpp.UnbindResp(sequence_number=request.sequence_number))
            self.wire.close("the ESME unbound")
        else:
            self.stats.delivered += 1
            response = self._handlers.on_submit(self, request)
            if response is not None:
                self.wire.respond(response)

    def _on_answered(self, event: smpp.Answered, now: float) -> None:
        if event.asked in smpp.UNWINDOWED:
            if event.asked == commands.UNBIND:
                self.wire.close("unbound")
            return
        sent_at = cast("Sent", event.context)[0]
        self.stats.answered(now - sent_at)
        response = event.response
        code = response.command_status
        if code in THROTTLES:
            self.stats.throttled += 1
            self._result(event.context, Throttled(code, self.name))
        else:
            message_id = getattr(response, "message_id", "")
            self._result(event.context, Answered(code, message_id, self.name, response))

    def _on_bind(self, bind: smpp.Bind) -> None:
        if self._binding is not None:
            self.wire.refuse(bind.sequence_number, status.ESME_RALYBND)
            return
        verdict = self._handlers.authenticate(self, bind)
        if isinstance(verdict, int):
            self._decide(bind, verdict)
        else:
            self._binding = self._loop.create_task(self._authenticate(bind, verdict))

    async def _authenticate(self, bind: smpp.Bind, verdict: Awaitable[int]) -> None:
        try:
            async with asyncio.timeout(self._config.bind_timeout_s):
                code = await verdict
        except TimeoutError:
            code = status.ESME_RSYSERR
        except Exception:
            logger.exception("smpp %s: authentication failed", bind.system_id)
            code = status.ESME_RSYSERR
        self._binding = None
        if not self.wire.closed:
            self._decide(bind, code)

    def _decide(self, bind: smpp.Bind, code: int) -> None:
        mode, response = _BINDS[bind.command_id]
        sequence = bind.sequence_number
        if code != status.ESME_ROK:
            self.wire.refuse(sequence, code)
            self.wire.close("bind refused")
            return
        self.system_id = bind.system_id
        self.bind_mode = mode
        # SMPP34 4.1.2: tell our version to those that know of optional parameters
        tlvs = (tlv.SC_INTERFACE_VERSION.of(0x34),) if bind.interface_version >= 0x34 else ()
        self.wire.respond(
            response(sequence_number=sequence, system_id=self._config.system_id, tlvs=tlvs)
        )
        self._handlers.on_bound(self)

    def _lost(self, found: smpp.Outstanding, reason: NoResponseReason) -> None:
        try:
            outcome = NoResponse(reason, self.name)
            self._handlers.on_result(self, cast("Sent", found.context)[1], outcome)
        except Exception:
            logger.exception("smpp %s: on_result failed", self.name)

    def _result(self, context: object, outcome: Outcome) -> None:
        if self._full:
            self._room()
        self._handlers.on_result(self, cast("Sent", context)[1], outcome)

    def _room(self) -> None:
        if self._full and not self.wire.closed:
            self._full = False
            self._loop.call_soon(self._tell_room)

    def _tell_room(self) -> None:
        if not self.wire.closed:
            self._handlers.on_room(self)
