"""Endpoints: made, seen by whom they belong to, changed, deleted with what they belong to."""

import re
from typing import Any

import pytest
from sqlalchemy import text
from voice_desk import Desk, ids

from trunkline.applications import store as applications
from trunkline.applications.model import Deletion
from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.runtime.secrets import Keyring
from trunkline.voice.endpoints.api import DOMAIN
from trunkline.voice.endpoints.directory import Directory
from trunkline.voice.endpoints.model import Registration, secret_of
from trunkline.voice.endpoints.store import endpoints as store

NEW = {"username": "zumba", "password": "secret", "alias": "Test Account"}


async def make(desk: Desk, auth_id: str, **fields: Any) -> dict[str, Any]:
    return await desk.call("endpoint.create", auth_id, **{**NEW, **fields})


async def test_the_endpoint_object_is_plivos(desk: Desk) -> None:
    made = await make(desk, desk.main)
    assert made["message"] == "created"
    assert made["alias"] == "Test Account"
    assert made["username"] == "zumba260101000000"  # yymmddHHMMSS
    assert re.fullmatch(r"[1-9]\d{13}", made["endpoint_id"])
    account = f"/v1/Account/{desk.main}"
    answer = await desk.call("endpoint.get", desk.main, endpoint_id=made["endpoint_id"])
    assert answer.pop("api_id")
    assert answer == {
        "endpoint_id": made["endpoint_id"],
        "alias": "Test Account",
        "username": made["username"],
        "app_id": "",
        "application": None,
        "sip_uri": f"sip:{made['username']}@phone.plivo.com",
        "sip_registered": "false",
        "sub_account": None,
        "resource_uri": f"{account}/Endpoint/{made['endpoint_id']}/",
    }


async def test_usernames_are_unique_even_within_a_second(desk: Desk) -> None:
    names = {(await make(desk, auth_id))["username"] for auth_id in (desk.main, desk.other) * 2}
    assert names == {f"zumba26010100000{second}" for second in range(4)}


async def test_the_password_is_kept_as_digests_that_nobody_sees(desk: Desk) -> None:
    made = await make(desk, desk.main)
    await desk.endpoints.refresh(desk.db)
    username = made["username"]
    assert desk.endpoints.secret(username, DOMAIN) == secret_of(username, DOMAIN, "secret")
    assert desk.endpoints.secret(username, "example.com") is None
    assert desk.endpoints.secret(username.upper(), DOMAIN) is None
    rows = await desk.db.read(lambda conn: conn.execute(text("SELECT * FROM endpoints")).all())
    stored = str(rows)
    secret = secret_of(username, DOMAIN, "secret")
    assert not any(word in stored for word in ("secret", secret.md5, secret.sha256))
    endpoint = desk.endpoints.named(username)
    assert endpoint is not None
    assert secret.md5 not in repr(endpoint)
    await desk.call(
        "endpoint.update", desk.main, endpoint_id=made["endpoint_id"], password="an other"
    )
    assert desk.endpoints.secret(username, DOMAIN) == secret_of(username, DOMAIN, "an other")


async def test_digests_are_sealed_again_under_a_new_key(desk: Desk) -> None:
    made = await make(desk, desk.main)
    both = Keyring({"k1": bytes(32), "k2": b"2" * 32})
    assert await desk.db.write(lambda conn: store.reseal_secrets(conn, both)) == 1
    assert await desk.db.write(lambda conn: store.reseal_secrets(conn, both)) == 0
    after = Directory(Keyring({"k2": b"2" * 32}))
    await after.refresh(desk.db)
    username = made["username"]
    assert after.secret(username, DOMAIN) == secret_of(username, DOMAIN, "secret")


BAD: tuple[tuple[str, Any], ...] = (
    ("username", "1zumba"),
    ("username", "zum ba"),
    ("username", "zum-ba"),
    ("username", "zümba"),
    ("username", "z" * 51),
    ("username", 5),
    ("password", "four"),
    ("password", "p" * 129),
    ("password", "pass\x07word"),
    ("alias", "a" * 101),
    ("alias", "a\nb"),
    ("app_id", "12345678901234567"),
    ("app_id", "x"),
    ("app_id", "1" * 65),
)


