"""A bad network between a phone's audio and the program: loses, delays, reorders and copies.

There are two kinds: a relay on loopback, from a seed, and Linux' netem around sockets in a network
namespace, which needs root. Both delay each packet by `delay_s`, more or less by as much as
`jitter_s`, so packets overtake each other. RTP is on a port, RTCP on the next.
"""

import os
from typing import Literal

from impaired_line import Impairment, Line
from impaired_netem import Netem
from impaired_relay import LOOPBACK, relayed

Kind = Literal["relay", "netem"]
KINDS: tuple[Kind, ...] = ("relay",) if os.geteuid() else ("relay", "netem")
"""Those that this user can have."""


class BadNetwork:
    """Gives lines. `platform` is the address the program's audio must be at."""

    def __init__(self, how: Impairment, kind: Kind = "relay") -> None:
        self._how = how
        self._netem = Netem(how) if kind == "netem" else None
        self.kind = kind
        self.platform = self._netem.outside if self._netem else LOOPBACK
        self.name = f"netem, {self._netem.kernel} kernel" if self._netem else kind
        self._lines: list[Line] = []

    def line(self) -> Line:
        self._lines.append(self._netem.line() if self._netem else relayed(self._how))
        return self._lines[-1]

    def close(self) -> None:
        for line in self._lines:
            line.close()
        if self._netem:
            self._netem.close()
