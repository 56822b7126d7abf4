"""The spend limit: what this server's calls have cost, what is under way, and what is left.

Before a paid function is called its price is reserved; afterwards the records of the message or
call say what it cost. What nobody could confirm (no answer came) counts as spent. The limit holds
over all sessions of the server, and begins anew with it.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from trunkline.agents.prices import Prices
from trunkline.client.client import AsyncClient
from trunkline.functions import Function, FunctionError
from trunkline.functions.model import BadArgument
from trunkline.values.errors import TrunklineError
from trunkline.values.money import format_amount, parse_amount

PAID = frozenset({"message.create", "call.create", "phone_number.buy"})
MOST_LOOKS = 50  # records looked at before a paid function
MINUTE_S = 60
USUAL_S = 14_400  # PLIVO call: time_limit, if none is given
LONGEST_S = 86_400  # PLIVO call: time_limit, at most

Do = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class OverLimit(TrunklineError):
    """It would cost more than is left."""


@dataclass(slots=True)
class _Open:
    """Something paid for that is under way, and what is kept for it."""

    kind: str  # message | call
    reserved: int


@dataclass(slots=True)
class Budget:
    """Amounts in 0.00001 dollar."""

    limit: int
    client: AsyncClient
    prices: Prices
    spent: int = 0
    _open: dict[str, _Open] = field(default_factory=dict[str, _Open])
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def reserved(self) -> int:
        """What is kept for what is under way."""
        return sum(one.reserved for one in self._open.values())

    @property
    def left(self) -> int:
        """What may still be spent."""
        return self.limit - self.spent - self.reserved

    async def told(self) -> dict[str, Any]:
        """Tell how things stand, after a look at what is under way."""
        async with self._turn:
            await self._settle()
        return {
            "limit": format_amount(self.limit),
            "spent": format_amount(self.spent),
            "reserved": format_amount(self.reserved),
            "left": format_amount(max(0, self.left)),
            "currency": "USD",
        }

    async def spend(self, function: Function, fields: Mapping[str, Any], do: Do) -> dict[str, Any]:
        """Call a paid function if its price is left; one after the other.

        A call gets a time limit that it can pay.

        Raises:
            OverLimit, PriceUnknown: it was not called.
            FunctionError: the API refused; then it costs nothing.
        """
        async with self._turn:
            await self._settle()
            price, allowed = await self._price(function, fields)
            self.spent += price  # until it is known what becomes of it
            try:
                result = await do(allowed)
            except FunctionError as error:
                if error.status is not None and error.status < 500:
                    self.spent -= price
                raise
            self._follow(function, result, price)
            return result

    async def _price(
        self, function: Function, fields: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, Any]]:
        if function.operation.id == "call.create":
            return await self._call(function, fields)
        ask = self.prices.message if function.operation.id == "message.create" else None
        price = await (ask or self.prices.number)(fields)
        if price > self.left:
            raise self._over(function, price)
        return price, fields

    async def _call(
        self, function: Function, fields: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, Any]]:
        rate = await self.prices.minute(fields)
        if not rate:
            return 0, fields
        if rate > self.left:
            raise self._over(function, rate, " a minute")
        wanted = _seconds(fields.get("time_limit"))
        allowed = min(wanted, max(0, self.left) // rate * MINUTE_S)
        return rate * math.ceil(allowed / MINUTE_S), {**fields, "time_limit": allowed}

    def _over(self, function: Function, price: int, each: str = "") -> OverLimit:
        left, limit = format_amount(max(0, self.left)), format_amount(self.limit)
        return OverLimit(
            f"the spend limit stops {function.name}: it would cost {format_amount(price)} USD"
            f"{each}, and {left} of {limit} USD are left"
        )

    def _follow(self, function: Function, result: Mapping[str, Any], price: int) -> None:
        kind, name = {
            "message.create": ("message", "message_uuid"),
            "call.create": ("call", "request_uuid"),
        }.get(function.operation.id, ("", ""))
        found = result.get(name) if name else None
        uuids = cast("list[str]", found if isinstance(found, list) else [found] if found else [])
        if not uuids:
            return
        self.spent -= price
        for uuid in uuids:
            self._open[uuid] = _Open(kind, math.ceil(price / len(uuids)))

    async def _settle(self) -> None:
        for uuid, one in list(self._open.items())[:MOST_LOOKS]:
            cost = await (self._message if one.kind == "message" else self._ended_call)(uuid)
            if cost is not None:
                del self._open[uuid]
                self.spent += cost

    async def _message(self, uuid: str) -> int | None:
        answer = await self.client.call("message.get", message_uuid=uuid)
        if not answer.ok or answer.body["message_state"] == "queued":
            return None
        body = answer.body
        return parse_amount(body["total_amount"]) + parse_amount(body.get("carrier_fees") or "0")

    async def _ended_call(self, uuid: str) -> int | None:
        """Sum up a call that is over and the legs that its XML has dialled."""
        answer = await self.client.call("call.get", call_uuid=uuid)
        if not answer.ok or not answer.body.get("end_time"):
            return None
        legs = await self.client.call("call.list", parent_call_uuid=uuid)
        dialled: list[dict[str, Any]] = legs.body["objects"] if legs.ok else []
        return sum(parse_amount(one["total_amount"]) for one in (answer.body, *dialled))


def _seconds(given: object) -> int:
    """Read a time limit in whole seconds, the usual one if none is given.

    Raises:
        BadArgument: it is none, so that nobody knows how long the call may last.
    """
    if given is None:
        return USUAL_S
    text = str(given)
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text)):
        raise BadArgument("timeLimit must be a whole number of seconds", "timeLimit")
    return min(int(text), LONGEST_S)
