from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from trunkline.accounts import store as accounts
from trunkline.accounts.directory import Directory as Accounts
from trunkline.accounts.model import NewAccount
from trunkline.applications.api import ApplicationApi, handlers
from trunkline.applications.directory import Directory
from trunkline.applications.model import Deletion
from trunkline.contract.catalog import operation
from trunkline.contract.context import RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring

AT = 1_767_225_600.0
KEYS = Keyring({"k1": bytes(32)})
URL = "https://app.example/answer"


class Desk:
    """The application operations as a caller has them: by id, plain values in and out."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.accounts = Accounts(KEYS)
        self.directory = Directory()
        self.deleted: list[tuple[str, str, Deletion]] = []
        self.handlers = handlers(
            ApplicationApi(db=db, directory=self.directory, on_delete=[self._note])
        )
        self.main = self.other = self.sub = self.sibling = ""

    def _note(self, _conn: Connection, main: str, app_id: str, deletion: Deletion) -> None:
        self.deleted.append((main, app_id, deletion))

    async def open(self) -> None:
        def fill(conn: Connection) -> list[str]:
            main, other = (
                accounts.create_account(conn, KEYS, NewAccount(name), AT) for name in "ab"
            )
            subs = [
                accounts.create_subaccount(conn, KEYS, main, name, enabled=True, at=AT)
                for name in "cd"
            ]
            return [one.auth_id for one in (main, other, *subs)]

        self.main, self.other, self.sub, self.sibling = await self.db.write(fill)
        await self.accounts.refresh(self.db)

    async def call(
        self, verb: str, auth_id: str, account_id: str = "", **fields: Any
    ) -> Mapping[str, Any]:
        principal = self.accounts.principal(auth_id)
        assert principal is not None
        context = RequestContext(
            api_id="a",
            principal=principal,
            account_id=account_id or auth_id,
            remote_ip="127.0.0.1",
            now=AT,
        )
        request = msgspec.convert(fields, operation(f"application.{verb}").request)
        answer = await self.handlers[f"application.{verb}"](context, request)
        assert answer is None or isinstance(answer, msgspec.Struct)
        return {} if answer is None else msgspec.to_builtins(answer)

    async def make(self, auth_id: str, account_id: str = "", **fields: Any) -> str:
        given = {"app_name": "Test Application", "answer_url": URL, **fields}
        made = await self.call("create", auth_id, account_id, **given)
        assert made["message"] == "created"
        return made["app_id"]

    async def names(self, auth_id: str, **fields: Any) -> set[str]:
        return {one["app_name"] for one in (await self.call("list", auth_id, **fields))["objects"]}


@pytest.fixture
async def desk(database: Database) -> Desk:
    desk = Desk(database)
    await desk.open()
    return desk


async def test_the_application_object_is_plivos(desk: Desk) -> None:
    app_id = await desk.make(desk.main, app_name="0.8522478089992022")
    expected = {
        "answer_method": "POST",
        "answer_url": URL,
        "app_id": app_id,
        "app_name": "0.8522478089992022",
        "default_app": False,
        "default_endpoint_app": False,
        "default_number_app": False,
        "enabled": True,
        "fallback_answer_url": "",
        "fallback_method": "POST",
        "hangup_method": "POST",
        "hangup_url": URL,
        "log_incoming_messages": True,
        "message_method": "POST",
        "message_url": "",
        "public_uri": False,
        "resource_uri": f"/v1/Account/{desk.main}/Application/{app_id}/",
        "sip_uri": f"sip:{app_id}@app.plivo.com",
        "sub_account": None,
    }
    assert await desk.call("get", desk.main, app_id=app_id) == expected
    assert await desk.call("list", desk.main) == {
        "meta": {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1},
        "objects": [expected],
    }
    assert desk.directory.get(app_id) is not None


async def test_what_is_given_changes_and_an_empty_url_clears(desk: Desk) -> None:
    app_id = await desk.make(desk.main, message_url="https://app.example/m#part")
    changed = await desk.call(
        "update",
        desk.main,
        app_id=app_id,
        message_url="",
        answer_method="GET",
        log_incoming_messages=False,
        default_app=True,
    )
    assert changed == {"message": "changed"}
    found = await desk.call("get", desk.main, app_id=app_id)
    assert found["message_url"] == ""
    assert found["answer_method"] == "GET"
    assert found["log_incoming_messages"] is False
    assert found["default_app"] is found["default_number_app"] is True
    assert found["answer_url"] == URL
    known = desk.directory.number_default(desk.main)
    assert known is not None
    assert known.app_id == app_id


@pytest.mark.parametrize(
    "name", ["Dial Office", "Test Application", "Testing_App", "0.8522", "a-b_C9", "Žluťoučký"]
)
async def test_names_that_plivos_own_examples_send_are_taken(desk: Desk, name: str) -> None:
    app_id = await desk.make(desk.main, app_name=name)
    assert (await desk.call("get", desk.main, app_id=app_id))["app_name"] == name


@pytest.mark.parametrize("name", [" ", "a\x00b", "line\nbreak", "x" * 101])
async def test_names_that_no_one_can_read_are_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        await desk.make(desk.main, app_name=name)
    assert caught.value.field == "app_name"
    app_id = await desk.make(desk.main)
    with pytest.raises(InvalidParameter):
        await desk.call("update", desk.main, app_id=app_id, app_name=name)


async def test_a_url_with_control_characters_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidParameter, match="message_url"):
        await desk.make(desk.main, message_url="https://app.example/\x00")


async def test_an_application_belongs_to_one_subaccount_at_most(desk: Desk) -> None:
    app_id = await desk.make(desk.main, app_name="c's", subaccount=desk.sub)
    found = await desk.call("get", desk.sub, app_id=app_id)
    assert found["sub_account"] == f"/v1/Account/{desk.main}/Subaccount/{desk.sub}/"
    assert found["resource_uri"] == f"/v1/Account/{desk.main}/Application/{app_id}/"
    assert await desk.names(desk.main, subaccount=desk.sub) == {"c's"}
    assert await desk.names(desk.main, subaccount=desk.sibling) == set()
    await desk.call("update", desk.main, app_id=app_id, subaccount=desk.sibling)
    with pytest.raises(NotFound):
        await desk.call("get", desk.sub, app_id=app_id)
    assert await desk.names(desk.sibling) == {"c's"}
    own = await desk.make(desk.sub, app_name="own", subaccount=desk.sub)
    assert (await desk.call("get", desk.main, app_id=own))["sub_account"]
    acted = await desk.make(desk.main, desk.sub, app_name="acted for")
    assert (await desk.call("get", desk.sub, app_id=acted))["app_name"] == "acted for"


async def test_a_foreign_subaccount_is_refused(desk: Desk) -> None:
    app_id = await desk.make(desk.main)
    others = await desk.make(desk.other)
    subs = await desk.make(desk.sub)
    stranger = "SA" + "X" * 18
    for caller, target, subaccount in (
        (desk.main, app_id, stranger),
        (desk.other, others, desk.sub),
        (desk.sub, subs, desk.sibling),
    ):
        with pytest.raises(InvalidParameter, match="subaccount parameter is invalid"):
            await desk.make(caller, subaccount=subaccount)
        with pytest.raises(InvalidParameter, match="subaccount parameter is invalid"):
            await desk.call("update", caller, app_id=target, subaccount=subaccount)
    assert len(await desk.names(desk.main)) == 1  # one name: nothing more was made
    assert (await desk.call("list", desk.main))["meta"]["total_count"] == 2


async def test_nobody_reaches_what_is_not_theirs(desk: Desk) -> None:
    mains = await desk.make(desk.main)
    subs = await desk.make(desk.sub)
    attempts = [
        (desk.other, mains),
        (desk.other, subs),
        (desk.sub, mains),
        (desk.sibling, subs),
        *((desk.main, wrong) for wrong in ("12345678901234567", "x", "\x00", "1" * 64, "１２")),
    ]
    for caller, app_id in attempts:
        for verb, fields in (("get", {}), ("update", {"app_name": "stolen"}), ("delete", {})):
            with pytest.raises(NotFound):
                await desk.call(verb, caller, app_id=app_id, **fields)
    assert desk.deleted == []
    assert await desk.names(desk.main) == {"Test Application"}


async def test_lists_repeat_their_filters_in_links(desk: Desk) -> None:
    for n in range(3):
        await desk.make(desk.main, app_name=f"a b {n}")
    page = await desk.call("list", desk.main, limit=1, app_name="a b")
    assert page["meta"]["next"] == (
        f"/v1/Account/{desk.main}/Application/?limit=1&offset=1&app_name=a+b"
    )
    assert page["meta"]["total_count"] == 3


async def test_a_deleted_application_is_gone_and_its_endpoints_dealt_with(desk: Desk) -> None:
    first, second, heir = [await desk.make(desk.main) for _ in range(3)]
    assert await desk.call("delete", desk.main, app_id=first) == {}
    given = {"cascade": False, "new_endpoint_application": heir}
    assert await desk.call("delete", desk.main, app_id=second, **given) == {}
    assert desk.deleted == [
        (desk.main, first, Deletion(cascade=True)),
        (desk.main, second, Deletion(cascade=False, successor_id=heir)),
    ]
    assert desk.directory.get(first) is None
    with pytest.raises(NotFound):
        await desk.call("delete", desk.main, app_id=first)


async def test_endpoints_pass_only_to_an_application_of_the_account(desk: Desk) -> None:
    app_id, others = await desk.make(desk.main), await desk.make(desk.other)
    for heir in (others, app_id, "12345678901234567", "x", "\x00"):
        with pytest.raises(InvalidParameter, match="new_endpoint_application"):
            await desk.call(
                "delete", desk.main, app_id=app_id, cascade=False, new_endpoint_application=heir
            )
    assert desk.directory.get(app_id) is not None
