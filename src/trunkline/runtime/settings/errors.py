"""What can be wrong with the settings."""

from trunkline.values.errors import TrunklineError


class SettingError(TrunklineError):
    """A setting cannot be used; says which, where it was set, why, and how to mend it."""

    def __init__(self, key: str, where: str, reason: str, mend: str) -> None:
        super().__init__(f"{key} ({where}): {reason}. {mend}")
        self.key = key
        self.where = where
        self.reason = reason
        self.mend = mend
