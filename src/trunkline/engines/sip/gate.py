"""Who is heard: who misbehaves is silenced, its neighbours behind one address are not.

An address from which nobody is registered is silenced as a whole. Where somebody is, wrong
passwords lock the user they were given for, a phone that is registered answers for its own port
alone and is heard whatever others do, and the address as a whole has ten times the patience.
Calls that stand, and answers that are waited for, are heard from everywhere.
"""

import re
from collections import Counter
from collections.abc import Callable, Container
from typing import Final

from trunkline.engines.sip.bans import Bans
from trunkline.engines.sip.registrar import Registrar
from trunkline.engines.sip.transport import Hop
from trunkline.engines.sip.trunks import TrunkTable

_CROWD: Final = 10
"""How many times as many failures an address may have behind which somebody is registered."""
_CALL_ID: Final = re.compile(rb"(?i)\n(?:call-id|i)[ \t]*:[ \t]*(\S{1,255})")
_BRANCH: Final = re.compile(rb"(?i);[ \t]*branch[ \t]*=[ \t]*([^;,\s]{1,255})")


class Gate:
    """`now` gives the seconds of a steady clock, `awaits` whether a branch is of a request of ours.

    Failures are laid to whoever is known to be at a port, else to the address.
    """

    def __init__(
        self, bans: Bans, trunks: TrunkTable, heeded: Container[tuple[str, int]] = ()
    ) -> None:
        self._bans = bans
        self._trunks = trunks
        self._heeded = heeded
        self._calls: Counter[str] = Counter()

    def attach(
        self, registrar: Registrar, awaits: Callable[[str], bool], now: Callable[[], float]
    ) -> None:
        self._registrar = registrar
        self._awaits = awaits
        self._now = now

    # -- what is heard -----------------------------------------------------------------------------

    def hears(self, octets: bytes, hop: Hop) -> bool:
        """Whether a message is to be read at all."""
        bans, now = self._bans, self._now()
        if not bans.any_at(now):
            return True
        banned = bans.is_banned(self._culprit(hop), now)
        return not banned or self._is_trusted(hop) or self._is_awaited(octets)

    def locked(self, hop: Hop, username: str) -> bool:
        """Whether so many passwords were wrong for this user there that no more are looked at."""
        if self._registrar.is_place(hop):
            return False
        return self._bans.is_banned(_suspect(hop, username), self._now())

    def expect(self, call_id: str) -> None:
        """Hear what has this Call-ID, once more often than it is forgotten."""
        self._calls[call_id] += 1

    def forget(self, call_id: str) -> None:
        self._calls[call_id] -= 1
        if self._calls[call_id] <= 0:
            del self._calls[call_id]

    # -- what was done -----------------------------------------------------------------------------

    def failed(self, hop: Hop) -> None:
        """Somebody sent rubbish, or what strangers have no business with."""
        if not self._is_trusted(hop):
            self._bans.failed(self._culprit(hop), self._now(), patience=self._patience(hop))

    def refused(self, hop: Hop, username: str) -> None:
        """The password was wrong, or the user is none."""
        if self._registrar.is_source(hop.host):
            self._bans.failed(_suspect(hop, username), self._now())
        self._bans.failed(self._culprit(hop), self._now(), patience=self._patience(hop))

    def challenged(self, hop: Hop) -> None:
        self._bans.challenged(self._culprit(hop), self._now())

    def passed(self, hop: Hop) -> None:
        self._bans.passed(self._culprit(hop))

    # -- inside ------------------------------------------------------------------------------------

    def _culprit(self, hop: Hop) -> str:
        return str(hop) if self._registrar.is_place(hop) else hop.host

    def _patience(self, hop: Hop) -> int:
        alone = self._registrar.is_place(hop) or not self._registrar.is_source(hop.host)
        return 1 if alone else _CROWD

    def _is_trusted(self, hop: Hop) -> bool:
        """Whether a peer is never banned: a trunk that need not prove itself, or a heeded one."""
        trunk = self._trunks.at(hop.host)
        return (trunk is not None and not trunk.challenge) or (hop.host, hop.port) in self._heeded

    def _is_awaited(self, octets: bytes) -> bool:
        """Whether it is of a call or a request of ours: found without reading it."""
        if octets.startswith(b"SIP/"):
            branch = _BRANCH.search(octets)
            return branch is not None and self._awaits(branch[1].decode("latin-1"))
        call_id = _CALL_ID.search(octets)
        return call_id is not None and _text(call_id[1]) in self._calls


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _suspect(hop: Hop, username: str) -> str:
    return f"{username}@{hop.host}"
