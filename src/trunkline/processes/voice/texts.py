"""Text messages that documents send in the midst of a call."""

import asyncio

import structlog

from trunkline.messaging.errors import MessageRefused
from trunkline.messaging.send import Sender, SendRequest
from trunkline.processes.foundation import Foundation
from trunkline.runtime.db import DatabaseError
from trunkline.voice.session.ports import Text

log = structlog.get_logger(__name__)


class Texts:
    """Sends them beside the call, which does not wait."""

    def __init__(self, base: Foundation, sender: Sender) -> None:
        self._base = base
        self._sender = sender
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, text: Text) -> None:
        """Send a text; what is refused is logged."""
        task = asyncio.create_task(self._send(text), name="text of a call")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, text: Text) -> None:
        account = self._base.accounts.get(text.account_id)
        if account is None:
            return
        request = SendRequest(
            account.auth_id,
            account.main_auth_id,
            text.src,
            text.dst.split("<"),
            text.body,
            callback_url=text.callback_url,
            callback_method=text.callback_method or "POST",
        )
        try:
            await self._sender.send(request)
        except (MessageRefused, DatabaseError) as error:
            log.warning("call.text_refused", account=text.account_id, error=str(error))
