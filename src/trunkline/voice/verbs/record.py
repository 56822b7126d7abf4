"""`<Record>`: record the caller, or the whole call from here on."""

import contextlib

from trunkline.voice.aftermath import (
    Aftermath,
    Transcribing,
    aftermath_of,
    outcome_of,
    outcome_unknown,
    written,
)
from trunkline.voice.events import RecordingEnded
from trunkline.voice.session.facts import Params
from trunkline.voice.session.ports import Recorded
from trunkline.voice.session.promised import promised
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import GoOnWith, GoTo
from trunkline.voice.telephony import LegGone, RecordingSpec, Tone
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Record until a key, silence or the longest time; or beside what follows.

    The latter with `recordSession` from now on, with `startOnDialAnswer` once a Dial is answered.
    """
    if element.flag("startOnDialAnswer"):
        session.on_connect.append(lambda: _beside(element, session, asking=False))
    elif element.flag("recordSession"):
        await session.answer()
        await _beside(element, session, asking=True)
    else:
        await session.answer()
        await _here(element, session)


async def _here(element: Element, session: Session) -> None:
    if element.flag("playBeep"):
        await session.play([Tone()])
    spec = _spec(element, session, beside=False)
    event = await _recorded(element, session, spec)
    is_kept = not event.error and event.duration_ms > 0
    params = _told(element, session, spec, event) if is_kept else {}
    if event.why == "hangup":
        if is_kept:
            session.act_hung_up(element, params)
        raise await session.departed()
    if is_kept:  # PLIVO XML Record: without a recording the next element follows
        await session.act(element, params)


async def _recorded(element: Element, session: Session, spec: RecordingSpec) -> RecordingEnded:
    await session.leg.record(spec)
    try:
        while True:
            event = await session.next()
            if isinstance(event, RecordingEnded) and event.recording_id == spec.recording_id:
                return event
    except BaseException as signal:
        # The call goes elsewhere, or is ended by us: what was recorded until then is told later.
        over = not isinstance(signal, GoTo | GoOnWith)
        session.beside.recordings[spec.recording_id] = lambda event: _broken_off(
            element, session, spec, event, over=over
        )
        with contextlib.suppress(LegGone):
            await session.leg.stop_recording(spec.recording_id)
        raise


def _broken_off(
    element: Element, session: Session, spec: RecordingSpec, event: RecordingEnded, *, over: bool
) -> None:
    if event.error or event.duration_ms <= 0:
        return
    params = _told(element, session, spec, event)
    if over:
        session.act_hung_up(element, params)


async def _beside(element: Element, session: Session, *, asking: bool) -> None:
    spec = _spec(element, session, beside=True)

    def finished(event: RecordingEnded) -> None:
        if not event.error:
            _told(element, session, spec, event)

    url = await session.beside.record(spec, finished, session.leg)
    # PLIVO XML Record: of a session's recording the action is asked at once, with durations -1.
    params = written("record", outcome_unknown(spec.recording_id, url))
    if asking:
        await session.act(element, params)
    else:  # in the midst of a Dial no other document can be followed
        session.tell(element.string("action"), element.string("method"), "action", params)


def _spec(element: Element, session: Session, *, beside: bool) -> RecordingSpec:
    return RecordingSpec(
        session.ports.new_uuid(),
        "wav" if element.string("fileFormat") == "wav" else "mp3",
        "mono" if element.string("recordChannelType") == "mono" else "stereo",
        element.number("maxLength"),
        0.0 if beside else element.number("timeout"),
        "" if beside else element.string("finishOnKey"),
        session=beside,
        aftermath=_promised(element, session, beside=beside),
    )


def _promised(element: Element, session: Session, *, beside: bool) -> Aftermath | None:
    """Return what `_told` tells and, but of a session's recording, `act_hung_up`."""
    url, method = element.string("callbackUrl"), element.string("callbackMethod")
    callbacks = [promised(session.facts, url, method, "record", "record", event="RecordStop")]
    if not beside:  # of a session's the action was told at once
        url, method = element.string("action"), element.string("method")
        made = promised(session.facts, url, method, "action", "record", event="Redirect")
        callbacks.append(made)
    return aftermath_of(*callbacks, transcribing=_transcribing(element))


def _transcribing(element: Element) -> Transcribing | None:
    url = element.string("transcriptionUrl")
    if not url and not element.string("transcriptionType"):
        return None
    return Transcribing(url, element.string("transcriptionMethod"))


def _told(element: Element, session: Session, spec: RecordingSpec, event: RecordingEnded) -> Params:
    """Note a recording and tell its callback; return what it was told."""
    _keep(element, session, spec, event)
    params = written("record", outcome_of(event))
    session.tell(
        element.string("callbackUrl"), element.string("callbackMethod"), "record", params,
        event="RecordStop",
    )  # fmt: skip
    return params


def _keep(element: Element, session: Session, spec: RecordingSpec, event: RecordingEnded) -> None:
    wanted = _transcribing(element)
    session.ports.journal.recorded(
        Recorded(
            session.facts,
            spec,
            event,
            transcription="" if wanted is None else element.string("transcriptionType") or "auto",
            transcription_url=element.string("transcriptionUrl"),
            transcription_method=element.string("transcriptionMethod"),
        )
    )
