"""Playing and recording: what is heard and what is in the files, told by their spectrum."""

import itertools
import random
import time
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from media_rig import Audio, Rig, power_at, sine

from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.media.sound.writer import Mp3Sink

LOUD, QUIET = -20.0, -50.0
_names = itertools.count()


def sound(path: Path, frequency: float, seconds: float, rate: int = 8000, channels: int = 1) -> str:
    at = np.arange(int(seconds * rate)) / rate
    samples = 0.25 * np.sin(2 * np.pi * frequency * at)
    data = np.stack([samples] * channels, axis=1)
    soundfile.write(path, data, rate, format=path.suffix[1:].upper())
    return str(path)


def loaded(rig: Rig, path: str) -> None:
    """Wait until a file is decoded: that happens in a thread."""
    clip = rig.engine._clips.load(path)
    assert clip is not None
    deadline = time.monotonic() + 10
    while not clip.complete and time.monotonic() < deadline:
        time.sleep(0.005)
    assert clip.complete


def play(rig: Rig, *items: m.Item, **more: object) -> str:
    name = f"play{next(_names)}"
    target = {} if "room" in more else {"leg": "leg"}
    for item in items:
        if isinstance(item, m.FileItem):
            loaded(rig, item.path)
    result = rig.do(m.Play(playback=name, items=items, **{**target, **more}))  # type: ignore[arg-type]
    assert result == m.Done(), result
    return name


def settle(rig: Rig) -> list[m.RecordingFinished]:
    deadline = time.monotonic() + 10
    while not rig.of(m.RecordingFinished) and time.monotonic() < deadline:
        rig.tick()
        time.sleep(0.002)
    return rig.of(m.RecordingFinished)


def read(path: str | Path) -> Audio:
    data, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    assert rate == 8000
    return data


@pytest.mark.parametrize(
    ("name", "rate", "channels"),
    [("a.wav", 8000, 1), ("b.wav", 44100, 2), ("c.mp3", 24000, 1), ("d.mp3", 44100, 2)],
)
def test_a_file_is_played(rig: Rig, tmp_path: Path, name: str, rate: int, channels: int) -> None:
    peer = rig.open("leg")
    path = sound(tmp_path / name, 1000.0, 1.0, rate, channels)
    played = play(rig, m.FileItem(path))
    rig.tick(80)
    assert power_at(peer.audio()[1600:8000], 1000.0) > LOUD
    (finished,) = rig.of(m.PlaybackFinished)
    assert (finished.playback, finished.reason, finished.error) == (played, "ended", "")
    assert 980 <= finished.played_ms <= 1120  # MP3 has padding
    assert not peer.audio()[-800:].any()


def test_items_follow_each_other_and_are_repeated(rig: Rig, tmp_path: Path) -> None:
    peer = rig.open("leg")
    path = sound(tmp_path / "x.wav", 1000.0, 0.1)
    play(rig, m.FileItem(path), m.SilenceItem(100), m.ToneItem((500.0,), 100), loop=3)
    rig.tick(60)
    heard = peer.audio()
    for begin in (0, 2400, 4800):
        assert power_at(heard[begin : begin + 800], 1000.0) > LOUD
        assert not heard[begin + 820 : begin + 1580].any()
        assert power_at(heard[begin + 1600 : begin + 2400], 500.0) > LOUD
    (finished,) = rig.of(m.PlaybackFinished)
    assert finished.played_ms == 900


def test_endless_limited_and_stopped(rig: Rig, tmp_path: Path) -> None:
    rig.open("leg")
    path = sound(tmp_path / "x.wav", 1000.0, 0.1)
    play(rig, m.FileItem(path), loop=0, limit_ms=1000)
    endless = play(rig, m.ToneItem((440.0, 480.0), 0, on_ms=400, off_ms=200))
    rig.tick(100)
    assert [(e.reason, e.played_ms) for e in rig.of(m.PlaybackFinished)] == [("limit", 1000)]
    assert rig.do(m.StopPlay(endless)) == m.Count(1)
    assert rig.do(m.StopPlay(endless)) == m.Count(0)
    assert rig.of(m.PlaybackFinished)[-1].reason == "stopped"


