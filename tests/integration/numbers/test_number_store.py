from dataclasses import replace

import pytest

from trunkline.accounts.model import Scope
from trunkline.applications import store as applications
from trunkline.applications.directory import Directory as Applications
from trunkline.applications.model import ApplicationChanges, Deletion, NewApplication
from trunkline.numbers import store
from trunkline.numbers.directory import Directory, application_for
from trunkline.numbers.model import CampaignStatus, NumberType, OwnedNumber, TollfreeStatus
from trunkline.numbers.samples import sample_numbers
from trunkline.runtime.db import Connection, Database
from trunkline.values.pages import Page

AT = 1_767_225_600.0
MAIN = Scope("MA" + "1" * 18)
SUB = Scope(MAIN.main_auth_id, "SA" + "2" * 18)
SIBLING = Scope(MAIN.main_auth_id, "SA" + "3" * 18)
OTHER = Scope("MA" + "4" * 18)


def owned(scope: Scope, number: str, app_id: str | None = None) -> OwnedNumber:
    return OwnedNumber(
        number=number,
        main_auth_id=scope.main_auth_id,
        account_id=scope.account_id,
        app_id=app_id,
        country="US",
        number_type=NumberType.TOLLFREE,
        added_at=AT,
    )


async def test_a_number_comes_back_as_it_was_added(database: Database) -> None:
    one = replace(owned(SUB, "14155550100", "123"), mms_enabled=True, alias="Žižkov")
    assert await database.write(lambda conn: store.add(conn, [one])) == 1
    assert await database.read(lambda conn: store.find(conn, SUB, one.number)) == one


async def test_a_number_has_one_owner(database: Database) -> None:
    mine, theirs = owned(MAIN, "14155550100"), owned(OTHER, "14155550100")
    free = owned(OTHER, "14155550101")
    assert await database.write(lambda conn: store.add(conn, [mine])) == 1
    assert await database.write(lambda conn: store.add(conn, [theirs, free])) == 1
    assert await database.read(lambda conn: store.find(conn, MAIN, mine.number)) == mine
    assert await database.read(lambda conn: store.find(conn, OTHER, mine.number)) is None


async def test_nobody_reaches_what_is_not_theirs(database: Database) -> None:
    mains, subs = owned(MAIN, "14155550100"), owned(SUB, "14155550101")
    await database.write(lambda conn: store.add(conn, [mains, subs]))
    for scope, number in ((SUB, mains), (SIBLING, subs), (OTHER, mains), (OTHER, subs)):

        def attempt(conn: object, scope: Scope = scope, number: OwnedNumber = number) -> list[bool]:
            return [
                store.find(conn, scope, number.number) is not None,  # type: ignore[arg-type]
                store.assign_application(conn, scope, number.number, "1"),  # type: ignore[arg-type]
                store.remove(conn, scope, number.number),  # type: ignore[arg-type]
            ]

        assert await database.write(attempt) == [False, False, False]

    async def listed(scope: Scope) -> list[str]:
        found, total = await database.read(lambda conn: store.list_owned(conn, scope, Page()))
        assert total == len(found)
        return [one.number for one in found]

    assert await listed(MAIN) == ["14155550100", "14155550101"]
    assert await listed(SUB) == ["14155550101"]
    assert await listed(SIBLING) == []
    assert await listed(OTHER) == []


async def test_messages_go_to_the_numbers_application_or_the_accounts_default(
    database: Database,
) -> None:
    named, default = [
        await database.write(lambda conn, new=new: applications.create(conn, SUB, new, AT))
        for new in (
            NewApplication(app_name="named"),
            NewApplication(app_name="default", default_number_app=True),
        )
    ]
    one, two = owned(SUB, "14155550100", named.app_id), owned(SUB, "14155550101")
    mains = owned(MAIN, "14155550102")
    await database.write(lambda conn: store.add(conn, [one, two, mains]))
    directory, apps = Directory(), Applications()

    async def where() -> list[str | None]:
        await directory.refresh(database)
        await apps.refresh(database)
        found = [directory.get(n.number) for n in (one, two, mains)]
        targets = [application_for(n, apps) for n in found if n]
        return [None if target is None else target.app_name for target in targets]

    assert await where() == ["named", "default", None]
    await database.write(
        lambda conn: applications.remove(
            conn, SUB, named.app_id, Deletion(), [store.on_application_delete]
        )
    )
    assert await where() == ["default", "default", None]
    assert (await database.read(lambda conn: store.find(conn, SUB, one.number))) == replace(
        one, app_id=None
    )
    off = ApplicationChanges(default_number_app=False)
    await database.write(lambda conn: applications.change(conn, SUB, default.app_id, off, AT))
    assert await where() == [None, None, None]
    await database.write(
        lambda conn: store.assign_application(conn, SUB, two.number, default.app_id)
    )
    assert await where() == [None, "default", None]


