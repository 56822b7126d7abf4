"""Audio of calls: a process a core, one tick of 20 ms for all its legs.

    pool = MediaPool(MediaConfig(...), count, on_event);  pool.pick() -> MediaProcess | None: 503
    process = MediaProcess(MediaConfig(bind=..., first_port=..., last_port=...), on_event)
    await process.start();  await process.close();  process.legs;  process.ready
    await process.open_leg(leg) -> LegOpened(address, port) | Refused      before the SDP
    await process.set_stream(leg, stream_of(negotiated)) -> None | Refused  and on re-INVITE
    await process.close_leg(leg) -> LegStats | Refused
    await process.request(command) -> Done | Count | LegStats | ... | Refused
        Join Leave SetMember        rooms: a bridge is a room of two
        Play StopPlay               FileItem, ToneItem, SilenceItem to a leg or a room
        Record StopRecord PauseRecord
        SendDigits Hear Watch       RFC 4733 or tones; speech events
        OpenTap Feed Checkpoint ClearFeed CloseTap      audio to and from the control process
        GetLegStats GetProcessStats
    on_event(Digit | PlaybackFinished | RecordingFinished | MediaTimeout | ... | Lost)

MediaGone: the process died; MediaBusy: too much waits. `messages` has all commands and events.
This package imports no numpy in the control process.
"""

from trunkline.engines.media import messages
from trunkline.engines.media.agreed import ALL, NARROWBAND, speakable, stream_of
from trunkline.engines.media.client import MediaBusy, MediaGone, MediaProcess
from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.pool import MediaPool

__all__ = [
    "ALL",
    "NARROWBAND",
    "MediaBusy",
    "MediaConfig",
    "MediaGone",
    "MediaPool",
    "MediaProcess",
    "messages",
    "speakable",
    "stream_of",
]
