"""Wire ↔ domain for endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from trunkline.accounts.access import scope_of
from trunkline.accounts.text import checked_text
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.voice.endpoints import (
    EndpointAnswer,
    EndpointCreate,
    EndpointCreated,
    EndpointDelete,
    EndpointGet,
    EndpointList,
    EndpointPage,
    EndpointUpdate,
)
from trunkline.numbers.api.wire import check_app
from trunkline.runtime.changes import catch_up
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.values.pages import Page, page_meta
from trunkline.voice.endpoints.directory import Directory
from trunkline.voice.endpoints.model import Endpoint, EndpointChanges, NewEndpoint, Registration
from trunkline.voice.endpoints.store import endpoints as store
from trunkline.voice.endpoints.store import registrations

DOMAIN = "phone.plivo.com"  # PLIVO endpoint: sip:<username>@phone.plivo.com

_MAX_ALIAS = 100
_MAX_ID = 32
_NOTHING = ("null", "none")  # PLIVO numbers: what takes an application away


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointApi:
    """What the endpoint operations work with; `domain` is that of SIP URIs and the realm."""

    db: Database
    keyring: Keyring
    directory: Directory
    domain: str = DOMAIN

    async def create(self, context: RequestContext, request: EndpointCreate) -> EndpointCreated:
        scope = scope_of(context)
        new = NewEndpoint(
            username=request.username,
            password=checked_text("password", request.password),
            alias=_checked_alias(request.alias),
            app_id=request.app_id or None,
        )

        def write(conn: Connection) -> Endpoint:
            check_app(conn, scope, new.app_id)
            return store.create(conn, self.keyring, self.domain, scope, new, context.now)

        made = await self.db.write(write)
        await catch_up(self.db, self.directory)
        return EndpointCreated(
            message="created",
            endpoint_id=made.endpoint_id,
            username=made.username,
            alias=made.alias,
        )

    async def get(self, context: RequestContext, request: EndpointGet) -> EndpointAnswer:
        endpoint_id = _well_formed(request.endpoint_id)

        def read(conn: Connection) -> tuple[Endpoint | None, list[Registration]]:
            found = store.find(conn, self.keyring, scope_of(context), endpoint_id)
            return found, registrations.current(conn, [endpoint_id], context.now)

        found, contacts = await self.db.read(read)
        if found is None:
            raise NotFound
        return self._answer(found, contacts[0] if contacts else None)

    async def list(self, context: RequestContext, request: EndpointList) -> EndpointPage:
        wanted = Page(request.limit, request.offset)
        scope = scope_of(context)

        def read(conn: Connection) -> tuple[list[Endpoint], int, list[Registration]]:
            rows, total = store.page(conn, self.keyring, scope, wanted, request.subaccount)
            ids = [row.endpoint_id for row in rows]
            return rows, total, registrations.current(conn, ids, context.now)

        rows, total, contacts = await self.db.read(read)
        preferred = {one.endpoint_id: one for one in reversed(contacts)}
        filters = [("subaccount", request.subaccount)] if request.subaccount else []
        path = f"/v1/Account/{context.account_id}/Endpoint/"
        return EndpointPage(
            meta=page_meta(wanted, total, path, filters),
            objects=[self._answer(row, preferred.get(row.endpoint_id)) for row in rows],
        )

    async def update(self, context: RequestContext, request: EndpointUpdate) -> Confirmation:
        endpoint_id = _well_formed(request.endpoint_id)
        scope = scope_of(context)
        changes = EndpointChanges(
            password=_text_or_none("password", request.password),
            alias=None if request.alias is None else _checked_alias(request.alias),
            app_id=_cleared(request.app_id),
        )

        def write(conn: Connection) -> bool:
            if store.find(conn, self.keyring, scope, endpoint_id) is None:
                return False
            check_app(conn, scope, changes.app_id)
            return store.change(
                conn, self.keyring, self.domain, scope, endpoint_id, changes, context.now
            )

        if not await self.db.write(write):
            raise NotFound
        await catch_up(self.db, self.directory)
        return Confirmation(message="changed")

    async def delete(self, context: RequestContext, request: EndpointDelete) -> None:
        endpoint_id = _well_formed(request.endpoint_id)
        scope = scope_of(context)
        if not await self.db.write(lambda conn: store.remove(conn, scope, endpoint_id)):
            raise NotFound
        await catch_up(self.db, self.directory)

    def _answer(self, one: Endpoint, contact: Registration | None) -> EndpointAnswer:
        account = f"/v1/Account/{one.main_auth_id}/"
        owner = one.subaccount_id
        answer = EndpointAnswer(
            endpoint_id=one.endpoint_id,
            alias=one.alias,
            username=one.username,
            app_id=one.app_id or "",
            application=None if one.app_id is None else f"{account}Application/{one.app_id}/",
            sip_uri=f"sip:{one.username}@{self.domain}",
            sip_registered="false" if contact is None else "true",
            sub_account=None if owner is None else f"{account}Subaccount/{owner}/",
            resource_uri=f"{account}Endpoint/{one.endpoint_id}/",
        )
        if contact is not None:
            answer.sip_contact = contact.contact
            answer.sip_expires = _wire_time(contact.expires_at)
            answer.sip_user_agent = contact.user_agent
        return answer


def handlers(api: EndpointApi) -> Mapping[str, Handler]:
    """Return the handler of each endpoint operation by its id."""
    return {
        "endpoint.create": api.create,
        "endpoint.get": api.get,
        "endpoint.list": api.list,
        "endpoint.update": api.update,
        "endpoint.delete": api.delete,
    }


def _well_formed(endpoint_id: str) -> str:
    if not endpoint_id.isascii() or not endpoint_id.isdigit() or len(endpoint_id) > _MAX_ID:
        raise NotFound
    return endpoint_id


def _checked_alias(alias: str) -> str:
    """Accept any printable name.

    PLIVO endpoint: one text allows letters, digits, - and _ alone, but every example of it sends
    "Test Account".
    """
    if not alias.strip():
        raise InvalidParameter("alias", "must not be blank")
    if len(alias) > _MAX_ALIAS:
        raise InvalidParameter("alias", f"must be at most {_MAX_ALIAS} characters")
    return checked_text("alias", alias)


def _text_or_none(field: str, value: str | None) -> str | None:
    return None if value is None else checked_text(field, value)


def _cleared(app_id: str | None) -> str | None:
    """Return "" for the words that stand for nothing."""
    return "" if app_id is not None and app_id.strip().lower() in _NOTHING else app_id or None


def _wire_time(at: float) -> str:
    # PLIVO endpoint: sip_expires, "2014-07-21 19:26:08"
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
