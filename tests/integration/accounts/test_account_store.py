import asyncio

import pytest
from sqlalchemy import select, update

from trunkline.accounts import store
from trunkline.accounts.access import AccountAuthenticator
from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Account, AccountChanges, BillingMode, NewAccount
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring, SecretUnreadable
from trunkline.values.pages import Page

AT = 1_767_225_600.0
KEYS = Keyring({"k1": bytes(32)})


async def open_account(db: Database, new: NewAccount) -> Account:
    return await db.write(lambda conn: store.create_account(conn, KEYS, new, AT))


async def open_subaccount(db: Database, main: Account, name: str, *, enabled: bool = True,
                          at: float = AT) -> Account:  # fmt: skip
    return await db.write(
        lambda conn: store.create_subaccount(conn, KEYS, main, name, enabled=enabled, at=at)
    )


async def test_an_account_comes_back_as_it_was_made(database: Database) -> None:
    new = NewAccount("Bruce", auth_token="t" * 40, billing_mode=BillingMode.POSTPAID)
    made = await open_account(database, new)
    found = await database.read(lambda conn: store.find(conn, KEYS, made.auth_id))
    assert found == made
    assert made.auth_id.startswith("MA")
    assert made.auth_token == "t" * 40
    assert made.billing_mode is BillingMode.POSTPAID
    assert "t" * 40 not in repr(made)


async def test_a_token_is_not_readable_in_the_database(database: Database) -> None:
    made = await open_account(database, NewAccount("Bruce"))
    rows = await database.read(lambda conn: conn.execute(select(store.accounts)).all())
    assert made.auth_token not in repr(rows)
    with pytest.raises(SecretUnreadable):
        await database.read(lambda conn: store.find(conn, Keyring({"k2": bytes(32)}), made.auth_id))


async def test_a_token_moved_to_another_row_does_not_open(database: Database) -> None:
    one = await open_account(database, NewAccount("One"))
    two = await open_account(database, NewAccount("Two"))

    def steal(conn: Connection) -> None:
        token = conn.execute(
            select(store.accounts.c.token_sealed).where(store.accounts.c.auth_id == one.auth_id)
        ).scalar_one()
        conn.execute(
            update(store.accounts)
            .where(store.accounts.c.auth_id == two.auth_id)
            .values(token_sealed=token)
        )

    await database.write(steal)
    with pytest.raises(SecretUnreadable):
        await database.read(lambda conn: store.find(conn, KEYS, two.auth_id))


async def test_tokens_are_sealed_again_under_a_new_key(database: Database) -> None:
    made = await open_account(database, NewAccount("Bruce"))
    both = Keyring({"k1": bytes(32), "k2": b"2" * 32})
    assert await database.write(lambda conn: store.reseal_tokens(conn, both)) == 1
    assert await database.write(lambda conn: store.reseal_tokens(conn, both)) == 0
    only_new = Keyring({"k2": b"2" * 32})
    assert await database.read(lambda conn: store.find(conn, only_new, made.auth_id)) == made


