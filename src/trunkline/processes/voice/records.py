"""Endpoints, call records and recordings in the whole program."""

from collections.abc import Mapping
from functools import partial

from starlette.routing import BaseRoute

from trunkline.contract.context import Handler
from trunkline.processes.foundation import Foundation
from trunkline.rest.voice.recordings import recording_routes
from trunkline.runtime.supervise import WhenItFails
from trunkline.voice.endpoints import api as endpoints_api
from trunkline.voice.endpoints.registrations import StoredRegistrations
from trunkline.voice.orphans import RecordingsTold, tell_owners
from trunkline.voice.placing import api as placing_api
from trunkline.voice.recordings import api as recordings_api
from trunkline.voice.records import api as records_api
from trunkline.voice.records import feedback
from trunkline.voice.records.closing import Closer, Heartbeat


def handlers(base: Foundation) -> Mapping[str, Handler]:
    """Return the handlers of endpoints, calls, their records, recordings and transcriptions."""
    endpoints = endpoints_api.EndpointApi(
        db=base.db,
        keyring=base.keyring,
        directory=base.endpoints,
        domain=base.settings.sip_domain,
    )
    recordings = recordings_api.RecordingApi(
        db=base.db, accounts=base.accounts, library=base.recordings, links=base.links
    )
    return {
        **endpoints_api.handlers(endpoints),
        **records_api.handlers(records_api.CallApi(db=base.db, accounts=base.accounts)),
        **feedback.handlers(feedback.FeedbackApi(base.db)),
        **recordings_api.handlers(recordings),
        **placing_api.handlers(placing_api.PlacingApi(db=base.db, rates=base.rates)),
    }


def routes(base: Foundation) -> list[BaseRoute]:
    """Return where recordings are fetched."""
    return [*recording_routes(base.recordings, base.links, base.accounts, base.clock)]


def start(base: Foundation, heartbeat: Heartbeat | None) -> None:
    """Look after what dead nodes leave: calls, recordings; and after expired registrations."""
    closer = Closer(
        db=base.db,
        clock=base.clock,
        balances=base.balances,
        heartbeat=heartbeat,
        on_closed=[tell_owners],
    )
    told = RecordingsTold(base.links, base.clock)
    registrations = StoredRegistrations(base.db, base.clock)
    for name, run in (
        ("calls", closer.run),
        ("recordings", partial(base.recordings.salvage_for_ever, closer.is_dead, told.tell)),
        ("registrations", registrations.sweep_for_ever),
    ):
        base.supervisor.start(name, run, when_it_fails=WhenItFails.RESTART)
