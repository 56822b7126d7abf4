"""Stores attempts in the next group commit, with the hooks of their outcomes in the same one."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from trunkline.runtime.db import Connection, Database
from trunkline.webhooks.attempt import Attempted
from trunkline.webhooks.model import AfterCommit, OutcomeHook, WebhookOutcome
from trunkline.webhooks.store import queue


class Stored(NamedTuple):
    """What became of one attempt's record."""

    ours: bool  # False: another worker had taken the webhook over
    after: AfterCommit | None


_STORED = Stored(ours=True, after=None)
_LOST = Stored(ours=False, after=None)


class Recorder:
    """The way of attempts into the database; owns nothing."""

    def __init__(self, db: Database, hooks: Mapping[str, OutcomeHook]) -> None:
        self._db = db
        self._hooks = hooks

    def submit(self, attempted: Attempted) -> "asyncio.Future[Stored]":
        """Queue an attempt; what is told here has happened, so it waits for a dead database."""
        return self._db.submit(self._store, attempted, patient=True)

    def _store(self, conn: Connection, items: list[Attempted]) -> list[Stored]:
        if not queue.settle(conn, [item.settled for item in items]):
            return [_LOST]
        results = [_STORED] * len(items)
        if not self._hooks:
            return results
        by_kind: dict[str, tuple[int, list[WebhookOutcome]]] = {}
        for index, item in enumerate(items):
            if item.outcome is not None:
                by_kind.setdefault(item.outcome.kind, (index, []))[1].append(item.outcome)
        for kind, (first, outcomes) in by_kind.items():
            after = self._hooks[kind](conn, outcomes)
            results[first] = Stored(ours=True, after=after)
        return results