async def test_each_bad_field_is_named(desk: Desk) -> None:
    endpoint_id = (await make(desk, desk.main))["endpoint_id"]
    before = await desk.call("endpoint.get", desk.main, endpoint_id=endpoint_id)
    for field, value in BAD:
        with pytest.raises(InvalidParameter, match=f"^{field} parameter is invalid"):
            await make(desk, desk.main, **{field: value})
        if field != "username":
            with pytest.raises(InvalidParameter, match=f"^{field} parameter is invalid"):
                await desk.call(
                    "endpoint.update", desk.main, endpoint_id=endpoint_id, **{field: value}
                )
    for field in ("username", "password", "alias"):
        for nothing in (None, "", "  "):
            with pytest.raises((MissingParameter, InvalidParameter), match=f"^{field} parameter"):
                await make(desk, desk.main, **{field: nothing})
    page = await desk.call("endpoint.list", desk.main)
    assert page["objects"] == [{k: v for k, v in before.items() if k != "api_id"}]


async def test_a_subaccount_sees_its_own_the_main_account_all(desk: Desk) -> None:
    by_main = (await make(desk, desk.main))["endpoint_id"]
    by_sub = (await make(desk, desk.sub))["endpoint_id"]
    by_other = (await make(desk, desk.other))["endpoint_id"]

    async def seen(auth_id: str, **fields: Any) -> set[str]:
        page = await desk.call("endpoint.list", auth_id, **fields)
        assert page["meta"]["total_count"] == len(page["objects"])
        return set(ids(page, "endpoint_id"))

    assert await seen(desk.main) == {by_main, by_sub}
    assert await seen(desk.main, subaccount=desk.sub) == {by_sub}
    assert await seen(desk.sub) == {by_sub}
    assert await seen(desk.sibling) == set()
    answer = await desk.call("endpoint.get", desk.main, endpoint_id=by_sub)
    assert answer["sub_account"] == f"/v1/Account/{desk.main}/Subaccount/{desk.sub}/"
    for auth_id, endpoint_id in (
        (desk.sub, by_main),
        (desk.sibling, by_sub),
        (desk.main, by_other),
        (desk.main, "123"),
        (desk.main, "..."),
    ):
        for verb, fields in (("get", {}), ("update", {"alias": "x"}), ("delete", {})):
            with pytest.raises(NotFound):
                await desk.call(f"endpoint.{verb}", auth_id, endpoint_id=endpoint_id, **fields)
    assert (await desk.call("endpoint.get", desk.sub, endpoint_id=by_sub))["alias"] != "x"


async def test_pages(desk: Desk) -> None:
    made: list[str] = []
    for _ in range(5):
        made.append((await make(desk, desk.main))["endpoint_id"])
        desk.clock.advance(1)
    page = await desk.call("endpoint.list", desk.main, limit=2, offset=2)
    assert ids(page, "endpoint_id") == [made[2], made[1]]
    path = f"/v1/Account/{desk.main}/Endpoint/"
    assert page["meta"] == {
        "limit": 2,
        "offset": 2,
        "total_count": 5,
        "next": f"{path}?limit=2&offset=4",
        "previous": f"{path}?limit=2&offset=0",
    }


async def test_the_application_is_the_callers_or_its_default_one(desk: Desk) -> None:
    usual = await desk.application(desk.main, default_endpoint_app=True)
    special = await desk.application(desk.main)
    foreign = await desk.application(desk.other)
    by_default = (await make(desk, desk.main))["endpoint_id"]
    chosen = (await make(desk, desk.main, app_id=special))["endpoint_id"]
    of_sub = (await make(desk, desk.sub))["endpoint_id"]  # which has no default

    async def app_of(endpoint_id: str) -> str:
        answer = await desk.call("endpoint.get", desk.main, endpoint_id=endpoint_id)
        uri = answer["application"]
        assert uri == (
            (answer["app_id"] and f"/v1/Account/{desk.main}/Application/{uri[-18:]}") or None
        )
        return answer["app_id"]

    assert [await app_of(one) for one in (by_default, chosen, of_sub)] == [usual, special, ""]
    with pytest.raises(InvalidParameter, match="app_id"):
        await make(desk, desk.main, app_id=foreign)
    with pytest.raises(InvalidParameter, match="app_id"):
        await desk.call("endpoint.update", desk.main, endpoint_id=chosen, app_id=foreign)
    await desk.call("endpoint.update", desk.main, endpoint_id=chosen, app_id=usual)
    assert await app_of(chosen) == usual
    await desk.call("endpoint.update", desk.main, endpoint_id=chosen, alias="Other", app_id="")
    assert await app_of(chosen) == usual  # empty is how clients say "not set"
    await desk.call("endpoint.update", desk.main, endpoint_id=chosen, app_id="null")
    assert await app_of(chosen) == ""


