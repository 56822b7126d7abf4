"""Hangs WhatsApp into the send path: whose number, what content, conversation and price."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from trunkline.contract.context import RequestContext
from trunkline.contract.errors import InvalidParameter, MissingParameter
from trunkline.contract.operations.messages import MessageCreate
from trunkline.messaging.kinds.port import Content, Kind
from trunkline.messaging.whatsapp import content, files
from trunkline.messaging.whatsapp.model import NO_CONVERSATION, ORIGINS, SERVICE, TYPE
from trunkline.messaging.whatsapp.parts import LinkedFile
from trunkline.messaging.whatsapp.store import conversations
from trunkline.numbers.directory import Directory as Numbers
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.values.phone import parse_phone_number, sanitise_sender

Price = Callable[[str, str], int]
"""Gives the price of a message to a country, by its category."""
Category = Callable[[str, str], str]
"""Names the category of a sender's template."""
Link = Callable[[RequestContext, Sequence[str]], Awaitable[list[LinkedFile]]]
"""Gives uploaded files by their ids; raises BadRequest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsappValidator:
    """The validator of requests of type whatsapp."""

    db: Database
    clock: Clock
    numbers: Numbers
    connected: Callable[[str], bool]
    category: Category
    price: Price
    link: Link

    async def __call__(self, context: RequestContext, request: MessageCreate) -> Content:
        """Check a request and make what is sent of it.

        Raises:
            BadRequest: a field is missing or at fault.
        """
        sender = self._sender(context, request)
        ids = list(request.media_ids or ())
        linked = await self.link(context, ids) if len(ids) == 1 else []
        composed = content.read(request, linked)
        text = msgspec.json.encode(composed.message).decode()
        template = composed.template
        if template is not None:
            given = self.category(sender, template.name)
            category = given if given in ORIGINS else "utility"
            kind = Kind(TYPE, 1, partial(self._rate, category))
            return Content(text, kind, {"origin": category, "template": template.name})
        open_with = await self._open_with(sender, request.dst)
        refuse = partial(_refuse, open_with)
        attach = files.attach(ids, self.clock.now()) if linked else None
        kind = Kind(TYPE, 1, partial(self._rate, SERVICE), refuse, attach)
        return Content(text, kind, {"origin": SERVICE})

    def _sender(self, context: RequestContext, request: MessageCreate) -> str:
        # PLIVO SDK (Python, Node): WhatsApp messages need src.
        if request.powerpack_uuid:
            raise InvalidParameter("powerpack_uuid", "WhatsApp messages are sent with src")
        if not request.src:
            raise MissingParameter("src")
        sender = sanitise_sender(request.src)
        owned = self.numbers.get(sender)
        main = context.principal.main_auth_id
        theirs = owned is not None and owned.main_auth_id == main
        if not theirs or not self.connected(sender):
            raise InvalidParameter("src", "must be a number of yours that is connected to WhatsApp")
        return sender

    async def _open_with(self, sender: str, dst: str) -> set[str]:
        parsed = map(parse_phone_number, dst.split("<"))
        handsets = sorted({number for number in parsed if number is not None})
        now = self.clock.now()
        return await self.db.read(lambda conn: conversations.open_with(conn, sender, handsets, now))

    def _rate(self, category: str, country: str) -> int:
        return self.price(country, category)


def _refuse(open_with: set[str], _sender: str, recipient: str) -> int:
    # PLIVO messaging: without an ongoing conversation freeform messages fail with 340.
    return 0 if recipient in open_with else NO_CONVERSATION
