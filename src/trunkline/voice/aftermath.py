"""What comes of a recording: the names of its facts, and all that outlives its process.

Callbacks and a transcription are promised when the recording begins, and kept with its row. As a
rule the process that records sees to them; should that die, whoever saves the recording does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from trunkline.voice.events import RecordingEnded

Shape = Literal["record", "conference", "api", "api_conference", "multiparty"]
"""Which callback: of `<Record>`, `<Conference>`, of what the API records of a call or conference,
of a multiparty call."""

_API: Final = {
    "record_url": "url",
    "recording_id": "id",
    "recording_duration": "seconds",
    "recording_duration_ms": "ms",
    "recording_start_ms": "start",
    "recording_end_ms": "end",
}
_API_TOO: Final = {  # both spellings are documented
    "recordingId": "id",
    "recordingDuration": "seconds",
    "recordingDurationMs": "ms",
    "recordingStartMs": "start",
    "recordingEndMs": "end",
}
_XML: Final = {
    "RecordUrl": "url",
    "RecordingID": "id",
    "RecordingDuration": "seconds",
    "RecordingDurationMs": "ms",
    "RecordingStartMs": "start",
    "RecordingEndMs": "end",
}
_MULTIPARTY: Final = {  # two names each: as elsewhere in XML, as Plivo writes them here
    "RecordUrl": "url",
    "RecordingURL": "url",
    "RecordingID": "id",
    "RecordingUUID": "id",
    "RecordingFormat": "format",
    "RecordingResourceURL": "resource",
}
_MULTIPARTY_OVER: Final = {
    "RecordingDuration": "seconds",
    "RecordingStartTime": "started",
    "RecordingEndTime": "ended",
}
NAMES: Final[Mapping[Shape, Mapping[str, str]]] = {
    "record": {**_XML, "RecordFile": "url", "Digits": "digit"},
    "conference": _XML,
    "api": {**_API, **_API_TOO},
    "api_conference": {**_API, **_API_TOO, "recordUrl": "url"},
    "multiparty": {**_MULTIPARTY, **_MULTIPARTY_OVER},
}


@dataclass(frozen=True, slots=True)
class Promise:
    """A callback but for what only the end of the recording can say; `params` are the others."""

    kind: str  # voice.record, …
    account_id: str
    call_uuid: str
    method: str
    url: str
    params: dict[str, str]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Transcribing:
    """A transcription is wanted; its callback, "" for none."""

    url: str = ""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """All that comes of a recording: its callbacks in turn, and what is said in it."""

    callbacks: tuple[Promise, ...] = ()
    transcribing: Transcribing | None = None


def aftermath_of(
    *callbacks: Promise | None, transcribing: Transcribing | None = None
) -> Aftermath | None:
    """Put together what was promised; None for nothing."""
    found = tuple(one for one in callbacks if one is not None)
    return Aftermath(found, transcribing) if found or transcribing is not None else None


def outcome_of(event: RecordingEnded) -> dict[str, str]:
    """Return what a recording came to, by the words of `NAMES`."""
    return {
        "url": event.url,
        "id": event.recording_id,
        "seconds": str(event.duration_ms // 1000),
        "ms": str(event.duration_ms),
        "start": str(event.start_ms),
        "end": str(event.end_ms),
        "digit": event.digit,
        "started": _stamp(event.start_ms),
        "ended": _stamp(event.end_ms),
        **_places(event.url),
    }


def outcome_unknown(recording_id: str, url: str) -> dict[str, str]:
    """Return what is known of a recording that has just begun (PLIVO XML Record: -1)."""
    unknown = dict.fromkeys(("seconds", "ms", "start", "end"), "-1")
    return {"url": url, "id": recording_id, "digit": "", **unknown}


def under_way(recording_id: str, url: str) -> dict[str, str]:
    """Return what a multiparty call's callback tells of a recording that is not over."""
    facts = {"url": url, "id": recording_id, **_places(url)}
    return {name: facts[what] for name, what in _MULTIPARTY.items()}


def written(shape: Shape, facts: Mapping[str, str]) -> dict[str, str]:
    """Write facts under the names of a callback."""
    return {name: facts[what] for name, what in NAMES[shape].items()}


def _stamp(at_ms: int) -> str:
    """Write a time as `YYYY-MM-DD HH:MM:SS+00:00`; "" for 0."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat(" ") if at_ms else ""


def _places(url: str) -> dict[str, str]:
    """What the address of the audio tells: its format, and where its facts are."""
    base, media, path = url.partition("?")[0].rpartition("/media/")
    name, _, suffix = path.rpartition(".")
    return {"format": suffix, "resource": f"{base}/v1/{name}/" if media else ""}
