"""What was caught: a line of the log each, and all of it in one sentence at the end."""

from collections import Counter
from dataclasses import dataclass, field

import structlog

from trunkline.intercept.front import UNTRUSTED
from trunkline.intercept.watch import Caught

logger = structlog.get_logger(__name__)

_TRUST = "the program does not trust Trunkline's authority: see docs/unmodified-programs.md"
_WRONG = "the credentials are not those of an account here: use PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN"


@dataclass(slots=True)
class Catches:
    """Counts and logs; `tell` is given to whoever catches."""

    hosts: Counter[str] = field(default_factory=Counter[str])
    refused: int = 0
    unauthorized: int = 0
    untrusted: int = 0

    def tell(self, one: Caught) -> None:
        """Take note of a request that was meant for Plivo."""
        self.hosts[one.host] += 1
        if one.status == UNTRUSTED:
            self.untrusted += 1
            logger.warning("intercept.untrusted", host=one.host, mend=_TRUST)
            return
        about = {
            "method": one.method,
            "host": one.host,
            "path": one.path,
            "agent": one.agent,
            "status": one.status,
        }
        if one.refused:
            self.refused += 1
            logger.warning("intercept.refused", **about)
        elif one.status == 401:
            self.unauthorized += 1
            logger.warning("intercept.caught", **about, mend=_WRONG)
        else:
            logger.info("intercept.caught", **about)

    def summary(self) -> str:
        """Return one sentence or two."""
        total = sum(self.hosts.values())
        if not total:
            return "no request to Plivo was made"
        named = ", ".join(f"{host} {count}" for host, count in sorted(self.hosts.items()))
        parts = [f"caught {_many(total, 'request')} to Plivo ({named}); none left this machine"]
        if self.refused:
            parts.append(f"{self.refused} refused: not served here")
        if self.unauthorized:
            parts.append(f"{self.unauthorized} answered 401: {_WRONG}")
        if self.untrusted:
            parts.append(f"{self.untrusted} ended in the TLS handshake: {_TRUST}")
        return "; ".join(parts)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
