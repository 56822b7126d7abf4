"""The operations on live calls and conferences, wherever the calls are."""

from collections.abc import Mapping

from trunkline.contract.context import Handler
from trunkline.processes.foundation import Foundation
from trunkline.voice.commands.api import (
    adding,
    calls,
    conferences,
    multiparty,
    participants,
    streams,
)
from trunkline.voice.commands.client import ANSWER_S, CallControl
from trunkline.voice.commands.spread import Spread
from trunkline.voice.records.whereabouts import StoredWhereabouts


def handlers(base: Foundation) -> Mapping[str, Handler]:
    """Return the handlers of everything that is asked of calls over the bus."""
    where = StoredWhereabouts(base.db, base.clock)
    spread = Spread(base.bus, where, ANSWER_S) if base.settings.nats_url else None
    control = CallControl(base.bus, spread=spread)
    return {
        **calls.handlers(control),
        **streams.handlers(control, base.accounts),
        **conferences.handlers(control),
        **multiparty.handlers(control, base.accounts),
        **participants.handlers(control, base.accounts),
        **adding.handlers(control),
    }
