"""A call of ten minutes over a bad network: python bench/impaired.py [minutes] [options].

The phone's clock is slow by `--ppm` (100). It presses 20 keys in a row every six seconds and sounds
a mark each minute; the program takes the keys, records, and reports by RTCP. The network is a
relay or Linux' netem: 2 % lost, 1 % twice, 40 ± 40 ms of delay each way, which puts a third of the
packets out of order. With `--stalls`, the relay stops as often each minute on average, for 0.1 to
0.6 s, as it does by itself on a machine that is too busy: what it has then it takes at once, so
that it mixes up whole keys. One process of the program; little CPU.
"""

import argparse
import contextlib
import io
import os
import random
import sys
import tempfile
import wave
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import requests

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / "parts"), str(TESTS / "e2e" / "parts")]

from e2e_loop import BackgroundLoop  # noqa: E402 - found above
from e2e_phone import Phone, PhoneCall, far_phone  # noqa: E402
from e2e_program import Program  # noqa: E402
from e2e_sink import Answer, Sink  # noqa: E402
from e2e_waiting import until  # noqa: E402
from impaired import KINDS, BadNetwork, Impairment, Kind  # noqa: E402
from talker import Script, Talker, audio_of, marks_ms  # noqa: E402

HOW = Impairment(loss=0.02, copies=0.01, delay_s=0.04, jitter_s=0.04, seed=7)
ROW, PAUSE, EACH = 20, 10, 10  # keys, key times without any, ticks a key
FIRST = 40


def main(minutes: float, ppm: float, stalls: float, kind: Kind) -> None:
    how = replace(HOW, stall_each_s=60 / stalls if stalls else 0.0)
    rows = int(minutes * 60 * 50) // (EACH * (ROW + PAUSE))
    pick = random.Random(13)
    typed = ["".join(pick.choice("0123456789*") for _ in range(ROW)) for _ in range(rows)]
    ends = [FIRST + EACH * ((ROW + PAUSE) * (row + 1) - PAUSE + 1) for row in range(rows)]
    marks = ends[:: max(1, 60 * 50 // (EACH * (ROW + PAUSE)))]
    script = Script((" " * PAUSE).join(typed), FIRST, EACH, marks=frozenset(marks))
    loop, network = BackgroundLoop(), BadNetwork(how, kind)
    sink = Sink(loop).start()
    with tempfile.TemporaryDirectory(prefix="impaired") as folder:
        settings = {
            "TRUNKLINE_VOICE_MEDIA_ADDRESS": network.platform, "TRUNKLINE_OWN_PROCESSES": "false"
        }  # fmt: skip
        program = Program(Path(folder), settings=settings).start()
        try:
            talker = call(program, sink, loop, network, script, 1 + ppm / 1e6)
            report(program, sink, network, talker, "".join(typed), marks)
        finally:
            program.stop()
            sink.stop()
            network.close()
            loop.close()


def call(
    program: Program, sink: Sink, loop: BackgroundLoop, network: BadNetwork, script: Script,
    pace: float,
) -> Talker:  # fmt: skip
    """Talk to the end of the script, hang up, and wait for the recording."""
    line = network.line()
    phone, made = dial(program, sink, loop, (line.host, line.port))
    line.aim(*audio_of(made.sdp))
    talker = Talker(line, script, pace).start()
    try:
        seconds = (script.first + script.each * len(script.keys)) * 0.02
        until(lambda: talker.said_all or made.over, "all that is said", seconds * 1.1 + 30)
        assert not made.over, "the call ended too early"
        with contextlib.suppress(AssertionError):  # what was not heard is told below
            until(lambda: len(sink.at("/digits")) >= len(script.keys.split()), "keys")
        phone.hang_up(made)
        until(lambda: sink.at("/recorded"), "the recording", 60)
    finally:
        talker.stop()
        phone.stop()
    return talker


def dial(
    program: Program, sink: Sink, loop: BackgroundLoop, audio: tuple[str, int]
) -> tuple[Phone, PhoneCall]:
    record = (
        f'callbackUrl="{sink.url("/recorded")}" recordSession="true" fileFormat="wav"'
        ' maxLength="3600" redirect="false"'
    )
    take = f'action="{sink.url("/digits")}" numDigits="{ROW}" timeout="30" finishOnKey="none"'
    take = f"<GetDigits {take}/>"
    for path, body in (("/answer", f"<Record {record}/>{take}"), ("/digits", take)):
        sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    phone = far_phone(loop, program, sink.url("/answer"), audio)
    made = phone.dial("14155550123")
    until(lambda: made.answered, "the answer")
    return phone, made


def report_keys(sink: Sink, talker: Talker, typed: str) -> None:
    """Print how many were right; of each other one what happened to it and to its neighbours."""
    heard = "".join(one.params["Digits"] for one in sink.at("/digits"))
    found = SequenceMatcher(None, typed, heard, False)
    right = sum(block.size for block in found.get_matching_blocks())
    print(f"keys: {right} of {len(typed)} right, {len(heard)} heard")
    places = [at for at, key in enumerate(talker.script.keys) if key != " "]
    for what, begin, end, at, last in found.get_opcodes():
        if what == "equal":
            continue
        print(f"  {what}: {typed[begin:end]!r} was heard as {heard[at:last]!r}")
        for key in range(max(0, begin - 1), min(len(places), end + 2)):
            print(f"    {talker.story(places[key])}")


def report(
    program: Program, sink: Sink, network: BadNetwork, talker: Talker, typed: str, marks: list[int]
) -> None:
    print(f"network: {network.name}; {talker.ticks / 3000:.1f} minutes, pace {talker.pace:.4f}")
    print(f"load {os.getloadavg()[1]:.1f}; the phone was at most {talker.latest_s:.3f} s behind")
    report_keys(sink, talker, typed)
    (kept,) = sink.at("/recorded")
    audio = requests.get(kept.params["RecordUrl"], timeout=60).content
    with wave.open(io.BytesIO(audio)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    found = marks_ms(samples.reshape(-1, 2)[:, 0])
    away = [at - mark * 20 * talker.pace for at, mark in zip(found, marks, strict=True)]
    # The first comes before the jitter buffer knows the network.
    shifts = [round(one - away[min(1, len(away) - 1)]) for one in away]
    print(f"marks against the second, ms: {shifts}; recorded {len(samples) / 16000:.1f} s")
    last = talker.reports[-1]
    jitter = [one.jitter / 8 for one in talker.reports]
    out, back = talker.line.tallies
    print(f"RTCP: {len(talker.reports)} reports, lost {last.lost} of {last.taken} (net of copies")
    dropped = out.taken - out.passed if last.dropped is None else last.dropped
    print(f"  the network lost {dropped} by then), jitter {np.mean(jitter):.1f} ms on average,")
    print(f"  {min(jitter):.1f} to {max(jitter):.1f}; expected {HOW.jitter_s * 2000 / 3:.1f}")
    print(f"network, towards the program: {out}, {talker.line.way.stalls} stalls")
    came, late = len(talker.came), talker.overtaken
    print(f"  and back: {back}; the phone heard {came}, {late} of them overtaken")
    figures = program.metrics()
    print({k: int(v) for k, v in figures.items() if k.startswith(("call_audio", "media_"))})


def asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description="A call over a bad network.")
    words.add_argument("minutes", nargs="?", type=float, default=10)
    words.add_argument("--ppm", type=float, default=100)
    words.add_argument("--stalls", type=float, default=0, help="of the relay, a minute")
    words.add_argument("--network", choices=KINDS, default="relay", dest="kind")
    return words.parse_args()


if __name__ == "__main__":
    main(**vars(asked()))
