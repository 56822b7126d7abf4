"""TLS as Plivo's hosts would speak it: a certificate for each name, made when it is asked for."""

import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from trunkline.intercept.authority import DAY_S, LEAF_LIFE_S, Authority
from trunkline.intercept.hosts import SERVED, is_plivo, normal

FRESH_S: Final = LEAF_LIFE_S - DAY_S
MOST_NAMES: Final = 100  # who asks for more gets the others made anew

_Made = dict[str, tuple[float, ssl.SSLContext]]  # until when a certificate is fresh


@dataclass(slots=True)
class Leaves:
    """Chooses by the name that the client says (RFC 6066 3); without one, all served hosts'."""

    authority: Authority
    now: Callable[[], float]
    _made: _Made = field(default_factory=_Made)

    def context(self) -> ssl.SSLContext:
        """Return what a listener is given."""
        listening = _new_context()
        listening.sni_callback = self._choose
        return listening

    def name_of(self, chosen: ssl.SSLContext) -> str:
        """Tell for which host a connection's context was chosen."""
        names = (name for name, (_, one) in self._made.items() if one is chosen)
        return next(names, "") or SERVED[0]

    def _choose(
        self, connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        host = normal(name or SERVED[0])
        if not is_plivo(host):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._leaf(host, SERVED if name is None else (host,))
        return None

    def _leaf(self, host: str, names: tuple[str, ...]) -> ssl.SSLContext:
        key = host if len(names) == 1 else ""
        ends, known = self._made.get(key, (0.0, None))
        now = self.now()
        if known is None or ends < now:
            if len(self._made) >= MOST_NAMES:
                self._made.clear()
            known = _new_context()
            with tempfile.NamedTemporaryFile(suffix=".pem") as file:  # 0600; ssl reads only files
                file.write(self.authority.issue(names, now))
                file.flush()
                known.load_cert_chain(file.name)
            self._made[key] = (now + FRESH_S, known)
        return known


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
