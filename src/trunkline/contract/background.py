"""Calls that are answered at once and carried out in the background, their answer sent to a URL."""

from typing import Literal, Protocol

import msgspec

from trunkline.contract.context import Principal

SPAWNED = "async api spawned"  # PLIVO account: asynchronous request


class AsyncCall(msgspec.Struct, frozen=True):
    """One accepted background call, complete enough to be stored and run again.

    `request` is the operation's request type as JSON; `accepted_at` seconds since 1970.
    """

    api_id: str
    operation_id: str
    principal: Principal
    account_id: str
    remote_ip: str
    accepted_at: float
    request: bytes
    url: str
    method: Literal["GET", "POST"]


class AsyncResults(Protocol):
    """Keeps accepted background calls and sends their answers; nothing accepted may be lost."""

    async def accept(self, call: AsyncCall) -> None:
        """Store `call`; it is answered with 202 only once this returns."""
        ...

    async def deliver(self, call: AsyncCall, status: int, body: bytes) -> None:
        """Queue the answer for the callback and forget the stored call, in one transaction.

        `body` is the JSON that the caller would have got, b"" for an empty answer.
        """
        ...
