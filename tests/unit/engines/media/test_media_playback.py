"""Sound before it is heard: items, clips, fed audio, without sockets or files."""

import numpy as np

from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.frames import FRAME, SILENCE
from trunkline.engines.media.sound.clips import Clip
from trunkline.engines.media.sound.playback import (
    WAIT,
    ClipSource,
    Playback,
    SilenceSource,
    ToneSource,
)
from trunkline.engines.media.sound.taps import Tap


def ones(count: int, value: int = 1) -> np.ndarray:
    return np.full(count, value, np.int16)


def test_a_clip_grows_while_it_plays() -> None:
    clip = Clip()
    source = ClipSource(clip)
    assert source.frame(0) is WAIT
    clip.append(ones(100))
    assert source.frame(0) is WAIT
    clip.append(ones(300, 2))
    first = source.frame(0)
    assert isinstance(first, np.ndarray)
    assert first.tolist() == [1] * 100 + [2] * 60
    assert source.frame(2) is WAIT
    clip.finish()
    last = source.frame(2)
    assert isinstance(last, np.ndarray)
    assert last.tolist() == [2] * 80 + [0] * 80
    assert source.frame(3) is None
    assert clip.frame(1) is not None


def test_a_file_that_never_comes_is_given_up() -> None:
    play = m.Play(playback="p", items=(m.FileItem("x"),), leg="a")
    playback = Playback(play, [ClipSource(Clip())])
    results = [playback.next() for _ in range(501)]
    assert results[0] is SILENCE
    assert results[-1] == "failed"
    assert playback.error
    assert playback.played_ms == 0


def test_tones_have_a_cadence_and_no_clicks() -> None:
    source = ToneSource(m.ToneItem((440.0,), 240, on_ms=60, off_ms=40))
    frames = [source.frame(n) for n in range(13)]
    assert frames[12] is None
    sounding = [bool(np.asarray(f).any()) for f in frames[:12]]
    assert sounding == [True, True, True, False, False] * 2 + [True, True]
    audio = np.concatenate(frames[:12]).astype(int)
    assert np.abs(np.diff(audio)).max() < 3000


def test_rounds_are_counted_for_all_items_together() -> None:
    play = m.Play(playback="p", items=(m.SilenceItem(20), m.SilenceItem(40)), leg="a", loop=2)
    playback = Playback(play, [SilenceSource(m.SilenceItem(20)), SilenceSource(m.SilenceItem(40))])
    results = [playback.next() for _ in range(7)]
    assert results[:6] == [SILENCE] * 6 or all(r is SILENCE for r in results[:6])
    assert results[6] == "ended"


def test_fed_audio_in_pieces_of_any_length() -> None:
    tap = Tap(m.OpenTap(tap="t", leg="a", encoding="l16"), 0, 0.0)
    audio = np.arange(1000, dtype=np.int16)
    octets = audio.tobytes()
    for at in range(0, len(octets), 34):
        assert tap.feed(m.Feed(tap="t", audio=octets[at : at + 34], encoding="l16")) == ""
    tap.checkpoint("end")
    heard, reached = [], []
    for _ in range(9):
        frame, names = tap.next()
        reached += names
        if frame is not None:
            heard.append(frame)
    assert np.concatenate(heard)[:1000].tolist() == audio.tolist()
    assert len(heard) == -(-1000 // FRAME)
    assert reached == ["end"]
    assert tap.next() == (None, [])
