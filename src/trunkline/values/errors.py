"""The root of every error this program raises on purpose."""


class TrunklineError(Exception):
    """Base of all expected errors."""
