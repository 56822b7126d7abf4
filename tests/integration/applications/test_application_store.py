import asyncio
from typing import Any

import pytest

from trunkline.accounts.model import Scope
from trunkline.applications import store
from trunkline.applications.directory import Directory
from trunkline.applications.model import (
    Application,
    ApplicationChanges,
    ApplicationFilter,
    Deletion,
    NewApplication,
)
from trunkline.runtime.db import Connection, Database
from trunkline.values.pages import Page

AT = 1_767_225_600.0
MAIN = Scope("MA" + "1" * 18)
SUB = Scope(MAIN.main_auth_id, "SA" + "2" * 18)
SIBLING = Scope(MAIN.main_auth_id, "SA" + "3" * 18)
OTHER = Scope("MA" + "4" * 18)
EVERY = ApplicationFilter()


async def make(db: Database, scope: Scope, name: str, at: float = AT, **fields: Any) -> Application:
    new = NewApplication(app_name=name, **fields)
    return await db.write(lambda conn: store.create(conn, scope, new, at))


async def find(db: Database, scope: Scope, app_id: str) -> Application | None:
    return await db.read(lambda conn: store.find(conn, scope, app_id))


async def change(db: Database, scope: Scope, app_id: str, **fields: Any) -> bool:
    changes = ApplicationChanges(**fields)
    return await db.write(lambda conn: store.change(conn, scope, app_id, changes, AT + 1))


async def remove(db: Database, scope: Scope, app_id: str) -> bool:
    return await db.write(lambda conn: store.remove(conn, scope, app_id, Deletion(), ()))


async def names(db: Database, scope: Scope, wanted: ApplicationFilter = EVERY) -> list[str]:
    found, total = await db.read(
        lambda conn: store.list_applications(conn, scope, wanted, Page(20, 0))
    )
    assert total == len(found)
    return [one.app_name for one in found]


async def test_an_application_comes_back_as_it_was_made(database: Database) -> None:
    made = await make(
        database,
        MAIN,
        "Dial Office",
        answer_url="https://app.example/a?x=1#f",
        answer_method="GET",
        message_url="https://app.example/m",
        log_incoming_messages=False,
    )
    assert await find(database, MAIN, made.app_id) == made
    assert made.hangup_url == made.answer_url
    assert made.hangup_method == "POST"
    assert made.enabled
    assert made.subaccount_id is None
    assert len(made.app_id) == 17


async def test_only_what_is_given_changes(database: Database) -> None:
    made = await make(database, MAIN, "a", answer_url="https://a.example/1")
    assert await change(database, MAIN, made.app_id, answer_url="https://a.example/2")
    after = await find(database, MAIN, made.app_id)
    assert after is not None
    assert after.answer_url == "https://a.example/2"
    assert after.hangup_url == "https://a.example/1"
    assert after.modified_at == AT + 1
    assert after.created_at == AT
    assert await change(database, MAIN, made.app_id, answer_url="", public_uri=True)
    after = await find(database, MAIN, made.app_id)
    assert after is not None
    assert after.answer_url == ""
    assert after.public_uri


async def test_nobody_sees_what_is_not_theirs(database: Database) -> None:
    mains = await make(database, MAIN, "main's")
    subs = await make(database, SUB, "sub's", at=AT + 1)
    visible = {
        (scope, app.app_name)
        for scope in (MAIN, SUB, SIBLING, OTHER)
        for app in (mains, subs)
        if await find(database, scope, app.app_id)
    }
    assert visible == {(MAIN, "main's"), (MAIN, "sub's"), (SUB, "sub's")}
    for scope, app in ((SUB, mains), (SIBLING, subs), (OTHER, mains), (OTHER, subs)):
        assert not await change(database, scope, app.app_id, app_name="stolen")
        assert not await remove(database, scope, app.app_id)
    assert await names(database, MAIN) == ["sub's", "main's"]
    assert await names(database, SUB) == ["sub's"]
    assert await names(database, SIBLING) == []


async def test_lists_are_filtered_by_owner_and_start_of_name(database: Database) -> None:
    for n, (scope, name) in enumerate(
        [(MAIN, "Alpha"), (MAIN, "alphabet"), (SUB, "Alpine"), (MAIN, "A%b_c"), (MAIN, "Žalud")]
    ):
        await make(database, scope, name, at=AT + n)

    async def listed(**fields: str) -> list[str]:
        return await names(database, MAIN, ApplicationFilter(**fields))

    assert await listed(name_prefix="Al") == ["Alpine", "Alpha"]
    assert await listed(name_prefix="al") == ["alphabet"]
    assert await listed(name_prefix="A%") == ["A%b_c"]
    assert await listed(name_prefix="A%b_") == ["A%b_c"]
    assert await listed(name_prefix="Ža") == ["Žalud"]
    assert await listed(name_prefix="%") == []
    assert await listed(account_id=SUB.account_id) == ["Alpine"]
    assert await listed(account_id=SUB.account_id, name_prefix="Alpha") == []
    assert await listed(account_id=OTHER.account_id) == []


