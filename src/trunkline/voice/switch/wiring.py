"""Where events of the media processes go: each to who asked for what it tells of."""

from collections.abc import Callable

from trunkline.engines.media.messages import (
    CheckpointReached,
    Event,
    Heard,
    Lost,
    Notice,
    PlaybackFinished,
    Ready,
    RecordingFinished,
    Stalled,
    TapClosed,
)

Handler = Callable[[Notice], None]


class Wiring:
    """Handlers by the id of a channel, playback, recording or tap: all of them are unique."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._on_lost: set[Callable[[], None]] = set()

    def __len__(self) -> int:
        return len(self._handlers)

    def connect(self, key: str, handler: Handler) -> None:
        """Have `handler` called with all events of that id."""
        self._handlers[key] = handler

    def disconnect(self, key: str) -> None:
        """Let its events go from now on."""
        self._handlers.pop(key, None)

    def on_lost(self, told: Callable[[], None]) -> None:
        """Have `told` called after a media process was lost, when its legs know."""
        self._on_lost.add(told)

    def forget(self, told: Callable[[], None]) -> None:
        """Undo `on_lost`."""
        self._on_lost.discard(told)

    def on_media(self, event: Event) -> None:
        """Hand an event on; what nobody waits for any more is dropped."""
        match event:
            case Ready() | Stalled():
                return
            case Lost(legs=legs):
                for leg in legs:
                    self._hand_on(leg, event)
                for told in list(self._on_lost):
                    told()
                return
            case PlaybackFinished(playback=key) | RecordingFinished(recording=key):
                self._hand_on(key, event)
            case Heard(frames=frames):
                handlers = self._handlers
                for frame in frames:
                    handler = handlers.get(frame.tap)
                    if handler is not None:
                        handler(frame)
            case CheckpointReached(tap=key) | TapClosed(tap=key):
                self._hand_on(key, event)
            case _:
                self._hand_on(event.leg, event)

    def _hand_on(self, key: str, event: Notice) -> None:
        handler = self._handlers.get(key)
        if handler is not None:
            handler(event)
