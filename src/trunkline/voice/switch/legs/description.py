"""A leg's side of offer and answer (RFC 3264), over its channel's address."""

import secrets
from dataclasses import replace

from trunkline.engines.media import speakable
from trunkline.protocols import sdp
from trunkline.protocols.sdp import LocalAudio, Negotiated, NotAcceptable, SdpError
from trunkline.voice.switch.channel import Address


class Description:
    """Counts versions: each description we give is one more than that before (RFC 3264 8).

    Unreadable descriptions of the peer raise NotAcceptable, as those do that have nothing for us.
    """

    def __init__(self, at: Address, codecs: tuple[str, ...]) -> None:
        session_id = secrets.randbits(62)  # RFC 8866 5.2: unique, numeric
        self._local = LocalAudio(at.host, at.port, speakable(codecs), session_id=session_id)
        self._version = 0
        self._offered: LocalAudio | None = None
        self.agreed: Negotiated | None = None
        """What was agreed on last."""

    def offer(self) -> bytes:
        """Offer all that we can; `accept` takes the answer."""
        self._offered = self._next()
        return sdp.serialize(sdp.offer(self._offered))

    def answer(self, offered: bytes) -> tuple[bytes, Negotiated]:
        """Answer an offer of the peer. Raises NotAcceptable."""
        theirs = _read(offered)
        local = replace(self._local, version=self._version + 1)
        described, agreed = sdp.answer(theirs, local)
        self._version += 1
        self._offered = local  # a refresh offers it again
        self.agreed = agreed
        return sdp.serialize(described), agreed

    def accept(self, answered: bytes) -> Negotiated:
        """Take the answer to our last offer. Raises NotAcceptable."""
        if self._offered is None:
            raise NotAcceptable("nothing was offered")
        self.agreed = sdp.accept(self._offered, _read(answered))
        return self.agreed

    def can_accept(self, answered: bytes) -> bool:
        """Whether that could be the answer to our last offer."""
        try:
            return self._offered is not None and bool(sdp.accept(self._offered, _read(answered)))
        except NotAcceptable:
            return False

    def _next(self) -> LocalAudio:
        self._version += 1
        return replace(self._local, version=self._version)


def _read(described: bytes) -> sdp.SessionDescription:
    try:
        return sdp.parse(described)
    except SdpError as error:
        raise NotAcceptable(str(error)) from error
