"""Who hears whom: told by the spectrum of what real sockets receive."""

import itertools
import wave
from collections.abc import Sequence

import numpy as np
import pytest
from media_rig import Rig, power_at, sine

from trunkline.engines.media import messages as m
from trunkline.engines.media.legs.formats import Format, make_format

TONES = {"a": 400.0, "b": 700.0, "c": 1100.0}
LOUD, QUIET = -20.0, -50.0


def conference(rig: Rig) -> None:
    for leg in TONES:
        rig.open(leg)
        assert rig.do(m.Join(leg, "room")) == m.Done()


def hears(rig: Rig, leg: str) -> set[str]:
    """Whose tones the last second of a leg holds; a tone is clearly there or clearly not."""
    audio = rig.peers[leg].audio()[-8000:]
    levels = {name: power_at(audio, tone) for name, tone in TONES.items()}
    assert all(level > LOUD or level < QUIET for level in levels.values()), levels
    return {name for name, level in levels.items() if level > LOUD}


def test_each_hears_the_others_and_not_itself(rig: Rig) -> None:
    conference(rig)
    rig.speak(120, TONES)
    assert {leg: hears(rig, leg) for leg in TONES} == {
        "a": {"b", "c"},
        "b": {"a", "c"},
        "c": {"a", "b"},
    }


def test_a_muted_member_is_not_heard_and_a_deaf_one_hears_nobody(rig: Rig) -> None:
    conference(rig)
    rig.do(m.SetMember("a", muted=True))
    rig.do(m.SetMember("b", deaf=True))
    rig.speak(120, TONES)
    assert {leg: hears(rig, leg) for leg in TONES} == {"a": {"b", "c"}, "b": set(), "c": {"b"}}
    rig.do(m.SetMember("a", muted=False))
    rig.do(m.SetMember("b", deaf=False))
    rig.speak(120, TONES)
    assert hears(rig, "c") == {"a", "b"}
    assert hears(rig, "b") == {"a", "c"}


def test_who_leaves_is_heard_no_more_and_rooms_do_not_mix(rig: Rig) -> None:
    conference(rig)
    rig.do(m.Leave("a"))
    rig.do(m.Join("b", "other"))
    rig.speak(120, TONES)
    assert {leg: hears(rig, leg) for leg in TONES} == {"a": set(), "b": set(), "c": set()}
    rig.do(m.Join("a", "other"))
    rig.speak(120, TONES)
    assert hears(rig, "a") == {"b"}
    assert hears(rig, "c") == set()


def test_eight_members(rig: Rig) -> None:
    tones = {f"leg{i}": 400.0 + 300 * i for i in range(8)}
    for leg in tones:
        rig.open(leg)
        rig.do(m.Join(leg, "room"))
    rig.speak(120, tones)
    for leg in tones:
        audio = rig.peers[leg].audio()[-8000:]
        heard = {name for name, tone in tones.items() if power_at(audio, tone) > -25}
        assert heard == set(tones) - {leg}


@pytest.mark.parametrize("other", ["PCMA", "G722", "opus"])
def test_a_bridge_between_codecs(rig: Rig, other: m.Codec) -> None:
    one, two = rig.open("one"), rig.open("two", other)
    rig.do(m.Join("one", "bridge"))
    rig.do(m.Join("two", "bridge"))
    form = make_format(other)

    def each(index: int) -> None:
        one.send_audio(sine(1100.0, 160, start=index * 160))
        two.send(form.encode(sine(700.0, 160, start=index * 160)), advance=form.units)

    rig.tick(120, each)
    assert power_at(one.audio()[-8000:], 700.0) > LOUD
    assert power_at(one.audio()[-8000:], 1100.0) < QUIET
    decoder = make_format(other)
    cells = [(p.payload,) if other == "opus" else p.payload for p in two.packets]
    heard = np.concatenate([decoder.decode(cell) for cell in cells])[-8000:]
    assert power_at(heard, 1100.0) > LOUD
    stamps = [p.timestamp for p in two.packets]
    steps = {(b - a) & 0xFFFFFFFF for a, b in itertools.pairwise(stamps)}
    assert steps == {form.units}


@pytest.mark.parametrize(("codec", "other"), [("PCMU", 8), ("PCMA", 0)])
def test_who_changes_between_the_laws_is_heard_on(rig: Rig, codec: m.Codec, other: int) -> None:
    """RFC 3264 6.1: who is sent an answer with both may send both."""
    law: m.Codec = "PCMA" if other else "PCMU"
    one, two = rig.open("one", codec, other_types=((other, law),)), rig.open("two")
    rig.do(m.Join("one", "bridge"))
    rig.do(m.Join("two", "bridge"))
    first = one.payload_type
    for kind, tone in ((first, 700.0), (other, 1100.0), (first, 700.0)):
        one.payload_type = kind
        two.packets.clear()
        rig.speak(60, {"one": tone})
        assert power_at(two.audio()[-6400:], tone) > LOUD
    one.send(bytes(160), kind=9)
    rig.tick()
    stats = rig.do(m.CloseLeg("one"))
    assert isinstance(stats, m.LegStats)
    assert stats.refused == 1


TYPES: dict[m.Codec, int] = {"PCMU": 0, "PCMA": 8, "G722": 9, "opus": 96}


