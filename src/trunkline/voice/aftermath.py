"""What is told of a recording: the names of its facts, and the callback that outlives its process.

A callback is promised when the recording begins, and kept with its row. As a rule the process that
records tells it; should that die, whoever saves the recording does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
NAMES: Final[Mapping[Shape, Mapping[str, str]]] = {
    "record": {**_XML, "RecordFile": "url", "Digits": "digit"},
    "conference": _XML,
    "api": {**_API, **_API_TOO},
    "api_conference": {**_API, **_API_TOO, "recordUrl": "url"},
    "multiparty": {"RecordUrl": "url", "RecordingID": "id"},
}


@dataclass(frozen=True, slots=True)
class Aftermath:
    """A callback but for what only the end of the recording can say; `params` are the others."""

    kind: str  # voice.record, …
    account_id: str
    call_uuid: str
    method: str
    url: str
    params: dict[str, str]
    shape: Shape


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
    }


def outcome_unknown(recording_id: str, url: str) -> dict[str, str]:
    """Return what is known of a recording that has just begun (PLIVO XML Record: -1)."""
    unknown = dict.fromkeys(("seconds", "ms", "start", "end"), "-1")
    return {"url": url, "id": recording_id, "digit": "", **unknown}


def written(shape: Shape, facts: Mapping[str, str]) -> dict[str, str]:
    """Write facts under the names of a callback."""
    return {name: facts[what] for name, what in NAMES[shape].items()}
