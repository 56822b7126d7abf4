import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete

from trunkline.accounts import store
from trunkline.accounts.api import AccountApi, handlers
from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Account, NewAccount
from trunkline.contract.catalog import operation
from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.errors import Forbidden, InvalidParameter, NotFound
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring

AT = 1_767_225_600.0  # 2026-01-01T00:00:00Z
KEYS = Keyring({"k1": bytes(32)})


class Office:
    """The account operations as a caller has them: by id, plain values in and out."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.directory = Directory(KEYS)
        self.deleted: list[tuple[str, str, bool]] = []
        self.now = AT
        self.api = AccountApi(
            db=db,
            keyring=KEYS,
            directory=self.directory,
            cash=lambda _conn, account: 488_860 if account.startswith("MA") else 1,
            on_subaccount_delete=[self._note],
        )
        self.handlers = handlers(self.api)

    def _note(self, _conn: Connection, main: str, sub: str, cascade: bool) -> None:
        self.deleted.append((main, sub, cascade))

    async def open(self, name: str) -> Account:
        made = await self.db.write(
            lambda conn: store.create_account(conn, KEYS, NewAccount(name), AT)
        )
        await self.directory.refresh(self.db)
        return made

    async def call(
        self, operation_id: str, auth_id: str, account_id: str = "", **fields: Any
    ) -> Mapping[str, Any] | None:
        principal = self.directory.principal(auth_id)
        assert principal is not None
        context = RequestContext(
            api_id="a",
            principal=principal,
            account_id=account_id or auth_id,
            remote_ip="127.0.0.1",
            now=self.now,
        )
        request = msgspec.convert(fields, operation(operation_id).request)
        answer = await self.handlers[operation_id](context, request)
        assert answer is None or isinstance(answer, msgspec.Struct)
        return None if answer is None else msgspec.to_builtins(answer)

    async def sub(self, main: str, name: str = "sub", enabled: bool = True) -> str:
        made = await self.call("subaccount.create", main, name=name, enabled=enabled)
        assert made is not None
        return made["auth_id"]


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_every_account_operation_has_a_handler() -> None:
    known = {"account.get", "account.update"} | {
        f"subaccount.{verb}" for verb in ("create", "get", "list", "update", "delete")
    }
    assert set(handlers(AccountApi.__new__(AccountApi))) == known


async def test_the_account_object_is_plivos(office: Office) -> None:
    main = await office.open("Sherlock Holmes")
    assert await office.call("account.get", main.auth_id) == {
        "account_type": "standard",
        "address": "",
        "auth_id": main.auth_id,
        "auto_recharge": False,
        "billing_mode": "prepaid",
        "cash_credits": "4.88860",
        "city": "",
        "name": "Sherlock Holmes",
        "resource_uri": f"/v1/Account/{main.auth_id}/",
        "state": "",
        "timezone": "UTC",
    }


async def test_an_account_changes_in_what_is_given(office: Office) -> None:
    main = await office.open("Bruce Wayne")
    given = {
        "city": "Gotham",
        "state": "NY",
        "timezone": "America/New_York",
        "address": "1 Main Street\nGotham",
    }
    assert await office.call("account.update", main.auth_id, **given) == {"message": "changed"}
    assert await office.call("account.update", main.auth_id, city="") == {"message": "changed"}
    after = await office.call("account.get", main.auth_id)
    assert after is not None
    assert {name: after[name] for name in (*given, "name")} == {
        **given,
        "city": "",
        "name": "Bruce Wayne",
    }
    known = office.directory.get(main.auth_id)
    assert known is not None
    assert known.timezone == "America/New_York"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Gotham/City"),
        ("timezone", ""),
        ("name", "a\x00b"),
        ("city", "a\nb"),
        ("state", "\x1b[0m"),
        ("address", "a\x00b"),
    ],
)
async def test_a_wrong_value_is_refused_by_name(office: Office, field: str, value: str) -> None:
    main = await office.open("Bruce Wayne")
    with pytest.raises(InvalidParameter) as caught:
        await office.call("account.update", main.auth_id, **{field: value})
    assert caught.value.field == field


async def test_a_subaccount_from_creation_to_deletion(office: Office) -> None:
    main = (await office.open("Bruce")).auth_id
    made = await office.call("subaccount.create", main, name="Han Solo")
    assert made is not None
    assert made["message"] == "created"
    sub = made["auth_id"]
    assert sub.startswith("SA")
    assert office.directory.authenticate(sub, made["auth_token"]) is None  # PLIVO: off by default
    expected = {
        "account": f"/v1/Account/{main}/",
        "auth_id": sub,
        "auth_token": made["auth_token"],
        "created": "2026-01-01",
        "enabled": False,
        "modified": None,
        "name": "Han Solo",
        "new_auth_token": made["auth_token"],
        "resource_uri": f"/v1/Account/{main}/Subaccount/{sub}/",
    }
    assert await office.call("subaccount.get", main, subauth_id=sub) == expected

    office.now = AT + 86_400
    changed = await office.call(
        "subaccount.update", main, subauth_id=sub, name="Leia", enabled=True
    )
    assert changed == {"message": "changed"}
    expected |= {"name": "Leia", "enabled": True, "modified": "2026-01-02"}
    assert await office.call("subaccount.get", main, subauth_id=sub) == expected
    assert office.directory.authenticate(sub, made["auth_token"]) is not None
    await office.call("subaccount.update", main, subauth_id=sub, name="Leia")
    assert office.directory.authenticate(sub, made["auth_token"]) is not None  # absent: unchanged

    listed = await office.call("subaccount.list", main)
    assert listed == {
        "meta": {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1},
        "objects": [expected],
    }
    assert await office.call("subaccount.delete", main, subauth_id=sub, cascade=True) is None
    assert office.deleted == [(main, sub, True)]
    assert office.directory.authenticate(sub, made["auth_token"]) is None
    for again in ("get", "delete"):
        with pytest.raises(NotFound):
            await office.call(f"subaccount.{again}", main, subauth_id=sub)


async def test_pages_link_to_each_other(office: Office) -> None:
    main = (await office.open("Bruce")).auth_id
    for n in range(3):
        office.now = AT + n
        await office.sub(main, f"sub {n}")
    page = await office.call("subaccount.list", main, limit=1, offset=1)
    assert page is not None
    assert [one["name"] for one in page["objects"]] == ["sub 1"]
    assert page["meta"] == {
        "limit": 1,
        "offset": 1,
        "next": f"/v1/Account/{main}/Subaccount/?limit=1&offset=2",
        "previous": f"/v1/Account/{main}/Subaccount/?limit=1&offset=0",
        "total_count": 3,
    }


async def test_a_subaccount_reaches_nothing_but_itself(office: Office) -> None:
    main = (await office.open("Bruce")).auth_id
    sub, sibling = await office.sub(main), await office.sub(main, "sibling")
    for target in (sub, sibling, main):
        for verb, fields in (("get", {}), ("update", {"name": "x"}), ("delete", {})):
            with pytest.raises(NotFound):
                await office.call(f"subaccount.{verb}", sub, subauth_id=target, **fields)
    listed = await office.call("subaccount.list", sub)
    assert listed is not None
    assert listed["objects"] == []
    with pytest.raises(Forbidden):
        await office.call("subaccount.create", sub, name="grandchild")
    itself = await office.call("account.get", sub)
    assert itself is not None
    assert itself["auth_id"] == sub
    assert itself["cash_credits"] == "4.88860"  # what it may spend: its main account's


async def test_the_main_account_may_act_for_a_subaccount(office: Office) -> None:
    main = (await office.open("Bruce")).auth_id
    sub = await office.sub(main)
    await office.call("account.update", main, sub, city="Tatooine")
    found = await office.call("account.get", main, sub)
    assert found is not None
    assert (found["auth_id"], found["city"]) == (sub, "Tatooine")
    with pytest.raises(Forbidden):
        await office.call("subaccount.create", main, sub, name="grandchild")


async def test_another_accounts_subaccounts_are_not_there(office: Office) -> None:
    main, other = (await office.open("Bruce")).auth_id, (await office.open("Joker")).auth_id
    sub = await office.sub(main)
    for target in (sub, main, other, "SA", "SAXXXXXXXXXXXXXXXXXX", "\x00", "SA\ud7ff" + "X" * 17):
        for verb, fields in (("get", {}), ("update", {"name": "x"}), ("delete", {})):
            with pytest.raises(NotFound):
                await office.call(f"subaccount.{verb}", other, subauth_id=target, **fields)
    assert office.deleted == []


@pytest.mark.parametrize("name", [" ", "\t", "a\x00b"])
async def test_a_subaccount_needs_a_name_for_people(office: Office, name: str) -> None:
    main = (await office.open("Bruce")).auth_id
    with pytest.raises(InvalidParameter, match="name parameter is invalid"):
        await office.call("subaccount.create", main, name=name)


async def test_an_account_that_vanished_is_not_found(office: Office) -> None:
    main = (await office.open("Bruce")).auth_id
    await office.db.write(lambda conn: conn.execute(delete(store.accounts)).rowcount)
    with pytest.raises(NotFound):
        await office.call("account.get", main)
    with pytest.raises(NotFound):
        await office.call("account.update", main, name="x")


async def test_many_changes_at_once_all_count(office: Office) -> None:
    main = (await office.open("Bruce")).auth_id
    made = await asyncio.gather(*(office.sub(main, f"sub {n}") for n in range(30)))
    assert len(set(made)) == 30
    assert all(office.directory.subaccount(main, sub) for sub in made)


def test_a_principal_is_what_the_http_layer_expects() -> None:
    assert {field.name for field in msgspec.structs.fields(Principal)} == {
        "auth_id",
        "main_auth_id",
        "is_subaccount",
        "enabled",
    }
