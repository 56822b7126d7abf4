import json
from typing import Any

import pytest
from registration_office import HOOK, TOLLFREE, Office

from trunkline.compliance.store.owners import on_release
from trunkline.contract.errors import BadRequest, InvalidParameter, MissingParameter, NotFound
from trunkline.numbers.model import TollfreeStatus
from trunkline.runtime.changes import catch_up

NUMBER = TOLLFREE["number"]


async def make(office: Office, **fields: Any) -> str:
    profile = await office.profile()
    given = {"profile_uuid": profile, **TOLLFREE, "callback_url": HOOK, **fields}
    return (await office.call("tollfree_verification.create", **given))["uuid"]


async def state(office: Office, uuid: str) -> str:
    return (await office.call("tollfree_verification.get", uuid=uuid))["status"]


async def test_a_number_is_verified_in_steps(office: Office) -> None:
    uuid = await make(office)
    found = await office.call("tollfree_verification.get", uuid=uuid)
    assert {name: found[name] for name in TOLLFREE} == TOLLFREE
    assert found["created"] == "2026-01-01T00:00:00.000000Z"
    assert found["status"] == "SUBMITTED"
    assert (await office.number(NUMBER)).tollfree_status is TollfreeStatus.PENDING
    await office.pass_time(5)
    assert await state(office, uuid) == "PROCESSING"
    with pytest.raises(BadRequest):
        await office.call("tollfree_verification.update", uuid=uuid, volume="100")
    await office.pass_time(5)
    assert await state(office, uuid) == "APPROVED"
    assert (await office.number(NUMBER)).tollfree_status is TollfreeStatus.VERIFIED
    assert office.directory.is_verified(NUMBER, office.main)
    with pytest.raises(BadRequest):
        await office.call("tollfree_verification.delete", uuid=uuid)
    told = [json.loads(body) for _, body in await office.told()]
    assert told == [
        {"uuid": uuid, "number": NUMBER, "status": one, "error_message": ""}
        for one in ("PROCESSING", "APPROVED")
    ]


async def test_a_request_is_corrected_in_time(office: Office) -> None:
    uuid = await make(office, extra_data="[update required]")
    await office.pass_time(10)
    found = await office.call("tollfree_verification.get", uuid=uuid)
    assert found["status"] == "UPDATE_REQUIRED"
    assert found["error_message"] == found["rejection_reason"] != ""
    done = await office.call(
        "tollfree_verification.update", uuid=uuid, extra_data="ticket", usecase="2FA,MARKETING"
    )
    assert done["message"] == (
        f"Tollfree verification request for uuid {uuid} updated successfully."
    )
    await office.pass_time(10)
    assert await state(office, uuid) == "APPROVED"


async def test_a_request_that_is_not_corrected_is_rejected(office: Office) -> None:
    uuid = await make(office, message_sample="[update required]")
    await office.pass_time(10 + 6 * 86_400 - 1)
    assert await state(office, uuid) == "UPDATE_REQUIRED"
    await office.pass_time(1)
    assert await state(office, uuid) == "REJECTED"
    assert (await office.number(NUMBER)).tollfree_status is TollfreeStatus.UNVERIFIED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("profile_uuid", "a" * 36),
        ("usecase", "SPAM"),
        ("usecase", "2FA,SPAM"),
        ("usecase_summary", "x" * 501),
        ("message_sample", "x" * 1_001),
        ("additional_information", "x" * 501),
        ("extra_data", "x" * 101),
        ("optin_image_url", "no url"),
        ("optin_type", "MIND"),
        ("volume", "17"),
        ("number", "14155550100"),
        ("number", "18885550199"),
        ("number", "junk"),
        ("callback_url", "ftp://x"),
        ("callback_method", "PUT"),
    ],
)
async def test_bad_fields_are_named_and_nothing_is_kept(
    office: Office, field: str, value: Any
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        await make(office, **{field: value})
    assert refused.value.field == field
    assert (await office.call("tollfree_verification.list"))["meta"]["total_count"] == 0


@pytest.mark.parametrize("field", ["profile_uuid", *TOLLFREE])
async def test_required_fields_are_required(office: Office, field: str) -> None:
    given = {"profile_uuid": "a" * 36, **TOLLFREE}
    del given[field]
    with pytest.raises(MissingParameter) as refused:
        await office.call("tollfree_verification.create", **given)
    assert refused.value.field == field


async def test_one_request_at_a_time_and_withdrawing_it(office: Office) -> None:
    uuid = await make(office)
    with pytest.raises(InvalidParameter) as refused:
        await make(office)
    assert refused.value.field == "number"
    await office.call("tollfree_verification.delete", uuid=uuid)
    with pytest.raises(NotFound):
        await state(office, uuid)
    assert (await office.number(NUMBER)).tollfree_status is TollfreeStatus.UNVERIFIED
    await make(office)


async def test_lists_are_filtered(office: Office) -> None:
    first = await make(office, usecase="MARKETING,2FA", extra_data="[reject]")
    await office.pass_time(2 * 86_400)
    second = await make(office)
    for given, expected in (
        ({}, [second, first]),
        ({"number": "%2B1 800 555 0199"}, [second, first]),
        ({"status": "REJECTED"}, [first]),
        ({"usecase": "2FA"}, [second]),
        ({"usecase": "2FA,MARKETING"}, [first]),
        ({"created": "2026-01-01"}, [first]),
        ({"created__gt": "2026-01-01"}, [second]),
        ({"created__gte": "2026-01-01", "created__lt": "2026-01-03"}, [first]),
        ({"created__lte": "2026-01-03"}, [second, first]),
        ({"limit": 1, "offset": 1}, [first]),
    ):
        found = await office.call("tollfree_verification.list", **given)
        assert [one["uuid"] for one in found["objects"]] == expected
    with pytest.raises(InvalidParameter):
        await office.call("tollfree_verification.list", created="yesterday")
    found = await office.call("tollfree_verification.list", by=office.other)
    assert found["objects"] == []


async def test_other_accounts_requests_are_not_found(office: Office) -> None:
    uuid = await make(office)
    for verb in ("get", "update", "delete"):
        with pytest.raises(NotFound):
            await office.call(f"tollfree_verification.{verb}", by=office.other, uuid=uuid)


async def test_a_number_that_leaves_takes_its_verification_along(office: Office) -> None:
    uuid = await make(office)
    await office.pass_time(10)
    await office.db.write(lambda conn: on_release(conn, office.main, [NUMBER]))
    await catch_up(office.db, office.directory)
    assert not office.directory.is_verified(NUMBER, office.main)
    with pytest.raises(NotFound):
        await state(office, uuid)
