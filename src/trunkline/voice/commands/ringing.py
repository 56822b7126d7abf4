"""While participants are called: what the others hear, and what is told of the addition."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from trunkline.voice.causes import Errand
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.session.facts import Facts, stamp
from trunkline.voice.session.ports import Callback, FetchFailed, Ports
from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.telephony import Sound, TelephonyError, Tone
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)

_GROUP = "add-participant-api-events"


@dataclass(slots=True)
class _Heard:
    task: asyncio.Task[None]
    ringing: int = 0  # who is called meanwhile


class DialMusic:
    """Lets those who are inside hear that somebody is called, once for all who are."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._heard: dict[tuple[str, str], _Heard] = {}

    @asynccontextmanager
    async def heard(self, name: str, wanted: str, facts: Facts) -> AsyncGenerator[None]:
        """Play `wanted`: `real`, a ringing tone, or what a document at an address holds."""
        gathering = self._ports.rooms.find("multiparty", facts.account_id, name)
        if gathering is None or not gathering.inside or wanted in ("", "none"):
            yield
            return
        key = (gathering.uuid, wanted)
        heard = self._heard.get(key)
        if heard is None:
            task = asyncio.create_task(self._play(gathering, wanted, facts), name=f"music {name}")
            heard = self._heard[key] = _Heard(task)
        heard.ringing += 1
        try:
            yield
        finally:
            heard.ringing -= 1
            if not heard.ringing:
                del self._heard[key]
                heard.task.cancel()
                await asyncio.wait([heard.task], timeout=1.0)

    async def _play(self, gathering: Gathering, wanted: str, facts: Facts) -> None:
        """Play over and over until it is cancelled: by the end of the ringing, which has its time.

        What cannot be had is not tried again.
        """
        sounds, error = await self._sounds(wanted, facts), ""
        try:
            while not error and (playback := await gathering.play(sounds)):
                try:
                    error = await gathering.played(playback)
                finally:
                    await gathering.stop_playing(playback)
        except TelephonyError as refusal:
            error = str(refusal)
        if error:
            log.info("multiparty.no_dial_music", name=gathering.name, reason=error)

    async def _sounds(self, wanted: str, facts: Facts) -> tuple[Sound, ...]:
        if wanted == "real":
            return (Tone("ring"),)
        params, errand = facts.params("Redirect"), Errand.ACTION
        try:
            document = await self._ports.documents.fetch(
                facts.account_id, wanted, "POST", params, errand
            )
        except FetchFailed as failure:
            log.info("multiparty.no_dial_music", url=wanted, reason=str(failure))
            return ()
        return sounds_of(document.elements)


def tell(ports: Ports, element: Element, facts: Facts, what: str) -> None:
    """Tell the status callback that an addition was initiated, or is completed."""
    url = element.string("statusCallbackUrl")
    if not url or _GROUP not in element.string("statusCallbackEvents"):
        return
    params = {
        "EventName": f"AddParticipantByAPIAction{what}",
        "EventTimestamp": stamp(ports.clock.now()),
        "MPCUUID": _uuid(ports, facts, element.text),
        "MPCName": element.text,
        "ParticipantRole": element.string("role"),
        "ParticipantCallUUID": facts.call_uuid,
        "RequestUUID": facts.request_uuid,
    }
    method = element.string("statusCallbackMethod")
    ports.callbacks.tell(
        Callback("voice.multiparty", facts.account_id, facts.call_uuid, url, method, params)
    )


def _uuid(ports: Ports, facts: Facts, name: str) -> str:
    """Return the one they are called into, which may have ended while it rang; "" before it is."""
    live = ports.rooms.find("multiparty", facts.account_id, name)
    if live is not None:
        return live.uuid
    past = ports.rooms.past_of("multiparty", facts.account_id)
    return next(
        (
            one.uuid
            for one in reversed(past)
            if one.name == name and (one.ended_at or 0.0) >= facts.started_at
        ),
        "",
    )
