"""Wire ↔ domain for applications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.accounts import store as account_store
from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.accounts.text import checked_text
from trunkline.applications import store
from trunkline.applications.directory import Directory
from trunkline.applications.model import (
    Application,
    ApplicationChanges,
    ApplicationFilter,
    Deletion,
    NewApplication,
)
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.applications import (
    ApplicationAnswer,
    ApplicationCreate,
    ApplicationCreated,
    ApplicationDelete,
    ApplicationGet,
    ApplicationList,
    ApplicationPage,
    ApplicationUpdate,
)
from trunkline.runtime.changes import Mirror, catch_up
from trunkline.runtime.db import Connection, Database
from trunkline.values.pages import Page, page_meta

_MAX_NAME = 100
_MAX_APP_ID = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationApi:
    """What the application operations work with.

    `sip_domain` is the host of `sip_uri`. `on_delete` deals with what pointed to a deleted
    application, and `pointing` are the copies in memory that this changes.
    """

    db: Database
    directory: Directory
    sip_domain: str = "app.plivo.com"  # PLIVO application: sip:<app_id>@app.plivo.com
    on_delete: Sequence[store.OnApplicationDelete] = ()
    pointing: Sequence[Mirror] = ()

    async def create(
        self, context: RequestContext, request: ApplicationCreate
    ) -> ApplicationCreated:
        new = _new_application(request)
        scope = scope_of(context)

        def write(conn: Connection) -> Application | None:
            if request.subaccount is None:
                return store.create(conn, scope, new, context.now)
            if not _may_own(conn, scope, request.subaccount):
                return None
            owner = Scope(scope.main_auth_id, request.subaccount)
            return store.create(conn, owner, new, context.now)

        made = await self.db.write(write)
        if made is None:
            raise _foreign_subaccount()
        await catch_up(self.db, self.directory)
        return ApplicationCreated(message="created", app_id=made.app_id)

    async def get(self, context: RequestContext, request: ApplicationGet) -> ApplicationAnswer:
        app_id = _well_formed(request.app_id)
        found = await self.db.read(lambda conn: store.find(conn, scope_of(context), app_id))
        if found is None:
            raise NotFound
        return self._answer(found)

    async def list(self, context: RequestContext, request: ApplicationList) -> ApplicationPage:
        page = Page(request.limit, request.offset)
        name = checked_text("app_name", request.app_name or "")
        wanted = ApplicationFilter(account_id=request.subaccount, name_prefix=name or None)
        found, total = await self.db.read(
            lambda conn: store.list_applications(conn, scope_of(context), wanted, page)
        )
        filters = [("subaccount", request.subaccount or ""), ("app_name", name)]
        path = f"/v1/Account/{context.account_id}/Application/"
        return ApplicationPage(
            meta=page_meta(page, total, path, [pair for pair in filters if pair[1]]),
            objects=[self._answer(application) for application in found],
        )

    async def update(self, context: RequestContext, request: ApplicationUpdate) -> Confirmation:
        app_id = _well_formed(request.app_id)
        changes = _changes(request)
        scope = scope_of(context)

        def write(conn: Connection) -> bool | None:
            if request.subaccount is not None and not _may_own(conn, scope, request.subaccount):
                return None
            return store.change(conn, scope, app_id, changes, context.now)

        done = await self.db.write(write)
        if done is None:
            raise _foreign_subaccount()
        if not done:
            raise NotFound
        await catch_up(self.db, self.directory)
        return Confirmation(message="changed")

    async def delete(self, context: RequestContext, request: ApplicationDelete) -> None:
        app_id = _well_formed(request.app_id)
        scope = scope_of(context)
        deletion = _deletion(request)

        def write(conn: Connection) -> bool | None:
            if store.find(conn, scope, app_id) is None:
                return False
            successor = deletion.successor_id
            if successor is not None and store.find(conn, scope, successor) is None:
                return None
            return store.remove(conn, scope, app_id, deletion, self.on_delete)

        done = await self.db.write(write)
        if done is None:
            raise InvalidParameter("new_endpoint_application", "no such application")
        if not done:
            raise NotFound
        await catch_up(self.db, self.directory, *self.pointing)

    def _answer(self, one: Application) -> ApplicationAnswer:
        account = f"/v1/Account/{one.main_auth_id}/"
        owner = one.subaccount_id
        return ApplicationAnswer(
            answer_method=one.answer_method,
            answer_url=one.answer_url,
            app_id=one.app_id,
            app_name=one.app_name,
            default_app=one.default_number_app,
            default_endpoint_app=one.default_endpoint_app,
            default_number_app=one.default_number_app,
            enabled=one.enabled,
            fallback_answer_url=one.fallback_answer_url,
            fallback_method=one.fallback_method,
            hangup_method=one.hangup_method,
            hangup_url=one.hangup_url,
            log_incoming_messages=one.log_incoming_messages,
            message_method=one.message_method,
            message_url=one.message_url,
            public_uri=one.public_uri,
            resource_uri=f"{account}Application/{one.app_id}/",
            sip_uri=f"sip:{one.app_id}@{self.sip_domain}",
            sub_account=None if owner is None else f"{account}Subaccount/{owner}/",
        )


def handlers(api: ApplicationApi) -> Mapping[str, Handler]:
    """Return the handler of each application operation by its id."""
    return {
        "application.create": api.create,
        "application.get": api.get,
        "application.list": api.list,
        "application.update": api.update,
        "application.delete": api.delete,
    }


def _may_own(conn: Connection, scope: Scope, subaccount_id: str) -> bool:
    """A main account hands applications to its subaccounts, a subaccount only to itself."""
    if scope.subaccount_id is not None:
        return subaccount_id == scope.subaccount_id
    return account_store.is_subaccount_of(conn, scope.main_auth_id, subaccount_id)


def _foreign_subaccount() -> InvalidParameter:
    return InvalidParameter("subaccount", "not a subaccount of this account")


def _well_formed(app_id: str) -> str:
    if not app_id.isascii() or not app_id.isdigit() or len(app_id) > _MAX_APP_ID:
        raise NotFound
    return app_id


def _checked_name(name: str) -> str:
    """Accept any printable name.

    PLIVO application: create allows letters, digits, - and _ alone, but its own examples send
    "Test Application" and the SDK fixtures have "0.8522478089992022".
    """
    if not name.strip():
        raise InvalidParameter("app_name", "must not be blank")
    if len(name) > _MAX_NAME:
        raise InvalidParameter("app_name", f"must be at most {_MAX_NAME} characters")
    return checked_text("app_name", name)


def _checked_urls(request: ApplicationCreate | ApplicationUpdate) -> None:
    for field in ("answer_url", "hangup_url", "fallback_answer_url", "message_url"):
        checked_text(field, getattr(request, field) or "")


def _new_application(request: ApplicationCreate) -> NewApplication:
    _checked_urls(request)
    return NewApplication(
        app_name=_checked_name(request.app_name),
        answer_url=request.answer_url or "",
        answer_method=request.answer_method,
        hangup_url=request.hangup_url or "",
        hangup_method=request.hangup_method,
        fallback_answer_url=request.fallback_answer_url or "",
        fallback_method=request.fallback_method,
        message_url=request.message_url or "",
        message_method=request.message_method,
        default_number_app=request.default_number_app or request.default_app,
        default_endpoint_app=request.default_endpoint_app,
        public_uri=request.public_uri,
        log_incoming_messages=request.log_incoming_messages,
    )


def _changes(request: ApplicationUpdate) -> ApplicationChanges:
    _checked_urls(request)
    default_number_app = request.default_number_app
    return ApplicationChanges(
        app_name=None if request.app_name is None else _checked_name(request.app_name),
        answer_url=request.answer_url,
        answer_method=request.answer_method,
        hangup_url=request.hangup_url,
        hangup_method=request.hangup_method,
        fallback_answer_url=request.fallback_answer_url,
        fallback_method=request.fallback_method,
        message_url=request.message_url,
        message_method=request.message_method,
        default_number_app=(
            request.default_app if default_number_app is None else default_number_app
        ),
        default_endpoint_app=request.default_endpoint_app,
        public_uri=request.public_uri,
        log_incoming_messages=request.log_incoming_messages,
        account_id=request.subaccount,
    )


def _deletion(request: ApplicationDelete) -> Deletion:
    successor = request.new_endpoint_application
    if not successor or request.cascade:
        return Deletion(cascade=request.cascade)
    if not successor.isascii() or not successor.isdigit() or successor == request.app_id:
        raise InvalidParameter("new_endpoint_application", "no such application")
    return Deletion(cascade=False, successor_id=successor)
