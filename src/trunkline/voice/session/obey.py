"""Carrying out orders, between two events of the call: each is answered, whatever happens."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Literal

import structlog

from trunkline.voice.aftermath import Aftermath, Transcribing, aftermath_of, outcome_of, written
from trunkline.voice.causes import CANCELED, NORMAL, Errand, Source
from trunkline.voice.events import RecordingEnded, StreamTold
from trunkline.voice.session import orders
from trunkline.voice.session.facts import Facts, Params, stamp
from trunkline.voice.session.orders import (
    Departed,
    GiveUp,
    GoOn,
    HangUp,
    Legs,
    NoSuchLeg,
    NoSuchRecording,
    NotLive,
    NotNow,
    Order,
    PauseRecording,
    Play,
    SendDigits,
    StartStream,
    Stop,
    StopRecording,
    StopStream,
    ToMember,
    Transfer,
)
from trunkline.voice.session.ports import Recorded, Taped
from trunkline.voice.session.promised import promised
from trunkline.voice.session.session import Party, Session
from trunkline.voice.session.signals import CallOver, GoOnWith, GoTo
from trunkline.voice.session.streams import CallStream
from trunkline.voice.telephony import Leg, LegGone, Refused, StreamSpec
from trunkline.voice.xml.document import Document

log = structlog.get_logger(__name__)

MOST_STREAMS = 100  # of one call, that are remembered


async def obey(session: Session, order: Order) -> None:
    """Carry out an order; raises CallOver or GoTo when it takes the call elsewhere."""
    try:
        await _DOERS[type(order)](session, order)
    except orders.OrderError as error:
        order.refuse(error)
    except LegGone:
        order.refuse(NotLive("The call has ended."))
    except Refused as error:
        order.refuse(NotNow(str(error)))
    except BaseException:
        order.refuse(NotLive("The call has ended."))
        raise


async def _hang_up(session: Session, order: HangUp) -> None:
    if order.leg == "bleg":
        await _other(session).leg.hang_up(order.cause or NORMAL.by(Source.API))
        order.done()
        return
    ringing_out = not session.answered and not session.facts.inbound
    cause = order.cause or (CANCELED if ringing_out else NORMAL).by(Source.API)
    await session.leg.hang_up(cause)
    order.done()
    raise CallOver(cause, at=order.at)


async def _give_up(session: Session, order: GiveUp) -> None:
    party = session.called.get(order.uuid)
    if party is None or party.cause is not None:
        raise NotLive("The leg has ended, or is connected meanwhile.")
    await party.leg.hang_up(CANCELED.by(Source.API))
    order.done()


async def _transfer(session: Session, order: Transfer) -> None:
    _answered(session)
    if order.legs != "aleg" and not (order.legs == "both" and session.other is None):
        await _part(session, order.bleg_url, order.bleg_method)
    order.done()
    if order.legs != "bleg":
        raise GoTo(order.aleg_url, order.aleg_method, Errand.TRANSFER)


async def _part(
    session: Session, url: str, method: str = "POST", document: Document | None = None
) -> None:
    """Let the other leg go its own way, with a document of its own."""
    party = _other(session)
    await session.leg.disconnect()
    session.other = None
    carried = session.beside.hand_over(party.leg)
    session.ports.calls.adopt(party.leg, party.facts, url, method, carried, document)
    session.mailbox.tell(Departed(party.leg.uuid))


async def _go_on(session: Session, order: GoOn) -> None:
    _answered(session)
    if order.leg == "bleg":
        await _part(session, "", document=order.document)
        order.done()
        return
    order.done()
    raise GoOnWith(order.document, Errand.TRANSFER)


async def _play(session: Session, order: Play) -> None:
    legs, (asker, _) = _legs(session, order.legs), _side(session, order.leg)
    _audible(session)
    started: list[tuple[Leg, str]] = []
    for leg in legs:
        playback = await leg.play(order.sounds, layer="mix" if order.mix else "cover")
        started.append((leg, playback))
        if leg is not asker:
            session.beside.askers[playback] = asker
    session.beside.overlays.setdefault(order.kind, []).extend(started)
    order.done()
    if order.length_s > 0:

        async def enough() -> None:
            await _stop_playing(session, started)

        session.later(order.length_s, enough)


async def _stop(session: Session, order: Stop) -> None:
    leg, _ = _side(session, order.leg)
    await _stop_playing(session, session.beside.played_for(leg, order.kind))
    order.done()


async def _stop_playing(session: Session, playing: list[tuple[Leg, str]]) -> None:
    for leg, playback in playing:
        if any((leg, playback) in some for some in session.beside.overlays.values()):
            try:
                await leg.stop_playing(playback)
            except LegGone:
                continue


async def _record(session: Session, order: orders.Record) -> None:
    _audible(session)
    leg, facts = _side(session, order.leg)
    spec = replace(order.spec, aftermath=_promised(order, facts))

    def finished(event: RecordingEnded) -> None:
        if event.error:  # there is nothing that could be fetched
            log.warning("call.unrecorded", call=facts.call_uuid, reason=event.error)
            event = replace(event, url="")
        else:
            session.ports.journal.recorded(
                Recorded(
                    facts,
                    spec,
                    event,
                    transcription=order.transcription,
                    transcription_url=order.transcription_url,
                    transcription_method=order.transcription_method,
                )
            )
        if event.later:
            return
        facts.over = facts.over or leg.over
        session.tell(
            order.callback_url,
            order.callback_method,
            "record",
            recorded_by_api(event, order.api_id, facts.call_uuid),
            facts=facts,
        )

    url = await session.beside.record(spec, finished, leg)
    session.beside.taped[spec.recording_id] = Taped(url, spec.tracks, leg)
    order.done(url)


def _promised(order: orders.Record, facts: Facts) -> Aftermath | None:
    extra = {"api_id": order.api_id, "call_uuid": facts.call_uuid}
    url, method = order.callback_url, order.callback_method
    wanted = Transcribing(order.transcription_url, order.transcription_method)
    return aftermath_of(
        promised(facts, url, method, "record", "api", extra),
        transcribing=wanted if order.transcription else None,
    )


async def _stop_recording(session: Session, order: StopRecording) -> None:
    leg, _ = _side(session, order.leg)
    wanted = [
        recording
        for recording, taped in session.beside.taped.items()
        if taped.leg is leg
        and order.url in ("", taped.url)
        and order.tracks in (None, taped.tracks)
        and recording in session.beside.recordings
    ]
    if order.url and not wanted:
        raise NoSuchRecording("There is no such recording under way.")
    for recording in wanted:
        await leg.stop_recording(recording)
        session.beside.taped[recording].stopped = True
    order.done()


async def _pause_recording(session: Session, order: PauseRecording) -> None:
    leg, _ = _side(session, order.leg)
    running = [
        one
        for one, taped in session.beside.taped.items()
        if taped.leg is leg
        and one in session.beside.recordings
        and not taped.stopped
        and order.tracks in (None, taped.tracks)
    ]
    if not running:
        raise NotNow("No recording is under way.")
    for recording in running:
        await leg.pause_recording(recording, paused=order.paused)
    order.done()


async def _send_digits(session: Session, order: SendDigits) -> None:
    legs = _legs(session, order.leg)
    _audible(session)
    for leg in legs:
        await leg.send_digits(order.digits, tone_ms=order.tone_ms)
    order.done()


async def _start_stream(session: Session, order: StartStream) -> None:
    _audible(session)
    leg, facts = _side(session, order.leg)
    if session.beside.streamed(leg):
        raise NotNow("The call has a stream already.")
    watch_stream(session, order.spec, order.status_url, order.status_method, (leg, facts))
    try:
        await leg.start_stream(order.spec)
    except BaseException:
        forget_stream(session, order.spec.stream_id)
        raise
    order.done(order.spec.stream_id)


async def _stop_stream(session: Session, order: StopStream) -> None:
    leg, _ = _side(session, order.leg)
    wanted = [one for one in session.beside.streamed(leg) if order.stream_id in ("", one)]
    if order.stream_id and not wanted:
        raise NotNow("There is no such stream.")
    for stream_id in wanted:
        await leg.stop_stream(stream_id)
    order.done()


async def _to_member(session: Session, order: ToMember) -> None:
    if session.membership is None:
        raise NotNow("The call is in no conference.")
    await session.membership.obey(order.action, order)


def watch_stream(
    session: Session,
    spec: StreamSpec,
    url: str,
    method: str,
    side: tuple[Leg, Facts] | None = None,
) -> None:
    """Keep in mind what becomes of a stream, and tell its status callback; our own is the rule."""
    stream_id = spec.stream_id
    leg, facts = side or (session.leg, session.facts)
    stream = CallStream(leg, spec, url, session.ports.clock.now())
    beside = session.beside
    beside.streams[stream_id] = stream
    if len(beside.streams) > MOST_STREAMS:
        del beside.streams[next(one for one in beside.streams if one not in beside.on_stream)]

    def told(event: StreamTold) -> None:
        stream.follow(event, session.ports.clock.now())
        extra: Params = {
            "StreamID": stream_id,
            "Timestamp": stamp(session.ports.clock.now()),
        }
        if event.reason:
            extra["StatusReason"] = event.reason
        facts.over = facts.over or leg.over
        session.tell(url, method, "stream", extra, event=event.what, facts=facts)

    session.beside.on_stream[stream_id] = told


def forget_stream(session: Session, stream_id: str) -> None:
    """Undo `watch_stream`: the stream could not be started."""
    session.beside.on_stream.pop(stream_id, None)
    session.beside.streams.pop(stream_id, None)


def recorded_by_api(event: RecordingEnded, api_id: str, call_uuid: str) -> Params:
    """Return the parameters of a recording's callback (PLIVO record call: callback_url)."""
    return {"api_id": api_id, "call_uuid": call_uuid} | written("api", outcome_of(event))