async def test_subaccounts_are_listed_newest_first_in_pages(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    other = await open_account(database, NewAccount("Joker"))
    await open_subaccount(database, other, "not mine")
    for n in range(5):
        await open_subaccount(database, main, f"sub {n}", at=AT + n)

    def names(page: Page) -> "asyncio.Future[tuple[list[str], int]]":
        async def read() -> tuple[list[str], int]:
            found, total = await database.read(
                lambda conn: store.list_subaccounts(conn, KEYS, main.auth_id, page)
            )
            return [one.name for one in found], total

        return asyncio.ensure_future(read())

    assert await names(Page(2, 0)) == (["sub 4", "sub 3"], 5)
    assert await names(Page(2, 4)) == (["sub 0"], 5)
    assert await names(Page(2, 9)) == ([], 5)


async def test_nobody_else_reaches_a_subaccount(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    other = await open_account(database, NewAccount("Joker"))
    sub = await open_subaccount(database, main, "sub")
    sibling = await open_subaccount(database, main, "sibling")
    rename = AccountChanges(name="stolen")
    for thief in (other.auth_id, sibling.auth_id, sub.auth_id):
        assert not await database.read(
            lambda conn, thief=thief: store.find_subaccount(conn, KEYS, thief, sub.auth_id)
        )
        assert not await database.write(
            lambda conn, thief=thief: store.update_subaccount(conn, thief, sub.auth_id, rename, AT)
        )
        assert not await database.write(
            lambda conn, thief=thief: store.delete_subaccount(
                conn, thief, sub.auth_id, cascade=True, on_delete=()
            )
        )
    # A main account is not a subaccount of itself.
    assert not await database.write(
        lambda conn: store.delete_subaccount(
            conn, main.auth_id, main.auth_id, cascade=True, on_delete=()
        )
    )
    assert (await database.read(lambda conn: store.find(conn, KEYS, sub.auth_id))) == sub


async def test_a_deletion_whose_hook_fails_leaves_everything(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    sub = await open_subaccount(database, main, "sub")
    told: list[tuple[str, str, bool]] = []

    def note(_conn: Connection, main_id: str, sub_id: str, cascade: bool) -> None:
        told.append((main_id, sub_id, cascade))

    def fail(_conn: Connection, _main: str, _sub: str, _cascade: bool) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(
            lambda conn: store.delete_subaccount(
                conn, main.auth_id, sub.auth_id, cascade=False, on_delete=(note, fail)
            )
        )
    assert told == [(main.auth_id, sub.auth_id, False)]
    assert await database.read(lambda conn: store.find(conn, KEYS, sub.auth_id)) == sub


async def test_the_directory_knows_who_may_come_in(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    sub = await open_subaccount(database, main, "sub")
    shut = await open_subaccount(database, main, "shut", enabled=False)
    directory = Directory(KEYS)
    assert directory.authenticate(main.auth_id, main.auth_token) is None
    await directory.refresh(database)
    assert directory.authenticate(main.auth_id, main.auth_token) == main
    assert directory.authenticate(sub.auth_id, sub.auth_token) == sub
    for auth_id, token in [
        (main.auth_id, ""),
        (main.auth_id, main.auth_token + "x"),
        (main.auth_id, main.auth_token[:-1]),
        (main.auth_id, sub.auth_token),
        (main.auth_id.lower(), main.auth_token),
        (main.auth_id, "tökén\udcff"),
        ("", ""),
        ("MAXXXXXXXXXXXXXXXXXX", main.auth_token),
        ("MAXXXXXXXXXXXXXXXXXX", "no such account, compared all the same"),
        (shut.auth_id, shut.auth_token),
    ]:
        assert directory.authenticate(auth_id, token) is None


async def test_disabling_shuts_out_at_the_next_refresh(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    sub = await open_subaccount(database, main, "sub")
    directory = Directory(KEYS)
    await directory.refresh(database)
    off, on = AccountChanges(enabled=False), AccountChanges(enabled=True)

    async def after(auth_id: str, changes: AccountChanges) -> list[bool]:
        await database.write(lambda conn: store.update_account(conn, auth_id, changes, AT))
        await directory.refresh(database)
        return [
            directory.authenticate(one.auth_id, one.auth_token) is not None for one in (main, sub)
        ]

    assert await after(sub.auth_id, off) == [True, False]
    assert await after(sub.auth_id, on) == [True, True]
    assert await after(main.auth_id, off) == [False, False]
    assert await after(main.auth_id, on) == [True, True]


async def test_the_directory_forgets_a_deleted_subaccount(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    sub = await open_subaccount(database, main, "sub")
    directory = Directory(KEYS)
    await directory.refresh(database)
    assert directory.subaccount(main.auth_id, sub.auth_id) == sub
    assert directory.subaccount(main.auth_id, main.auth_id) is None
    await database.write(
        lambda conn: store.delete_subaccount(
            conn, main.auth_id, sub.auth_id, cascade=False, on_delete=()
        )
    )
    await directory.refresh(database)
    assert directory.get(sub.auth_id) is None
    assert directory.authenticate(sub.auth_id, sub.auth_token) is None


async def test_only_the_main_account_acts_for_its_subaccounts(database: Database) -> None:
    main = await open_account(database, NewAccount("Bruce"))
    other = await open_account(database, NewAccount("Joker"))
    sub = await open_subaccount(database, main, "sub")
    sibling = await open_subaccount(database, main, "sibling")
    directory = Directory(KEYS)
    await directory.refresh(database)
    gate = AccountAuthenticator(directory)
    principals = {
        one.auth_id: gate.authenticate(one.auth_id, one.auth_token)
        for one in (main, other, sub, sibling)
    }
    allowed = {
        (who, whom)
        for who, principal in principals.items()
        for whom in principals
        if who != whom and principal is not None and gate.may_act_for(principal, whom)
    }
    assert allowed == {(main.auth_id, sub.auth_id), (main.auth_id, sibling.auth_id)}


async def test_a_subaccount_lives_by_its_main_accounts_bill(database: Database) -> None:
    main = await open_account(database, NewAccount("B", billing_mode=BillingMode.POSTPAID))
    sub = await open_subaccount(database, main, "sub")
    found = await database.read(lambda conn: store.find(conn, KEYS, sub.auth_id))
    assert found is not None
    assert found.billing_mode is BillingMode.POSTPAID
    assert found.main_auth_id == main.auth_id
