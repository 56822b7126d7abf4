"""One party that was called: its leg, its facts, and its place in the record."""

from trunkline.voice.causes import INVALID_DESTINATION, Cause
from trunkline.voice.dialling.targets import Target
from trunkline.voice.session.facts import Bill, Facts, Params, bare
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import Leg, LegGone, Refused


class Called:
    """A party from the moment it is called; `cause` is set when it has ended."""

    def __init__(self, session: Session, target: Target) -> None:
        ports, own = session.ports, session.facts
        self._session = session
        self._leg: Leg | None = None
        self.target = target
        self.cause: Cause | None = None
        self.bill = Bill()
        self.asked = False  # its confirmation is under way
        self.machine: bool | None = None  # as far as it was looked for
        self.facts = Facts(
            ports.new_uuid(),
            own.account_id,
            own.main_auth_id,
            "outbound",
            target.destination.caller_id,
            target.destination.address,
            ports.clock.now(),
            request_uuid=own.request_uuid,
            parent_uuid=own.call_uuid,
            caller_name=target.destination.caller_name,
            headers=dict(target.destination.headers),
        )

    @property
    def leg(self) -> Leg:
        """The leg; only of a party that could be called."""
        assert self._leg is not None  # noqa: S101 - who could not be called has ended
        return self._leg

    @property
    def uuid(self) -> str:
        """Its call uuid."""
        return self.facts.call_uuid

    @property
    def answered(self) -> bool:
        """It has answered."""
        return self.facts.answered_at is not None

    async def call(self) -> None:
        """Call it; one that cannot be called has ended at once."""
        session = self._session
        session.ports.journal.started(self.facts)
        if self.target.barred is not None:
            await self.end(self.target.barred)
            return
        try:
            self._leg = await session.ports.telephony.place(
                self.uuid, self.target.destination, session.mailbox.tell
            )
        except Refused as refusal:
            await self.end(refusal.cause or INVALID_DESTINATION)

    async def rings(self) -> None:
        """It rings."""
        if self.facts.ringing_at is None:
            self.facts.ringing_at = self._session.ports.clock.now()
            self._session.ports.journal.ringing(self.facts)
            if self.target.send_early:
                await self.send_digits()

    async def answers(self) -> None:
        """It has answered."""
        self.facts.answered_at = self._session.ports.clock.now()
        self._session.ports.journal.answered(self.facts)
        if not self.target.send_early or self.facts.ringing_at is None:
            await self.send_digits()

    async def send_digits(self) -> None:
        """Send the keys that its target asks for: an extension."""
        target = self.target
        if target.send_digits:
            try:
                await self.leg.send_digits(
                    target.send_digits, tone_ms=target.tone_ms, inband=target.inband
                )
            except LegGone:
                return

    async def hang_up(self, cause: Cause, at: float | None = None) -> None:
        """End it for good, since `at` (None: now); what its leg says after that is nobody's."""
        if self.cause is None:
            at = self._session.ports.clock.now() if at is None else at
            if self._leg is not None:
                await self._leg.hang_up(cause)
            await self.end(cause, at)

    async def end(self, cause: Cause, at: float | None = None) -> None:
        """Note that it is over, since a moment (of the epoch) or now."""
        if self.cause is None:
            self.cause = cause
            self.facts.over = True
            ports = self._session.ports
            ended_at = ports.clock.now() if at is None else at
            self.bill = await ports.journal.ended(self.facts, cause, ended_at)

    def tell(self, url: str, method: str, action: str, extra: Params | None = None) -> None:
        """Send a Dial's callback about this party (PLIVO XML Dial: callbackUrl)."""
        own = self._session.facts
        status = "hangup" if action == "hangup" else "answer" if self.answered else "ringing"
        params = {
            "DialAction": action,
            "DialBLegStatus": status,
            "DialALegUUID": own.call_uuid,
            "DialBLegUUID": self.uuid,
            "DialBLegFrom": bare(self.facts.sender),
            "DialBLegTo": bare(self.facts.recipient),
        }
        if self.machine is not None:
            params["DialBLegMachine"] = "true" if self.machine else "false"
        if action == "hangup" and self.cause is not None:
            params |= {
                "DialBLegDuration": str(self.bill.duration_s),
                "DialBLegBillDuration": str(self.bill.seconds),
                "DialBLegHangupCause": self.cause.classic,
                "DialBLegHangupCauseName": self.cause.name,
                "DialBLegHangupCauseCode": str(self.cause.code),
                "DialBLegHangupSource": self.cause.source.value,
            }
        self._session.tell(url, method, "dial", params | (extra or {}), event="Dial")
