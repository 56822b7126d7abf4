"""Wire ↔ domain for accounts and subaccounts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from trunkline.accounts import store
from trunkline.accounts.access import scope_of
from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Account, AccountChanges
from trunkline.accounts.text import checked_lines, checked_text
from trunkline.accounts.timezones import is_timezone
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import Forbidden, InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.accounts import (
    AccountAnswer,
    AccountGet,
    AccountUpdate,
    SubaccountAnswer,
    SubaccountCreate,
    SubaccountCreated,
    SubaccountDelete,
    SubaccountGet,
    SubaccountList,
    SubaccountPage,
    SubaccountUpdate,
)
from trunkline.runtime.changes import Mirror, catch_up
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.values.ids import is_auth_id
from trunkline.values.money import format_amount
from trunkline.values.pages import Page, page_meta


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountApi:
    """What the account operations work with.

    `cash` reads a main account's balance in 0.00001 dollar. `on_subaccount_delete` deals with what
    a deleted subaccount owned, and `owned` are the copies in memory that this changes.
    """

    db: Database
    keyring: Keyring
    directory: Directory
    cash: Callable[[Connection, str], int]
    on_subaccount_delete: Sequence[store.OnSubaccountDelete] = ()
    owned: Sequence[Mirror] = ()

    async def get_account(self, context: RequestContext, _request: AccountGet) -> AccountAnswer:
        def read(conn: Connection) -> tuple[Account | None, int]:
            account = store.find(conn, self.keyring, context.account_id)
            # A subaccount spends its main account's credit, so that is what it sees.
            return account, 0 if account is None else self.cash(conn, account.main_auth_id)

        account, cash = await self.db.read(read)
        if account is None:
            raise NotFound
        return _account_answer(account, cash)

    async def update_account(self, context: RequestContext, request: AccountUpdate) -> Confirmation:
        changes = _account_changes(request)
        done = await self.db.write(
            lambda conn: store.update_account(conn, context.account_id, changes, context.now)
        )
        if not done:
            raise NotFound
        await catch_up(self.db, self.directory)
        return Confirmation(message="changed")

    async def create_subaccount(
        self, context: RequestContext, request: SubaccountCreate
    ) -> SubaccountCreated:
        name = _subaccount_name(request.name)
        main = self._main_account(context)
        made = await self.db.write(
            lambda conn: store.create_subaccount(
                conn, self.keyring, main, name, enabled=request.enabled, at=context.now
            )
        )
        await catch_up(self.db, self.directory)
        return SubaccountCreated(
            message="created", auth_id=made.auth_id, auth_token=made.auth_token
        )

    async def get_subaccount(
        self, context: RequestContext, request: SubaccountGet
    ) -> SubaccountAnswer:
        subaccount_id = _well_formed(request.subauth_id)
        found = await self.db.read(
            lambda conn: store.find_subaccount(
                conn, self.keyring, context.account_id, subaccount_id
            )
        )
        if found is None:
            raise NotFound
        return _subaccount_answer(found)

    async def list_subaccounts(
        self, context: RequestContext, request: SubaccountList
    ) -> SubaccountPage:
        page = Page(request.limit, request.offset)
        found, total = await self.db.read(
            lambda conn: store.list_subaccounts(conn, self.keyring, context.account_id, page)
        )
        path = f"/v1/Account/{context.account_id}/Subaccount/"
        return SubaccountPage(
            meta=page_meta(page, total, path), objects=[_subaccount_answer(one) for one in found]
        )

    async def update_subaccount(
        self, context: RequestContext, request: SubaccountUpdate
    ) -> Confirmation:
        subaccount_id = _well_formed(request.subauth_id)
        changes = AccountChanges(name=_subaccount_name(request.name), enabled=request.enabled)
        done = await self.db.write(
            lambda conn: store.update_subaccount(
                conn, context.account_id, subaccount_id, changes, context.now
            )
        )
        if not done:
            raise NotFound
        await catch_up(self.db, self.directory)
        return Confirmation(message="changed")

    async def delete_subaccount(self, context: RequestContext, request: SubaccountDelete) -> None:
        subaccount_id = _well_formed(request.subauth_id)
        done = await self.db.write(
            lambda conn: store.delete_subaccount(
                conn,
                context.account_id,
                subaccount_id,
                cascade=request.cascade,
                on_delete=self.on_subaccount_delete,
            )
        )
        if not done:
            raise NotFound
        await catch_up(self.db, self.directory, *self.owned)

    def _main_account(self, context: RequestContext) -> Account:
        if scope_of(context).subaccount_id is not None:
            raise Forbidden("a subaccount cannot have subaccounts")
        account = self.directory.get(context.account_id)
        if account is None:
            raise NotFound
        return account


def handlers(api: AccountApi) -> Mapping[str, Handler]:
    """Return the handler of each account and subaccount operation by its id."""
    return {
        "account.get": api.get_account,
        "account.update": api.update_account,
        "subaccount.create": api.create_subaccount,
        "subaccount.get": api.get_subaccount,
        "subaccount.list": api.list_subaccounts,
        "subaccount.update": api.update_subaccount,
        "subaccount.delete": api.delete_subaccount,
    }


def _well_formed(subaccount_id: str) -> str:
    if not is_auth_id(subaccount_id):
        raise NotFound
    return subaccount_id


def _account_changes(request: AccountUpdate) -> AccountChanges:
    if request.timezone is not None and not is_timezone(request.timezone):
        raise InvalidParameter("timezone", "not a name of the IANA Time Zone Database")
    for field in ("name", "city", "state"):
        checked_text(field, getattr(request, field) or "")
    checked_lines("address", request.address or "")
    return AccountChanges(
        name=request.name,
        address=request.address,
        city=request.city,
        state=request.state,
        timezone=request.timezone,
    )


def _subaccount_name(name: str) -> str:
    if not name.strip():
        raise InvalidParameter("name", "must not be blank")
    return checked_text("name", name)


def _account_answer(account: Account, cash: int) -> AccountAnswer:
    return AccountAnswer(
        account_type=account.account_type.value,
        address=account.address,
        auth_id=account.auth_id,
        auto_recharge=account.auto_recharge,
        billing_mode=account.billing_mode.value,
        cash_credits=format_amount(cash),
        city=account.city,
        name=account.name,
        resource_uri=f"/v1/Account/{account.auth_id}/",
        state=account.state,
        timezone=account.timezone,
    )


def _subaccount_answer(account: Account) -> SubaccountAnswer:
    main = f"/v1/Account/{account.main_auth_id}/"
    return SubaccountAnswer(
        account=main,
        auth_id=account.auth_id,
        auth_token=account.auth_token,
        created=_date(account.created_at),
        enabled=account.enabled,
        modified=None if account.modified_at is None else _date(account.modified_at),
        name=account.name,
        new_auth_token=account.auth_token,  # PLIVO SDK fixtures: the same until a token changes
        resource_uri=f"{main}Subaccount/{account.auth_id}/",
    )


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
