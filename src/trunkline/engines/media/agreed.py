"""From what SDP agreed on to what a media process is told."""

from typing import Final, cast

from trunkline.engines.media.messages import Codec, Stream
from trunkline.protocols.sdp import (
    CN,
    G722,
    OPUS,
    PCMA,
    PCMU,
    TELEPHONE_EVENT,
    TELEPHONE_EVENT_48,
    Negotiated,
)
from trunkline.protocols.sdp import Codec as SdpCodec

NARROWBAND: Final = (PCMU, PCMA, TELEPHONE_EVENT, CN)
ALL: Final = (PCMU, PCMA, G722, OPUS, TELEPHONE_EVENT, TELEPHONE_EVENT_48, CN)
"""What a media process can speak, G.711 first: it is the cheapest and what carriers have."""

_NAMES: Final = {"PCMU": "PCMU", "PCMA": "PCMA", "G722": "G722", "OPUS": "opus"}


def stream_of(agreed: Negotiated, *, detect_inband: bool | None = None) -> Stream:
    """The stream of a leg.

    Raises:
        KeyError: a codec that was not in `ALL`.
    """
    event = agreed.event
    return Stream(
        address=agreed.address,
        port=agreed.port,
        codec=_name(agreed.codec),
        payload_type=agreed.codec.payload_type,
        receive_types=agreed.receive_types,
        rtcp_address=agreed.rtcp_address,
        rtcp_port=agreed.rtcp_port,
        rtcp_mux=agreed.rtcp_mux,
        event_type=event.payload_type if event else None,
        event_rate=event.clock_rate if event else 8000,
        event_receive_types=agreed.event_receive_types,
        other_event_types=tuple((o.payload_type, o.clock_rate) for o in agreed.event_others),
        noise_type=agreed.noise_type,
        other_types=tuple((other.payload_type, _name(other)) for other in agreed.others),
        ptime_ms=agreed.ptime_ms,
        sends=agreed.direction.sends,
        receives=agreed.direction.receives,
        detect_inband=detect_inband,
    )


def _name(codec: SdpCodec) -> Codec:
    return cast("Codec", _NAMES[codec.name.upper()])


def speakable(names: tuple[str, ...]) -> tuple[SdpCodec, ...]:
    """Formats to offer for codec names of a setting, in that order, with events and noise.

    Raises:
        ValueError: a name that is none of PCMU, PCMA, G722, OPUS.
    """
    known = {codec.name.upper(): codec for codec in (PCMU, PCMA, G722, OPUS)}
    wrong = [name for name in names if name.upper() not in known]
    if wrong:
        raise ValueError(f"no such codec: {', '.join(wrong)}")
    found = [known[name.upper()] for name in names]
    events = [TELEPHONE_EVENT]
    if OPUS in found:
        events.append(TELEPHONE_EVENT_48)
    return (*found, *events, CN)
