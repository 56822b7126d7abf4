"""The operator's pages of usage, ledger and permissions."""

import csv
import io
from collections.abc import MutableMapping
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from trunkline.accounts import store as accounts_store
from trunkline.accounts.directory import Directory
from trunkline.accounts.model import NewAccount
from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.billing import store
from trunkline.billing.model import Debit
from trunkline.rest.money import MoneyPages
from trunkline.rest.operator import operator_routes
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring

KEYS = Keyring({"k1": bytes(32)})
AT = 1_767_225_600.0  # 2026-01-01


class Desk:
    """The pages, asked without a token as in local mode."""

    def __init__(self, db: Database, clock: ControlledClock) -> None:
        self.db = db
        self.clock = clock
        self.accounts = Directory(KEYS)
        self.permissions = PermissionDirectory(frozenset({"US"}))
        self.main = self.sub = ""

    async def open(self) -> None:
        def fill(conn: Connection) -> tuple[str, str]:
            main = accounts_store.create_account(conn, KEYS, NewAccount("a"), AT)
            sub = accounts_store.create_subaccount(conn, KEYS, main, "b", enabled=True, at=AT)
            store.credit(conn, main.auth_id, 100, kind="payment", resource_id="p", at=AT - 1)
            for day in range(3):
                store.debit(
                    conn,
                    [
                        Debit(main.auth_id, 850, "message", f"{name}{day}", AT + day * 86_400, by,
                              300, "sms", "outbound", 1)
                        for name, by in (("m", ""), ("s", sub.auth_id))
                    ],
                )  # fmt: skip
            return main.auth_id, sub.auth_id

        self.main, self.sub = await self.db.write(fill)
        await self.accounts.refresh(self.db)

    async def ask(
        self, target: str, method: str = "GET", body: bytes = b"", token: str | None = None
    ) -> tuple[int, Any]:
        """Return the status and the body: of JSON the object, else the text."""
        pages = MoneyPages(
            db=self.db, clock=self.clock, accounts=self.accounts, permissions=self.permissions
        ).pages()
        routes = operator_routes(self.db, self.clock, token=token, local=True, pages=pages)
        path, _, query = target.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [],
        }
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await Starlette(routes=routes)(scope, receive, send)
        text = b"".join(one.get("body", b"") for one in sent)
        try:
            return sent[0]["status"], msgspec.json.decode(text)
        except msgspec.DecodeError:
            return sent[0]["status"], text.decode()


@pytest.fixture
async def desk(database: Database, clock: ControlledClock) -> Desk:
    made = Desk(database, clock)
    await made.open()
    return made


