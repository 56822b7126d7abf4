"""A session description to octets, in the order of RFC 8866 5."""

from collections.abc import Iterator

from trunkline.protocols.sdp.model import (
    Attribute,
    Bandwidth,
    Connection,
    Media,
    SessionDescription,
)

_EXTRA_BEFORE_C = "iuep"


def serialize(description: SessionDescription) -> bytes:
    """Write it with CRLF line ends.

    Raises:
        ValueError: a value holds a line end, which would begin another line.
    """
    lines = list(_lines(description))
    for line in lines:
        if "\r" in line or "\n" in line:
            raise ValueError(f"a line end within {line!r}")
    return "".join(f"{line}\r\n" for line in lines).encode()


def _lines(d: SessionDescription) -> Iterator[str]:
    o = d.origin
    yield "v=0"
    yield (
        f"o={o.username} {o.session_id} {o.version} {o.network_type} {o.address_type} {o.address}"
    )
    yield f"s={d.name}"
    yield from (f"{kind}={value}" for kind, value in d.extra if kind in _EXTRA_BEFORE_C)
    yield from _connection(d.connection)
    yield from _bandwidths(d.bandwidths)
    yield from (f"{kind}={value}" for kind, value in d.times)
    yield from (f"{kind}={value}" for kind, value in d.extra if kind not in _EXTRA_BEFORE_C)
    yield from _attributes(d.attributes)
    for media in d.media:
        yield from _media(media)


def _media(media: Media) -> Iterator[str]:
    port = f"{media.port}/{media.port_count}" if media.port_count > 1 else str(media.port)
    yield " ".join(("m=" + media.kind, port, media.protocol, *media.formats))
    if media.title:
        yield f"i={media.title}"
    yield from _connection(media.connection)
    yield from _bandwidths(media.bandwidths)
    yield from _attributes(media.attributes)


def _connection(c: Connection | None) -> Iterator[str]:
    if c is not None:
        yield f"c={c.network_type} {c.address_type} {c.address}"


def _bandwidths(found: tuple[Bandwidth, ...]) -> Iterator[str]:
    yield from (f"b={kind}:{value}" for kind, value in found)


def _attributes(found: tuple[Attribute, ...]) -> Iterator[str]:
    yield from (f"a={name}" if value is None else f"a={name}:{value}" for name, value in found)
