"""Whose an arriving call is, and what is done with it: pure decisions over the directories."""

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.accounts.directory import Directory as Accounts
from trunkline.applications.directory import Directory as Applications
from trunkline.applications.model import Application
from trunkline.billing.rates import Rates
from trunkline.engines.sip import FromTrunk, Origin
from trunkline.numbers.directory import Directory as Numbers
from trunkline.numbers.directory import application_for
from trunkline.numbers.model import OwnedNumber
from trunkline.voice import rating
from trunkline.voice.causes import CAUSES, Cause
from trunkline.voice.endpoints.directory import Directory as Endpoints
from trunkline.voice.endpoints.model import Endpoint
from trunkline.voice.rating import CallPrice
from trunkline.voice.session.facts import bare

Carriers = Mapping[str, frozenset[str]]
"""The main accounts that a trunk is a carrier of, by its name; not of trunks of the settings."""

UNALLOCATED = CAUSES[3050]
FORBIDDEN = CAUSES[3040]
NO_ROUTE = CAUSES[5020]
OUT_OF_SERVICE = CAUSES[2010]


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls whom, as SIP said it: user parts, and the whole URI of who is called."""

    origin: Origin
    caller: str
    called: str
    called_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of it: `app` has the answer URL, or `rings` an endpoint, or `refused` says why.

    `account_id` is "" when it is nobody's: then there is no record of it either.
    """

    account_id: str = ""
    main_id: str = ""
    sender: str = ""
    recipient: str = ""
    app: Application | None = None
    rings: Endpoint | None = None
    endpoint_id: str = ""
    price: CallPrice = rating.FREE
    refused: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Decides; `domain` is that of endpoints, `app_domain` that of applications' addresses."""

    accounts: Accounts
    applications: Applications
    numbers: Numbers
    endpoints: Endpoints
    rates: Rates
    domain: str
    app_domain: str

    def decide(self, call: Call, carriers: Carriers) -> Verdict:
        """Say what is done; `carriers` has the main accounts that a trunk is theirs."""
        verdict = (
            self._from_trunk(call, call.origin, carriers)
            if isinstance(call.origin, FromTrunk)
            else self._from_phone(call, self.endpoints.named(call.origin.username))
        )
        if verdict.account_id and verdict.refused is None:
            account = self.accounts.get(verdict.account_id)
            if account is None or not account.may_authenticate:
                return _refused(verdict, OUT_OF_SERVICE)
        return verdict

    # --- phones of ours --------------------------------------------------------------------------

    def _from_phone(self, call: Call, endpoint: Endpoint | None) -> Verdict:
        """PLIVO endpoint: what a phone dials goes to its application."""
        if endpoint is None:  # deleted since it proved who it is
            return Verdict(refused=FORBIDDEN)
        app = self._addressed_app(call)
        if app is not None and not self._may_reach(app, endpoint.main_auth_id):
            return Verdict(refused=FORBIDDEN)
        if app is None and endpoint.app_id is not None:
            app = self.applications.get(endpoint.app_id)
        app = app or self.applications.endpoint_default(endpoint.account_id)
        found = Verdict(
            account_id=endpoint.account_id,
            main_id=endpoint.main_auth_id,
            sender=f"sip:{endpoint.username}@{self.domain}",
            recipient=_address(call),
            endpoint_id=endpoint.endpoint_id,
            app=app,
            price=rating.inbound(self.rates, ""),
        )
        return self._answerable(found)

    # --- the world outside -----------------------------------------------------------------------

    def _from_trunk(
        self, call: Call, origin: FromTrunk, carriers: Mapping[str, frozenset[str]]
    ) -> Verdict:
        owned = self.numbers.get(bare(call.called))
        if owned is not None:
            owners = carriers.get(origin.name)
            # PLIVO incoming carriers: an account's own carrier brings that account's numbers.
            if owners is not None and owned.main_auth_id not in owners:
                return Verdict(refused=UNALLOCATED)
            return self._to_number(call, owned)
        app = self._addressed_app(call)
        if app is not None:
            return self._to_app(call, app)
        endpoint = self.endpoints.named(call.called)
        if endpoint is not None:
            return self._to_endpoint(call, endpoint)
        return Verdict(refused=UNALLOCATED)

    def _to_number(self, call: Call, owned: OwnedNumber) -> Verdict:
        found = Verdict(
            account_id=owned.account_id,
            main_id=owned.main_auth_id,
            sender=_caller(call),
            recipient=owned.number,
            app=application_for(owned, self.applications),
            price=rating.inbound(self.rates, owned.number, owned.number_type.value),
        )
        if not (owned.voice_enabled and owned.is_active):
            return _refused(found, OUT_OF_SERVICE)
        return self._answerable(found)

    def _to_app(self, call: Call, app: Application) -> Verdict:
        if not app.public_uri:  # PLIVO application: public_uri
            return Verdict(refused=FORBIDDEN)
        found = Verdict(
            account_id=app.account_id,
            main_id=app.main_auth_id,
            sender=_caller(call),
            recipient=call.called_uri,
            app=app,
            price=rating.inbound(self.rates, ""),
        )
        return self._answerable(found)

    def _to_endpoint(self, call: Call, endpoint: Endpoint) -> Verdict:
        return Verdict(
            account_id=endpoint.account_id,
            main_id=endpoint.main_auth_id,
            sender=_caller(call),
            recipient=f"sip:{endpoint.username}@{self.domain}",
            endpoint_id=endpoint.endpoint_id,
            rings=endpoint,
            price=rating.inbound(self.rates, ""),
        )

    def _addressed_app(self, call: Call) -> Application | None:
        """PLIVO application: `sip:<app_id>@app.plivo.com`; here by our own address too."""
        host = call.called_uri.rpartition("@")[2].partition(";")[0].partition(":")[0].lower()
        known = self.applications.get(call.called)
        return known if host == self.app_domain or call.called.isdigit() else None

    def _may_reach(self, app: Application, main_id: str) -> bool:
        return app.public_uri or app.main_auth_id == main_id

    def _answerable(self, found: Verdict) -> Verdict:
        app = found.app
        if app is None or not app.enabled or not app.answer_url:
            return _refused(found, NO_ROUTE)
        return found


def _refused(found: Verdict, cause: Cause) -> Verdict:
    return Verdict(
        account_id=found.account_id,
        main_id=found.main_id,
        sender=found.sender,
        recipient=found.recipient,
        app=found.app,
        endpoint_id=found.endpoint_id,
        price=found.price,
        refused=cause,
    )


def _caller(call: Call) -> str:
    """Return the caller's number as digits, or what there is of a name."""
    number = bare(call.caller)
    return number if number.isdigit() else call.caller or "anonymous"


def _address(call: Call) -> str:
    number = bare(call.called)
    return number if number.isascii() and number.isdigit() else call.called_uri
