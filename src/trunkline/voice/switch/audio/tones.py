"""The tones that have names."""

from types import MappingProxyType

from trunkline.engines.media.messages import ToneItem

TONES = MappingProxyType(
    {
        "beep": ToneItem((1000.0,), 200),
        "beep2": ToneItem((500.0,), 600, on_ms=200, off_ms=200),
        # ITU-T E.180, United States: 2 s on, 4 s off
        "ring": ToneItem((440.0, 480.0), 0, on_ms=2000, off_ms=4000, level=-19.0),
    }
)
