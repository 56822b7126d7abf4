"""One SMPP session as a pure machine, for either side (SMPP34 2.2-2.9).

It takes received octets and gives events, takes PDUs and gives octets to send, numbers requests,
matches responses, keeps the session state and counts the window. It has no clock: the owner calls
`expire` when a response took too long. Octets the machine itself has to answer with (nacks,
enquire_link_resp, refusals) gather in `answers`; the owner sends them after every `receive`.
"""

from typing import Final, NamedTuple

from trunkline.protocols.smpp import commands, legality, status
from trunkline.protocols.smpp.decode import MAX_PDU, Decoder
from trunkline.protocols.smpp.encode import MAX_SEQUENCE, bare_response, encode, generic_nack
from trunkline.protocols.smpp.errors import (
    BadBody,
    BadLength,
    Malformed,
    StateError,
    UnknownCommand,
    WindowFull,
)
from trunkline.protocols.smpp.legality import Role, State
from trunkline.protocols.smpp.pdu import Request, Response


class Received(NamedTuple):
    """The peer asks; answer `request` with `Session.respond` or `Session.refuse`."""

    request: Request


class Answered(NamedTuple):
    """The peer answered a request of ours, with its own kind of response or a generic_nack.

    `context` is what `send` was given with the request, `asked` the command_id of that.
    """

    response: Response
    context: object
    asked: int


class BadAnswer(NamedTuple):
    """The peer answered a request of ours with a body that cannot be read."""

    malformed: BadBody
    context: object
    asked: int


class Unmatched(NamedTuple):
    """A response to nothing that is outstanding: too late, twice, or of the wrong kind."""

    response: Response | BadBody


class Refused(NamedTuple):
    """A PDU the machine answered with an error on its own, or dropped when it was a response."""

    command_id: int
    sequence_number: int
    command_status: int
    reason: str


class Broken(NamedTuple):
    """The stream cannot be followed any more: send `answers`, then close the connection."""

    reason: str


Event = Received | Answered | BadAnswer | Unmatched | Refused | Broken


class Outstanding:
    """A request that is waiting for its response."""

    __slots__ = ("command_id", "context")

    def __init__(self, command_id: int, context: object) -> None:
        self.command_id = command_id
        self.context = context


UNWINDOWED: Final = frozenset(
    {
        *(commands.BIND_RECEIVER, commands.BIND_TRANSMITTER, commands.BIND_TRANSCEIVER),
        *(commands.ENQUIRE_LINK, commands.UNBIND),
    }
)
"""Requests of the session itself, that never wait for room in the window."""
_UNANSWERED: Final = frozenset({commands.OUTBIND, commands.ALERT_NOTIFICATION})


