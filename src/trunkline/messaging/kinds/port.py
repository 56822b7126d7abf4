"""What a kind of message other than SMS brings to the common path."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from trunkline.contract.context import RequestContext
from trunkline.contract.operations.messages import MessageCreate
from trunkline.messaging.model import Attach


def accept(_sender: str, _recipient: str) -> int:
    """Refuse nobody."""
    return 0


class Kind(NamedTuple):
    """How a message of a `type` is sized, priced and kept.

    `rate` gives the price of one unit to a country; `refuse` the error code with which a message
    from a sender to a recipient fails at once, or 0.
    """

    type: str
    units: int
    rate: Callable[[str], int]
    refuse: Callable[[str, str], int] = accept
    attach: Attach | None = None


class Content(NamedTuple):
    """What a validated request sends: its text, its kind, and further fields of the dispatch."""

    text: str
    kind: Kind
    extra: Mapping[str, str] = MappingProxyType({})


Validator = Callable[[RequestContext, MessageCreate], Awaitable[Content]]
"""Checks the fields of one type of message, and makes what is sent of them.

Raises:
    BadRequest: a field is missing or at fault.
"""
