"""Accounts for tests on one running program: each has numbers, phones and faults of its own."""

import secrets
from itertools import count, islice

from starlette.routing import Route

from trunkline.accounts import store as accounts_store
from trunkline.accounts.model import NewAccount
from trunkline.applications import store as applications_store
from trunkline.applications.model import NewApplication
from trunkline.billing import store as billing_store
from trunkline.compliance import samples as registrations
from trunkline.numbers import samples
from trunkline.numbers import store as numbers_store
from trunkline.numbers.model import CampaignStatus, OwnedNumber
from trunkline.processes.foundation import Foundation
from trunkline.rest.sandbox.accounts import (
    NoNumbersLeft,
    OpenedAccount,
    SandboxPages,
    WantedAccount,
)
from trunkline.runtime.changes import catch_up
from trunkline.runtime.db import Connection
from trunkline.simulator.rules import Rules

_TRIES = 100


class Sandbox:
    """Opens accounts, counts out numbers, and keeps the faults; for local mode."""

    def __init__(self, base: Foundation) -> None:
        self.rules = Rules()
        self.rules.owner_of = self._owner_of
        self._base = base
        self._number_places = count()
        self._phone_places = count()

    def routes(self) -> list[Route]:
        """Return the routes under `/sim/accounts`."""
        return SandboxPages(
            accounts=self._base.accounts, rules=self.rules, open=self.open, phones=self.phones
        ).routes()

    def phones(self, wanted: int) -> list[str]:
        """Return numbers of phones that nobody was given since the program started."""
        return [samples.test_phone(place) for place in islice(self._phone_places, wanted)]

    async def open(self, wanted: WantedAccount) -> OpenedAccount:
        """Open an account that no other test knows, in one transaction; raises NoNumbersLeft."""
        base = self._base
        for _ in range(_TRIES):
            places = islice(self._number_places, wanted.numbers)
            numbers = [samples.test_number(place) for place in places]
            opened = await base.db.write(lambda conn, own=numbers: self._open(conn, wanted, own))
            if opened is not None:
                break
            # An earlier run of the program was here: go where it hardly was.
            self._number_places = count(secrets.randbelow(samples.TEST_NUMBERS))
        else:
            raise NoNumbersLeft("there are no numbers left for tests: begin with an empty database")
        mirrors = (base.accounts, base.applications, base.numbers, base.registrations)
        await catch_up(base.db, *mirrors, base.balances)
        return opened

    def _open(
        self, conn: Connection, wanted: WantedAccount, numbers: list[str]
    ) -> OpenedAccount | None:
        """Write everything; None when the last run of the program gave away one of the numbers."""
        if numbers_store.taken(conn, numbers):
            return None
        base, now = self._base, self._base.clock.now()
        account = accounts_store.create_account(conn, base.keyring, NewAccount(wanted.name), now)
        campaign_id = registrations.register_tests(conn, account.auth_id, numbers, now)
        owned = [_owned(number, account.auth_id, campaign_id, now) for number in numbers]
        numbers_store.add(conn, owned)
        application = applications_store.create(
            conn,
            account.scope,
            NewApplication(app_name="Test", default_number_app=True, default_endpoint_app=True),
            now,
        )
        units = wanted.credit_units
        billing_store.credit(
            conn,
            account.auth_id,
            base.settings.starting_credit if units is None else units,
            kind="starting_credit",
            resource_id=account.auth_id,
            at=now,
        )
        return OpenedAccount(
            auth_id=account.auth_id,
            auth_token=account.auth_token,
            app_id=application.app_id,
            numbers=numbers,
            phones=self.phones(wanted.phones),
        )

    def _owner_of(self, number: str) -> str:
        owned = self._base.numbers.get(number)
        return "" if owned is None else owned.main_auth_id


def _owned(number: str, auth_id: str, campaign_id: str, now: float) -> OwnedNumber:
    return OwnedNumber(
        number=number,
        main_auth_id=auth_id,
        account_id=auth_id,
        country="US",
        mms_enabled=True,
        alias="Test number",
        added_at=now,
        campaign_id=campaign_id,
        campaign_status=CampaignStatus.COMPLETED,
    )
