"""What is left of a call whose process is gone: enough to tell its peer that it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.engines.sip.calls.call import Call
from trunkline.engines.sip.calls.exchange import Exchange
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Dialog, DialogId, Response, parse_address
from trunkline.protocols.sip.digest import Credentials

CSEQ_ROOM: Final = 10_000
"""More requests than one call sends: a BYE so far on is in order, whatever was sent meanwhile.

RFC 3261 12.2.2: a number higher by more than one is no error.
"""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What a BYE needs, as plain values that outlive the process.

    `local` and `remote` are From and To of our requests with their tags, `routes` the route set,
    `cseq` our last number. `hop` is where requests go if not where target or route lead: a phone
    behind NAT, a connection of ours. One that is not to be dialled was a connection that a phone
    had opened, which is gone. `username` is who we proved to be, "" for nobody.
    """

    call_id: str
    local: str
    remote: str
    target: str
    routes: tuple[str, ...]
    cseq: int
    hop: Hop | None = None
    username: str = ""


def farewell_of(call: Call) -> Farewell | None:
    """Return what would end a call in its present state; None without a dialog."""
    leg = call.leg
    if leg is None or call.over:
        return None
    dialog = leg.dialog
    return Farewell(
        dialog.id.call_id,
        str(dialog.local),
        str(dialog.remote),
        dialog.target,
        tuple(dialog.route_set),
        dialog.local_cseq,
        _way_to(call, leg.route.pinned),
        call.username,
    )


def _way_to(call: Call, pinned: Hop | None) -> Hop | None:
    if pinned is None or not pinned.reliable or call.outgoing:
        return pinned
    # The peer's connection ends with this process; its port is no address.
    return pinned._replace(dial=False) if call.is_of_user else None


def part(
    core: Core,
    farewell: Farewell,
    *,
    credentials: Credentials | None,
    reason: str,
    done: Callable[[int], None],
) -> None:
    """Send the BYE in a transaction of its own; `done` gets the final status.

    408: silence, 503: no way there. Malformed when an address cannot be read.
    """
    dialog = _dialog_of(farewell)

    def received(response: Response) -> None:
        if response.status >= 200:
            done(response.status)

    def send(hop: Hop | None) -> None:
        if hop is None:
            done(503)
            return
        bye = dialog.request("BYE", core.via(hop), headers=[("Reason", reason)])
        Exchange(
            core,
            bye,
            hop,
            on_response=received,
            on_failure=lambda status, _reason: done(status),
            credentials=credentials,
            dialog=dialog,
        )

    if farewell.hop is not None:
        send(farewell.hop)
    else:
        core.reach(dialog.first_hop, send)


def _dialog_of(farewell: Farewell) -> Dialog:
    local, remote = parse_address(farewell.local), parse_address(farewell.remote)
    ident = DialogId(farewell.call_id, local.tag, remote.tag)
    dialog = Dialog(ident, local, remote, farewell.target, list(farewell.routes))
    dialog.local_cseq = farewell.cseq + CSEQ_ROOM
    dialog.confirmed = True
    return dialog
