"""The side of commands that asks: results, or the API's own refusals."""

from dataclasses import dataclass
from typing import TypeVar

import msgspec
import structlog

from trunkline.contract.context import RequestContext
from trunkline.contract.errors import (
    ApiError,
    BadRequest,
    Conflict,
    NotFound,
    ServerError,
    TooManyRequests,
    Unavailable,
)
from trunkline.runtime.bus import Bus, BusFull, NobodyServes, RequestFailed, RequestTimeout
from trunkline.voice.commands import results, wire

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=msgspec.Struct)

# PLIVO SDKs wait 5 s for answers of the voice API before they ask again.
ANSWER_S = 4.0
NOBODY = (
    "calls are not served now: start a process with the role voice (trunkline serve --role voice)"
)
LATE = "no answer came in time; what was asked may still be done"

_encode = msgspec.msgpack.Encoder().encode
_outcomes = msgspec.msgpack.Decoder(results.Outcome)


@dataclass(frozen=True, slots=True)
class CallControl:
    """Asks whoever has the calls."""

    bus: Bus
    answer_s: float = ANSWER_S

    async def do(self, command: wire.Command) -> str:
        """Have a command carried out whose result is a word."""
        return (await self.ask(command, results.Text)).text

    async def ask(self, command: wire.Command, result: type[T]) -> T:
        """Have a command carried out; `result` is what it is answered with.

        Raises:
            NotFound: no such call, leg, conference, member; or not of the account.
            Conflict: it cannot be done now, or nobody knows whether it was.
            BadRequest: a value that makes no sense there.
            TooManyRequests: too much is asked at once.
            Unavailable: nobody serves calls; nothing was done.
            ServerError: it failed; the log says how.
        """
        outcome = _outcomes.decode(await self._request(_encode(command)))
        if outcome.why is not None:
            raise _refusal(outcome)
        return msgspec.msgpack.decode(outcome.result, type=result)

    async def _request(self, payload: bytes) -> bytes:
        try:
            return await self.bus.request(wire.SUBJECT, payload, timeout_s=self.answer_s)
        except NobodyServes:
            raise Unavailable(NOBODY) from None
        except BusFull:
            raise TooManyRequests("too many commands to calls are under way") from None
        except RequestTimeout:
            # PLIVO SDKs repeat voice requests on 5xx: not what may have been done.
            raise Conflict(LATE) from None
        except RequestFailed as error:
            log.error("command.failed", error=str(error))
            raise ServerError from None


def scope_of(context: RequestContext) -> wire.Scope:
    """Return whose calls a caller may touch."""
    return wire.Scope(context.account_id, context.principal.main_auth_id)


def _refusal(outcome: results.Outcome) -> ApiError:
    message, field = outcome.message, outcome.field
    match outcome.why:
        case "not_live" | "no_leg" | "no_such":
            return NotFound(_lowered(message), field)
        case "invalid":
            return BadRequest(_lowered(message), field)
        case "busy":
            return TooManyRequests(_lowered(message))
        case "unavailable":
            return Unavailable("the database cannot be reached")
        case "unanswered":
            return Conflict(LATE, field)
        case _:
            return Conflict(_lowered(message), field)


def _lowered(sentence: str) -> str:
    """Turn a sentence into the form that refusals have."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
