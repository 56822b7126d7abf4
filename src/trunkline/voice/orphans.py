"""What is told of calls whose process died: their hangup URL hears of the end all the same.

So does who waits for a recording that was under way, or for what is said in it.
"""

from collections.abc import Sequence

import msgspec

from trunkline.messaging.media.links import Links
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection
from trunkline.values.form import form_encoded
from trunkline.values.money import format_amount
from trunkline.voice.aftermath import Aftermath, Promise, outcome_of, written
from trunkline.voice.causes import CAUSES
from trunkline.voice.events import RecordingEnded
from trunkline.voice.journal import bill_of
from trunkline.voice.placing.wanted import facts_of, read
from trunkline.voice.recordings.links import url_of
from trunkline.voice.recordings.model import Recording
from trunkline.voice.recordings.store.transcriptions import request
from trunkline.voice.recordings.transcribe import transcription_of
from trunkline.voice.records.model import Call
from trunkline.voice.session.facts import stamp
from trunkline.webhooks import NewWebhook, enqueue

_aftermaths = msgspec.json.Decoder(Aftermath)


def tell_owners(conn: Connection, calls: Sequence[Call]) -> None:
    """Queue the hangup callbacks of calls that were ended; see `records.closing.OnClosed`."""
    enqueue(conn, [_hangup(call) for call in calls if call.hangup_url])


def _hangup(call: Call) -> NewWebhook:
    facts = facts_of(call, _headers(call), format_amount(call.rate))
    ended_at = call.ended_at or call.initiated_at
    params = facts.hangup_params(CAUSES[call.hangup_code], ended_at, bill_of(call))
    return NewWebhook(
        call.account_id,
        "voice.hangup",
        call.call_uuid,
        call.hangup_method,
        call.hangup_url,
        form_encoded(params),
        ended_at,
    )


def _headers(call: Call) -> dict[str, str]:
    if not call.extra:
        return {}
    try:
        return read(call).headers
    except msgspec.MsgspecError:  # it ended all the same
        return {}


class RecordingsTold:
    """Sees to what comes of recordings that were saved; see `recordings.library.OnKept`."""

    def __init__(self, links: Links, clock: Clock) -> None:
        self._links = links
        self._clock = clock

    def tell(self, conn: Connection, one: Recording) -> None:
        """Queue what was promised when it began: callbacks, a transcription."""
        after = _aftermath(one)
        now = self._clock.now()
        event = self._ended(one, now)
        for promise in after.callbacks:
            params = _params(promise, event, now)
            if params is not None:
                told = (promise.account_id, promise.kind, promise.call_uuid)
                way = (promise.method, promise.url)
                enqueue(conn, [NewWebhook(*told, *way, form_encoded(params), now)])
        wanted = after.transcribing
        if wanted is not None and not event.error:
            request(conn, transcription_of(one, now, wanted.url, wanted.method))

    def _ended(self, one: Recording, now: float) -> RecordingEnded:
        if not one.duration_ms:
            return RecordingEnded(one.call_uuid, one.recording_id, "", 0, 0, error="nothing")
        start_ms = round(one.started_at * 1000)
        url = url_of(self._links, one, now)
        return RecordingEnded(
            one.call_uuid, one.recording_id, url, start_ms, start_ms + one.duration_ms
        )


def _aftermath(one: Recording) -> Aftermath:
    try:
        return _aftermaths.decode(one.aftermath) if one.aftermath else Aftermath()
    except msgspec.MsgspecError:  # another release wrote it
        return Aftermath()


def _params(promise: Promise, event: RecordingEnded, now: float) -> dict[str, str] | None:
    """Return what is told; of a recording that came to nothing not all callbacks tell."""
    params = promise.params | written(promise.shape, outcome_of(event))
    if promise.shape == "multiparty":
        failed = {"EventName": "MPCRecordingFailed"} if event.error else {}
        return params | {"EventTimestamp": stamp(now)} | failed
    return None if event.error and promise.shape != "api" else params
