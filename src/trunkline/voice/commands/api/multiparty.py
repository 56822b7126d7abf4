"""Wire ↔ domain for multiparty calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operations.voice.multiparty import (
    MpcAnswer,
    MpcConfirmation,
    MpcList,
    MpcPage,
    MpcRecord,
    MpcRecordingStarted,
    MpcRequest,
    MpcStart,
    MpcStatus,
)
from trunkline.contract.operations.voice.participants import ParticipantRecord
from trunkline.contract.operations.voice.streams import CountedMeta
from trunkline.contract.operations.voice.words import Channels
from trunkline.values.moments import Interval, Moment, interval_of, parse_moment
from trunkline.values.money import format_amount
from trunkline.values.pages import Page, page_meta
from trunkline.voice.commands import wire
from trunkline.voice.commands.api.times import short_time
from trunkline.voice.commands.client import CallControl, scope_of
from trunkline.voice.commands.results import GatheringFacts, Gatherings, Recorded
from trunkline.voice.rating import begun_minutes_s
from trunkline.voice.records.wanted import repeated

CAUSES = {
    1000: "No active participants",
    1010: "Stay alone not permitted",
    2000: "Max duration reached",
    3000: "Ended by API request",
}


@dataclass(frozen=True, slots=True)
class MultipartyApi:
    """The operations on multiparty calls."""

    control: CallControl
    accounts: Accounts

    async def page(self, context: RequestContext, request: MpcList) -> MpcPage:
        """Tell those that match, the newest first."""
        ended, made = _interval(request, "end_time"), _interval(request, "creation_time")
        found = [
            one
            for one in await self._all(context, request)
            if _matches(request, one) and _timely(one, ended, made)
        ]
        found.sort(key=lambda one: one.opened_at, reverse=True)
        page = Page(request.limit, request.offset)
        shown = found[page.offset : page.offset + page.limit]
        path = f"/v1/Account/{context.account_id}/MultiPartyCall/"
        meta = page_meta(page, len(found), path, repeated(request))
        return MpcPage(
            meta=CountedMeta(
                count=len(found),
                limit=meta.limit,
                next=meta.next,
                offset=meta.offset,
                previous=meta.previous,
            ),
            objects=[self._answer(context, one) for one in shown],
        )

    async def get(self, context: RequestContext, request: MpcRequest) -> MpcAnswer:
        """Tell of one."""
        command = wire.GetGathering(scope=scope_of(context), which=which_of(request.mpc_id))
        return self._answer(context, await self.control.ask(command, GatheringFacts))

    async def start(self, context: RequestContext, request: MpcStart) -> MpcConfirmation:
        """Start it."""
        command = wire.StartGathering(scope=scope_of(context), which=which_of(request.mpc_id))
        found = await self.control.ask(command, GatheringFacts)
        return MpcConfirmation(message=f"MPC: {found.name} started", request_uuid=context.api_id)

    async def stop(self, context: RequestContext, request: MpcRequest) -> MpcConfirmation:
        """End it."""
        command = wire.EndGathering(scope=scope_of(context), which=which_of(request.mpc_id))
        found = await self.control.ask(command, GatheringFacts)
        return MpcConfirmation(
            message=f"MPC: {found.name} kick member(s) succeeded", request_uuid=context.api_id
        )

    async def record(self, context: RequestContext, request: MpcRecord) -> MpcRecordingStarted:
        """Start a recording."""
        which = which_of(request.mpc_id)
        command = wire.RecordGathering(
            scope=scope_of(context), which=which, tape=tape_of(context, request, "mono")
        )
        found = await self.control.ask(command, Recorded)
        return MpcRecordingStarted(
            message=f"MPC: {named(which)} started recording",
            recording_id=found.recording_id,
            recording_url=found.url,
            request_uuid=context.api_id,
        )

    async def stop_recording(self, context: RequestContext, request: MpcRequest) -> None:
        """End its recordings."""
        which = which_of(request.mpc_id)
        await self.control.do(wire.StopRecordingGathering(scope=scope_of(context), which=which))

    async def pause_recording(
        self, context: RequestContext, request: MpcRequest, *, paused: bool
    ) -> None:
        """Let its recording pause, or go on."""
        await self.control.do(
            wire.PauseRecordingGathering(
                scope=scope_of(context), which=which_of(request.mpc_id), paused=paused
            )
        )

    async def _all(self, context: RequestContext, request: MpcList) -> list[GatheringFacts]:
        scope, wanted = scope_of(context), request.sub_account
        if wanted is not None and wanted != context.account_id:
            account = self.accounts.get(wanted)
            if account is None or account.main_auth_id != context.account_id:
                raise NotFound(f"subaccount {wanted} not found", "sub_account")
            scope = wire.Scope(wanted, scope.main_id)
        command = wire.ListGatherings(scope=scope, kind="multiparty", past=True)
        return list((await self.control.ask(command, Gatherings)).gatherings)

    def _answer(self, context: RequestContext, one: GatheringFacts) -> MpcAnswer:
        time: Callable[[float | None], str | None] = partial(short_time, self.accounts, context)
        path = f"/v1/Account/{context.account_id}/MultiPartyCall/uuid_{one.uuid}/"
        sub = one.account_id if one.account_id.startswith("SA") else ""
        main_id = context.principal.main_auth_id
        over = one.ended_at is not None
        return MpcAnswer(
            billed_amount=format_amount(0) if over else None,
            billed_duration=_billed(one) if over else None,
            creation_time=time(one.opened_at) or "",
            duration=None if one.ended_at is None else _lasted(one, one.ended_at),
            end_time=time(one.ended_at),
            friendly_name=one.name,
            mpc_uuid=one.uuid,
            participants=f"{path}Participant/",
            recording=one.recording,
            resource_uri=path,
            start_time=time(one.started_at),
            status=status_of(one),
            stay_alone=all(member.stays_alone for member in one.members or one.past),
            sub_account=f"/v1/Account/{main_id}/Subaccount/{sub}/" if sub else None,
            termination_cause=CAUSES.get(one.termination) if over else None,
            termination_cause_code=one.termination if over else None,
        )


def which_of(mpc_id: str) -> wire.Which:
    """Read `uuid_` and an id, or `name_` and a name.

    Raises:
        NotFound: it is neither.
    """
    kind, _, rest = mpc_id.partition("_")
    if rest and kind.lower() == "uuid":
        return wire.Which(kind="multiparty", uuid=rest.lower())
    if rest and kind.lower() == "name":
        return wire.Which(kind="multiparty", name=rest)
    raise NotFound(f"there is no mpc_id {mpc_id[:64]!r}: it begins with uuid_ or name_", "mpc_id")


def named(which: wire.Which) -> str:
    """Return what a multiparty call is spoken of as."""
    return which.name or which.uuid


def status_of(one: GatheringFacts) -> MpcStatus:
    """Return where it stands."""
    if one.ended_at is not None:
        return "Ended"
    return "Initialized" if one.started_at is None else "Active"


def tape_of(
    context: RequestContext, request: MpcRecord | ParticipantRecord, channels: Channels
) -> wire.Tape:
    """Return how to record.

    Raises:
        MissingParameter: nobody is told the transcription.
    """
    if request.transcript and request.transcription_url is None:
        raise MissingParameter("transcription_url")
    return wire.Tape(
        format=request.file_format,
        channels=channels,
        callback_url=request.recording_callback_url or "",
        callback_method=request.recording_callback_method,
        transcription="auto" if request.transcript else "",
        transcription_url=request.transcription_url or "" if request.transcript else "",
        api_id=context.api_id,
    )


def _lasted(one: GatheringFacts, ended_at: float) -> int:
    return int(ended_at - (one.started_at or one.opened_at))


def _billed(one: GatheringFacts) -> int:
    return sum(begun_minutes_s(past.lasted_s or 0) for past in one.past)


def _matches(request: MpcList, one: GatheringFacts) -> bool:
    if request.friendly_name is not None and request.friendly_name != one.name:
        return False
    if request.status is not None and request.status != status_of(one).lower():
        return False
    code = request.termination_cause_code
    return code is None or (one.ended_at is not None and code == one.termination)


def _timely(one: GatheringFacts, ended: Interval, made: Interval) -> bool:
    if ended != Interval() and (one.ended_at is None or not _within(ended, one.ended_at)):
        return False
    return _within(made, one.opened_at)


def _interval(request: MpcList, field: str) -> Interval:
    moments: dict[str, Moment] = {}
    for operator in ("gt", "gte", "lt", "lte"):
        name = f"{field}__{operator}"
        text: str | None = getattr(request, name)
        if text:
            try:
                moments[operator] = parse_moment(text)
            except ValueError as error:
                raise InvalidParameter(name, str(error)) from None
    return interval_of(moments)


def _within(interval: Interval, at: float) -> bool:
    return interval.since <= at < interval.until


def handlers(control: CallControl, accounts: Accounts) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    api = MultipartyApi(control, accounts)
    return {
        "mpc.list": api.page,
        "mpc.get": api.get,
        "mpc.start": api.start,
        "mpc.stop": api.stop,
        "mpc.record_start": api.record,
        "mpc.record_stop": api.stop_recording,
        "mpc.record_pause": partial(api.pause_recording, paused=True),
        "mpc.record_resume": partial(api.pause_recording, paused=False),
    }