def test_files_that_cannot_be_played(rig: Rig, tmp_path: Path) -> None:
    rig.open("leg")
    (tmp_path / "rubbish.mp3").write_bytes(b"no sound at all" * 100)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "cut.wav").write_bytes(b"RIFF\x00\x00")
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 8000)
    for name in ("rubbish.mp3", "empty.wav", "cut.wav", "none.wav", "absent.wav", "."):
        play(rig, m.FileItem(str(tmp_path / name)), loop=0)
    deadline = time.monotonic() + 10
    while len(rig.of(m.PlaybackFinished)) < 6 and time.monotonic() < deadline:
        rig.tick()
        time.sleep(0.02)  # what failed is read again, by a thread
    finished = rig.of(m.PlaybackFinished)
    assert {e.reason for e in finished} == {"failed"}
    assert len(finished) == 6
    assert all(e.error for e in finished)


def test_what_cannot_be_played_is_refused(rig: Rig) -> None:
    rig.open("leg")
    for items in ((), (m.ToneItem((), 10),), (m.ToneItem((5000.0,), 10),)):
        refused = rig.do(m.Play(playback="x", items=items, leg="leg"))
        assert isinstance(refused, m.Refused)
        assert refused.reason == "invalid"
    nobody = rig.do(m.Play(playback="x", items=(m.SilenceItem(1),), leg="nobody"))
    assert nobody == m.Refused("unknown", "nobody")
    play_once = m.Play(playback="x", items=(m.SilenceItem(1000),), leg="leg")
    assert rig.do(play_once) == m.Done()
    assert rig.do(play_once) == m.Refused("exists", "x")
    silent = m.Play(playback="y", items=(m.SilenceItem(0),), leg="leg", loop=0)
    assert rig.do(silent) == m.Done()
    rig.tick(2)
    assert [e.playback for e in rig.of(m.PlaybackFinished)] == ["y"]  # no endless loop


def test_queued_playbacks_wait_for_each_other(rig: Rig) -> None:
    peer = rig.open("leg")
    play(rig, m.ToneItem((500.0,), 200), queue=True)
    play(rig, m.ToneItem((1500.0,), 200), queue=True)
    rig.tick(25)
    heard = peer.audio()
    assert power_at(heard[:1600], 500.0) > LOUD > QUIET > power_at(heard[:1600], 1500.0)
    assert power_at(heard[1600:3200], 1500.0) > LOUD


