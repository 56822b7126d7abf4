"""The handle that answers one message the carrier delivered."""

from typing import Final

from trunkline.engines.smpp.wire import Wire
from trunkline.protocols.smpp import DataSm, DataSmResp, DeliverSm, DeliverSmResp


class Delivery:
    """Answers one deliver_sm or data_sm, when the application has stored it.

    It may be kept as long as need be; when its connection is gone it does nothing.
    """

    __slots__ = ("_done", "_response", "_sequence", "_wire", "link")

    def __init__(self, wire: Wire, pdu: DeliverSm | DataSm, link: str) -> None:
        self.link: Final = link
        self._wire = wire
        self._sequence = pdu.sequence_number
        self._response = DeliverSmResp if isinstance(pdu, DeliverSm) else DataSmResp
        self._done = False

    def ack(self, status: int = 0) -> bool:
        """Answer with a command_status; False when that was done before or the link is gone.

        After False the carrier will deliver the message again.
        """
        if self._done:
            return False
        self._done = True
        response = self._response(sequence_number=self._sequence, command_status=status)
        return self._wire.respond(response)
