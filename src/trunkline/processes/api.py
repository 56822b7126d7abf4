"""The api role: handlers of every domain behind one HTTP application."""

from collections.abc import Mapping, Sequence

import msgspec
import structlog
from prometheus_client import Counter, Histogram
from starlette.routing import BaseRoute

from trunkline.accounts import api as accounts_api
from trunkline.accounts.access import AccountAuthenticator
from trunkline.accounts.permissions import store as permission_store
from trunkline.applications import api as applications_api
from trunkline.applications import store as applications_store
from trunkline.billing import api as billing_api
from trunkline.billing import store as billing_store
from trunkline.contract.context import Handler
from trunkline.functions.http import function_routes
from trunkline.functions.inside import InsideApi
from trunkline.messaging import api as messaging_api
from trunkline.messaging.media import api as media_api
from trunkline.messaging.pools import api as pools_api
from trunkline.messaging.pools.store import pools as pools_store
from trunkline.numbers import store as numbers_store
from trunkline.processes import numbers, registration
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging
from trunkline.processes.voice import commands as voice_commands
from trunkline.processes.voice import records as voice_records
from trunkline.rest import store as call_store
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.rest.limits import HttpLimits, Rate
from trunkline.rest.results import StoredResults
from trunkline.voice.endpoints.store import endpoints as endpoints_store

_ON_APPLICATION_DELETE = (
    numbers_store.on_application_delete,
    pools_store.on_application_delete,
    endpoints_store.on_application_delete,
)

logger = structlog.get_logger(__name__)


def build(
    base: Foundation,
    messaging: Messaging,
    version: str,
    routes: Sequence[BaseRoute],
    *,
    serves: bool,
) -> tuple[RestApp, RestApi]:
    """Make the HTTP application; `routes` are further pages beside the API.

    Without `serves` it refuses every operation and only has the pages: health, metrics, documents.
    """
    settings = base.settings
    limits = HttpLimits(
        account_rate=Rate(settings.rate_limit_requests, settings.rate_limit_window_s)
    )
    api = RestApi(
        _handlers(base, messaging) if serves else {},
        AccountAuthenticator(base.accounts),
        base.clock.now,
        async_results=StoredResults(base.db),
        limits=limits,
        observe=_Observer(base),
    )

    if serves:
        routes = [*routes, *function_routes(InsideApi(api))]
    app = RestApp(
        api, version=version, ready=base.health.ready, metrics=base.metrics.render, routes=routes
    )
    return app, api


async def resume(base: Foundation, api: RestApi) -> None:
    """Run the background calls that the last process accepted and did not finish."""
    for call in await base.db.read(call_store.unfinished):
        try:
            api.resume(call)
        except (KeyError, msgspec.ValidationError) as error:
            logger.error("call.not_resumed", operation=call.operation_id, error=str(error))
            answer = {"api_id": call.api_id, "error": "this call is not served any more"}
            await StoredResults(base.db).deliver(call, 500, msgspec.json.encode(answer))


def _handlers(base: Foundation, messaging: Messaging) -> Mapping[str, Handler]:
    accounts = accounts_api.AccountApi(
        db=base.db,
        keyring=base.keyring,
        directory=base.accounts,
        cash=billing_store.balance,
        on_subaccount_delete=(
            permission_store.on_subaccount_delete,
            pools_store.on_subaccount_delete,
            *numbers.ON_SUBACCOUNT_DELETE,
            endpoints_store.on_subaccount_delete,
            applications_store.on_subaccount_delete(_ON_APPLICATION_DELETE),
            registration.on_subaccount_delete,
        ),
        owned=(
            base.numbers,
            base.applications,
            base.pools,
            base.registrations,
            base.endpoints,
        ),
    )
    applications = applications_api.ApplicationApi(
        db=base.db,
        directory=base.applications,
        on_delete=_ON_APPLICATION_DELETE,
        pointing=(base.numbers, base.pools, base.endpoints),
    )
    messages = messaging_api.MessageApi(
        db=base.db, sender=messaging.sender, accounts=base.accounts, kinds=messaging.kinds
    )
    media = media_api.MediaApi(db=base.db, library=base.library, links=base.links)
    return {
        **accounts_api.handlers(accounts),
        **applications_api.handlers(applications),
        **messaging_api.handlers(messages),
        **billing_api.handlers(billing_api.PricingApi(rates=base.rates)),
        **pools_api.handlers(
            db=base.db,
            rent=numbers.rent_for_pools(base),
            unrent=numbers.unrent_for_pools(base),
            mirrors=(base.numbers, base.pools, base.balances),
        ),
        **media_api.handlers(media),
        **numbers.handlers(base),
        **registration.handlers(base),
        **voice_records.handlers(base),
        **voice_commands.handlers(base),
    }


class _Observer:
    """Counts and times the answers of the API."""

    def __init__(self, base: Foundation) -> None:
        labels = ("operation", "status")
        self._counter = base.metrics.counter("http_requests", "Requests of the API.", labels)
        self._histogram = base.metrics.histogram(
            "http_request_seconds", "Time to answer.", ("operation",)
        )
        self._counters: dict[tuple[str, int], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def __call__(self, operation: str, status: int, seconds: float) -> None:
        counter = self._counters.get((operation, status))
        if counter is None:
            counter = self._counter.labels(operation, str(status))
            self._counters[operation, status] = counter
        counter.inc()
        histogram = self._histograms.get(operation)
        if histogram is None:
            histogram = self._histograms[operation] = self._histogram.labels(operation)
        histogram.observe(seconds)
