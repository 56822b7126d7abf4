"""A call that came: offered audio is looked at first, then it is handed over to ring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from trunkline.engines.sip import Confirmed, FromTrunk, FromUser, IncomingCall, Origin
from trunkline.engines.sip import Ended as SipEnded
from trunkline.protocols.sdp import Negotiated
from trunkline.protocols.sip import (
    Address,
    Malformed,
    Request,
    forwarded_from,
    parse_address,
    privacy_of,
    readable,
)
from trunkline.protocols.sip.grammar import split_outside
from trunkline.voice.causes import CANCELED, Cause, Source, refusal_of
from trunkline.voice.session.facts import received_headers
from trunkline.voice.switch.channel import Channel
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.legs.leg import INCOMPATIBLE, SwitchLeg
from trunkline.voice.telephony import LegGone

_CANCELLED: Final = 487
_PUNCTUATION: Final = str.maketrans("", "", "-.() ")  # RFC 3966 3: visual separators
_MOST_DIGITS: Final = 15  # ITU-T E.164
_LONGEST_ADDRESS: Final = 255


class IncomingLeg(SwitchLeg):
    """The caller's leg. An offer was agreed on before it is made (`agree`)."""

    far_end = Source.CALLER

    def __init__(self, core: Core, uuid: str, channel: Channel, call: IncomingCall) -> None:
        super().__init__(core, uuid, channel)
        self._call = call
        self._described = b""  # our answer, or our offer if there was none
        self._agreed: Negotiated | None = None
        self._streaming = False

    def agree(self) -> None:
        """Look at the offer; without one we make it. Raises NotAcceptable."""
        if self._call.offer:
            self._described, self._agreed = self._description.answer(self._call.offer)
        else:
            self._described = self._description.offer()

    def handed_over(self) -> None:
        """Somebody has it in hand from now on."""
        if not self.over:
            self._parting.keep([self._call], self._phone)

    @property
    def _phone(self) -> str:
        """The user whose phone calls; "" for a trunk."""
        origin = self._call.origin
        return origin.username if isinstance(origin, FromUser) else ""

    async def run(self) -> None:
        """Follow the call to its end."""
        while (event := await self._call.next()) is not None:
            if isinstance(event, Confirmed):
                await self._confirmed(event.sdp)
            else:
                await self.on_sip(self._call, event)

    async def ring(self) -> None:
        """Send 180."""
        self._check()
        # RFC 3262 5: who has made no offer is made one in the first response that it proves.
        offer = self._described if self._agreed is None and self._call.must_prove else b""
        if not self._call.ring(180, offer) and not self._call.answered:
            raise LegGone("the caller has gone")

    async def open_early(self) -> None:
        """Send 183 with our description; a caller without an offer hears nothing early."""
        self._check()
        if self._agreed is None:
            await self.ring()
            return
        await self._begin(self._agreed)
        if not self._call.ring(183, self._described) and not self._call.answered:
            raise LegGone("the caller has gone")

    async def answer(self) -> None:
        """Send 200; done twice it does nothing."""
        self._check()
        if self.answered:
            return
        if self._agreed is not None:
            await self._begin(self._agreed)
        if not self._call.answer(self._described):
            raise LegGone("the caller has gone")
        self.was_answered(self._call, self._phone)

    def _let_go(self, cause: Cause) -> None:
        if self._call.answered or not self._call.reject(refusal_of(cause)):
            self._call.hang_up()

    def _cause_of(self, event: SipEnded) -> Cause:
        if event.status == _CANCELLED and not event.answered:
            return CANCELED
        return super()._cause_of(event)

    async def _begin(self, agreed: Negotiated) -> None:
        if not self._streaming:
            self._streaming = True
            await self.stream(agreed)

    async def _confirmed(self, described: bytes) -> None:
        """The ACK came, with the answer if the offer was ours."""
        if described:
            self._streaming = True
            await self.take_answer(described)
        elif not self._call.offer and not self._streaming:
            self.end_with(INCOMPATIBLE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that rings here.

    `called` and `caller` are the user parts of the Request-URI and of From (or of
    P-Asserted-Identity when a trunk sent it), readable: numbers may begin with "+". `called_uri`
    and `caller_uri` are whole. `headers` are the caller's X-PH-… headers.
    `forwarded_from` is who forwarded the call, by the word of a trunk: a number or a SIP address.
    """

    leg: IncomingLeg
    origin: Origin
    called: str
    called_uri: str
    caller: str
    caller_uri: str
    caller_name: str = ""
    sip_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    forwarded_from: str = ""


def arrival_of(leg: IncomingLeg, call: IncomingCall) -> Arrival:
    """Read who calls whom. Raises Malformed."""
    request = call.request
    target = request.target
    caller = _caller(request)
    return Arrival(
        leg,
        call.origin,
        readable(target.number),
        readable(str(target)),
        readable(caller.parsed.number),
        readable(caller.uri),
        readable(caller.name)[:50],  # PLIVO make call: caller_name ≤ 50
        readable(request.headers.get("to") or ""),
        received_headers((name, readable(value)) for _, name, value in request.headers.fields),
        _forwarded_from(request) if isinstance(call.origin, FromTrunk) else "",
    )


def _forwarded_from(request: Request) -> str:
    found = forwarded_from(request.headers)
    if found is None:
        return ""
    number = found.username.translate(_PUNCTUATION).removeprefix("+")
    if number.isascii() and number.isdigit():
        return number[:_MOST_DIGITS]
    return readable(found.address)[:_LONGEST_ADDRESS] if found.is_sip else ""


def _caller(request: Request) -> Address:
    """Return From; what a network asserts where that does not say who it is.

    RFC 3325 9.1: there may be two, a SIP and a tel URI; the first that can be read counts.
    """
    from_ = request.from_
    if from_.parsed.username.lower() not in ("anonymous", ""):
        return from_
    if "id" in privacy_of(request.headers):
        return from_  # RFC 3325 8: what is asserted in private goes no further
    for line in request.headers.lines("p-asserted-identity"):
        try:
            for value in split_outside(line, ","):
                asserted = parse_address(value)
                if asserted.parsed.username:
                    return asserted
        except Malformed:
            continue
    return from_