async def test_an_account_has_one_default_of_each_kind(database: Database) -> None:
    first = await make(database, MAIN, "1", default_number_app=True, default_endpoint_app=True)
    subs = await make(database, SUB, "sub", default_number_app=True)
    second = await make(database, MAIN, "2", default_number_app=True)

    async def defaults() -> dict[str, tuple[bool, bool]]:
        found = [await find(database, MAIN, one.app_id) for one in (first, subs, second)]
        return {
            one.app_name: (one.default_number_app, one.default_endpoint_app) for one in found if one
        }

    assert await defaults() == {"1": (False, True), "sub": (True, False), "2": (True, False)}
    assert await change(database, MAIN, first.app_id, default_number_app=True)
    assert await defaults() == {"1": (True, True), "sub": (True, False), "2": (False, False)}
    assert await change(database, MAIN, first.app_id, app_name="1")  # keeps what it has
    assert await change(database, MAIN, first.app_id, default_endpoint_app=False)
    assert await defaults() == {"1": (True, False), "sub": (True, False), "2": (False, False)}


async def test_an_application_that_moves_takes_no_default_with_it(database: Database) -> None:
    subs = await make(database, SUB, "sub's", default_number_app=True)
    moved = await make(database, MAIN, "moved", default_number_app=True)
    assert await change(database, MAIN, moved.app_id, account_id=SUB.account_id)
    after = await find(database, SUB, moved.app_id)
    assert after is not None
    assert not after.default_number_app
    still = await find(database, SUB, subs.app_id)
    assert still is not None
    assert still.default_number_app


async def test_writers_that_race_for_the_default_leave_one(
    database_url: str, database: Database
) -> None:
    """Two processes (each a writer of its own) claim the default at the same time."""
    other = Database(database_url)
    other.start()
    try:
        made = [await make(database, MAIN, f"{n}") for n in range(4)]
        claims = [
            change(db, MAIN, one.app_id, default_number_app=True)
            for _ in range(5)
            for db in (database, other)
            for one in made
        ]
        creations = [
            make(db, MAIN, f"new {n}", default_number_app=True)
            for n in range(5)
            for db in (database, other)
        ]
        results = await asyncio.gather(*claims, *creations)
        assert all(results)
    finally:
        await other.close()
    found, _ = await database.read(
        lambda conn: store.list_applications(conn, MAIN, EVERY, Page(100, 0))
    )
    assert len(found) == 14
    assert sum(one.default_number_app for one in found) == 1


async def test_the_directory_follows_changes_of_every_process(
    database_url: str, database: Database
) -> None:
    directory = Directory()
    first = await make(database, MAIN, "first", default_number_app=True)
    await directory.refresh(database)
    assert directory.get(first.app_id) == first
    assert directory.number_default(MAIN.account_id) == first
    other = Database(database_url)
    other.start()
    try:
        second = await make(other, MAIN, "second", default_number_app=True)
        await directory.refresh(database)
        assert directory.number_default(MAIN.account_id) == second
        known = directory.get(first.app_id)
        assert known is not None
        assert not known.default_number_app
        assert await change(other, MAIN, first.app_id, default_endpoint_app=True)
        await directory.refresh(database)
        assert directory.endpoint_default(MAIN.account_id) == directory.get(first.app_id)
        assert await remove(other, MAIN, second.app_id)
        assert await change(other, MAIN, first.app_id, account_id=SUB.account_id)
        await directory.refresh(database)
        assert directory.get(second.app_id) is None
        assert directory.number_default(MAIN.account_id) is None
        assert directory.endpoint_default(MAIN.account_id) is None
    finally:
        await other.close()


@pytest.mark.parametrize("cascade", [True, False])
async def test_a_deleted_subaccounts_applications_go_or_pass_on(
    database: Database, cascade: bool
) -> None:
    mains = await make(database, MAIN, "main's", default_number_app=True)
    subs = await make(database, SUB, "sub's", default_number_app=True)
    siblings = await make(database, SIBLING, "sibling's", default_number_app=True)
    told: list[str] = []

    def note(_conn: Connection, main_id: str, app_id: str, deletion: Deletion) -> None:
        assert (main_id, deletion) == (MAIN.main_auth_id, Deletion(cascade=True))
        told.append(app_id)

    hook = store.on_subaccount_delete([note])
    directory = Directory()
    await directory.refresh(database)
    await database.write(lambda conn: hook(conn, MAIN.main_auth_id, SUB.account_id, cascade))
    await directory.refresh(database)
    found = await find(database, MAIN, subs.app_id)
    assert directory.get(subs.app_id) == found
    if cascade:
        assert found is None
        assert told == [subs.app_id]
    else:
        assert found is not None
        assert found.account_id == MAIN.main_auth_id
        assert not found.default_number_app
        assert told == []
    assert directory.number_default(MAIN.account_id) == mains
    assert directory.number_default(SIBLING.account_id) == siblings
    assert directory.number_default(SUB.account_id) is None
