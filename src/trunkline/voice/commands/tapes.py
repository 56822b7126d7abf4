"""Recordings of rooms that were asked for by the API: what is told of them, and to whom."""

from dataclasses import dataclass

from trunkline.voice.commands.wire import Tape
from trunkline.voice.events import RecordingEnded
from trunkline.voice.rooms.gathering import Gathering, RecordingNews
from trunkline.voice.session.facts import Facts, Params, stamp
from trunkline.voice.session.ports import Callback, Ports, Recorded
from trunkline.voice.telephony import RecordingSpec


@dataclass(slots=True)
class GatheringTape:
    """One recording; `facts` are those of the member whose call it is kept under."""

    ports: Ports
    gathering: Gathering
    facts: Facts
    spec: RecordingSpec
    tape: Tape
    url: str = ""

    def begun(self, url: str) -> None:
        """It runs."""
        self.url = url
        self._tell_multiparty("MPCRecordingInitiated")

    def paused(self, what: RecordingNews) -> None:
        """It pauses, or goes on."""
        self._tell_multiparty(f"MPCRecording{what.capitalize()}")

    def finished(self, event: RecordingEnded) -> None:
        """It has ended: it is kept, and its callback told."""
        gathering, tape = self.gathering, self.tape
        multiparty = gathering.kind == "multiparty"
        if not event.error:
            self.ports.journal.recorded(
                Recorded(
                    self.facts,
                    self.spec,
                    event,
                    gathering.name,
                    tape.transcription,
                    tape.transcription_url,
                    tape.transcription_method,
                    gathering.uuid,
                    multiparty,
                )
            )
        self.url = event.url or self.url
        if multiparty:
            self._tell_multiparty(f"MPCRecording{'Failed' if event.error else 'Completed'}")
        elif not event.error:
            self._tell("conference", _params(event, tape.api_id, gathering.name))

    def _tell_multiparty(self, event: str) -> None:
        if self.gathering.kind == "multiparty":
            params = {
                "EventName": event,
                "EventTimestamp": stamp(self.ports.clock.now()),
                "MPCUUID": self.gathering.uuid,
                "MPCName": self.gathering.name,
                "RecordingID": self.spec.recording_id,
                "RecordUrl": self.url,
            }
            self._tell("multiparty", params)

    def _tell(self, kind: str, params: Params) -> None:
        if self.tape.callback_url:
            self.ports.callbacks.tell(
                Callback(
                    f"voice.{kind}",
                    self.facts.account_id,
                    self.facts.call_uuid,
                    self.tape.callback_url,
                    self.tape.callback_method,
                    params,
                )
            )


def _params(event: RecordingEnded, api_id: str, name: str) -> Params:
    """PLIVO record a conference: callback_url."""
    return {
        "api_id": api_id,
        "record_url": event.url,
        "recording_id": event.recording_id,
        "conference_name": name,
        "recording_duration": str(event.duration_ms // 1000),
        "recording_duration_ms": str(event.duration_ms),
        "recording_start_ms": str(event.start_ms),
        "recording_end_ms": str(event.end_ms),
    }
