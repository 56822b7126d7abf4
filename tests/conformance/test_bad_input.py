"""Bad input for every operation, made from the contract: refused, the field named, nothing changed.

New operations are taken up by themselves. One with a new kind of id in its path needs a way to make
such a thing in `MAKERS`, unless `<resource>.create` with its example answers the id.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from bad_values import bad_values, fields_of
from whole_api import SHORTCODE, Caller, Reply, WholeApi, open_whole_api

from trunkline.contract.catalog import OPERATIONS, operation
from trunkline.contract.operation import Operation
from trunkline.runtime.clock import ControlledClock
from trunkline.values.ids import new_uuid
from trunkline.voice.recordings.library import of_call
from trunkline.voice.recordings.model import Transcription
from trunkline.voice.recordings.store import transcriptions
from trunkline.voice.records.model import Call, CallState, Ended, Hangup
from trunkline.voice.records.store import calls

Maker = Callable[[WholeApi], Awaitable[str]]
BY_ID = {known.id: known for known in OPERATIONS}
UNKNOWN = (
    "0" * 17,
    "5b40a428-bfc7-4daf-9d06-726c558bf3b8",
    "nobody",
    "%F0%9F%98%80",
    "%00",
    "x" * 500,
)


async def a_message(world: WholeApi) -> str:
    fields = {"src": "14155550100", "dst": "14155550123", "text": "Hello"}
    reply = await world.call(operation("message.create"), world.ann, fields, {})
    return reply.body["message_uuid"][0]


async def a_subaccount(world: WholeApi) -> str:
    return world.sub.auth_id


async def a_pool(world: WholeApi) -> str:
    reply = await world.call(operation("powerpack.create"), world.ann, {"name": "Pool"}, {})
    return reply.body["number_pool"].split("/")[-2]


async def a_medium(world: WholeApi) -> str:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nHello\r\n--x--\r\n"
    )
    path = f"/v1/Account/{world.ann.auth_id}/Media/"
    status, answer = await world.ask(
        "POST", path, world.ann, "", body, "multipart/form-data; boundary=x"
    )
    assert status < 300, answer
    return json.loads(answer)["objects"][0]["media_id"]


def known_as(id_: str) -> Maker:
    """Name what is there from the beginning."""

    async def make(_world: WholeApi) -> str:
        return id_

    return make


def in_pool(name: str, number: str) -> Maker:
    """Put a number of ann's into her pool."""

    async def make(world: WholeApi) -> str:
        add = operation("numberpool_number.add")
        pool = await id_of(world, add, "number_pool_uuid")
        path = {"number_pool_uuid": pool, "number": number}
        reply = await world.call(add, world.ann, {"service": "sms"}, path)
        assert reply.status < 300, (name, reply)
        return number

    return make


def a_call(state: CallState) -> Maker:
    """Record a call of ann's in that state."""

    async def make(world: WholeApi) -> str:
        call = new_call(world, state)
        await world.base.db.write(lambda conn: calls.insert(conn, [call]))
        if state is CallState.COMPLETED:
            end = Ended(
                call.call_uuid, world.base.clock.now(), Hangup(4000, "Normal Hangup", "Caller")
            )
            await world.base.db.write(lambda conn: calls.finish(conn, [end]))
        return call.call_uuid

    return make


def new_call(world: WholeApi, state: CallState) -> Call:
    """Return a call of ann's."""
    auth_id, uuid = world.ann.auth_id, new_uuid()
    now = world.base.clock.now()
    return Call(uuid, auth_id, auth_id, "outbound", state.value, "1", "2", now, uuid, node="x")


async def a_recording(world: WholeApi) -> str:
    draft = world.base.settings.data / "draft.wav"
    draft.write_bytes(b"audio")
    call = new_call(world, CallState.ANSWERED)
    one = of_call(call, "wav", draft, world.base.clock.now())
    await world.base.recordings.begin(one)
    assert await world.base.recordings.finish(one, duration_ms=1) is not None
    return one.recording_id


