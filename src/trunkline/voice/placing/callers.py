"""Which numbers may be shown as the caller of calls that are asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from trunkline.numbers.directory import Directory as Numbers
from trunkline.values.networks.countries import EVERYWHERE
from trunkline.values.phone import country_of
from trunkline.voice.causes import CAUSES, Cause
from trunkline.voice.records.model import Call

UNKNOWN_CALLER = CAUSES[3030]


@dataclass(frozen=True, slots=True)
class CallerRule:
    """Calls to `countries` on trunks show a number of the account; `on_trunk` tells of a number.

    A document's Dial may show whoever called: that is how calls are passed on.
    """

    numbers: Numbers
    countries: frozenset[str]
    on_trunk: Callable[[str], bool]

    def barred(self, call: Call) -> Cause | None:
        """Return why a call may not be placed."""
        return self.bars(call.main_id, call.sender, call.recipient)

    def bars(self, main_id: str, sender: str, recipient: str) -> Cause | None:
        """Return why a main account may not call somebody under that number."""
        if not recipient.isdigit() or not self.on_trunk(recipient):
            return None
        if EVERYWHERE not in self.countries and country_of(recipient) not in self.countries:
            return None
        owned = self.numbers.get(sender)
        if owned is not None and owned.main_auth_id == main_id:
            return None
        return UNKNOWN_CALLER
