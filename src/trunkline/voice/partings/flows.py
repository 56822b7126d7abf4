"""The way to phones that came by a connection of their own, which is gone with a process.

It is the connection they open next, when they register anew (RFC 5626 4.4, 4.5).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from trunkline.engines.sip import Binding, Farewell, Word

WAIT_S: Final = 120.0
"""How long a phone may take to register anew; RFC 5626 4.5: it waits 30 s at first, then 60 s."""
LOOK_S: Final = 0.5
_DEAF: Final = frozenset({408, 481, 503})  # it was another phone, or is gone again

Send = Callable[[Word], Awaitable[int]]


def goes_by_flow(word: Word) -> bool:
    """Whether its far end had opened the connection."""
    return word.hop is not None and not word.hop.dial


class Flows:
    """`contacts(username)` says where a user is reached now."""

    def __init__(
        self, contacts: Callable[[str], Sequence[Binding]], wait_s: float = WAIT_S
    ) -> None:
        self._contacts = contacts
        self._wait_s = wait_s

    async def say(self, username: str, word: Word, send: Send) -> int:
        """Send it where the user is, and wherever it registers within `wait_s`; give a status.

        All its phones are asked, until one knows the call: others answer 481. When none does, one
        that was answered is told where it said that it takes calls, which a phone behind NAT is
        not. 408 and 503 as of `UserAgent.part`.
        """
        loop = asyncio.get_running_loop()
        until, tried = loop.time() + self._wait_s, set[tuple[str, str, int]]()
        asking = set[asyncio.Task[int]]()
        try:
            while loop.time() < until:
                for binding in self._contacts(username):
                    if binding.hop[:3] not in tried:
                        tried.add(binding.hop[:3])
                        asking.add(loop.create_task(_sent(send, replace(word, hop=binding.hop))))
                for status in await _heard(asking):
                    if status not in _DEAF:
                        return status
        finally:
            for task in asking:
                task.cancel()
        return await send(replace(word, hop=None)) if isinstance(word, Farewell) else 408


async def _sent(send: Send, word: Word) -> int:
    return await send(word)


async def _heard(asking: set[asyncio.Task[int]]) -> list[int]:
    """Wait a moment for answers, and take them out."""
    if not asking:
        await asyncio.sleep(LOOK_S)
        return []
    done, _ = await asyncio.wait(asking, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
    asking -= done
    return [task.result() for task in done]
