"""`/admin/`: what was used and charged, and what accounts may do, for the operator."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Account
from trunkline.accounts.permissions import store as permission_store
from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.accounts.permissions.model import Permissions
from trunkline.billing import report
from trunkline.billing.errors import RechargeRefused
from trunkline.billing.recharge.rules import set_rule, stop
from trunkline.billing.store import recharges, statements, usage
from trunkline.rest.operator import MAX_PAGE, Page, answer, refuse
from trunkline.runtime.changes import catch_up
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.values.money import format_amount, parse_amount
from trunkline.values.networks.countries import parse_countries

MOST_LINES = 10_000


class _PermissionChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is absent stays; null inherits again."""

    countries: str | list[str] | msgspec.UnsetType | None = msgspec.UNSET
    india_dlt: bool | msgspec.UnsetType | None = msgspec.UNSET


class _Recharge(msgspec.Struct, forbid_unknown_fields=True):
    """US dollars as text."""

    threshold: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPages:
    """What these pages work with."""

    db: Database
    clock: Clock
    accounts: Directory
    permissions: PermissionDirectory

    def pages(self) -> list[Page]:
        """Return the pages: usage, ledger, permissions, recharge."""
        permissions = "/admin/accounts/{auth_id}/permissions"
        recharge = "/admin/accounts/{auth_id}/recharge"
        return [
            ("/admin/usage", "GET", self.usage),
            ("/admin/ledger", "GET", self.ledger),
            (permissions, "GET", self.permissions_of),
            (permissions, "PUT", self.permit),
            (permissions, "POST", self.permit),
            (recharge, "GET", self.recharge_of),
            (recharge, "PUT", self.recharge),
            (recharge, "POST", self.recharge),
            (recharge, "DELETE", self.stop_recharge),
        ]

    async def usage(self, request: Request) -> Response:
        """Sum up usage: `from`, `to`, `group`, `account`, `format`."""
        query = request.query_params
        try:
            groups = report.parse_groups(query.get("group", report.DEFAULT_GROUPS))
            first, last = report.parse_period(query.get("from"), query.get("to"), self.clock.now())
        except ValueError as error:
            return refuse(400, str(error))
        names = [report.GROUPS[name] for name in groups]
        account = query.get("account", "")
        if account and self.accounts.get(account) is None:
            return refuse(404, "no such account")
        found = await self.db.read(
            lambda conn: usage.summarise(conn, first, last, names, account, MOST_LINES + 1)
        )
        if len(found) > MOST_LINES:
            return refuse(400, f"more than {MOST_LINES:,} lines: ask for fewer days or groups")
        period = {"from": report.day_text(first), "to": report.day_text(last)}
        return _table(request, report.usage_table(found, groups), period)

    async def ledger(self, request: Request) -> Response:
        """List entries, the newest first: `account`, `kind`, `from`, `to`, `limit`, `after`."""
        query = request.query_params
        account = self.accounts.get(query.get("account", ""))
        if account is None:
            missing = "account" not in query
            return refuse(*((400, "account is missing") if missing else (404, "no such account")))
        try:
            wanted = _ledger_filter(account, request, self.clock.now())
            limit = int(query.get("limit", str(MAX_PAGE)))
            after = query.get("after", "")
            if "\0" in after or "\0" in wanted.kind:
                raise ValueError("kind and after must not contain NUL characters")
            if not 1 <= limit <= MOST_LINES:
                raise ValueError(f"limit must be between 1 and {MOST_LINES:,}")
            found = await self.db.read(
                partial(statements.list_entries, wanted=wanted, limit=limit, after=after)
            )
        except ValueError as error:
            return refuse(400, str(error))
        following = found[-1].cursor if len(found) == limit else None
        return _table(request, report.ledger_table(found), {"next_after": following})

    async def permissions_of(self, request: Request) -> Response:
        """Show what is set for an account, and what holds for it."""
        account = self.accounts.get(request.path_params["auth_id"])
        if account is None:
            return refuse(404, "no such account")
        stored = await self.db.read(partial(permission_store.get, account_id=account.auth_id))
        return self._shown(account, stored)

    async def permit(self, request: Request) -> Response:
        """Set `countries` and `india_dlt`; what is absent stays, null inherits again."""
        account = self.accounts.get(request.path_params["auth_id"])
        if account is None:
            return refuse(404, "no such account")
        try:
            change = msgspec.json.decode(await request.body(), type=_PermissionChange)
            countries = _countries(change.countries)
        except (msgspec.DecodeError, ValueError) as error:
            return refuse(400, str(error))

        def write(conn: Connection) -> Permissions:
            old = permission_store.get(conn, account.auth_id)
            new = Permissions(
                account.auth_id,
                old.countries if countries is msgspec.UNSET else countries,
                old.india_dlt if change.india_dlt is msgspec.UNSET else change.india_dlt,
            )
            permission_store.put(conn, new)
            return new

        stored = await self.db.write(write)
        await catch_up(self.db, self.permissions)
        return self._shown(account, stored)

    async def recharge_of(self, request: Request) -> Response:
        """Show whether and how an account is topped up."""
        account = self._main_account(request)
        if account is None:
            return refuse(404, "no such main account")
        return answer(
            200, _rule(await self.db.read(partial(recharges.get, account_id=account.auth_id)))
        )

    async def recharge(self, request: Request) -> Response:
        """Top an account up by `amount` whenever it has less than `threshold`."""
        account = self._main_account(request)
        if account is None:
            return refuse(404, "no such main account")
        now = self.clock.now()
        try:
            wanted = msgspec.json.decode(await request.body(), type=_Recharge)
            threshold, amount = parse_amount(wanted.threshold), parse_amount(wanted.amount)
            rule = recharges.Rule(account.auth_id, threshold, amount)
            await self.db.write(lambda conn: set_rule(conn, account, rule, now))
        except (msgspec.DecodeError, ValueError, RechargeRefused) as error:
            return refuse(400, str(error))
        await catch_up(self.db, self.accounts)
        return await self.recharge_of(request)

    async def stop_recharge(self, request: Request) -> Response:
        """Top it up no more."""
        account = self._main_account(request)
        if account is None:
            return refuse(404, "no such main account")
        now = self.clock.now()
        await self.db.write(lambda conn: stop(conn, account.auth_id, now))
        await catch_up(self.db, self.accounts)
        return await self.recharge_of(request)

    def _main_account(self, request: Request) -> Account | None:
        account = self.accounts.get(request.path_params["auth_id"])
        return None if account is None or account.is_subaccount else account

    def _shown(self, account: Account, stored: Permissions) -> Response:
        ids = (account.auth_id, account.main_auth_id)
        body = {
            "account": account.auth_id,
            "set": {
                "countries": None if stored.countries is None else sorted(stored.countries),
                "india_dlt": stored.india_dlt,
            },
            "countries": sorted(self.permissions.countries(*ids)),
            "india_dlt": self.permissions.needs_dlt(*ids),
        }
        return answer(200, body)


