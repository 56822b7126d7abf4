"""Who hears whom: told by the spectrum of what real sockets receive."""

import pytest
from media_rig import Rig, power_at

from trunkline.engines.media import messages as m

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
    one = rig.open("one")
    two = rig.open("two", other)
    del two
    rig.do(m.Join("one", "bridge"))
    rig.do(m.Join("two", "bridge"))
    from trunkline.engines.media.legs.formats import make_format  # noqa: PLC0415
    from media_rig import sine  # noqa: PLC0415

    form = make_format(other)

    def each(index: int) -> None:
        frame = sine(700.0, 160, start=index * 160)
        rig.peers["two"].send(form.encode(frame), advance=form.units)
        one.send_audio(sine(1100.0, 160, start=index * 160))

    rig.tick(120, each)
    assert power_at(one.audio()[-8000:], 700.0) > LOUD
    assert power_at(one.audio()[-8000:], 1100.0) < QUIET
    import numpy as np  # noqa: PLC0415

    decoder = make_format(other)
    payloads = [p.payload for p in rig.peers["two"].packets]
    cells = [(p,) if other == "opus" else p for p in payloads]
    heard = np.concatenate([decoder.decode(cell) for cell in cells])[-8000:]
    assert power_at(heard, 1100.0) > LOUD
    steps = {b.timestamp - a.timestamp for a, b in zip(rig.peers["two"].packets, rig.peers["two"].packets[1:], strict=False)}
    assert steps <= {form.units, form.units - 2**32}
