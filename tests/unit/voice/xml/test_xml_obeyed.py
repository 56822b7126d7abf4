"""No attribute is taken and forgotten: each is read by who does the element, or said to be idle."""

from pathlib import Path

import pytest

import trunkline.voice
from trunkline.voice.xml.elements import RULES, SSML

VOICE = Path(trunkline.voice.__file__).parent
SOURCES = "\n".join(
    path.read_text()
    for path in VOICE.rglob("*.py")
    if path.parent.name != "xml" or path.name == "check.py"
)
# Read by names that are put together there.
TOGETHER = {
    "MultiPartyCall": {
        f"{which}{what}"
        for which, what in (
            ("agent", "HoldMusicUrl"), ("agent", "HoldMusicMethod"),
            ("customer", "HoldMusicUrl"), ("customer", "HoldMusicMethod"),
            ("start", "RecordingAudio"), ("start", "RecordingAudioMethod"),
            ("stop", "RecordingAudio"), ("stop", "RecordingAudioMethod"),
        )
    }
}  # fmt: skip
IN_THE_LOG = {"Stream": {"noiseCancellation", "noiseCancellationLevel"}}
"""Taken, handed on, and told in the log to have no effect."""


@pytest.mark.parametrize("name", sorted(set(RULES) - SSML))  # markup goes to the voice as it is
def test_every_attribute_is_obeyed(name: str) -> None:
    for attribute in RULES[name].attributes:
        if attribute.name in TOGETHER.get(name, ()) or attribute.idle:
            continue
        assert f'"{attribute.name}"' in SOURCES, (name, attribute.name)


def test_names_that_are_put_together_are_there() -> None:
    for name, attributes in {**TOGETHER, **IN_THE_LOG}.items():
        assert attributes <= {one.name for one in RULES[name].attributes}
    for part in ("HoldMusicUrl", "HoldMusicMethod", "RecordingAudio", "RecordingAudioMethod"):
        assert f"}}{part}" in SOURCES


def test_what_is_idle_says_why() -> None:
    idle = {(rule.name, one.name) for rule in RULES.values() for one in rule.attributes if one.idle}
    assert idle == {
        ("Conference", "beep"),
        ("Message", "type"),
        ("Record", "transcriptionReportType"),
        ("Speak", "legs"),
    }
