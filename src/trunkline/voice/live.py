"""All live calls of this process: how they begin, and the way of orders to them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from trunkline.voice.call import Call, Plan
from trunkline.voice.causes import INTERNAL_ERROR, Errand
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.session import orders
from trunkline.voice.session.facts import Facts
from trunkline.voice.session.orders import NotLive, Order
from trunkline.voice.session.ports import Adopter, Carried, Ports
from trunkline.voice.telephony import Destination, Leg
from trunkline.voice.xml.document import Document

log = structlog.get_logger(__name__)

CALLED_OFF_S = 2.0  # a call that does not see within this that it is to end is cancelled


class TooMany(orders.OrderError):
    """The process has as many calls as it may have."""


class LiveCalls(Adopter):
    """Owns the tasks of calls; `ports` is made with this object as its `calls`."""

    def __init__(self, make_ports: Callable[["LiveCalls"], Ports], *, most: int = 1_000) -> None:
        self._ports = make_ports(self)
        self._most = most
        self._calls: dict[str, Call] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def full(self) -> bool:
        """No further call is taken: to be asked before a call is let ring."""
        return self._closing or len(self._calls) >= self._most

    @property
    def room(self) -> int:
        """How many further calls may begin now."""
        return 0 if self._closing else max(0, self._most - len(self._calls))

    def place(self, facts: Facts, destination: Destination, plan: Plan) -> Call:
        """Begin a call that we make; raises TooMany."""
        return self._start(Call(self._admitted(), facts, plan, destination))

    def arrived(self, leg: Leg, facts: Facts, plan: Plan) -> Call:
        """Begin a call that rings here; raises TooMany."""
        return self._start(Call(self._admitted(), facts, plan, leg))

    def adopt(
        self,
        leg: Leg,
        facts: Facts,
        url: str,
        method: str,
        carried: Carried,
        document: Document | None = None,
    ) -> None:
        """Let a leg of another call go on by itself, as a transfer has it."""
        start = Start(url, method, errand=Errand.TRANSFER, document=document)
        self._start(Call(self._ports, facts, Plan(start, carried=carried), leg))

    def find(self, uuid: str) -> Call | None:
        """Return a live call by its uuid, or by that of a leg it is connected with or calls."""
        return self._calls.get(uuid) or self._connected_with(uuid) or self._calling(uuid)

    def of_account(self, account_id: str) -> list[Call]:
        """Return an account's live calls, the oldest first."""
        return [call for call in self._calls.values() if call.facts.account_id == account_id]

    def of_request(self, request_uuid: str) -> list[Call]:
        """Return the live calls that a request has asked for."""
        return [call for call in self._calls.values() if call.facts.request_uuid == request_uuid]

    async def do(self, uuid: str, order: Order) -> str:
        """Have a call carry out an order, and return its result; raises OrderError.

        Orders to a leg that a call is connected with go to that call, turned round. One that it
        calls, and that may not have answered, can be hung up.
        """
        if (call := self._calls.get(uuid)) is not None:
            return await call.do(order)
        if (call := self._connected_with(uuid)) is not None:
            return await call.do(turned(order))
        if (call := self._calling(uuid)) is None:
            raise NotLive("The call is not live.")
        if not isinstance(order, orders.HangUp):
            raise orders.NotNow("The call is not connected yet.")
        return await call.do(orders.GiveUp(uuid=uuid))

    async def close(self, within_s: float = 10.0) -> None:
        """End all calls, in order: what they were doing is told of as after every other end."""
        self._closing = True
        tasks = dict(self._tasks)
        await asyncio.gather(*(_end(self._calls[uuid], task) for uuid, task in tasks.items()))
        if tasks:
            await asyncio.wait(tasks.values(), timeout=within_s)

    def _connected_with(self, uuid: str) -> Call | None:
        for call in self._calls.values():
            other = call.session.other if call.session is not None else None
            if other is not None and other.facts.call_uuid == uuid:
                return call
        return None

    def _calling(self, uuid: str) -> Call | None:
        for call in self._calls.values():
            party = call.session.called.get(uuid) if call.session is not None else None
            if party is not None and party.cause is None:
                return call
        return None

    def _admitted(self) -> Ports:
        if self.full:
            raise TooMany("There are too many calls.")
        return self._ports

    def _start(self, call: Call) -> Call:
        uuid = call.facts.call_uuid
        self._calls[uuid] = call
        task = asyncio.create_task(call.run(), name=f"call {uuid}")
        self._tasks[uuid] = task
        task.add_done_callback(lambda _: self._ended(uuid))
        return call

    def _ended(self, uuid: str) -> None:
        self._calls.pop(uuid, None)
        self._tasks.pop(uuid, None)


async def _end(call: Call, task: asyncio.Task[None]) -> None:
    try:
        await call.do(orders.HangUp(cause=INTERNAL_ERROR), within_s=CALLED_OFF_S)
    except NotLive:
        return  # it ends by itself
    except orders.OrderError:
        task.cancel()


def turned(order: Order) -> Order:
    """Return an order to one leg as the same order to the leg connected with it."""
    match order:
        case (
            orders.HangUp()
            | orders.GoOn()
            | orders.Record()
            | orders.StopRecording()
            | orders.PauseRecording()
            | orders.StartStream()
            | orders.StopStream()
            | orders.Stop()
        ):
            return replace(order, leg="bleg" if order.leg == "aleg" else "aleg")
        case orders.SendDigits():
            return replace(order, leg=_TURNED[order.leg])
        case orders.Play():
            leg = "bleg" if order.leg == "aleg" else "aleg"
            return replace(order, legs=_TURNED[order.legs], leg=leg)
        case orders.Transfer():
            return replace(
                order,
                legs=_TURNED[order.legs],
                aleg_url=order.bleg_url,
                aleg_method=order.bleg_method,
                bleg_url=order.aleg_url,
                bleg_method=order.aleg_method,
            )
        case _:
            return order


_TURNED: dict[orders.Legs, orders.Legs] = {"aleg": "bleg", "bleg": "aleg", "both": "both"}
