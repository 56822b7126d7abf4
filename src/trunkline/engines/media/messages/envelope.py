"""How commands, results and events travel."""

import msgspec

from trunkline.engines.media.messages.commands import Command
from trunkline.engines.media.messages.events import Event
from trunkline.engines.media.messages.results import Result


class Request(msgspec.Struct, frozen=True, array_like=True):
    number: int
    command: Command


class Reply(msgspec.Struct, frozen=True, array_like=True, tag="reply"):
    number: int
    result: Result


class Told(msgspec.Struct, frozen=True, array_like=True, tag="told"):
    event: Event
