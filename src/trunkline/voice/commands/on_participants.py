"""Fetching participants into a multiparty call: by calling them, or out of their live call."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec

from trunkline.voice.call import RECORDED_S, Plan
from trunkline.voice.causes import MULTIPARTY_ENDED
from trunkline.voice.commands import results, wire
from trunkline.voice.commands.desk import Desk
from trunkline.voice.commands.later import Later
from trunkline.voice.commands.refusals import Invalid
from trunkline.voice.commands.ringing import DialMusic, tell
from trunkline.voice.gatherings.confirm import Confirmation
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.live import TooMany
from trunkline.voice.session.facts import Facts
from trunkline.voice.session.orders import GoOn, HangUp, OrderError
from trunkline.voice.telephony import Destination
from trunkline.voice.xml.check import check
from trunkline.voice.xml.document import Document, Element
from trunkline.voice.xml.elements import ROOT
from trunkline.voice.xml.errors import InvalidDocument
from trunkline.voice.xml.scan import Node


class Participants:
    """Adds participants."""

    def __init__(self, desk: Desk, later: Later) -> None:
        self._desk = desk
        self._later = later
        self._music = DialMusic(desk.ports)
        self._taking_back: set[asyncio.Task[None]] = set()

    async def add(self, command: wire.AddParticipants) -> results.Added:
        """Call them, or let a live call go on in the multiparty call."""
        desk, command = self._desk, self._owned(command)
        document = _document(command.which.name, command.attributes)
        if command.call_uuid:
            facts = desk.call(command.scope, command.call_uuid).facts_of(command.call_uuid)
            await desk.order(command.scope, command.call_uuid, GoOn(document=document))
            found = results.AddedCall(facts.call_uuid, facts.sender, facts.recipient)
            return results.Added(facts.request_uuid or facts.call_uuid, [found])
        for one in command.to:
            if desk.bars(command.scope.main_id, command.sender, one.address) is not None:
                why = f"{command.sender} is no number of the account, as calls to there must show"
                raise Invalid(f"from parameter is invalid: {why}", "from")
        request_uuid = desk.ports.new_uuid()
        noted: set[asyncio.Future[Any]] = set()
        calls = [self._dial(command, one, document, request_uuid, noted) for one in command.to]
        if noted:  # a dead database holds nobody up for long
            await asyncio.wait(noted, timeout=RECORDED_S)
        return results.Added(request_uuid, calls)

    def _owned(self, command: wire.AddParticipants) -> wire.AddParticipants:
        """Return it by name, of the account whose multiparty call it is."""
        if not command.which.uuid:
            return command
        found = self._desk.gathering(command.scope, command.which)
        return msgspec.structs.replace(
            command,
            scope=wire.Scope(found.account_id, found.main_id),
            which=wire.Which(kind=found.kind, name=found.name),
        )

    def _dial(
        self,
        command: wire.AddParticipants,
        dialled: wire.Dialled,
        document: Document,
        request_uuid: str,
        noted: set[asyncio.Future[Any]],
    ) -> results.AddedCall:
        scope, ports = command.scope, self._desk.ports
        facts = Facts(
            ports.new_uuid(),
            scope.account_id,
            scope.main_id,
            "outbound",
            command.sender,
            dialled.address,
            ports.clock.now(),
            request_uuid=request_uuid,
            caller_name=command.caller_name,
            headers=dict(command.headers),
        )
        destination = Destination(
            dialled.address,
            command.sender,
            command.caller_name,
            command.headers,
            scope.account_id,
        )
        plan = Plan(
            Start("", document=document),
            hangup_url=command.status_url,
            hangup_method=command.status_method,
            ring_url=command.status_url,
            ring_method=command.status_method,
            ring_timeout_s=dialled.ring_timeout_s,
            send_digits=command.send_digits,
            send_on_preanswer=command.send_on_preanswer,
            confirm=_confirmation(command),
            meanwhile=partial(self._meanwhile, document.elements[0], command.dial_music, facts),
        )
        noted.add(self._call(dialled.delay_s, document.elements[0], facts, destination, plan))
        self._invite(document.elements[0].text, facts)
        return results.AddedCall(facts.call_uuid, command.sender, dialled.address)

    def _call(
        self, delay_s: float, element: Element, facts: Facts, destination: Destination, plan: Plan
    ) -> asyncio.Future[Any]:
        """Place it now or later; the answer is that it is recorded."""
        ports, calls = self._desk.ports, self._desk.calls
        self._later.check_room()
        if calls.full:
            raise TooMany("There are too many calls.")
        noted = ports.journal.wanted(facts, plan.hangup_url, plan.hangup_method)
        tell(ports, element, facts, "Initiated")
        # PLIVO voice: outbound 2 CPS, excess queued; participants are counted with all calls.
        if delay_s > 0 or self._later.turn(facts.main_auth_id) > 0:
            over = partial(tell, ports, element, facts, "Completed")
            self._later.place(delay_s, facts, destination, plan, over)
        else:
            calls.place(facts, destination, plan)
        return noted

    def _invite(self, name: str, facts: Facts) -> None:
        """Let nobody's phone ring on for a multiparty call that is over.

        Who is called into one that is still to begin is not called in vain.
        """
        gathering = self._desk.ports.rooms.find("multiparty", facts.account_id, name)
        if gathering is None or gathering.ended:
            return

        def take_back() -> None:
            task = asyncio.create_task(self._take_back(facts.call_uuid))
            self._taking_back.add(task)
            task.add_done_callback(self._taking_back.discard)

        for uuid in list(gathering.invited):
            if self._desk.calls.find(uuid) is None and not self._later.waits(uuid):
                del gathering.invited[uuid]  # it did not answer
        gathering.invited[facts.call_uuid] = take_back

    async def _take_back(self, call_uuid: str) -> None:
        if not await self._later.give_up(call_uuid, MULTIPARTY_ENDED):
            with contextlib.suppress(OrderError):  # it is over itself
                await self._desk.calls.do(call_uuid, HangUp(cause=MULTIPARTY_ENDED))

    @asynccontextmanager
    async def _meanwhile(self, element: Element, music: str, facts: Facts) -> AsyncGenerator[None]:
        try:
            async with self._music.heard(element.text, music, facts):
                yield
        finally:
            tell(self._desk.ports, element, facts, "Completed")


def _confirmation(command: wire.AddParticipants) -> Confirmation | None:
    if not command.confirm_key:
        return None
    return Confirmation(
        command.confirm_key, command.confirm_sound_url, command.confirm_sound_method
    )


def _document(name: str, attributes: dict[str, str]) -> Document:
    """Return a document that takes part; what is wrong with it is refused."""
    element = Node("MultiPartyCall", 1, attributes, [name])
    try:
        return check(Node(ROOT, 1, {}, [element]))
    except InvalidDocument as error:
        raise Invalid(str(error)) from None
