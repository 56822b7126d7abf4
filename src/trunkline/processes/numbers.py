"""What the domains of the program have to do with numbers."""

from trunkline.messaging.pools.store import members as pool_members
from trunkline.numbers.store import OnRelease

ON_RELEASE: tuple[OnRelease, ...] = (pool_members.on_release,)
"""Told when numbers leave an account: unrented, unpaid, their carrier or subaccount removed."""