async def test_usage_is_summed_up_as_asked(desk: Desk) -> None:
    status, found = await desk.ask("/admin/usage?from=2026-01-01&to=2026-01-02&group=day")
    assert status == 200
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-01-02")
    assert found["objects"] == [
        {"day": f"2026-01-0{n}", "count": 2, "units": 2, "amount": "0.01700", "fees": "0.00600"}
        for n in (1, 2)
    ]
    _, found = await desk.ask(
        f"/admin/usage/?from=2026-01-01&to=2026-01-03&group=account&account={desk.sub}"
    )
    assert [(one["account"], one["count"]) for one in found["objects"]] == [(desk.sub, 3)]
    _, text = await desk.ask("/admin/usage?from=2026-01-01&to=2026-01-03&format=csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 6
    assert rows[0]["product"] == "sms"


@pytest.mark.parametrize(
    ("target", "status", "why"),
    [
        ("/admin/usage?from=never", 400, "from must be a day"),
        ("/admin/usage?group=colour", 400, "group must be of"),
        ("/admin/usage?format=xml", 400, "format must be json or csv"),
        ("/admin/usage?account=MA%00", 404, "no such account"),
        ("/admin/ledger", 400, "account is missing"),
        ("/admin/ledger?account=MAnobody", 404, "no such account"),
        ("/admin/ledger?account={main}&limit=x", 400, "invalid literal"),
        ("/admin/ledger?account={main}&limit=0", 400, "limit must be between"),
        ("/admin/ledger?account={main}&after=x", 400, "not a cursor"),
        ("/admin/ledger?account={main}&after=x:y:z", 400, "could not convert"),
        ("/admin/ledger?account={main}&after=nan:y:z", 400, "not a cursor"),
        ("/admin/ledger?account={main}&kind=%00", 400, "NUL"),
        ("/admin/ledger?account={main}&from=2026-01-02&to=2026-01-01", 400, "before"),
        ("/admin/accounts/MAnobody/permissions", 404, "no such account"),
    ],
)
async def test_wrong_questions_are_refused(desk: Desk, target: str, status: int, why: str) -> None:
    answered, body = await desk.ask(target.format(main=desk.main))
    assert answered == status
    assert why in body["error"]


async def test_the_pages_need_the_operators_token(desk: Desk) -> None:
    assert (await desk.ask("/admin/usage", token="secret"))[0] == 401


async def test_the_ledger_is_paged_from_the_newest_on(desk: Desk) -> None:
    seen: list[str] = []
    target = f"/admin/ledger?account={desk.main}&limit=3"
    after = ""
    for _ in range(9):
        _, found = await desk.ask(target + (f"&after={after}" if after else ""))
        seen += [one["resource"] for one in found["objects"]]
        after = found["next_after"]
        if after is None:
            break
    assert seen == ["s2", "m2", "s1", "m1", "s0", "m0", "p"]
    _, found = await desk.ask(f"/admin/ledger?account={desk.sub}&from=2026-01-02&to=2026-01-02")
    assert [(one["resource"], one["amount"], one["used_by"]) for one in found["objects"]] == [
        ("s1", "-0.00850", desk.sub)
    ]
    _, found = await desk.ask(f"/admin/ledger?account={desk.main}&kind=payment")
    assert [one["amount"] for one in found["objects"]] == ["0.00100"]


async def test_permissions_are_set_kept_and_inherited(desk: Desk) -> None:
    page = f"/admin/accounts/{desk.sub}/permissions"
    _, shown = await desk.ask(page)
    assert shown["set"] == {"countries": None, "india_dlt": None}
    assert (shown["countries"], shown["india_dlt"]) == (["US"], False)
    main = f"/admin/accounts/{desk.main}/permissions"
    status, shown = await desk.ask(main, "PUT", b'{"countries": ["gb", "IN"], "india_dlt": true}')
    assert (status, shown["countries"]) == (200, ["GB", "IN"])
    _, shown = await desk.ask(page)
    assert (shown["countries"], shown["india_dlt"]) == (["GB", "IN"], True)
    _, shown = await desk.ask(page, "POST", b'{"countries": "*"}')
    assert (shown["countries"], shown["india_dlt"]) == (["*"], True)
    assert desk.permissions.may_send_to(desk.sub, desk.main, "FR")
    assert not desk.permissions.may_send_to(desk.main, desk.main, "FR")
    _, shown = await desk.ask(page, "POST", b'{"india_dlt": false}')
    assert shown["set"] == {"countries": ["*"], "india_dlt": False}
    _, shown = await desk.ask(page, "POST", b'{"countries": null, "india_dlt": null}')
    assert shown["countries"] == ["GB", "IN"]
    assert not desk.permissions.may_send_to(desk.sub, desk.main, "FR")
    _, shown = await desk.ask(main, "PUT", b'{"countries": ""}')
    assert shown["countries"] == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"countries": "ZZ"}', b'{"countries": 1}', b'{"india_dlt": "x"}', b'{"x": 1}'],
)
async def test_wrong_permissions_change_nothing(desk: Desk, body: bytes) -> None:
    page = f"/admin/accounts/{desk.main}/permissions"
    status, answer = await desk.ask(page, "PUT", body)
    assert (status, "error" in answer) == (400, True)
    assert (await desk.ask(page))[1]["set"] == {"countries": None, "india_dlt": None}


async def test_a_top_up_is_set_shown_and_stopped(desk: Desk) -> None:
    page = f"/admin/accounts/{desk.main}/recharge"
    nothing = {"enabled": False, "threshold": None, "amount": None, "failures": 0}
    _, shown = await desk.ask(page)
    assert {name: shown[name] for name in nothing} == nothing
    body = b'{"threshold": "10", "amount": "50.5"}'
    status, shown = await desk.ask(page, "PUT", body)
    assert (status, shown["enabled"], shown["threshold"]) == (200, True, "10.00000")
    account = desk.accounts.get(desk.sub)
    assert account is not None
    assert account.auto_recharge  # its main account's
    _, shown = await desk.ask(page, "DELETE")
    assert (shown["enabled"], shown["amount"]) == (False, "50.50000")
    assert (await desk.ask(f"/admin/accounts/{desk.sub}/recharge", "PUT", body))[0] == 404
    for wrong in (b"", b'{"threshold": "x", "amount": "5"}', b'{"threshold": "1", "amount": "0"}'):
        assert (await desk.ask(page, "POST", wrong))[0] == 400
    assert not (await desk.ask(page))[1]["enabled"]
