"""What a channel of ours is told of another one."""

from typing import Final

from trunkline.engines.media.messages import Stream
from trunkline.voice.switch.channel import Channel

_PCMU: Final = 0  # RFC 3551 6


def towards(channel: Channel) -> Stream:
    """RTP to another channel of ours; both are on this machine."""
    host = channel.local_host
    return Stream(
        address=host,
        port=channel.at.port,
        codec="PCMU",
        payload_type=_PCMU,
        receive_types=(_PCMU,),
        rtcp_address=host,
        rtcp_port=channel.at.port + 1,
        detect_inband=False,
    )
