"""Keeps background calls in the database and sends their answers as webhooks."""

from trunkline.contract.background import AsyncCall
from trunkline.rest import store
from trunkline.runtime.db import Connection, Database
from trunkline.webhooks import NewWebhook, enqueue

KIND = "api.async"


class StoredResults:
    """`AsyncResults` on the database: what was accepted is run, and answered, after a crash too."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def accept(self, call: AsyncCall) -> None:
        """Store `call`."""
        await self._db.write(lambda conn: store.keep(conn, call))

    async def deliver(self, call: AsyncCall, status: int, body: bytes) -> None:
        """Queue the answer and forget the call, together; a call already answered is let be.

        The callback gets the JSON that the caller would have got; an empty answer (204) tells
        only the api_id.
        """
        answer = body.decode() if status != 204 and body else f'{{"api_id":"{call.api_id}"}}'

        def write(conn: Connection) -> None:
            if not store.forget(conn, call.api_id):
                return
            webhook = NewWebhook(
                account_id=call.account_id,
                kind=KIND,
                resource_uuid=call.api_id,
                method=call.method,
                url=call.url,
                body=answer,
                created_at=call.accepted_at,
                encoding="json",
            )
            enqueue(conn, [webhook])

        await self._db.write(write, patient=True)
