"""Session descriptions (RFC 8866) and their negotiation for audio (RFC 3264) as pure code.

    parse(bytes | str) -> SessionDescription        SdpError (a ValueError) names the line
    serialize(SessionDescription) -> bytes
    read_audio(description, media) -> AudioStream   codecs, ptime, direction, RTCP
    LocalAudio(address, port, codecs, direction, rtcp_mux, rtcp_port, session_id, version)
    offer(local) -> SessionDescription
    answer(offered, local) -> (SessionDescription, Negotiated)      NotAcceptable: answer 488
    accept(local, answered) -> Negotiated           the answer to offer(local); NotAcceptable
    hold(local, version=) -> LocalAudio             sendonly, to offer again
    PCMU PCMA G722 OPUS CN TELEPHONE_EVENT TELEPHONE_EVENT_48   formats to put into LocalAudio

A late offer is offer() in the 2xx and accept() of what the ACK brings.
"""

from trunkline.protocols.sdp.audio import (
    CN,
    G722,
    OPUS,
    PCMA,
    PCMU,
    TELEPHONE_EVENT,
    TELEPHONE_EVENT_48,
    AudioStream,
    Codec,
    Direction,
    read_audio,
)
from trunkline.protocols.sdp.model import (
    Attribute,
    Bandwidth,
    Connection,
    Media,
    Origin,
    SdpError,
    SessionDescription,
)
from trunkline.protocols.sdp.negotiate import (
    LocalAudio,
    Negotiated,
    NotAcceptable,
    accept,
    answer,
    hold,
    offer,
)
from trunkline.protocols.sdp.parse import parse
from trunkline.protocols.sdp.serialize import serialize

__all__ = [
    "CN",
    "G722",
    "OPUS",
    "PCMA",
    "PCMU",
    "TELEPHONE_EVENT",
    "TELEPHONE_EVENT_48",
    "Attribute",
    "AudioStream",
    "Bandwidth",
    "Codec",
    "Connection",
    "Direction",
    "LocalAudio",
    "Media",
    "Negotiated",
    "NotAcceptable",
    "Origin",
    "SdpError",
    "SessionDescription",
    "accept",
    "answer",
    "hold",
    "offer",
    "parse",
    "read_audio",
    "serialize",
]