@pytest.mark.parametrize("cascade", [True, False])
async def test_a_deleted_subaccounts_numbers_go_or_pass_on(
    database: Database, cascade: bool
) -> None:
    subs, siblings = owned(SUB, "14155550100", "77"), owned(SIBLING, "14155550101")
    await database.write(lambda conn: store.add(conn, [subs, siblings]))
    directory = Directory()
    await directory.refresh(database)
    told: list[tuple[str, list[str]]] = []
    hook = store.on_subaccount_delete(
        [lambda _conn, main, numbers: told.append((main, list(numbers)))]
    )
    await database.write(lambda conn: hook(conn, MAIN.main_auth_id, SUB.account_id, cascade))
    assert told == ([(MAIN.main_auth_id, [subs.number])] if cascade else [])
    await directory.refresh(database)
    expected = None if cascade else replace(subs, account_id=MAIN.main_auth_id)
    assert directory.get(subs.number) == expected
    assert directory.get(siblings.number) == siblings
    if cascade:  # free again, and seen again
        await database.write(lambda conn: store.add(conn, [owned(OTHER, subs.number)]))
        await directory.refresh(database)
        assert directory.get(subs.number) == owned(OTHER, subs.number)


async def test_registrations_are_noted_on_the_owners_numbers_alone(database: Database) -> None:
    local, tollfree, foreign = (
        owned(SUB, "14155550100"),
        owned(MAIN, "18005550199"),
        owned(OTHER, "14155550101"),
    )
    directory = Directory()
    main = MAIN.main_auth_id

    def write(conn: Connection) -> list[object]:
        store.add(conn, [local, tollfree, foreign])
        both = [local.number, foreign.number]
        verified = TollfreeStatus.VERIFIED
        return [
            store.set_campaign(conn, main, both, "CAB1", CampaignStatus.COMPLETED),
            store.set_compliance(conn, main, both, "reg-1", "accepted"),
            store.set_tollfree(
                conn, main, tollfree.number, verified, verification_id="tf", order="APPROVED"
            ),
            store.set_tollfree(
                conn, main, foreign.number, verified, verification_id="tf", order="APPROVED"
            ),
        ]

    assert await database.write(write) == [[local.number], [local.number], True, False]
    await directory.refresh(database)
    one, two, three = (directory.get(n.number) for n in (local, tollfree, foreign))
    assert one is not None
    assert two is not None
    assert (one.campaign_id, one.campaign_status) == ("CAB1", CampaignStatus.COMPLETED)
    assert (one.compliance_id, one.compliance_status) == ("reg-1", "accepted")
    assert (two.tollfree_status, two.tollfree_order) == (TollfreeStatus.VERIFIED, "APPROVED")
    assert three == foreign


async def test_whoever_depends_on_a_number_is_told_when_it_goes(database: Database) -> None:
    mine = [owned(MAIN, "14155550100"), owned(SUB, "14155550101")]
    told: list[list[str]] = []

    def write(conn: Connection) -> list[str]:
        store.add(conn, [*mine, owned(OTHER, "14155550102")])
        wanted = ["14155550100", "14155550101", "14155550102", "14155550103"]
        return store.release(conn, MAIN, wanted, [lambda _conn, _main, gone: told.append([*gone])])

    assert sorted(await database.write(write)) == ["14155550100", "14155550101"]
    assert [sorted(one) for one in told] == [["14155550100", "14155550101"]]


async def test_samples_are_added_once(database: Database) -> None:
    samples = sample_numbers(MAIN.main_auth_id, AT)
    assert await database.write(lambda conn: store.add(conn, samples)) == len(samples)
    assert await database.write(lambda conn: store.add(conn, samples)) == 0