def _answered(session: Session) -> None:
    """Who is called cannot hear and be heard before it answers."""
    if not session.answered and not session.facts.inbound:
        raise NotNow("The call is not answered yet.")


def _audible(session: Session) -> None:
    """A caller that has not been answered hears nothing either, unless there is early media."""
    if not session.audible:
        raise NotNow("The call is not answered yet.")


def _legs(session: Session, legs: Legs) -> list[Leg]:
    if legs == "aleg":
        return [session.leg]
    other = _other(session).leg
    return [other] if legs == "bleg" else [session.leg, other]


def _side(session: Session, which: Literal["aleg", "bleg"]) -> tuple[Leg, Facts]:
    party = session if which == "aleg" else _other(session)
    return party.leg, party.facts


def _other(session: Session) -> Party:
    if session.other is None:
        raise NoSuchLeg("The call is not connected with another leg.")
    return session.other


_DOERS: dict[type[Order], Callable[[Session, Any], Awaitable[None]]] = {
    HangUp: _hang_up,
    GiveUp: _give_up,
    Transfer: _transfer,
    GoOn: _go_on,
    Play: _play,
    Stop: _stop,
    orders.Record: _record,
    StopRecording: _stop_recording,
    PauseRecording: _pause_recording,
    SendDigits: _send_digits,
    StartStream: _start_stream,
    StopStream: _stop_stream,
    ToMember: _to_member,
}