@pytest.mark.parametrize("what", ["cascade", "pass on", "orphan"])
async def test_what_becomes_of_endpoints_without_their_application(desk: Desk, what: str) -> None:
    old, new = [await desk.application(desk.main) for _ in range(2)]
    mine = (await make(desk, desk.main, app_id=old))["endpoint_id"]
    other = (await make(desk, desk.main, app_id=new))["endpoint_id"]
    deletion = Deletion(cascade=what == "cascade", successor_id=new if what == "pass on" else None)
    scope = desk.accounts.get(desk.main)
    assert scope is not None
    await desk.db.write(
        lambda conn: applications.remove(
            conn, scope.scope, old, deletion, [store.on_application_delete]
        )
    )
    await desk.endpoints.refresh(desk.db)
    assert desk.endpoints.get(other) is not None
    left = desk.endpoints.get(mine)
    if what == "cascade":
        assert left is None
    else:
        assert left is not None
        assert left.app_id == (new if what == "pass on" else None)


@pytest.mark.parametrize("cascade", [True, False])
async def test_what_becomes_of_endpoints_without_their_subaccount(
    desk: Desk, cascade: bool
) -> None:
    made = await make(desk, desk.sub)
    kept = await make(desk, desk.sibling)
    await desk.registrations.replace(made["endpoint_id"], [registration(desk, made)])
    await desk.db.write(lambda conn: store.on_subaccount_delete(conn, desk.main, desk.sub, cascade))
    await desk.endpoints.refresh(desk.db)
    assert desk.endpoints.named(kept["username"]) is not None
    left = desk.endpoints.named(made["username"])
    contacts = await desk.registrations.current(made["endpoint_id"])
    if cascade:
        assert left is None
        assert contacts == []
    else:
        assert left is not None
        assert left.subaccount_id is None
        assert len(contacts) == 1


def registration(
    desk: Desk, made: dict[str, Any], contact: str = "192.0.2.10:57563;ob", **fields: Any
) -> Registration:
    now = desk.clock.now()
    given = {
        "endpoint_id": made["endpoint_id"],
        "contact": f"sip:{made['username']}@{contact}",
        "received": "udp:192.0.2.10:57563",
        "user_agent": "Telephone 1.1.4",
        "q": 1.0,
        "call_id": "a84b4c76e66710",
        "cseq": 1826,
        "node": "here:1:a",
        "registered_at": now,
        "expires_at": now + 120,
        **fields,
    }
    return Registration(**given)


async def test_it_is_registered_until_that_expires_on_the_clock(desk: Desk) -> None:
    made, other = await make(desk, desk.main), await make(desk, desk.main)
    endpoint_id = made["endpoint_id"]
    later = desk.clock.now() + 1
    contacts = [
        registration(desk, made),
        registration(desk, made, "198.51.100.7:5060", registered_at=later, user_agent="Desk 2"),
        registration(desk, made, "203.0.113.1:5060", q=0.1, expires_at=later + 3600),
    ]
    assert await desk.registrations.replace(endpoint_id, contacts)
    answer = await desk.call("endpoint.get", desk.main, endpoint_id=endpoint_id)
    assert answer["sip_registered"] == "true"
    assert answer["sip_contact"] == contacts[1].contact  # preferred, and the newest of these
    assert answer["sip_user_agent"] == "Desk 2"
    assert answer["sip_expires"] == "2026-01-01 00:02:00"
    page = await desk.call("endpoint.list", desk.main)
    shown = {one["endpoint_id"]: one for one in page["objects"]}
    assert shown[endpoint_id]["sip_contact"] == contacts[1].contact
    assert shown[other["endpoint_id"]]["sip_registered"] == "false"
    assert "sip_contact" not in shown[other["endpoint_id"]]
    assert len(await desk.registrations.all_current()) == 3
    desk.clock.advance(120)
    answer = await desk.call("endpoint.get", desk.main, endpoint_id=endpoint_id)
    assert answer["sip_contact"] == contacts[2].contact
    desk.clock.advance(3481)
    answer = await desk.call("endpoint.get", desk.main, endpoint_id=endpoint_id)
    assert answer["sip_registered"] == "false"
    assert not {"sip_contact", "sip_expires", "sip_user_agent"} & set(answer)
    assert await desk.registrations.sweep() == 3


async def test_a_registrar_replaces_what_it_knows(desk: Desk) -> None:
    made = await make(desk, desk.main)
    endpoint_id = made["endpoint_id"]
    await desk.registrations.replace(endpoint_id, [registration(desk, made)])
    fresh = registration(desk, made, cseq=1827)
    assert await desk.registrations.replace(endpoint_id, [fresh])
    assert await desk.registrations.current(endpoint_id) == [fresh]
    assert await desk.registrations.replace(endpoint_id, [])
    assert await desk.registrations.current(endpoint_id) == []
    await desk.call("endpoint.delete", desk.main, endpoint_id=endpoint_id)
    assert not await desk.registrations.replace(endpoint_id, [fresh])  # it is gone
    assert await desk.registrations.all_current() == []
