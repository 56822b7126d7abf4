"""Offer and answer for one audio stream (RFC 3264, RFC 4733 2.4, RFC 5761 5.1.1, RFC 3605)."""

import ipaddress
from dataclasses import dataclass, replace
from typing import Final

from trunkline.protocols.sdp.audio import (
    RTP_PROFILES,
    AudioStream,
    Codec,
    Direction,
    address_type,
    direction,
    read_audio,
    write_audio,
)
from trunkline.protocols.sdp.model import (
    Connection,
    Media,
    Origin,
    SessionDescription,
)

TICK_MS: Final = 20
_PTIMES: Final = (20, 40, 60)
_BROADCAST: Final = ipaddress.IPv4Address("255.255.255.255")


class NotAcceptable(Exception):
    """There is no audio both sides can speak: answer 488 (RFC 3261 13.3.1.3)."""


@dataclass(frozen=True, slots=True)
class LocalAudio:
    """Our side: where we receive, what we can speak, best first.

    `direction` is what we want (SENDONLY or INACTIVE to hold the peer). `version` must grow by one
    with each description of the same session that says something else (RFC 3264 8).
    """

    address: str
    port: int
    codecs: tuple[Codec, ...]
    direction: Direction = Direction.SENDRECV
    rtcp_mux: bool = True
    rtcp_port: int | None = None
    session_id: int = 1
    version: int = 1
    username: str = "-"


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What both sides agreed on, seen from ours.

    `codec.payload_type` is what we send with, `receive_types` what may arrive as that codec. Events
    likewise, each with the clock rate of its durations; `noise_type` is comfort noise. `ptime_ms`
    is the time of a packet we send. `address` is "" while the peer holds us by 0.0.0.0.
    """

    codec: Codec
    receive_types: tuple[int, ...]
    address: str
    port: int
    rtcp_address: str
    rtcp_port: int
    rtcp_mux: bool
    direction: Direction
    ptime_ms: int = TICK_MS
    event: Codec | None = None
    event_receive_types: tuple[int, ...] = ()
    noise_type: int | None = None
    event_others: tuple[Codec, ...] = ()
    """Events at other clock rates: theirs is that of the audio around them (RFC 4733 2.1)."""
    others: tuple[Codec, ...] = ()
    """What may arrive in other formats that both speak: peers change between them in mid-call."""

    @property
    def on_hold(self) -> bool:
        """Whether the peer does not want to hear us."""
        return not self.direction.sends


def offer(local: LocalAudio) -> SessionDescription:
    """Offer everything we can."""
    stream = AudioStream(
        port=local.port,
        address=local.address,
        protocol="RTP/AVP",
        codecs=local.codecs,
        direction=local.direction,
        ptime_ms=TICK_MS,
        rtcp_mux=local.rtcp_mux,
        rtcp=_own_rtcp(local, mux=False),
    )
    return _description(local, (write_audio(stream, with_connection=False),))


def answer(offered: SessionDescription, local: LocalAudio) -> tuple[SessionDescription, Negotiated]:
    """Answer an offer: its first audio stream we can speak is taken, all others are refused.

    The first codec of the offer that we speak is answered, with its number (RFC 3264 6.1).

    Raises:
        NotAcceptable: no stream can be spoken.
    """
    reasons: list[str] = []
    for index, media in enumerate(offered.media):
        if media.kind != "audio":
            continue
        theirs = read_audio(offered, media)
        reason = _unusable(theirs, local)
        common = [] if reason else _common(theirs.codecs, local.codecs)
        if any(not (c.is_event or c.is_noise) for c in common):
            return _answered(offered, index, theirs, tuple(common), local)
        reasons.append(reason or "no codec in common")
    raise NotAcceptable("; ".join(reasons) or "no audio is offered")


def accept(local: LocalAudio, answered: SessionDescription) -> Negotiated:
    """Take the answer to `offer(local)`.

    Raises:
        NotAcceptable: it refuses the audio or names nothing we offered.
    """
    for media in answered.media[:1]:  # ours had one section; an answer keeps the order
        if media.kind != "audio":
            break
        theirs = read_audio(answered, media)
        reason = _unusable(theirs, local)
        if reason:
            raise NotAcceptable(reason)
        common = _common(theirs.codecs, local.codecs)
        if not any(not (c.is_event or c.is_noise) for c in common):
            raise NotAcceptable("the answer has no codec in common with the offer")
        mux = local.rtcp_mux and theirs.rtcp_mux
        return _negotiated(theirs, tuple(common), local, offered=local.codecs, mux=mux)
    raise NotAcceptable("the answer has no audio")


def _unusable(theirs: AudioStream, local: LocalAudio) -> str:
    if theirs.refused:
        return "the audio stream is refused"
    if theirs.protocol not in RTP_PROFILES:
        return f"{theirs.protocol} is not spoken"
    if not theirs.address:
        return "there is no c= line"
    return "" if theirs.held_by_address else _unreachable(theirs.address, local.address)


def _unreachable(address: str, ours: str) -> str:
    """Say why audio cannot be sent there from our address; "": it can.

    Names are not looked up: nothing that makes a call wait may stand in a description.
    """
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return f"{address} is no IP address"
    if place.is_multicast or place == _BROADCAST:
        return f"{address} is not the address of one"
    if place.version != (6 if ":" in ours else 4):
        return f"IPv{place.version} is not spoken at our address"
    return ""


def _common(theirs: tuple[Codec, ...], ours: tuple[Codec, ...]) -> list[Codec]:
    """Theirs that we speak too; events only at the rate of a common codec, or at 8000 Hz."""
    found = [codec for codec in theirs if any(codec.same_format(own) for own in ours)]
    rates = {c.clock_rate for c in found if not (c.is_event or c.is_noise)} | {8000}
    return [c for c in found if not c.is_event or c.clock_rate in rates]


def _answered(
    offered: SessionDescription,
    index: int,
    theirs: AudioStream,
    common: tuple[Codec, ...],
    local: LocalAudio,
) -> tuple[SessionDescription, Negotiated]:
    mux = local.rtcp_mux and theirs.rtcp_mux  # RFC 5761 5.1.1: only when offered
    ours = direction(
        sends=local.direction.sends and theirs.direction.receives and not theirs.held_by_address,
        receives=local.direction.receives and theirs.direction.sends,
    )
    agreed = _negotiated(theirs, common, local, offered=theirs.codecs, mux=mux)
    stream = AudioStream(
        port=local.port,
        address=local.address,
        protocol=theirs.protocol,
        codecs=tuple(_with_own_fmtp(codec, local.codecs) for codec in _spoken(agreed, common)),
        direction=ours,
        ptime_ms=TICK_MS,
        rtcp_mux=mux,
        rtcp=_own_rtcp(local, mux=mux),
    )
    sections = tuple(
        write_audio(stream, with_connection=False) if at == index else _refusal(media)
        for at, media in enumerate(offered.media)  # RFC 3264 6: as many, in the same order
    )
    return _description(local, sections), agreed


def _spoken(agreed: Negotiated, common: tuple[Codec, ...]) -> list[Codec]:
    """What an answer says: one codec, for the peer may send whatever is in it (RFC 3264 6.1)."""
    return [c for c in common if c in (agreed.codec, agreed.event) or c.is_noise]


def _with_own_fmtp(codec: Codec, ours: tuple[Codec, ...]) -> Codec:
    own = next(own for own in ours if own.same_format(codec))
    return replace(codec, fmtp=own.fmtp)


def _negotiated(
    theirs: AudioStream,
    common: tuple[Codec, ...],
    local: LocalAudio,
    *,
    offered: tuple[Codec, ...],
    mux: bool,
) -> Negotiated:
    """`offered` has the numbers of the offer: the offerer receives with those (RFC 3264 5.1)."""
    audio = [c for c in common if not (c.is_event or c.is_noise)]
    codec = audio[0]
    events = [c for c in common if c.is_event]
    event = next((e for e in events if e.clock_rate == codec.clock_rate), None)
    event = event or (events[0] if events else None)
    noise = next((c for c in common if c.is_noise), None)
    rtcp_address, rtcp_port = theirs.rtcp or (theirs.address, min(theirs.port + 1, 65535))
    if mux:
        rtcp_address, rtcp_port = theirs.address, theirs.port
    held = theirs.held_by_address
    no_reports = held or _unreachable(rtcp_address, local.address)
    return Negotiated(
        codec=codec,
        receive_types=_numbers(codec, common, offered),
        address="" if held else theirs.address,
        port=theirs.port,
        rtcp_address="" if no_reports else rtcp_address,
        rtcp_port=rtcp_port,
        rtcp_mux=mux,
        direction=direction(
            sends=local.direction.sends and theirs.direction.receives and not held,
            receives=local.direction.receives and theirs.direction.sends,
        ),
        ptime_ms=_ptime(theirs),
        event=event,
        event_receive_types=_numbers(event, common, offered) if event else (),
        noise_type=noise.payload_type if noise else None,
        event_others=_others(events, event, common, offered) if event else (),
        others=_others(audio, codec, common, offered),
    )


def _others(
    formats: list[Codec], codec: Codec, common: tuple[Codec, ...], offered: tuple[Codec, ...]
) -> tuple[Codec, ...]:
    """Those that are not `codec`, once for each number that they may come with (RFC 3264 5.1)."""
    return tuple(
        dict.fromkeys(
            replace(c, payload_type=number)
            for c in formats
            if not c.same_format(codec)
            for number in _numbers(c, common, offered)
        )
    )


def _numbers(
    codec: Codec, common: tuple[Codec, ...], offered: tuple[Codec, ...]
) -> tuple[int, ...]:
    """Payload types that mean this format, the offer's first; some answer with other numbers."""
    found = [c.payload_type for c in (*offered, *common) if c.same_format(codec)]
    return tuple(dict.fromkeys(found))