class Session:
    """The machine. `window` bounds our unanswered requests, `peer_window` those of the peer.

    A request of the peer beyond `peer_window` is refused with `full_status` (RTHROTTLED, or
    RX_T_APPN for an ESME), so that what waits for the application stays bounded.
    """

    def __init__(
        self,
        role: Role,
        *,
        window: int = 10,
        peer_window: int = 1000,
        max_pdu: int = MAX_PDU,
        strict_tlvs: bool = False,
        answer_enquire_link: bool = True,
    ) -> None:
        self.role: Final = role
        self.window = window
        self.peer_window = peer_window
        self.answer_enquire_link = answer_enquire_link
        self.full_status = status.ESME_RX_T_APPN if role is Role.ESME else status.ESME_RTHROTTLED
        self.answers: list[bytes] = []
        self.outstanding: dict[int, Outstanding] = {}
        """Our unanswered requests by sequence_number, oldest first."""
        self.unanswered: dict[int, int] = {}
        """The peer's unanswered requests: sequence_number to command_id, oldest first."""
        self.in_flight = 0
        """How many of `outstanding` count against the window."""
        self._decoder = Decoder(max_pdu=max_pdu, strict_tlvs=strict_tlvs)
        self._sequence = 0
        self._state = State.OPEN
        self._may_send = legality.may_send(role, State.OPEN)
        self._may_receive = legality.may_receive(role, State.OPEN)

    @property
    def state(self) -> State:
        return self._state

    @property
    def free(self) -> int:
        """How many more requests the window lets out now; 0 unless bound."""
        if not self._state.bound:
            return 0
        return max(0, self.window - self.in_flight)

    @property
    def buffered(self) -> int:
        """Octets of a PDU that is not complete yet."""
        return self._decoder.buffered

    # -- sending ---------------------------------------------------------------------------------

    def send(self, request: Request, context: object = None) -> tuple[int, bytes]:
        """Number and write a request: (sequence_number, octets).

        StateError when it is not legal now, WindowFull when there is no room, EncodeError.
        """
        command_id = request.command_id
        if command_id not in self._may_send:
            raise StateError(
                f"{request.command_name} by the {self.role.value} in {self._state.value}"
            )
        windowed = command_id not in UNWINDOWED
        if windowed and self.in_flight >= self.window:
            raise WindowFull(f"{self.in_flight} requests are unanswered")
        sequence = self._next_sequence()
        data = encode(request, sequence)
        if command_id not in _UNANSWERED:
            self.outstanding[sequence] = Outstanding(command_id, context)
            self.in_flight += windowed
        return sequence, data

    def respond(self, response: Response) -> bytes | None:
        """Write a response; None when the request it names is not waiting for one."""
        sequence = response.sequence_number
        asked = self.unanswered.get(sequence)
        if asked is None:
            return None
        if response.command_id not in (asked | commands.RESPONSE, commands.GENERIC_NACK):
            raise StateError(f"{response.command_name} does not answer 0x{asked:08X}")
        data = encode(response)
        self._settle(sequence, asked, response.command_status)
        return data

    def refuse(self, sequence: int, command_status: int) -> bytes | None:
        """Write a header-only response with an error to any request; None when none is waiting."""
        asked = self.unanswered.get(sequence)
        if asked is None:
            return None
        self._settle(sequence, asked, command_status)
        return bare_response(asked, command_status, sequence)

    def drop(self, sequence: int) -> bool:
        """Forget a request of the peer that is never to be answered."""
        return self.unanswered.pop(sequence, None) is not None

    def expire(self, sequence: int) -> Outstanding | None:
        """Give up waiting for a response; its slot in the window is free again."""
        found = self.outstanding.pop(sequence, None)
        if found is not None and found.command_id not in UNWINDOWED:
            self.in_flight -= 1
        return found

    def close(self) -> list[Outstanding]:
        """The connection is gone: give what will never be answered, once."""
        self._enter(State.CLOSED)
        lost = list(self.outstanding.values())
        self.outstanding.clear()
        self.unanswered.clear()
        self.answers.clear()
        self.in_flight = 0
        return lost

    # -- receiving -------------------------------------------------------------------------------

    def receive(self, data: bytes) -> list[Event]:
        """Take received octets; afterwards send what is in `answers`."""
        events: list[Event] = []
        for item in self._decoder.feed(data):
            if self._state is State.CLOSED:
                break
            if isinstance(item, Response):
                events.append(self._on_response(item))
            elif isinstance(item, Request):
                event = self._on_request(item)
                if event is not None:
                    events.append(event)
            else:
                events.append(self._on_malformed(item))
        return events

    def _on_response(self, response: Response) -> Event:
        sequence = response.sequence_number
        found = self.outstanding.get(sequence)
        if found is None or response.command_id not in (
            found.command_id | commands.RESPONSE,
            commands.GENERIC_NACK,
        ):
            return Unmatched(response)
        self.expire(sequence)
        if found.command_id in legality.BOUND_BY and response.command_status == status.ESME_ROK:
            self._enter(legality.BOUND_BY[found.command_id])
        elif found.command_id == commands.UNBIND:
            self._enter(State.UNBOUND)
        return Answered(response, found.context, found.command_id)

    def _on_request(self, request: Request) -> Event | None:
        command_id, sequence = request.command_id, request.sequence_number
        if command_id not in self._may_receive:
            return self._illegal(command_id, sequence)
        if command_id == commands.ENQUIRE_LINK and self.answer_enquire_link:
            self.answers.append(bare_response(command_id, status.ESME_ROK, sequence))
            return None
        if command_id in _UNANSWERED:
            return Received(request)
        if len(self.unanswered) >= self.peer_window and command_id not in UNWINDOWED:
            reason = f"{len(self.unanswered)} requests are unanswered"
            return self._refuse_now(command_id, sequence, self.full_status, reason)
        if sequence in self.unanswered:
            reason = "its sequence_number is in use"
            return self._refuse_now(command_id, sequence, status.ESME_RSYSERR, reason)
        self.unanswered[sequence] = command_id
        return Received(request)

    def _on_malformed(self, item: Malformed) -> Event:
        if isinstance(item, BadLength):
            self.answers.append(generic_nack(status.ESME_RINVCMDLEN, item.sequence_number))
            return Broken(f"command_length {item.command_length}")
        if isinstance(item, UnknownCommand):
            return self._on_unknown(item)
        command_id = item.command_id
        if command_id & commands.RESPONSE:
            return self._on_bad_answer(item)
        if command_id not in self._may_receive:
            return self._illegal(command_id, item.sequence_number)
        return self._refuse_now(command_id, item.sequence_number, item.status, item.reason)

    def _on_unknown(self, item: UnknownCommand) -> Event:
        # A nack of an unknown *response* would be taken for the answer to the peer's own request
        # of that number, so only requests are nacked (SMPP34 4.3).
        if not item.command_id & commands.RESPONSE:
            self.answers.append(generic_nack(status.ESME_RINVCMDID, item.sequence_number))
        return Refused(
            item.command_id, item.sequence_number, status.ESME_RINVCMDID, "unknown command_id"
        )

    def _on_bad_answer(self, item: BadBody) -> Event:
        found = self.outstanding.get(item.sequence_number)
        if found is None or item.command_id != found.command_id | commands.RESPONSE:
            return Unmatched(item)
        self.expire(item.sequence_number)
        return BadAnswer(item, found.context, found.command_id)

    # -- inside ----------------------------------------------------------------------------------

    def _refuse_now(self, command_id: int, sequence: int, command_status: int, why: str) -> Refused:
        if command_id not in _UNANSWERED:
            self.answers.append(bare_response(command_id, command_status, sequence))
        return Refused(command_id, sequence, command_status, why)

    def _illegal(self, command_id: int, sequence: int) -> Refused:
        twice = command_id in legality.BOUND_BY and self._state.bound
        code = status.ESME_RALYBND if twice else status.ESME_RINVBNDSTS
        return self._refuse_now(command_id, sequence, code, f"not legal in {self._state.value}")

    def _settle(self, sequence: int, asked: int, command_status: int) -> None:
        del self.unanswered[sequence]
        if command_status != status.ESME_ROK:
            return
        if asked in legality.BOUND_BY:
            self._enter(legality.BOUND_BY[asked])
        elif asked == commands.UNBIND:
            self._enter(State.UNBOUND)

    def _enter(self, state: State) -> None:
        self._state = state
        self._may_send = legality.may_send(self.role, state)
        self._may_receive = legality.may_receive(self.role, state)

    def _next_sequence(self) -> int:
        sequence = self._sequence
        while True:
            sequence = sequence + 1 if sequence < MAX_SEQUENCE else 1
            if sequence not in self.outstanding:
                self._sequence = sequence
                return sequence