async def a_transcription(world: WholeApi) -> str:
    recording_id, now = await a_recording(world), world.base.clock.now()
    auth_id, uuid = world.ann.auth_id, new_uuid()
    one = Transcription(uuid, recording_id, auth_id, auth_id, "success", "", "", 0, 0, now, now)
    await world.base.db.write(lambda conn: transcriptions.insert(conn, one))
    return uuid


def on_a_live_call(document: str, id_of_leg: str = "") -> Maker:
    """Let a call of ann's do a document; the id is the call's unless it is known."""

    async def make(world: WholeApi) -> str:
        leg = await world.live_call(document)
        return id_of_leg or leg.uuid

    return make


async def a_multiparty_call(world: WholeApi) -> str:
    await world.live_call(MULTIPARTY)
    (live,) = world.rig.ports.rooms.all_of("multiparty", world.ann.auth_id)
    return f"uuid_{live.uuid}"


async def a_stream(world: WholeApi) -> str:
    start = operation("call.stream_start")
    path = {"call_uuid": await id_of(world, start, "call_uuid")}
    reply = await world.call(start, world.ann, dict(start.request_example), path)
    assert reply.status < 300, reply
    return reply.body["stream_id"]


ENDLESS = "<Response><Speak loop='0'>Hello</Speak></Response>"
CONFERENCE = "<Response><Conference>Room</Conference></Response>"
MULTIPARTY = "<Response><MultiPartyCall role='agent'>Sales</MultiPartyCall></Response>"
LIVE = (
    "hangup", "transfer", "record_start", "record_stop", "play_start", "play_stop", "speak_start",
    "speak_stop", "dtmf", "stream_start", "stream_list", "stream_get", "stream_stop",
    "stream_stop_all",
)  # fmt: skip

# By operation, or resource, and path parameter, or by path parameter alone.
MAKERS: dict[str, Maker] = {
    "message_uuid": a_message,
    "subauth_id": a_subaccount,
    "number_pool_uuid": a_pool,
    "numberpool_number:number": in_pool("number", "14155550100"),
    "shortcode": in_pool("shortcode", SHORTCODE),
    "tollfree": in_pool("tollfree", "18005550199"),
    "media_id": a_medium,
    "number:number": known_as("14155550101"),
    "phone_number:number": known_as("14155550190"),
    "campaign_number:number": known_as("14155550100"),
    "call.get_live:call_uuid": a_call(CallState.ANSWERED),
    "call.get_queued:call_uuid": a_call(CallState.QUEUED),
    "call:call_uuid": a_call(CallState.COMPLETED),
    "call_feedback:call_uuid": a_call(CallState.COMPLETED),
    **{f"call.{name}:call_uuid": on_a_live_call(ENDLESS) for name in LIVE},
    "request_uuid": on_a_live_call(ENDLESS),
    "stream_id": a_stream,
    "conference_name": on_a_live_call(CONFERENCE, "Room"),
    "conference_member:member_id": known_as("1"),
    # By a name that is not live anybody begins a call of their own.
    "mpc_participant.add:mpc_id": a_multiparty_call,
    "mpc_id": on_a_live_call(MULTIPARTY, "name_Sales"),
    "participant_id": known_as("1"),
    "recording_id": a_recording,
    "transcription_id": a_transcription,
}
# Whose id a path parameter is, where that is not the operation's own resource.
OWNERS = {"profile_uuid": "profile", "brand_id": "brand", "campaign_id": "campaign"}
# Resources that belong to nobody yet.
PUBLIC = ("phone_number",)
# Fields of bodies that name a thing of the caller's, by the path parameter that names it too.
REFERENCES = {
    "subaccount": "subauth_id",
    "app_id": "app_id",
    "new_endpoint_application": "app_id",
    "application_id": "app_id",
    "powerpack_uuid": "uuid",
    "profile_uuid": "profile_uuid",
    "brand_id": "brand_id",
    "campaign_id": "campaign_id",
    "carrier": "carrier_id",
}

