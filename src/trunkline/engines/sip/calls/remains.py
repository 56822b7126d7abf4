"""What a process leaves of a leg when it dies: everybody at the far end who waits for a word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trunkline.engines.sip.calls.farewell import Farewell, farewell_of, part
from trunkline.engines.sip.calls.incoming import IncomingCall
from trunkline.engines.sip.calls.outgoing import OutgoingCall
from trunkline.engines.sip.calls.refuse import Unanswered, refuse, unanswered_of
from trunkline.engines.sip.calls.withdraw import Invitation, invitation_of, withdraw
from trunkline.engines.sip.core import Core
from trunkline.protocols.sip.digest import Credentials

Word = Farewell | Invitation | Unanswered
"""One far end: it has to be sent a BYE, a CANCEL or a refusal."""


@dataclass(frozen=True, slots=True)
class Remains:
    """Plain values that outlive the process: an answered dialog, INVITEs that ring, one to us."""

    answered: Farewell | None = None
    ringing: tuple[Invitation, ...] = ()
    caller: Unanswered | None = None

    @property
    def words(self) -> list[Word]:
        """All that is to be said."""
        single: list[Word] = [one for one in (self.answered, self.caller) if one is not None]
        return [*single, *self.ringing]


def remains_of(calls: Iterable[OutgoingCall | IncomingCall]) -> Remains | None:
    """Return what would end these calls of one leg in their present states; None for nothing."""
    answered: Farewell | None = None
    caller: Unanswered | None = None
    ringing: list[Invitation] = []
    for call in calls:
        if call.answered:
            answered = farewell_of(call) or answered
        elif isinstance(call, OutgoingCall):
            invitation = invitation_of(call)
            ringing += [] if invitation is None else [invitation]
        else:
            caller = unanswered_of(call) or caller
    found = Remains(answered, tuple(ringing), caller)
    return found if found.words else None


def say(
    core: Core,
    word: Word,
    *,
    credentials: Credentials | None,
    reason: str,
    done: Callable[[int], None],
) -> None:
    """Send it and see it through; see `part`, `withdraw` and `refuse`. `done` gets a status.

    Raises:
        Malformed, EncodeError: what was kept cannot be read or written.
    """
    match word:
        case Farewell():
            part(core, word, credentials=credentials, reason=reason, done=done)
        case Invitation():
            withdraw(core, word, credentials=credentials, reason=reason, done=done)
        case Unanswered():
            refuse(core, word, reason=reason, done=done)