def _ptime(theirs: AudioStream) -> int:
    """The multiple of our tick nearest to what they ask for, within what they can take."""
    wanted = theirs.ptime_ms or TICK_MS
    fits = [p for p in _PTIMES if p <= wanted and p <= (theirs.maxptime_ms or wanted)]
    return fits[-1] if fits else TICK_MS


def _refusal(media: Media) -> Media:
    """The same section with port 0; one format must be listed (RFC 3264 6)."""
    return Media(media.kind, 0, media.protocol, media.formats[:1] or ("0",))


def _own_rtcp(local: LocalAudio, *, mux: bool) -> tuple[str, int] | None:
    if mux or local.rtcp_port is None or local.rtcp_port == local.port + 1:
        return None
    return local.address, local.rtcp_port


def _description(local: LocalAudio, media: tuple[Media, ...]) -> SessionDescription:
    kind = address_type(local.address)
    return SessionDescription(
        origin=Origin(
            local.address, str(local.session_id), str(local.version), local.username, kind
        ),
        name="-",
        connection=Connection(local.address, kind),
        attributes=(),
        media=media,
    )


def hold(local: LocalAudio, *, version: int) -> LocalAudio:
    """The same, sending only, as the next version: what is offered to hold the peer."""
    return replace(local, direction=Direction.SENDONLY, version=version)