OF_WHICH = {
    "subaccount": "subaccount.get",
    "app_id": "application.get",
    "new_endpoint_application": "application.get",
    "application_id": "application.get",
    "powerpack_uuid": "powerpack.get",
    "profile_uuid": "profile.get",
    "brand_id": "brand.get",
    "campaign_id": "campaign.get",
    "carrier": "incoming_carrier.get",
}


@pytest.fixture
async def world(
    database_url: str, tmp_path: Path, clock: ControlledClock
) -> AsyncIterator[WholeApi]:
    async with open_whole_api(database_url, tmp_path, clock) as made:
        yield made


async def id_of(world: WholeApi, known: Operation, name: str) -> str:
    """Return the id of a thing of ann's, made once."""
    resource = known.id.partition(".")[0]
    key = f"{resource}:{name}"
    keys = (f"{known.id}:{name}", key, name)
    made_so = next((one for one in keys if one in MAKERS), "")
    if made_so:
        key, maker = made_so, MAKERS[made_so]
        if key not in world.ids:
            world.ids[key] = await maker(world)
        return world.ids[key]
    if key not in world.ids:
        world.ids[key] = await _made_by_example(world, resource, name)
    return world.ids[key]


async def _made_by_example(world: WholeApi, resource: str, name: str) -> str:
    owner = OWNERS.get(name, resource)
    create = BY_ID.get(f"{owner}.create")
    if owner != resource and create is not None:
        return await id_of(world, create, name)
    assert create is not None, f"tell MAKERS how to make {resource}:{name}"
    path = await path_of(world, create)
    fields = dict(create.request_example)
    for field, named in REFERENCES.items():
        if field in fields and named != name:
            fields[field] = await id_of(world, BY_ID.get(OF_WHICH[field], create), named)
    reply = await world.call(create, world.ann, fields, path)
    assert reply.status < 300, (create.id, fields, reply)
    found = [reply.body[key] for key in (name, f"{resource}_{name}", "uuid") if key in reply.body]
    assert found, f"tell MAKERS which of {sorted(reply.body)} is {resource}:{name}"
    return str(found[0])


def harmless(known: Operation) -> dict[str, Any]:
    """Return the example of a request without what it names besides its path."""
    fields = known.request_example.items()
    return {name: value for name, value in fields if name not in REFERENCES}


async def path_of(world: WholeApi, known: Operation) -> dict[str, str]:
    return {name: await id_of(world, known, name) for name in known.path_parameters}


class Refusals:
    """Asks for what must be refused, and finds out whether anything was changed by it."""

    def __init__(self, world: WholeApi) -> None:
        self._world = world
        self.complaints: list[str] = []
        self.asked = 0

    async def expect(
        self,
        known: Operation,
        caller: Caller,
        fields: dict[str, Any],
        path: dict[str, str],
        *,
        status: tuple[int, ...] = (400,),
        named: str = "",
        account_id: str = "",
    ) -> None:
        self.asked += 1
        case = f"{known.id} {path} {str(fields)[:200]}"
        try:
            reply = await self._world.call(known, caller, fields, path, account_id)
        except Exception as error:  # noqa: BLE001 - the next case has to be heard too
            self.complaints.append(f"{case}: {error}")
            return
        if reply.status not in status or (named and not _names(reply, named)):
            self.complaints.append(f"{case}: {named}: {reply.status} {str(reply.body)[:200]}")

    async def unchanged(self, what: str, before: dict[str, list[tuple[Any, ...]]]) -> None:
        after = await self._world.content()
        for name, rows in after.items():
            if rows != before[name]:
                self.complaints.append(f"{what} changed {name}: {_difference(before[name], rows)}")

    def check(self, least: int) -> None:
        assert not self.complaints, "\n".join(self.complaints)
        assert self.asked >= least