@pytest.mark.parametrize(
    "codecs",
    [("PCMU", "G722"), ("PCMA", "opus"), ("G722", "PCMU", "PCMA"), ("opus", "PCMA", "G722")],
)
def test_who_changes_the_codec_in_mid_call_is_heard_on(rig: Rig, codecs: Sequence[m.Codec]) -> None:
    """RFC 3264 5.1: any format that was agreed on may come at any time; others are counted."""
    others = tuple((TYPES[codec], codec) for codec in codecs[1:])
    one, two = rig.open("one", codecs[0], other_types=others), rig.open("two")
    rig.do(m.Join("one", "bridge"))
    rig.do(m.Join("two", "bridge"))
    for codec, tone in zip((*codecs, codecs[0]), (700.0, 1100.0, 1500.0, 1900.0), strict=False):
        form = make_format(codec)
        two.packets.clear()

        def each(index: int, form: Format = form, tone: float = tone) -> None:
            frame = form.encode(sine(tone, 160, start=index * 160))
            one.send(frame, kind=TYPES[form.name], advance=form.units)

        rig.tick(60, each)
        assert power_at(two.audio()[-6400:], tone) > LOUD
        assert power_at(two.audio()[-800:], tone) > LOUD
    one.send(bytes(160), kind=97)
    rig.tick()
    stats = rig.do(m.CloseLeg("one"))
    assert isinstance(stats, m.LegStats)
    assert (stats.refused, stats.packets_lost) == (1, 0)
    assert stats.jitter_ms < 5


def test_a_packet_from_before_the_change_changes_nothing_back(rig: Rig) -> None:
    one, two = rig.open("one", "PCMU", other_types=((9, "G722"),)), rig.open("two")
    rig.do(m.Join("one", "bridge"))
    rig.do(m.Join("two", "bridge"))
    rig.speak(50, {"one": 700.0})
    form = make_format("G722")

    def each(index: int) -> None:
        frame = form.encode(sine(1100.0, 160, start=index * 160))
        if index < 40:
            one.send(frame, kind=9)
        elif index == 40:  # what was lost in the first tick comes only now
            missing, one.sequence = one.sequence, one.sequence - 41
            one.send(bytes(160), kind=0, advance=0)
            one.sequence = missing
            one.send(frame, kind=9)
        else:
            one.send(frame, kind=9)

    one.sequence += 1
    rig.tick(10, each)
    figures = rig.engine._legs["one"].incoming.jitter.stats
    gaps = figures.held
    rig.tick(60, lambda index: each(index + 10))
    assert figures.held == gaps
    assert power_at(two.audio()[-6400:], 1100.0) > LOUD


@pytest.mark.parametrize("codec", ["G722", "opus"])
def test_rubbish_in_good_packets_hurts_nobody(rig: Rig, codec: m.Codec) -> None:
    pick = np.random.default_rng(9)
    rig.open("a")
    bad = rig.open("b", codec)
    for leg in "ab":
        rig.do(m.Join(leg, "room"))

    def each(_: int) -> None:
        size = int(pick.integers(0, 300))
        bad.send(pick.integers(0, 256, size, dtype=np.uint8).tobytes(), advance=960)

    rig.tick(200, each)
    assert len(rig.peers["a"].packets) == 200
    assert len(bad.packets) == 200


def test_a_fault_of_one_leg_silences_only_that_one(rig: Rig) -> None:
    conference(rig)
    rig.speak(20, TONES)

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    rig.engine._legs["a"].read_one = broken  # type: ignore[method-assign]
    rig.speak(120, TONES)
    assert rig.of(m.LegFailed) == [m.LegFailed("a", "RuntimeError: a bug")]
    assert hears(rig, "b") == {"c"}
    assert isinstance(rig.do(m.CloseLeg("a")), m.LegStats)


def test_who_whispers_is_heard_by_some_alone_and_not_recorded(rig: Rig, tmp_path) -> None:
    conference(rig)
    rig.do(m.SetMember("a", heard_by=("b",)))
    path = tmp_path / "room.wav"
    rig.do(m.Record(recording="r", path=str(path), room="room"))
    rig.speak(120, TONES)
    assert {leg: hears(rig, leg) for leg in TONES} == {"a": {"b", "c"}, "b": {"a", "c"}, "c": {"b"}}
    rig.do(m.StopRecord("r"))
    rig.tick(2)
    rig.do(m.SetMember("b", deaf=True))
    rig.speak(120, TONES)
    assert hears(rig, "b") == set()
    rig.do(m.SetMember("b", deaf=False))
    rig.do(m.SetMember("a", heard_by=()))
    rig.speak(120, TONES)
    assert hears(rig, "c") == {"a", "b"}
    rig.do(m.SetMember("a", heard_by=("b",)))
    rig.do(m.SetMember("a", muted=True))
    rig.speak(120, TONES)
    assert hears(rig, "b") == {"c"}
    rig.engine.close()
    with wave.open(str(path)) as file:
        recorded = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert power_at(recorded[-8000:], TONES["a"]) < QUIET
    assert power_at(recorded[-8000:], TONES["b"]) > LOUD


def test_what_covers_is_heard_alone_while_it_lasts(rig: Rig) -> None:
    rig.open("a")
    endless = {"duration_ms": 0, "level": -10.0}
    rig.do(m.Play(playback="1", items=(m.ToneItem((400.0,), **endless),), leg="a", mix=True))
    covering = m.ToneItem((1100.0,), 1500, level=-10.0)
    rig.do(m.Play(playback="2", items=(covering,), leg="a", cover=True))
    rig.tick(60)
    assert hears(rig, "a") == {"c"}
    rig.tick(80)
    assert hears(rig, "a") == {"a"}


def test_who_is_attentive_hears_what_is_for_it_alone(rig: Rig) -> None:
    conference(rig)
    rig.do(m.SetMember("a", heard_by=("c",)))
    rig.do(m.SetMember("c", deaf=True, attentive=True))
    rig.speak(120, TONES)
    assert {leg: hears(rig, leg) for leg in TONES} == {"a": {"b", "c"}, "b": {"c"}, "c": {"a"}}