def _rule(rule: recharges.Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"enabled": False, "threshold": None, "amount": None, "failures": 0}
    return {
        "enabled": rule.enabled,
        "threshold": format_amount(rule.threshold),
        "amount": format_amount(rule.amount),
        "failures": rule.failures,
    }


def _ledger_filter(account: Account, request: Request, now: float) -> statements.LedgerFilter:
    query = request.query_params
    since = until = None
    if "from" in query or "to" in query:
        first, last = report.parse_period(query.get("from"), query.get("to"), now)
        since, until = first * float(usage.DAY_S), (last + 1) * float(usage.DAY_S)
    return statements.LedgerFilter(
        account.main_auth_id,
        account.auth_id if account.is_subaccount else "",
        query.get("kind", ""),
        since,
        until,
    )


def _countries(
    given: str | list[str] | msgspec.UnsetType | None,
) -> frozenset[str] | msgspec.UnsetType | None:
    if isinstance(given, list):
        return parse_countries(",".join(given))
    return parse_countries(given) if isinstance(given, str) else given


def _table(request: Request, table: report.Table, more: dict[str, Any]) -> Response:
    wanted = request.query_params.get("format", "json")
    if wanted == "csv":
        return Response(report.as_csv(table), media_type="text/csv")
    if wanted != "json":
        return refuse(400, "format must be json or csv")
    return answer(200, {**more, "objects": report.as_objects(table)})