def _names(reply: Reply, field: str) -> bool:
    return reply.error.startswith(f"{field} parameter is ")


def _difference(before: list[Any], after: list[Any]) -> str:
    gone = [row for row in before if row not in after]
    new = [row for row in after if row not in before]
    return f"-{gone} +{new}"[:500]


async def test_every_field_refuses_what_does_not_fit(world: WholeApi) -> None:
    refusals = Refusals(world)
    paths = {known.id: await path_of(world, known) for known in OPERATIONS}
    for known in OPERATIONS:
        before = await world.content()
        path = paths[known.id]
        good = dict(known.request_example)
        for name, field in fields_of(known).items():
            for value in bad_values(field, text_only=known.method == "GET"):
                await refusals.expect(known, world.ann, {**good, name: value}, path, named=name)
            if field.required:
                for absent in ({}, {name: None}, {name: ""}, {name: "  "}):
                    fields = {key: value for key, value in good.items() if key != name} | absent
                    await refusals.expect(known, world.ann, fields, path, named=name)
        await refusals.unchanged(known.id, before)
    refusals.check(400)


async def test_what_is_not_there_is_not_found(world: WholeApi) -> None:
    refusals = Refusals(world)
    for known in OPERATIONS:
        if not known.path_parameters:
            continue
        real = await path_of(world, known)
        before = await world.content()
        for name in known.path_parameters:
            for unknown in UNKNOWN:
                await refusals.expect(
                    known, world.ann, harmless(known), {**real, name: unknown}, status=(404,)
                )
        await refusals.unchanged(known.id, before)
    refusals.check(40)


async def test_what_is_anothers_is_not_found(world: WholeApi) -> None:
    refusals = Refusals(world)
    paths = {known.id: await path_of(world, known) for known in OPERATIONS}
    before = await world.content()
    for known in OPERATIONS:
        path = paths[known.id]
        if path:
            await refusals.expect(known, world.bob, harmless(known), path, status=(404,))
            if known.path_parameters != ("subauth_id",):
                await refusals.expect(known, world.sub, harmless(known), path, status=(404,))
        if "{auth_id}" not in known.path:
            continue  # a call's feedback: the account is the caller's
        for account_id in (world.ann.auth_id, world.sub.auth_id):
            await refusals.expect(
                known, world.bob, harmless(known), path, status=(401,), account_id=account_id
            )
    await refusals.unchanged("somebody else", before)
    refusals.check(40)


async def test_nobody_names_what_is_anothers(world: WholeApi) -> None:
    """A body that points to a thing of ann's, sent by bob: refused, and nothing changed."""
    refusals = Refusals(world)
    for known in OPERATIONS:
        if known.method == "GET" or known.path_parameters:
            continue
        for field, named in REFERENCES.items():
            if field in fields_of(known):
                value = await id_of(world, BY_ID.get(OF_WHICH[field], known), named)
                before = await world.content()
                await refusals.expect(
                    known, world.bob, {**known.request_example, field: value}, {},
                    status=(400, 404),
                )  # fmt: skip
                await refusals.unchanged(f"{known.id} {field}", before)
    refusals.check(1)


async def test_lists_name_the_bad_filter_and_page_to_the_end(world: WholeApi) -> None:
    for known in OPERATIONS:
        if not known.is_list or "limit" not in fields_of(known):
            continue
        path = await path_of(world, known)
        required = {
            name: known.request_example[name]
            for name, field in fields_of(known).items()
            if field.required
        }
        for page in ({"limit": "1", "offset": "0"}, {"limit": "20", "offset": str(2**31 - 1)}):
            reply = await world.call(known, world.ann, {**required, **page}, path)
            assert reply.status == 200, (known.id, page, reply)
            if page["offset"] != "0":
                assert reply.body["objects"] == [], known.id
                meta = reply.body.get("meta", {})
                assert meta.get("next") in (None, ""), (known.id, meta)
