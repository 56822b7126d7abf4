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
from trunkline.voice.commands.client import CallControl


def handlers(base: Foundation) -> Mapping[str, Handler]:
    """Return the handlers of everything that is asked of calls over the bus."""
    control = CallControl(base.bus)
    return {
        **calls.handlers(control),
        **streams.handlers(control, base.accounts),
        **conferences.handlers(control),
        **multiparty.handlers(control, base.accounts),
        **participants.handlers(control, base.accounts),
        **adding.handlers(control),
    }