def test_play_over_a_call_or_instead_of_it(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.open("other")
    rig.do(m.Join("leg", "room"))
    rig.do(m.Join("other", "room"))
    tones = {"other": 700.0}
    play(rig, m.ToneItem((1500.0,), 1500), mix=True)
    rig.speak(75, tones)
    over = peer.audio()[-6400:]
    assert power_at(over, 700.0) > LOUD
    assert power_at(over, 1500.0) > LOUD
    play(rig, m.ToneItem((1500.0,), 1500), mix=False)
    rig.speak(75, tones)
    instead = peer.audio()[-6400:]
    assert power_at(instead, 700.0) < QUIET
    assert power_at(instead, 1500.0) > LOUD


def test_play_to_a_room_is_heard_by_all(rig: Rig) -> None:
    peers = [rig.open(leg) for leg in "ab"]
    for leg in "ab":
        rig.do(m.Join(leg, "room"))
    play(rig, m.ToneItem((900.0,), 800), room="room")
    rig.tick(45)
    for peer in peers:
        assert power_at(peer.audio()[800:6400], 900.0) > LOUD
    endless = play(rig, m.ToneItem((900.0,), 0), room="room")
    rig.do(m.Leave("a"))
    assert not [e for e in rig.of(m.PlaybackFinished) if e.playback == endless]
    rig.do(m.Leave("b"))
    assert rig.of(m.PlaybackFinished)[-1].reason == "closed"


@pytest.mark.parametrize("form", ["wav", "mp3"])
def test_a_leg_is_recorded_in_stereo(rig: Rig, tmp_path: Path, form: str) -> None:
    rig.open("leg")
    rig.speak(10, {"leg": 700.0})
    path = tmp_path / f"r.{form}"
    record = m.Record(recording="r", path=str(path), format=form, leg="leg", stereo=True)  # type: ignore[arg-type]
    assert rig.do(record) == m.Done()
    play(rig, m.ToneItem((1500.0,), 0))
    rig.speak(100, {"leg": 700.0})
    assert rig.do(m.StopRecord("r")) == m.Count(1)
    (finished,) = settle(rig)
    assert (finished.reason, finished.duration_ms, finished.error) == ("stopped", 2000, "")
    assert finished.size_bytes == path.stat().st_size
    data = read(path)
    assert len(data) == 16000
    left, right = data[4000:12000, 0], data[4000:12000, 1]
    assert power_at(left, 700.0) > LOUD > QUIET > power_at(left, 1500.0)
    assert power_at(right, 1500.0) > LOUD > QUIET > power_at(right, 700.0)


@pytest.mark.parametrize("form", ["wav", "mp3"])
def test_a_recording_that_is_stopped_at_once_has_a_frame(
    rig: Rig, tmp_path: Path, form: str
) -> None:
    rig.open("leg")
    path = tmp_path / f"r.{form}"
    rig.do(m.Record(recording="r", path=str(path), format=form, leg="leg"))  # type: ignore[arg-type]
    assert rig.do(m.StopRecord("r")) == m.Count(1)
    (finished,) = settle(rig)
    assert (finished.duration_ms, finished.size_bytes) == (20, path.stat().st_size)
    assert len(read(path)) == 160


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [160, 4000, 8160, 24_160])
def test_an_mp3_is_as_long_as_what_it_is_of(tmp_path: Path, samples: int, channels: int) -> None:
    audio = np.round(9000 * np.sin(2 * np.pi * 700 * np.arange(samples) / 8000)).astype(np.int16)
    path = tmp_path / "r.mp3"
    sink = Mp3Sink(str(path), channels)
    for at in range(0, samples, 4000):
        sink.write(np.repeat(audio[at : at + 4000], channels).tobytes())
    assert sink.close() == path.stat().st_size
    data = read(path)
    assert data.shape == (samples, channels)
    middle = slice(samples // 4, samples * 3 // 4)  # the tone begins where it began
    assert np.corrcoef(data[middle, 0], audio[middle])[0, 1] > 0.98


def test_an_mp3_of_nothing_has_nothing(tmp_path: Path) -> None:
    sink = Mp3Sink(str(tmp_path / "r.mp3"), 2)
    assert sink.close() == 0
    assert (tmp_path / "r.mp3").read_bytes() == b""


def test_one_track_both_in_mono_and_a_room(rig: Rig, tmp_path: Path) -> None:
    for leg in ("leg", "other"):
        rig.open(leg)
        rig.do(m.Join(leg, "room"))
    tones = {"leg": 700.0, "other": 1500.0}
    rig.speak(10, tones)
    for name, more in {
        "in": {"leg": "leg", "tracks": ("inbound",)},
        "out": {"leg": "leg", "tracks": ("outbound",)},
        "both": {"leg": "leg"},
        "room": {"room": "room"},
    }.items():
        path = str(tmp_path / f"{name}.wav")
        assert rig.do(m.Record(recording=name, path=path, **more)) == m.Done()  # type: ignore[arg-type]
    rig.speak(60, tones)
    for leg in tones:
        rig.do(m.CloseLeg(leg))
    deadline = time.monotonic() + 10
    while len(rig.of(m.RecordingFinished)) < 4 and time.monotonic() < deadline:
        rig.tick()
    assert {e.reason for e in rig.of(m.RecordingFinished)} == {"closed"}

    def holds(name: str) -> set[float]:
        audio = read(tmp_path / f"{name}.wav")[800:8800, 0]
        return {tone for tone in tones.values() if power_at(audio, tone) > LOUD}

    assert holds("in") == {700.0}
    assert holds("out") == {1500.0}
    assert holds("both") == holds("room") == {700.0, 1500.0}


def test_limit_pause_and_refusals(rig: Rig, tmp_path: Path) -> None:
    rig.open("leg")
    first = m.Record(recording="r", path=str(tmp_path / "r.wav"), leg="leg", limit_ms=500)
    assert rig.do(first) == m.Done()
    assert rig.do(first) == m.Refused("exists", "r")
    rig.do(m.PauseRecord("r", paused=True))
    rig.tick(50)
    rig.do(m.PauseRecord("r", paused=False))
    rig.tick(50)
    (finished,) = settle(rig)
    assert (finished.reason, finished.duration_ms) == ("limit", 500)
    with wave.open(str(tmp_path / "r.wav")) as file:
        assert file.getnframes() == 4000
    assert rig.do(m.PauseRecord("r", paused=True)) == m.Refused("unknown", "r")
    both = m.Record(recording="x", path="x", leg="leg", room="room")
    assert isinstance(rig.do(both), m.Refused)


def test_a_file_that_cannot_be_written(rig: Rig, tmp_path: Path) -> None:
    rig.open("leg")
    there = tmp_path / "there.wav"
    there.write_text("precious")
    for name, path in {"a": there, "b": tmp_path / "no" / "folder.wav"}.items():
        rig.do(m.Record(recording=name, path=str(path), leg="leg"))
    rig.tick(30)
    rig.do(m.StopRecord(leg="leg"))
    deadline = time.monotonic() + 10
    while len(rig.of(m.RecordingFinished)) < 2 and time.monotonic() < deadline:
        rig.tick()
    finished = rig.of(m.RecordingFinished)
    assert [e.reason for e in finished] == ["failed", "failed"]
    assert all(e.error for e in finished)
    assert there.read_text() == "precious"


def test_a_disk_that_stands_still_does_not_hold_up_the_audio(rig: Rig, tmp_path: Path) -> None:
    """The queue fills, nothing waits, and the file has its full length in the end."""
    peer = rig.open("leg")
    writer = rig.engine._writer
    offer, full = writer._offer, [True]
    writer._offer = lambda job: False if full[0] and job[2] != b"" else offer(job)  # type: ignore[method-assign]
    path = tmp_path / "r.wav"
    rig.do(m.Record(recording="r", path=str(path), leg="leg", tracks=("inbound",)))
    rig.speak(700, {"leg": 700.0})
    assert len(peer.packets) == 700
    full[0] = False
    rig.speak(50, {"leg": 700.0})
    rig.do(m.StopRecord("r"))
    (finished,) = settle(rig)
    assert finished.duration_ms == 15_000
    assert len(read(path)) == 15 * 8000


def test_speech_begins_and_ends(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.do(m.Watch(leg="leg", speech=True, hangover_ms=300))
    quiet = np.zeros(160, np.int16)
    rig.tick(50, lambda _: peer.send_audio(quiet))
    rig.speak(50, {"leg": 300.0})
    rig.tick(50, lambda _: peer.send_audio(quiet))
    (started,), (stopped,) = rig.of(m.SpeechStarted), rig.of(m.SpeechStopped)
    assert 1000 <= started.at_ms <= 1120
    assert 950 <= stopped.spoke_ms <= 1100
    assert started.level > -20


def test_comfort_noise_is_tolerated_and_made(rig: Rig) -> None:
    """A peer that falls silent sends a level of noise; its time-out does not run."""
    rig.open("leg")
    rig.open("other")
    rig.do(m.Join("leg", "room"))
    rig.do(m.Join("other", "room"))
    rig.speak(20, {"leg": 700.0})
    peer = rig.peers["leg"]
    peer.send(bytes([50]), kind=13, advance=0)
    rig.tick(60)
    heard = rig.peers["other"].audio()[-4000:].astype(float)
    level = 20 * np.log10(np.sqrt((heard**2).mean()) / 32767)
    assert -56 < level < -44
    peer.timestamp = (peer.timestamp + 60 * 160) & 0xFFFFFFFF
    rig.speak(50, {"leg": 700.0})
    assert power_at(rig.peers["other"].audio()[-4000:], 700.0) > LOUD


def test_a_tap_hears_both_tracks_and_feeds(rig: Rig) -> None:
    peer = rig.open("leg")
    opened = m.OpenTap(tap="t", leg="leg", tracks=("inbound", "outbound"), encoding="l16")
    assert rig.do(opened) == m.Done()
    assert isinstance(rig.do(opened), m.Refused)
    audio = sine(1500.0, 8000)
    assert rig.do(m.Feed(tap="t", audio=audio.tobytes(), encoding="l16")) == m.Done()
    rig.do(m.Checkpoint("t", "first"))
    rig.do(m.Feed(tap="t", audio=audio.tobytes()[:3200], encoding="l16"))
    rig.do(m.Checkpoint("t", "never"))
    rig.speak(51, {"leg": 700.0})
    assert [e.name for e in rig.of(m.CheckpointReached)] == ["first"]
    assert rig.do(m.ClearFeed("t")) == m.Count(180)
    rig.speak(30, {"leg": 700.0})
    assert [e.name for e in rig.of(m.CheckpointReached)] == ["first"]
    assert power_at(peer.audio()[:8000], 1500.0) > LOUD
    tapped = {
        track: np.frombuffer(
            b"".join(e.audio for e in rig.of(m.TapAudio) if e.track == track), np.int16
        )
        for track in ("inbound", "outbound")
    }
    assert power_at(tapped["inbound"][1600:8000], 700.0) > LOUD
    assert power_at(tapped["outbound"][:8000], 1500.0) > LOUD
    assert rig.of(m.TapAudio)[-1].at_ms == 81 * 20
    rig.do(m.CloseLeg("leg"))
    assert rig.of(m.TapClosed) == [m.TapClosed("t")]


def test_several_taps_of_a_leg_are_all_heard_and_told(rig: Rig) -> None:
    """μ-law is done for all taps of all legs at once; none may take another's place."""
    peers = {leg: rig.open(leg) for leg in ("one", "two")}
    tones = {("one", "a"): 500.0, ("one", "b"): 1100.0, ("two", "a"): 1700.0}
    for (leg, name), frequency in tones.items():
        rig.do(m.OpenTap(tap=leg + name, leg=leg, tracks=("inbound", "outbound")))
        rig.do(m.OpenTap(tap=leg + name + " wide", leg=leg, encoding="l16", rate=16000))
        said = ulaw_encode(sine(frequency, 8000)).tobytes()
        pieces = tuple(m.Piece(leg + name, said[at : at + 160]) for at in range(0, len(said), 160))
        assert rig.do(m.Pour(pieces)) == m.Poured()
    rig.speak(45, {"one": 2300.0, "two": 2900.0})
    for (leg, name), frequency in tones.items():
        assert power_at(peers[leg].audio()[800:6400], frequency) > LOUD
        told = [event for event in rig.of(m.TapAudio) if event.tap == leg + name]
        assert [event.at_ms for event in told if event.track == "inbound"] == [
            20 * (n + 1) for n in range(45)
        ]
        for track, tone in (
            ("inbound", 2300.0 if leg == "one" else 2900.0),
            ("outbound", frequency),
        ):
            octets = b"".join(event.audio for event in told if event.track == track)
            assert power_at(FROM_ULAW[np.frombuffer(octets[800:6400], np.uint8)], tone) > LOUD


@pytest.mark.parametrize(("encoding", "rate"), [("mulaw", 8000), ("l16", 16000), ("l16", 24000)])
def test_taps_of_other_rates_and_encodings(rig: Rig, encoding: str, rate: int) -> None:
    peer = rig.open("leg")
    rig.do(m.OpenTap(tap="t", leg="leg", encoding=encoding, rate=rate))  # type: ignore[arg-type]
    at = np.arange(rate)
    audio = (8000 * np.sin(2 * np.pi * 1500.0 * at / rate)).astype(np.int16)
    octets = ulaw_encode(audio).tobytes() if encoding == "mulaw" else audio.tobytes()
    for begin in range(0, len(octets), 700):  # pieces of any even length
        piece = m.Feed(tap="t", audio=octets[begin : begin + 700], encoding=encoding, rate=rate)  # type: ignore[arg-type]
        assert rig.do(piece) == m.Done()
    rig.speak(60, {"leg": 700.0})
    assert power_at(peer.audio()[800:7200], 1500.0) > LOUD
    out = b"".join(e.audio for e in rig.of(m.TapAudio))
    heard = np.frombuffer(out, np.int16) if encoding == "l16" else FROM_ULAW[list(out)]
    assert abs(len(heard) - rate * 60 // 50) < rate // 20
    scaled = heard[rate // 4 : rate]
    assert power_at(scaled, 700.0 * 8000 / rate) > LOUD


def test_too_much_fed_is_refused(rig: Rig) -> None:
    rig.open("leg")
    rig.do(m.OpenTap(tap="t", leg="leg"))
    second = m.Feed(tap="t", audio=bytes(8000))
    results = [rig.do(second) for _ in range(62)]
    assert results[:60] == [m.Done()] * 60
    assert results[60:] == [m.Refused("full", "t")] * 2
    odd = m.Feed(tap="t", audio=b"123", encoding="l16")
    rig.do(m.ClearFeed("t"))
    assert rig.do(odd) == m.Refused("invalid", "t")
    assert rig.do(m.CloseTap("t")) == m.Done()
    assert rig.do(second) == m.Refused("unknown", "t")


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 60])
def test_packets_of_other_lengths(rig: Rig, ptime_ms: int) -> None:
    """What peers send may have any length; what we send is what they ask for, in ticks."""
    peer = rig.open("leg", ptime_ms=ptime_ms if ptime_ms in (20, 40, 60) else 20)
    rig.open("other")
    rig.do(m.Join("leg", "room"))
    rig.do(m.Join("other", "room"))
    sent = 0

    def each(index: int) -> None:
        nonlocal sent
        count = ptime_ms * 8
        while sent + count <= (index + 1) * 160:
            frame = sine(700.0, count, start=sent)
            peer.send(ulaw_encode(frame).tobytes(), advance=count)
            sent += count
        rig.peers["other"].send_audio(sine(1500.0, 160, start=index * 160))

    rig.tick(120, each)
    heard = rig.peers["other"].audio()[-8000:]
    assert power_at(heard, 700.0) > LOUD
    noise = heard - sine(0, 8000)
    spectrum = np.abs(np.fft.rfft(noise * np.hanning(8000)))
    assert spectrum.max() ** 2 > 0.9 * (spectrum**2).sum() / 2  # one clean tone, no clicks
    wanted = ptime_ms if ptime_ms in (20, 40, 60) else 20
    assert {len(p.payload) for p in peer.packets} == {wanted * 8}
    assert power_at(peer.audio()[-8000:], 1500.0) > LOUD


def test_a_bad_network_is_heard_as_little_as_can_be(rig: Rig) -> None:
    """2 % loss, 40 ms of jitter, disorder: the tone stays, without long gaps."""
    peer = rig.open("leg")
    rig.open("other")
    rig.do(m.Join("leg", "room"))
    rig.do(m.Join("other", "room"))
    pick = random.Random(4)
    waiting: list[tuple[float, int]] = []
    base = (peer.sequence, peer.timestamp)

    def each(index: int) -> None:
        if pick.random() > 0.02:
            waiting.append((index + pick.random() * 2, index))
        due = [w for w in waiting if w[0] <= index]
        for item in due:
            waiting.remove(item)
            peer.sequence = (base[0] + item[1]) & 0xFFFF
            peer.timestamp = (base[1] + item[1] * 160) & 0xFFFFFFFF
            peer.send_audio(sine(500.0, 160, start=item[1] * 160))

    rig.tick(500, each)
    heard = rig.peers["other"].audio()[800:].astype(float)
    frames = heard[: len(heard) // 160 * 160].reshape(-1, 160)
    silent = ((frames**2).mean(axis=1) < 1000).sum()
    assert silent <= 3
    stats = rig.do(m.GetLegStats("leg"))
    assert isinstance(stats, m.LegStats)
    assert 4 <= stats.packets_lost <= 20
    assert stats.late <= 5
    assert 5 <= stats.jitter_ms <= 30


@pytest.mark.parametrize("cut_ms", [0, 300, 5000])
def test_the_end_of_a_recording_is_cut_off_as_far_as_it_was_held_back(
    rig: Rig, tmp_path: Path, cut_ms: int
) -> None:
    rig.open("leg")
    path = tmp_path / "cut.wav"
    rig.do(m.Record(recording="r", path=str(path), leg="leg", tracks=("inbound",), tail_ms=600))
    rig.speak(100, {"leg": 400.0})
    rig.speak(5, {"leg": 1100.0})
    rig.do(m.StopRecord("r", cut_ms=cut_ms))
    (finished,) = settle(rig)
    assert finished.duration_ms == 2100 - min(cut_ms, 600)
    audio = read(path)[:, 0]
    assert len(audio) == finished.duration_ms * 8
    assert power_at(audio, 400.0) > LOUD
    assert (power_at(audio[-800:], 1100.0) > -40.0) == (cut_ms == 0)


def test_a_tail_has_bounds(rig: Rig, tmp_path: Path) -> None:
    rig.open("leg")
    for tail_ms in (-1, 2001):
        record = m.Record(recording="r", path=str(tmp_path / "a.wav"), leg="leg", tail_ms=tail_ms)
        assert isinstance(rig.do(record), m.Refused)
