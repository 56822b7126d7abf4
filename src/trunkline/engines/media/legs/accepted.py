"""What a peer may send: payload types, and the format that its audio is in now."""

from typing import Final

from trunkline.engines.media.dsp.g711 import ALAW_OF_ULAW, ULAW_OF_ALAW
from trunkline.engines.media.legs.formats import CodecUnavailable, Format, make_format
from trunkline.engines.media.messages import Codec, Stream

_OTHER_LAWS: Final = {"PCMU": ("PCMA", ULAW_OF_ALAW), "PCMA": ("PCMU", ALAW_OF_ULAW)}


class Accepted:
    """A peer may send any format that was agreed on, at any time (RFC 3264 5.1).

    `own` are the payload types of the format in use. `law` are those of the other kind of G.711,
    which `to_own` makes octets of ours of; both are empty in other formats.
    """

    __slots__ = ("_formats", "_kinds", "_main", "form", "law", "own", "to_own")

    def __init__(self) -> None:
        self._kinds: dict[int, Codec] = {}
        self._main = self.form = make_format("PCMU")
        self._formats = {self.form.name: self.form}
        self._use(self.form)

    def apply(self, stream: Stream, form: Format) -> bool:
        """Take what was agreed on; whether the format in use is another one now."""
        self._kinds = {
            **dict(stream.other_types),
            **dict.fromkeys(stream.receive_types, stream.codec),
        }
        changed = form is not self._main or self.form.name not in self._kinds.values()
        if changed:
            self._main = form
            self._formats = {form.name: form}
        self._use(form if changed else self.form)
        return changed

    def _use(self, form: Format) -> None:
        self.form = form
        self.own = self._types(form.name)
        other, self.to_own = _OTHER_LAWS.get(form.name, ("", b""))
        self.law = self._types(other) if other else ()

    def _types(self, name: str) -> tuple[int, ...]:
        return tuple(kind for kind, codec in self._kinds.items() if codec == name)

    def knows(self, kind: int) -> bool:
        """Whether it is audio that was agreed on."""
        return kind in self._kinds

    def turn(self, kind: int) -> bool:
        """Use the format of this payload type; whether it can be."""
        name = self._kinds[kind]
        try:
            form = self._formats.get(name) or make_format(name)
        except CodecUnavailable:
            return False
        self._formats[name] = form
        self._use(form)
        return True
