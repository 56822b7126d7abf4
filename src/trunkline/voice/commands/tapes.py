"""Recordings of rooms that were asked for by the API: what is told of them, and to whom."""

from dataclasses import dataclass

from trunkline.voice.aftermath import (
    Aftermath,
    Promise,
    Transcribing,
    aftermath_of,
    outcome_of,
    under_way,
    written,
)
from trunkline.voice.commands.wire import Tape
from trunkline.voice.events import RecordingEnded
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import RecordingNews
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
    told: int = 0

    def begun(self, url: str) -> None:
        """It runs."""
        self.url = url
        self._tell_multiparty("MPCRecordingInitiated")

    def paused(self, what: RecordingNews) -> None:
        """It pauses, or goes on."""
        self._tell_multiparty(f"MPCRecording{what.capitalize()}")

    def finished(self, event: RecordingEnded) -> None:
        """It has ended: it is kept, and its callback told."""
        if event.later:
            return
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
            self._tell_multiparty(
                f"MPCRecording{'Failed' if event.error else 'Completed'}",
                written("multiparty", outcome_of(event)),
            )
        elif not event.error:
            what = written("api_conference", outcome_of(event))
            self._tell("conference", _named(gathering, tape) | what)

    def _tell_multiparty(self, event: str, what: Params | None = None) -> None:
        if self.gathering.kind == "multiparty":
            self.told += 1
            params = {
                "EventName": event,
                "EventTimestamp": stamp(self.ports.clock.now()),
                "MPCUUID": self.gathering.uuid,
                "MPCName": self.gathering.name,
                "SequenceNumber": str(self.told),
                **(what or under_way(self.spec.recording_id, self.url)),
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


def promised(gathering: Gathering, facts: Facts, tape: Tape) -> Aftermath | None:
    """Return what `GatheringTape` will see to when it has ended; None for nothing."""
    wanted = Transcribing(tape.transcription_url, tape.transcription_method)
    return aftermath_of(
        _callback(gathering, facts, tape),
        transcribing=wanted if tape.transcription else None,
    )


def _callback(gathering: Gathering, facts: Facts, tape: Tape) -> Promise | None:
    if not tape.callback_url:
        return None
    return Promise(
        "voice.multiparty" if gathering.kind == "multiparty" else "voice.conference",
        facts.account_id,
        facts.call_uuid,
        tape.callback_method,
        tape.callback_url,
        _completed(gathering) if gathering.kind == "multiparty" else _named(gathering, tape),
        "multiparty" if gathering.kind == "multiparty" else "api_conference",
    )


def _named(gathering: Gathering, tape: Tape) -> Params:
    """PLIVO record a conference: callback_url; both spellings are documented."""
    name = gathering.name
    return {"api_id": tape.api_id, "conference_name": name, "conferenceName": name}


def _completed(gathering: Gathering) -> Params:
    return {
        "EventName": "MPCRecordingCompleted",
        "MPCUUID": gathering.uuid,
        "MPCName": gathering.name,
    }
