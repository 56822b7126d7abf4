"""What the domains of the program have to do with numbers."""

from trunkline.numbers.store import OnRelease

ON_RELEASE: tuple[OnRelease, ...] = ()
"""Told when numbers leave an account: unrented, unpaid, their carrier or subaccount removed."""
