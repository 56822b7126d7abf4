"""The operations of endpoints, call records and recordings as a caller has them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from trunkline.accounts import store as accounts
from trunkline.accounts.directory import Directory as Accounts
from trunkline.accounts.model import NewAccount
from trunkline.applications import store as applications
from trunkline.applications.model import NewApplication
from trunkline.billing import store as billing
from trunkline.billing.balances import Balances
from trunkline.billing.rates import Rates
from trunkline.contract.catalog import operation
from trunkline.contract.check import validate_response
from trunkline.contract.context import RequestContext
from trunkline.contract.decode import RequestDecoder
from trunkline.messaging.media.links import Links
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.values.ids import new_uuid
from trunkline.voice.endpoints import api as endpoints_api
from trunkline.voice.endpoints.directory import Directory as Endpoints
from trunkline.voice.endpoints.registrations import StoredRegistrations
from trunkline.voice.placing import api as placing_api
from trunkline.voice.recordings import api as recordings_api
from trunkline.voice.recordings.library import RecordingLibrary, of_call
from trunkline.voice.recordings.model import Format, Recording
from trunkline.voice.records import api as records_api
from trunkline.voice.records import feedback
from trunkline.voice.records.model import Answered, Call, CallState, Ended, Hangup
from trunkline.voice.records.store import calls

KEYS = Keyring({"k1": bytes(32)})
NORMAL = Hangup(4000, "Normal Hangup", "Callee", "NORMAL_CLEARING")


class Desk:
    """What accounts call, and what call control would have done before."""

    def __init__(self, db: Database, clock: ControlledClock, folder: Path) -> None:
        self.db, self.clock, self.folder = db, clock, folder
        self.accounts = Accounts(KEYS)
        self.balances = Balances(self.accounts)
        self.endpoints = Endpoints(KEYS)
        self.registrations = StoredRegistrations(db, clock)
        self.library = RecordingLibrary(db=db, clock=clock, blobs=FolderBlobs(folder / "media"))
        self.links = Links(KEYS, "https://api.example.com", 3600)
        self.handlers = {
            **endpoints_api.handlers(
                endpoints_api.EndpointApi(db=db, keyring=KEYS, directory=self.endpoints)
            ),
            **records_api.handlers(records_api.CallApi(db=db, accounts=self.accounts)),
            **feedback.handlers(feedback.FeedbackApi(db)),
            **placing_api.handlers(placing_api.PlacingApi(db=db, rates=Rates())),
            **recordings_api.handlers(
                recordings_api.RecordingApi(
                    db=db, accounts=self.accounts, library=self.library, links=self.links
                )
            ),
        }
        self.main = self.other = self.sub = self.sibling = ""

    async def open(self) -> None:
        """Make the accounts."""
        now = self.clock.now()

        def fill(conn: Connection) -> list[str]:
            main = accounts.create_account(
                conn, KEYS, NewAccount("main", timezone="Asia/Kolkata"), now
            )
            other = accounts.create_account(conn, KEYS, NewAccount("other"), now)
            subs = [
                accounts.create_subaccount(conn, KEYS, main, name, enabled=True, at=now)
                for name in ("sub", "sibling")
            ]
            billing.credit(conn, main.auth_id, 10**6, kind="test", resource_id="x", at=now)
            return [one.auth_id for one in (main, other, *subs)]

        self.main, self.other, self.sub, self.sibling = await self.db.write(fill)
        await self.accounts.refresh(self.db)
        await self.balances.refresh(self.db)

    async def call(self, id_: str, auth_id: str, account_id: str = "", **fields: Any) -> Any:
        """Call an operation; the answer is held against the contract. Refusals are raised."""
        known = operation(id_)
        path = {name: fields.pop(name) for name in known.path_parameters}
        query = body = ""
        if known.method == "GET":
            query = urlencode(fields, doseq=True)
        else:
            body = json.dumps(fields)
        decoded = RequestDecoder(known).decode(path, query, body.encode(), "application/json")
        principal = self.accounts.principal(auth_id)
        assert principal is not None
        context = RequestContext(
            api_id=new_uuid(),
            principal=principal,
            account_id=account_id or auth_id,
            remote_ip="127.0.0.1",
            now=self.clock.now(),
        )
        answer = await self.handlers[id_](context, decoded.request)
        if isinstance(answer, msgspec.Struct):
            answer.api_id = context.api_id  # type: ignore[attr-defined]
        told = b"" if answer is None else msgspec.json.encode(answer)
        validate_response(known, known.success_status, told)
        return json.loads(told) if told else None

    async def application(self, auth_id: str, **fields: Any) -> str:
        """Make an application."""
        account = self.accounts.get(auth_id)
        assert account is not None
        new = NewApplication(app_name="app", **fields)
        made = await self.db.write(
            lambda conn: applications.create(conn, account.scope, new, self.clock.now())
        )
        return made.app_id

    def new_call(self, account_id: str = "", **fields: Any) -> Call:
        """Return a call as call control begins it."""
        given: dict[str, Any] = {
            "call_uuid": new_uuid(),
            "main_id": self.main if account_id != self.other else self.other,
            "account_id": account_id or self.main,
            "direction": "outbound",
            "state": CallState.RINGING.value,
            "sender": "14155550100",
            "recipient": "14155550123",
            "initiated_at": self.clock.now(),
            "node": "elsewhere:1:abc",
            "rate": 850,
            **fields,
        }
        given.setdefault("request_uuid", given["call_uuid"])
        return Call(**given)

    async def insert(self, *new: Call) -> None:
        """Record calls that begin."""
        await self.db.write(lambda conn: calls.insert(conn, new))

    async def ended(
        self,
        account_id: str = "",
        *,
        lasted: float | None = 60.0,
        hangup: Hangup = NORMAL,
        state: CallState | None = None,
        **fields: Any,
    ) -> Call:
        """Record a call that ends now; `lasted` None: it was not answered."""
        now = self.clock.now()
        new = self.new_call(account_id, initiated_at=now - (lasted or 0) - 5, **fields)

        def write(conn: Connection) -> calls.Finished:
            calls.insert(conn, [new])
            if lasted is not None:
                calls.answer(conn, [Answered(new.call_uuid, now - lasted)])
            return calls.finish(conn, [Ended(new.call_uuid, now, hangup, state)])

        (done,) = (await self.db.write(write)).calls
        return done

    async def recorded(
        self, account_id: str = "", body: bytes = b"x" * 100, format_: Format = "mp3", **fields: Any
    ) -> Recording:
        """Keep a recording of 61 s that ends now."""
        now = self.clock.now()
        draft = self.folder / new_uuid()
        draft.write_bytes(body)
        call = self.new_call(account_id)
        one = of_call(call, format_, draft, now - 61)._replace(**fields)
        await self.library.begin(one)
        kept = await self.library.finish(one, duration_ms=61_000)
        assert kept is not None
        return kept


def ids(page: Mapping[str, Any], name: str = "call_uuid") -> list[str]:
    """Return the ids of a page's objects."""
    return [one[name] for one in page["objects"]]
