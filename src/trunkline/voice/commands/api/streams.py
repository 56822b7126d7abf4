"""Wire ↔ domain for the audio streams of live calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operations.voice.streams import (
    CountedMeta,
    OneStream,
    StreamAnswer,
    StreamPage,
    StreamsOfCall,
    StreamStart,
    StreamStarted,
)
from trunkline.protocols.audiostream.outgoing import unreadable_header
from trunkline.values.money import format_amount
from trunkline.voice.commands import wire
from trunkline.voice.commands.api.times import long_time, short_time
from trunkline.voice.commands.client import CallControl, scope_of
from trunkline.voice.commands.results import StreamFacts, Streams
from trunkline.voice.rating import begun_minutes_s

_PAGE = 20


@dataclass(frozen=True, slots=True)
class StreamApi:
    """The operations on streams."""

    control: CallControl
    accounts: Accounts

    async def start(self, context: RequestContext, request: StreamStart) -> StreamStarted:
        """Start a stream."""
        if request.bidirectional and request.audio_track != "inbound":  # PLIVO audio streams
            raise InvalidParameter("audio_track", "must be inbound with bidirectional")
        if request.cx_bot:
            raise InvalidParameter("cx_bot", "cannot be true: there are no agents of Plivo's here")
        bad = unreadable_header(request.extra_headers)
        if bad:
            raise InvalidParameter("extra_headers", f"{bad[:64]!r} is not key=value")
        stream_id = await self.control.do(
            wire.StartStream(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                url=request.service_url,
                bidirectional=request.bidirectional,
                track=request.audio_track,
                content_type=request.content_type,
                timeout_s=request.stream_timeout,
                extra_headers=request.extra_headers,
                status_url=request.status_callback_url or "",
                status_method=request.status_callback_method,
            )
        )
        return StreamStarted(message="audio streaming started", stream_id=stream_id)

    async def list(self, context: RequestContext, request: StreamsOfCall) -> StreamPage:
        """Tell a call's streams; all of them: a call has few."""
        found = await self._streams(context, request.call_uuid)
        objects = [self._answer(context, one) for one in found]
        meta = CountedMeta(
            count=len(objects), limit=max(_PAGE, len(objects)), next=None, offset=0, previous=None
        )
        return StreamPage(meta=meta, objects=objects)

    async def get(self, context: RequestContext, request: OneStream) -> StreamAnswer:
        """Tell one."""
        for one in await self._streams(context, request.call_uuid):
            if one.stream_id == request.stream_id.lower():
                return self._answer(context, one)
        raise NotFound(f"stream {request.stream_id!r} not found", "stream_id")

    async def stop(self, context: RequestContext, request: OneStream) -> None:
        """Stop one."""
        await self.control.do(
            wire.StopStream(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                stream_id=request.stream_id.lower(),
            )
        )

    async def stop_all(self, context: RequestContext, request: StreamsOfCall) -> None:
        """Stop all."""
        await self.control.do(
            wire.StopStream(scope=scope_of(context), call_uuid=request.call_uuid.lower())
        )

    async def _streams(self, context: RequestContext, call_uuid: str) -> Sequence[StreamFacts]:
        command = wire.ListStreams(scope=scope_of(context), call_uuid=call_uuid.lower())
        return (await self.control.ask(command, Streams)).streams

    def _answer(self, context: RequestContext, one: StreamFacts) -> StreamAnswer:
        until = context.now if one.ended_at is None else one.ended_at
        seconds = 0 if one.started_at is None else max(0, int(until - one.started_at))
        path = f"/v1/Account/{context.account_id}/Call/{one.call_uuid}/Stream/{one.stream_id}/"
        return StreamAnswer(
            audio_track=one.track,
            bidirectional=one.bidirectional,
            bill_duration=seconds,
            billed_amount=format_amount(0),
            call_uuid=one.call_uuid,
            created_at=long_time(self.accounts, context, one.created_at),
            end_time=short_time(self.accounts, context, one.ended_at),
            plivo_auth_id=context.account_id,
            resource_uri=path,
            rounded_bill_duration=str(begun_minutes_s(seconds)),
            service_url=one.url,
            start_time=short_time(self.accounts, context, one.started_at),
            status=one.status,
            status_callback_url=one.status_url,
            stream_id=one.stream_id,
        )


def handlers(control: CallControl, accounts: Accounts) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    api = StreamApi(control, accounts)
    return {
        "call.stream_start": api.start,
        "call.stream_list": api.list,
        "call.stream_get": api.get,
        "call.stream_stop": api.stop,
        "call.stream_stop_all": api.stop_all,
    }
