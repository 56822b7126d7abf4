"""Every application in memory, for the messages and calls that come in."""

from collections.abc import Sequence

from trunkline.applications import store
from trunkline.applications.model import Application
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database


class Directory:
    """Synchronous answers about applications; as fresh as the last `refresh`."""

    def __init__(self) -> None:
        self._applications: dict[str, Application] = {}
        self._number_defaults: dict[str, Application] = {}
        self._endpoint_defaults: dict[str, Application] = {}
        self._follower = Follower(store.TOPIC, store.changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply, self._applications)

    def get(self, app_id: str) -> Application | None:
        """Return the application, whoever owns it."""
        return self._applications.get(app_id)

    def number_default(self, account_id: str) -> Application | None:
        """Return the application of that account's numbers that name none."""
        return self._number_defaults.get(account_id)

    def endpoint_default(self, account_id: str) -> Application | None:
        """Return the application of that account's endpoints that name none."""
        return self._endpoint_defaults.get(account_id)

    def _apply(self, removed: Sequence[str], changed: Sequence[Application]) -> None:
        for app_id in removed:
            self._forget(app_id)
        for application in changed:  # all first: a default may move between two of them
            self._forget(application.app_id)
        for application in changed:
            self._applications[application.app_id] = application
            if application.default_number_app:
                self._number_defaults[application.account_id] = application
            if application.default_endpoint_app:
                self._endpoint_defaults[application.account_id] = application

    def _forget(self, app_id: str) -> None:
        known = self._applications.pop(app_id, None)
        if known is None:
            return
        for defaults in (self._number_defaults, self._endpoint_defaults):
            if known is defaults.get(known.account_id):
                del defaults[known.account_id]
