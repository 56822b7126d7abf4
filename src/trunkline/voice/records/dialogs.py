"""Keeps what would end the calls of this node's legs, should it die, in the database.

A step is queued for the next group commit, with that of the record of the call; no leg waits for
it. Of peers that die with the process nothing is kept.
"""

import asyncio
import json
from collections.abc import Container

import msgspec
import structlog

from trunkline.engines.sip import Farewell, Invitation, Remains, Word
from trunkline.protocols.sip import Malformed, parse_uri
from trunkline.runtime.db import Database, DatabaseError
from trunkline.voice.records.store import dialogs
from trunkline.voice.records.store.dialogs import Gone, Kept, Step

log = structlog.get_logger(__name__)


class KeptDialogs:
    """`switch.ports.Farewells` of one node.

    `spared` are hosts and ports of peers that this process plays itself.
    """

    def __init__(
        self, db: Database, node: str, spared: Container[tuple[str, int | None]] = ()
    ) -> None:
        self.node = node
        self._db = db
        self._spared = spared

    def keep(self, leg: str, remains: Remains, way: str) -> None:
        """Keep it for a leg by its uuid, in place of what was kept before."""
        if not all(map(self._is_spared, remains.words)):
            self._note(Kept(leg, self.node, way, _written_down(remains)))

    def forget(self, leg: str) -> None:
        """The far end knows that the leg is over."""
        self._note(Gone(leg))

    def _is_spared(self, word: Word) -> bool:
        match word:
            case Farewell(target=uri) | Invitation(uri=uri):
                try:
                    target = parse_uri(uri)
                except Malformed:
                    return False
                return (target.host, target.port) in self._spared
            case _:
                return (word.hop.host, word.hop.port) in self._spared

    def _note(self, step: Step) -> None:
        try:
            noted: asyncio.Future[None] = self._db.submit(dialogs.note, step, patient=True)
        except DatabaseError as error:  # closed; no leg's end may fail for it
            log.error("dialogs.not_kept", leg=step.leg_uuid, error=str(error))
            return
        noted.add_done_callback(lambda done: _written(step, done))


def remains_in(kept: Kept) -> Remains | None:
    """Read what was kept; None if another release wrote it so that it cannot be read."""
    try:
        return msgspec.convert(json.loads(kept.farewell), Remains)
    except (ValueError, msgspec.MsgspecError):
        return None


def _written_down(remains: Remains) -> str:
    # Not by msgspec, which refuses what stands for octets that are no UTF-8: old exchanges put
    # names of ISO 8859-1 into From and To.
    return json.dumps(msgspec.to_builtins(remains))


def _written(step: Step, done: "asyncio.Future[None]") -> None:
    error = None if done.cancelled() else done.exception()
    if error is not None:
        log.error("dialogs.not_kept", leg=step.leg_uuid, error=str(error))
