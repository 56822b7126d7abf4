"""Commands to calls."""

import asyncio

from trunkline.voice.commands import results, wire
from trunkline.voice.commands.desk import Desk, sounds_of
from trunkline.voice.commands.refusals import NoSuch
from trunkline.voice.session import orders
from trunkline.voice.session.streams import CallStream
from trunkline.voice.telephony import StreamSpec


async def hang_up(desk: Desk, command: wire.HangUpCall) -> results.Text:
    """End a call; one that is queued will not be placed."""
    try:
        await desk.order(command.scope, command.call_uuid, orders.HangUp())
    except orders.NotLive:
        if not await desk.queue.cancel(command.scope, call_uuid=command.call_uuid):
            # It may have had its turn between the two.
            await desk.order(command.scope, command.call_uuid, orders.HangUp())
    return results.Text()


async def hang_up_all(desk: Desk, command: wire.HangUpAllCalls) -> results.Text:
    """End the account's calls, as many as there are now."""
    await desk.queue.cancel(command.scope)
    await _hang_up(desk, [one.facts.call_uuid for one in desk.calls.of_account(
        command.scope.account_id)])  # fmt: skip
    return results.Text()


async def cancel_request(desk: Desk, command: wire.CancelRequest) -> results.Text:
    """End what a request has asked for, whether it is queued, rings or is answered."""
    scope, wanted = command.scope, command.request_uuid
    waiting = await desk.queue.cancel(scope, request_uuid=wanted)
    live = [
        one.facts.call_uuid
        for one in desk.calls.of_request(wanted)
        if scope.covers(one.facts.account_id, one.facts.main_auth_id)
    ]
    if not waiting and not live:
        raise NoSuch(f"request {wanted!r} has no call that is live or queued")
    await _hang_up(desk, live)
    return results.Text()


async def transfer(desk: Desk, command: wire.TransferCall) -> results.Text:
    """Let legs go on elsewhere."""
    order = orders.Transfer(
        legs=command.legs,
        aleg_url=command.aleg_url,
        aleg_method=command.aleg_method,
        bleg_url=command.bleg_url,
        bleg_method=command.bleg_method,
    )
    await desk.order(command.scope, command.call_uuid, order)
    return results.Text()


async def play(desk: Desk, command: wire.PlayToCall) -> results.Text:
    """Start to play or speak."""
    order = orders.Play(
        sounds=sounds_of(command.audio),
        kind=command.kind,
        legs=command.legs,
        mix=command.mix,
        length_s=command.length_s,
    )
    await desk.order(command.scope, command.call_uuid, order)
    return results.Text()


async def stop_playing(desk: Desk, command: wire.StopPlayingToCall) -> results.Text:
    """Stop it."""
    await desk.order(command.scope, command.call_uuid, orders.Stop(kind=command.kind))
    return results.Text()


async def record(desk: Desk, command: wire.RecordCall) -> results.Recorded:
    """Start a recording."""
    return await record_leg(desk, command.scope, command.call_uuid, command.tape)


async def record_leg(
    desk: Desk, scope: wire.Scope, call_uuid: str, tape: wire.Tape
) -> results.Recorded:
    """Start a recording of a call."""
    spec = desk.spec(tape)
    order = orders.Record(
        spec=spec,
        callback_url=tape.callback_url,
        callback_method=tape.callback_method,
        api_id=tape.api_id,
        transcription=tape.transcription,
        transcription_url=tape.transcription_url,
        transcription_method=tape.transcription_method,
    )
    url = await desk.order(scope, call_uuid, order)
    return results.Recorded(spec.recording_id, url)


async def stop_recording(desk: Desk, command: wire.StopRecordingCall) -> results.Text:
    """End recordings."""
    await desk.order(command.scope, command.call_uuid, orders.StopRecording(url=command.url))
    return results.Text()


async def send_keys(desk: Desk, command: wire.SendKeys) -> results.Text:
    """Send keys."""
    order = orders.SendDigits(digits=command.digits, leg=command.legs, tone_ms=command.tone_ms)
    await desk.order(command.scope, command.call_uuid, order)
    return results.Text()


async def start_stream(desk: Desk, command: wire.StartStream) -> results.Text:
    """Start a stream; its upgrade is signed as the account's."""
    facts = desk.call(command.scope, command.call_uuid).facts
    spec = StreamSpec(
        desk.ports.new_uuid(),
        command.url,
        command.bidirectional,
        command.track,
        command.content_type,
        command.timeout_s,
        command.extra_headers,
        headers=desk.ports.documents.signature_headers(facts.account_id, command.url),
        account_id=facts.account_id,
    )
    order = orders.StartStream(
        spec=spec, status_url=command.status_url, status_method=command.status_method
    )
    return results.Text(await desk.order(command.scope, command.call_uuid, order))


async def stop_stream(desk: Desk, command: wire.StopStream) -> results.Text:
    """End streams."""
    if command.stream_id:
        known = [one.spec.stream_id for one in _streams(desk, command)]
        if command.stream_id not in known:
            raise NoSuch(f"stream {command.stream_id!r} not found", "stream_id")
    order = orders.StopStream(stream_id=command.stream_id)
    await desk.order(command.scope, command.call_uuid, order)
    return results.Text()


async def list_streams(desk: Desk, command: wire.ListStreams) -> results.Streams:
    """Tell the streams of a call, the oldest first."""
    return results.Streams(
        [
            results.StreamFacts(
                stream_id=one.spec.stream_id,
                call_uuid=command.call_uuid,
                url=one.spec.url,
                bidirectional=one.spec.bidirectional,
                track=one.spec.track,
                status=one.status,
                status_url=one.status_url,
                created_at=one.created_at,
                started_at=one.started_at,
                ended_at=one.ended_at,
            )
            for one in _streams(desk, command)
        ]
    )


def _streams(desk: Desk, command: wire.StopStream | wire.ListStreams) -> list[CallStream]:
    session = desk.call(command.scope, command.call_uuid).session
    if session is None:
        return []
    return [one for one in session.beside.streams.values() if one.leg.uuid == command.call_uuid]


async def _hang_up(desk: Desk, uuids: list[str]) -> None:
    """End calls at the same time; those that have ended meanwhile are none the worse."""
    results = await asyncio.gather(
        *(desk.calls.do(uuid, orders.HangUp()) for uuid in uuids), return_exceptions=True
    )
    for one in results:
        if isinstance(one, BaseException) and not isinstance(one, orders.NotLive):
            raise one
