"""The port to whoever decides: The Campaign Registry, and the aggregator of toll-free numbers."""

from typing import NamedTuple, Protocol

from trunkline.compliance.model import Brand, Campaign, Link, TollfreeState, Verification


class Verdict(NamedTuple):
    """A decision; a refusal says why. `score` is a vetted brand's, `grant` a campaign's."""

    approved: bool
    code: str = ""
    reason: str = ""
    score: int = 0


class TollfreeVerdict(NamedTuple):
    """The next state of a verification, why, and in how many seconds the one after comes."""

    state: TollfreeState
    reason: str = ""
    next_in_s: float | None = None


class Registry(Protocol):
    """Asked when it is due; told nothing that is not in the submission."""

    def delay_s(self, submission: Brand | Campaign | Link | Verification) -> float | None:
        """Return in how many seconds a fresh submission is decided; None if never."""
        ...

    def brand(self, brand: Brand) -> Verdict:
        """Decide on a brand."""
        ...

    def campaign(self, campaign: Campaign, brand: Brand | None) -> Verdict:
        """Decide on a campaign; its brand is registered, or unknown here if it was shared."""
        ...

    def link(self, link: Link, campaign: Campaign) -> Verdict:
        """Decide on linking or unlinking a number of an active campaign."""
        ...

    def tollfree(self, verification: Verification) -> TollfreeVerdict:
        """Move a verification on."""
        ...
