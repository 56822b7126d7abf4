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
from trunkline.runtime.bus import (
    Bus,
    BusAway,
    BusError,
    BusFull,
    NobodyServes,
    OtherRelease,
    RequestTimeout,
    TooLarge,
)
from trunkline.runtime.db import DatabaseError
from trunkline.voice.commands import results, wire
from trunkline.voice.commands.spread import NodeAway, Spread

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=msgspec.Struct)

# PLIVO SDKs wait 5 s for answers of the voice API before they ask again.
ANSWER_S = 4.0
NOBODY = (
    "calls are not served now: start a process with the role voice (trunkline serve --role voice)"
)
LATE = "no answer came in time; what was asked may still be done"
NODE_AWAY = (
    "a voice process that may have the call cannot be reached now, and nothing was done there; if"
    " it has died its calls end within 30 s"
)
BUS_AWAY = "live calls cannot be reached now: NATS is not connected; nothing was done"
OTHER_RELEASE = "the process that has the call is of another release, which cannot do this"
UNREADABLE = "the answer cannot be read; what was asked may have been done"

_encode = msgspec.msgpack.Encoder().encode
_outcomes = msgspec.msgpack.Decoder(results.Outcome)


@dataclass(frozen=True, slots=True)
class CallControl:
    """Asks whoever has the calls."""

    bus: Bus
    answer_s: float = ANSWER_S
    spread: Spread | None = None
    """The way to calls, if several processes may have some."""

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
            Unavailable: who has the call cannot be reached; nothing was done.
            ServerError: it failed; the log says how.
        """
        try:
            outcome = await self._outcome(command)
            if outcome.why is not None:
                raise _refusal(outcome)
            return msgspec.msgpack.decode(outcome.result, type=result)
        except msgspec.DecodeError as error:
            log.warning("command.answer_unreadable", error=str(error)[:200])
            raise Conflict(UNREADABLE) from None
        except DatabaseError:
            raise Unavailable("the database cannot be reached") from None
        except BusError as error:
            raise _no_answer(error) from None

    async def _outcome(self, command: wire.Command) -> results.Outcome:
        if self.spread is not None:
            return await self.spread.carry(command)
        payload = _encode(command)
        return _outcomes.decode(
            await self.bus.request(wire.SUBJECT, payload, timeout_s=self.answer_s)
        )


def scope_of(context: RequestContext) -> wire.Scope:
    """Return whose calls a caller may touch."""
    return wire.Scope(context.account_id, context.principal.main_auth_id)


def _no_answer(error: BusError) -> ApiError:
    match error:
        case NodeAway():
            return Unavailable(NODE_AWAY)
        case NobodyServes():
            return Unavailable(NOBODY)
        case BusAway():
            return Unavailable(BUS_AWAY)
        case OtherRelease():
            return Unavailable(OTHER_RELEASE)
        case TooLarge():
            return BadRequest("it is too large to be brought to the call")
        case BusFull():
            return TooManyRequests("too many commands to calls are under way")
        case RequestTimeout():
            # PLIVO SDKs repeat voice requests on 5xx: not what may have been done.
            return Conflict(LATE)
        case _:
            log.error("command.failed", error=str(error))
            return ServerError()


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
        case "unread":
            return Unavailable(OTHER_RELEASE)
        case _:
            return Conflict(_lowered(message), field)


def _lowered(sentence: str) -> str:
    """Turn a sentence into the form that refusals have."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
