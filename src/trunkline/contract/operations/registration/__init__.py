"""US sender registration: profiles, 10DLC brands, campaigns and their numbers, toll-free checks."""

from trunkline.contract.operations.registration import (
    brands,
    campaigns,
    links,
    profiles,
    tollfree,
)

__all__ = ["brands", "campaigns", "links", "profiles", "tollfree"]
